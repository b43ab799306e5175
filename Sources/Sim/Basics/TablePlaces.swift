// Places in the machine's tables. Each table has a type of its own for them, so that a mutex's place can
// never be taken for a pipe's. At run time each is the bare number.

/// A place in one of the machine's tables, counted from 0.
public protocol TablePlace: RawRepresentable, Hashable, Sendable, CustomStringConvertible
where RawValue: FixedWidthInteger & SignedInteger & Sendable {
  init(rawValue: RawValue)
}

extension TablePlace {
  @inline(__always)
  init(_ index: Int) { self.init(rawValue: RawValue(index)) }

  /// The place as an index of an array.
  @inline(__always)
  package var index: Int { Int(rawValue) }
  public var description: String { "\(rawValue)" }
}

/// An open file's place; descriptors hold it.
package struct FileIndex: TablePlace {
  package let rawValue: Int16
  package init(rawValue: Int16) { self.rawValue = rawValue }
}

/// A pipe's place.
public struct PipeIndex: TablePlace {
  public let rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A mutex's place.
public struct MutexIndex: TablePlace {
  public let rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A shared page's place.
package struct SharedPageIndex: TablePlace {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A budget's place.
package struct BudgetIndex: TablePlace {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// An address space's place.
package struct AddressSpaceIndex: TablePlace {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// Places by number, some numbers without one, in as much room as the places take themselves: what
/// descriptors and handles are.
package struct PlaceList<Place: TablePlace>: Sendable {
  /// What stands for no place, which is nobody's business outside of here.
  private static var vacant: Place.RawValue { -1 }
  private var raw: [Place.RawValue]

  init() { raw = [] }

  /// So many numbers without a place.
  init(count: Int) { raw = Array(repeating: PlaceList.vacant, count: count) }

  /// The lowest number without a place.
  var firstVacant: Int? { raw.firstIndex(of: PlaceList.vacant) }

  /// The lowest number of a place.
  func firstIndex(of place: Place) -> Int? { raw.firstIndex(of: place.rawValue) }

  package func contains(_ place: Place) -> Bool { raw.contains(place.rawValue) }

  mutating func append(_ place: Place) { raw.append(place.rawValue) }
}

extension PlaceList: RandomAccessCollection, MutableCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { raw.count }

  package subscript(number: Int) -> Place? {
    @inline(__always) get {
      raw[number] == PlaceList.vacant ? nil : Place(rawValue: raw[number])
    }
    set { raw[number] = newValue?.rawValue ?? PlaceList.vacant }
  }
}

extension TablePlace {
  @inline(__always)
  func combine(into digest: inout Digest) { digest.combine(index) }
}

extension FileIndex: Digestible {}
extension PipeIndex: Digestible {}
extension MutexIndex: Digestible {}
extension SharedPageIndex: Digestible {}
extension BudgetIndex: Digestible {}
extension AddressSpaceIndex: Digestible {}

extension PlaceList: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(raw.count)
    for place in raw { digest.combine(UInt64(truncatingIfNeeded: place)) }
  }
}
