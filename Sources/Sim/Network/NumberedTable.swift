// A table whose numbers are never used again, so that what was kept of one that is gone names no other. It takes room
// for those that are there.

/// What numbers a `NumberedTable` can have.
package protocol TableNumber: Comparable, Sendable {
  init(raw: Int64)
  var raw: Int64 { get }
}

extension SocketID: TableNumber {}
extension FlowID: TableNumber {}

/// Values by ascending numbers.
package struct NumberedTable<Number: TableNumber, Value: Sendable>: Sendable {
  private var numbers: [Number] = []
  package private(set) var values: [Value] = []

  package var count: Int { values.count }
  package var isEmpty: Bool { values.isEmpty }

  private func place(of number: Number) -> Int? {
    let place = numbers.partitioningIndex { $0 >= number }
    return place < numbers.count && numbers[place] == number ? place : nil
  }

  package func contains(_ number: Number) -> Bool { place(of: number) != nil }

  /// The value of this number, which there is.
  package subscript(_ number: Number) -> Value {
    _read {
      guard let place = place(of: number) else { preconditionFailure("the number is gone") }
      yield values[place]
    }
    _modify {
      guard let place = place(of: number) else { preconditionFailure("the number is gone") }
      yield &values[place]
    }
  }

  /// The value of this number, if it is there.
  package func find(_ number: Number) -> Value? { place(of: number).map { values[$0] } }

  /// Puts a value in under a number above all others.
  mutating func insert(_ value: Value, as number: Number) {
    precondition(numbers.last.map { $0 < number } ?? true, "numbers only rise")
    numbers.append(number)
    values.append(value)
  }

  mutating func remove(_ number: Number) {
    guard let place = place(of: number) else { return }
    numbers.remove(at: place)
    values.remove(at: place)
  }
}

extension NumberedTable: Digestible where Value: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(count)
    for (number, value) in zip(numbers, values) {
      digest.combine(number.raw)
      digest.combine(value)
    }
  }
}
