// Tables of the objects that processes find by a name, which is private to their container.

/// A name, private to a container or to the processes outside any.
package struct SharedName: Equatable, Sendable {
  /// In bytes, without the NUL.
  static let maximumLength = 31

  package internal(set) var container: ContainerID
  package internal(set) var text: [UInt8]
}

/// Objects by index and by name; indices are used again.
package struct NamedTable<Index: TableIndex, Element: Sendable>: Sendable {
  private var elements: [Element?] = []
  private var names: [SharedName?] = []
  private let capacity: Int
  package private(set) var usedCount = 0
  /// How many elements were ever stored.
  private(set) var insertions: UInt64 = 0

  /// The number of slots, used or not.
  package var slotCount: Int { names.count }
  /// The indices, used or not.
  package var indices: some RandomAccessCollection<Index> { names.indices.lazy.map { Index($0) } }

  init(capacity: Int) { self.capacity = capacity }

  var isFull: Bool { usedCount == capacity }

  func find(_ name: SharedName) -> Index? {
    names.firstIndex { $0 == name }.map { Index($0) }
  }

  /// Stores the element; nil when the table is full.
  mutating func insert(_ element: Element, named name: SharedName) -> Index? {
    guard !isFull else { return nil }
    usedCount += 1
    insertions += 1
    if let index = names.firstIndex(where: { $0 == nil }) {
      elements[index] = element
      names[index] = name
      return Index(index)
    }
    elements.append(element)
    names.append(name)
    return Index(elements.count - 1)
  }

  mutating func remove(_ index: Index) {
    precondition(names[index.index] != nil, "the index is free")
    elements[index.index] = nil
    names[index.index] = nil
    usedCount -= 1
  }

  /// Whether this index is in use.
  package func isUsed(_ index: Index) -> Bool {
    names.indices.contains(index.index) && names[index.index] != nil
  }

  package func name(_ index: Index) -> SharedName {
    guard let name = names[index.index] else { preconditionFailure("the index is free") }
    return name
  }

  package subscript(_ index: Index) -> Element {
    get {
      guard let element = elements[index.index] else { preconditionFailure("the index is free") }
      return element
    }
    set {
      precondition(names[index.index] != nil, "the index is free")
      elements[index.index] = newValue
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
    digest.combine(insertions)
    digest.combine(names)
    digest.combine(elements)
  }
}
