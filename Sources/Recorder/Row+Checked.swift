// Values of rows that nobody has sealed. GRDB's subscript ends the program when a value is of another
// type; in a damaged file any value may be.

import GRDB

extension Row {
  /// A column's value.
  ///
  /// - Throws: `DatabaseError` if it is of another type.
  func checked<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
    let value: DatabaseValue = self[column]
    guard let result = Value.fromDatabaseValue(value) else {
      throw DatabaseError(
        resultCode: .SQLITE_MISMATCH, message: "found a \(column) that is no \(Value.self)")
    }
    return result
  }

  /// A column's value; nil if it has none.
  ///
  /// - Throws: `DatabaseError` if it is of another type.
  func optional<Value: DatabaseValueConvertible>(_ column: String) throws -> Value? {
    let value: DatabaseValue = self[column]
    return value.isNull ? nil : try checked(column)
  }
}
