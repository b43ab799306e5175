// Indices into the machine's tables. Each table has an index type of its own, so that a mutex's index cannot
// be used for a pipe. At run time each is the bare number.

/// An index into one of the machine's tables, from 0.
public protocol TableIndex: RawRepresentable, Hashable, Sendable, CustomStringConvertible
where RawValue: FixedWidthInteger & SignedInteger & Sendable {
  init(rawValue: RawValue)
}

extension TableIndex {
  @inline(__always)
  init(_ index: Int) { self.init(rawValue: RawValue(index)) }

  /// The index as an integer.
  @inline(__always)
  package var index: Int { Int(rawValue) }
  public var description: String { "\(rawValue)" }
}

/// An open file's index; descriptors hold it.
package struct FileIndex: TableIndex {
  package let rawValue: Int16
  package init(rawValue: Int16) { self.rawValue = rawValue }
}

/// A pipe's index.
public struct PipeIndex: TableIndex {
  public let rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A mutex's index.
public struct MutexIndex: TableIndex {
  public let rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A shared page's index.
package struct SharedPageIndex: TableIndex {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A budget's index.
package struct BudgetIndex: TableIndex {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// An address space's index.
package struct AddressSpaceIndex: TableIndex {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// Optional indices by number, without extra room for the missing ones: descriptors and handles are
/// numbers of such lists.
package struct IndexList<Index: TableIndex>: Sendable {
  /// Stands for a missing index; private to this type.
  private static var vacant: Index.RawValue { -1 }
  private var raw: [Index.RawValue]

  init() { raw = [] }

  /// A list of this many missing indices.
  init(count: Int) { raw = Array(repeating: IndexList.vacant, count: count) }

  /// The lowest number without an index.
  var firstVacant: Int? { raw.firstIndex(of: IndexList.vacant) }

  /// The lowest number of an index.
  func firstIndex(of index: Index) -> Int? { raw.firstIndex(of: index.rawValue) }

  package func contains(_ index: Index) -> Bool { raw.contains(index.rawValue) }

  mutating func append(_ index: Index) { raw.append(index.rawValue) }
}

extension IndexList: RandomAccessCollection, MutableCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { raw.count }

  package subscript(number: Int) -> Index? {
    @inline(__always) get {
      raw[number] == IndexList.vacant ? nil : Index(rawValue: raw[number])
    }
    set { raw[number] = newValue?.rawValue ?? IndexList.vacant }
  }
}

extension TableIndex {
  @inline(__always)
  func combine(into digest: inout Digest) { digest.combine(index) }
}

extension FileIndex: Digestible {}
extension PipeIndex: Digestible {}
extension MutexIndex: Digestible {}
extension SharedPageIndex: Digestible {}
extension BudgetIndex: Digestible {}
extension AddressSpaceIndex: Digestible {}

extension IndexList: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(raw.count)
    for index in raw { digest.combine(UInt64(truncatingIfNeeded: index)) }
  }
}
