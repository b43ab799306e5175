// How a column of an event is reached: by a key that knows the kinds that have it, its place among the
// six, and the type of what it holds. Keys are made in `Event+Columns.swift` and nowhere else. Reading
// by one is a load at a fixed place: position, name and check are gone from an optimized build.

/// One of an event's six columns: its place, its name and how to read its number.
public struct EventColumn: Equatable, Sendable {
  /// How its number is to be read.
  public enum Meaning: Sendable {
    case integer, address, hash, pid, name
    /// A `FileID`: the inode's number in the lower 32 bits, the file system above them. Of a file on
    /// the disk that is the inode's number.
    case file
    /// A `NetworkAddress`, and an `Endpoint`: the address above 16 bits of port.
    case networkAddress, endpoint
    /// Bytes packed little-endian into this column and the ones after it.
    case packed
    /// A `CallNumber`.
    case call
    /// The `CallNumber` of the call that caused it, 0 for none.
    case source
    /// A `Refusal`, 0 for none, -1 for a call that has not come back.
    case refusal
    /// A `Fault.Cause`.
    case cause
    /// A `WaitReason.code`.
    case wait
    /// A `YieldReason`.
    case yield
    /// An `EndReason.code`.
    case end
  }

  /// Counted from 0.
  public var position: Int
  public var name: String
  public var meaning: Meaning

  /// The six places in order, for those who compare events whatever is in them.
  public static let six = (0..<6).map { EventColumn(position: $0, name: "", meaning: .integer) }
}

/// The columns of one kind of event, or of several that have the same.
public protocol EventColumns {
  /// In order.
  static var all: [EventColumn] { get }
}

extension EventColumns {
  public typealias Column<Value: ColumnValue> = ColumnKey<Self, Value>

  /// The columns that were named, in the order of their positions.
  static func list<each Value: ColumnValue>(_ columns: repeat Column<each Value>) -> [EventColumn] {
    var all: [EventColumn] = []
    for column in repeat each columns {
      precondition(column.position == all.count, "column \(column.name) of \(Self.self)")
      all.append(EventColumn(position: column.position, name: column.name, meaning: column.meaning))
    }
    return all
  }
}

/// A column of the events that have the columns `Columns`, which holds a `Value`.
@frozen public struct ColumnKey<Columns: EventColumns, Value: ColumnValue>: Sendable {
  public let position: Int
  public let name: String
  public let meaning: EventColumn.Meaning

  /// - Parameter meaning: how its number is to be read, where the type does not tell.
  @inlinable
  init(_ position: Int, _ name: String, _ meaning: EventColumn.Meaning = Value.meaning) {
    self.position = position
    self.name = name
    self.meaning = meaning
  }
}

/// What a column may hold.
public protocol ColumnValue: Sendable {
  static var meaning: EventColumn.Meaning { get }
  init(column: Int64)
  var column: Int64 { get }
}

extension Event {
  /// What a column of its kind holds. That the kind has this column is checked in debug builds.
  @inlinable
  public subscript<Columns, Value>(key: ColumnKey<Columns, Value>) -> Value {
    get { Value(column: self[word: key]) }
    set { self[word: key] = newValue.column }
  }

  /// The number in a column of its kind as it stands. In a trace that somebody has altered it may be
  /// none that the column's type can hold.
  @inlinable
  public subscript<Columns, Value>(word key: ColumnKey<Columns, Value>) -> Int64 {
    get {
      assert(kind.form == Columns.self, "\(kind) has no \(Columns.self).\(key.name)")
      return self[position: key.position]
    }
    set {
      assert(kind.form == Columns.self, "\(kind) has no \(Columns.self).\(key.name)")
      self[position: key.position] = newValue
    }
  }

  /// The number in a column, for those who go through the columns of any kind.
  @inlinable
  public subscript(column: EventColumn) -> Int64 {
    get { self[position: column.position] }
    set { self[position: column.position] = newValue }
  }
}

// MARK: What columns hold

extension Int64: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .integer }
  @inlinable public init(column: Int64) { self = column }
  @inlinable public var column: Int64 { self }
}

extension UInt64: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .address }
  @inlinable public init(column: Int64) { self.init(bitPattern: column) }
  @inlinable public var column: Int64 { Int64(bitPattern: self) }
}

extension Bool: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .integer }
  @inlinable public init(column: Int64) { self = column != 0 }
  @inlinable public var column: Int64 { self ? 1 : 0 }
}

extension ProcessID: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .pid }
  @inlinable public init(column: Int64) { self.init(raw: Int32(truncatingIfNeeded: column)) }
  @inlinable public var column: Int64 { Int64(raw) }
}

extension GuestPID: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .integer }
  @inlinable public init(column: Int64) { self.init(raw: Int32(truncatingIfNeeded: column)) }
  @inlinable public var column: Int64 { Int64(raw) }
}

extension ContainerID: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .integer }
  @inlinable public init(column: Int64) { self.init(raw: Int32(truncatingIfNeeded: column)) }
  @inlinable public var column: Int64 { Int64(raw) }
}

extension GroupID: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .integer }
  @inlinable public init(column: Int64) { self.init(raw: Int32(truncatingIfNeeded: column)) }
  @inlinable public var column: Int64 { Int64(raw) }
}

extension FileID: ColumnValue {
  /// How far up the file system's number stands.
  public static let volumeShift: Int64 = 32
  @inlinable public static var meaning: EventColumn.Meaning { .file }
  @inlinable public init(column: Int64) {
    self.init(
      VolumeID(raw: UInt16(truncatingIfNeeded: column >> 32)),
      InodeNumber(truncatingIfNeeded: column))
  }
  @inlinable public var column: Int64 { Int64(volume.raw) << 32 | Int64(inode) }
}

extension NameID: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .name }
  @inlinable public init(column: Int64) { self.init(raw: Int32(truncatingIfNeeded: column)) }
  @inlinable public var column: Int64 { Int64(raw) }
}

extension SocketID: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .integer }
  @inlinable public init(column: Int64) { self.init(raw: column) }
  @inlinable public var column: Int64 { raw }
}

extension FlowID: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .integer }
  @inlinable public init(column: Int64) { self.init(raw: column) }
  @inlinable public var column: Int64 { raw }
}

extension NetworkAddress: ColumnValue {
  @inlinable public static var meaning: EventColumn.Meaning { .networkAddress }
  @inlinable public init(column: Int64) { self.init(raw: UInt32(truncatingIfNeeded: column)) }
  @inlinable public var column: Int64 { Int64(raw) }
}

extension Endpoint: ColumnValue {
  /// How far up the address stands.
  public static let addressShift: Int64 = 16
  @inlinable public static var meaning: EventColumn.Meaning { .endpoint }
  @inlinable public init(column: Int64) {
    self.init(
      NetworkAddress(raw: UInt32(truncatingIfNeeded: column >> 16)),
      UInt16(truncatingIfNeeded: column))
  }
  @inlinable public var column: Int64 { Int64(address.raw) << 16 | Int64(port) }
}
