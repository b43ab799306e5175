// What processes share, they find by a name that is private to their container.

/// A name, private to a container or to the processes outside any.
package struct SharedName: Equatable, Sendable {
  /// In bytes, without the NUL.
  static let maximumLength = 31

  package internal(set) var container: ContainerID
  package internal(set) var text: [UInt8]
}

/// Objects by place and by name; places are used again.
package struct NamedTable<Element: Sendable>: Sendable {
  private var elements: [Element?] = []
  private var names: [SharedName?] = []
  private let capacity: Int
  package private(set) var usedCount = 0

  /// Places, used or not.
  package var placeCount: Int { names.count }

  init(capacity: Int) { self.capacity = capacity }

  var isFull: Bool { usedCount == capacity }

  func find(_ name: SharedName) -> Int32? {
    names.firstIndex { $0 == name }.map { Int32($0) }
  }

  /// A place for the element, or nil when the table is full.
  mutating func insert(_ element: Element, named name: SharedName) -> Int32? {
    guard !isFull else { return nil }
    usedCount += 1
    if let index = names.firstIndex(where: { $0 == nil }) {
      elements[index] = element
      names[index] = name
      return Int32(index)
    }
    elements.append(element)
    names.append(name)
    return Int32(elements.count - 1)
  }

  mutating func remove(_ index: Int32) {
    precondition(names[Int(index)] != nil, "the place is free")
    elements[Int(index)] = nil
    names[Int(index)] = nil
    usedCount -= 1
  }

  /// Whether there is something at this place.
  package func isUsed(_ index: Int32) -> Bool {
    names.indices.contains(Int(index)) && names[Int(index)] != nil
  }

  package func name(_ index: Int32) -> SharedName {
    guard let name = names[Int(index)] else { preconditionFailure("the place is free") }
    return name
  }

  package subscript(_ index: Int32) -> Element {
    get {
      guard let element = elements[Int(index)] else { preconditionFailure("the place is free") }
      return element
    }
    set {
      precondition(names[Int(index)] != nil, "the place is free")
      elements[Int(index)] = newValue
    }
  }
}
