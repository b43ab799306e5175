// The view of the choices in words. What a choice was between stood in the machine; a trace keeps what
// was taken, and between how many.

import Sim

extension TraceSchema {
  static var decisionView: String {
    func code(_ point: ChoicePoint.Kind) -> UInt8 { point.rawValue }
    func when(_ point: ChoicePoint.Kind, _ words: String) -> String {
      "WHEN \(code(point)) THEN \(words)"
    }
    let points = ChoicePoint.Kind.allCases.map { when($0, "'\($0.name)'") }
    return """
      CREATE VIEW decision AS
      SELECT c.ordinal, c.seq, e.time, c.hart, CASE c.point \(points.joined(separator: " ")) \
      ELSE c.point END AS point,
        c.chosen, c.options, p.pid, p.name,
        CASE c.point \(when(
          .dispatch, "printf('pid %d gets the hart, number %d of %d in line', c.candidate, c.chosen + 1, c.options)"))
          \(when(.slice, "printf('slices of %d instructions', c.candidate)"))
          \(when(.turn, "printf('a turn of %d instructions', c.candidate)"))
          \(when(.loss, "printf('datagram %d is lost', c.candidate)"))
          \(when(.delay, "printf('a datagram takes %d instructions longer', c.candidate)"))
          \(when(
            .preempt, "printf('pid %d loses the hart, and pid %d is the first in line', e.pid, c.candidate)"))
        END AS decided
      FROM choice c LEFT JOIN event e ON e.seq = c.seq
        LEFT JOIN process p ON c.point IN (\(code(.dispatch)), \
      \(code(.preempt))) AND p.upid = c.candidate
      """
  }
}
