// What processes share, they find by a name that is private to their container.

/// A name, private to a container or to the processes outside any.
package struct SharedName: Equatable, Sendable {
  /// In bytes, without the NUL.
  static let maximumLength = 31

  package internal(set) var container: ContainerID
  package internal(set) var text: [UInt8]
}

/// Objects by place and by name; places are used again.
package struct NamedTable<Place: TablePlace, Element: Sendable>: Sendable {
  private var elements: [Element?] = []
  private var names: [SharedName?] = []
  private let capacity: Int
  package private(set) var usedCount = 0

  /// How many places there are, used or not.
  package var placeCount: Int { names.count }
  /// The places, used or not.
  package var places: some RandomAccessCollection<Place> { names.indices.lazy.map { Place($0) } }

  init(capacity: Int) { self.capacity = capacity }

  var isFull: Bool { usedCount == capacity }

  func find(_ name: SharedName) -> Place? {
    names.firstIndex { $0 == name }.map { Place($0) }
  }

  /// A place for the element, or nil when the table is full.
  mutating func insert(_ element: Element, named name: SharedName) -> Place? {
    guard !isFull else { return nil }
    usedCount += 1
    if let index = names.firstIndex(where: { $0 == nil }) {
      elements[index] = element
      names[index] = name
      return Place(index)
    }
    elements.append(element)
    names.append(name)
    return Place(elements.count - 1)
  }

  mutating func remove(_ place: Place) {
    precondition(names[place.index] != nil, "the place is free")
    elements[place.index] = nil
    names[place.index] = nil
    usedCount -= 1
  }

  /// Whether there is something at this place.
  package func isUsed(_ place: Place) -> Bool {
    names.indices.contains(place.index) && names[place.index] != nil
  }

  package func name(_ place: Place) -> SharedName {
    guard let name = names[place.index] else { preconditionFailure("the place is free") }
    return name
  }

  package subscript(_ place: Place) -> Element {
    get {
      guard let element = elements[place.index] else { preconditionFailure("the place is free") }
      return element
    }
    set {
      precondition(names[place.index] != nil, "the place is free")
      elements[place.index] = newValue
    }
  }
}

extension SharedName: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(container.raw)
    digest.combine(text)
  }
}

extension NamedTable: Digestible where Element: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(names)
    digest.combine(elements)
  }
}
