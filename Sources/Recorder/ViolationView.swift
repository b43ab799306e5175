// What a trace shows of a family of invariants, as SQL: `TraceSchema+Violations.swift` has the queries.

extension TraceSchema {
  /// A family of invariants and the rows that violate it: seq, time, pid, cid, found, expected.
  public struct ViolationView: Sendable {
    public var family: String
    /// A SELECT without a view around it, which reads any trace of the format.
    public var query: String
    /// The view's name in a trace.
    public var name: String { "violation_\(family)" }
  }
}
