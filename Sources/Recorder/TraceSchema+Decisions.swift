// The view of the choices in words. What a choice was between stood in the machine; a trace keeps what
// was taken, and between how many.

import Sim

extension TraceSchema {
  static var decisionView: String {
    let points = ChoicePoint.names.map { "WHEN \($0.code) THEN '\($0.name)'" }
    let hart = HartID(raw: 0)
    func when(_ point: ChoicePoint, _ words: String) -> String {
      "WHEN \(point.code) THEN \(words)"
    }
    return """
      CREATE VIEW decision AS
      SELECT c.ordinal, c.seq, e.time, c.hart, CASE c.point \(points.joined(separator: " ")) \
      ELSE c.point END AS point,
        c.chosen, c.options, p.pid, p.name,
        CASE c.point \(when(
          .dispatch(hart), "printf('pid %d gets the hart, number %d of %d in line', c.candidate, c.chosen + 1, c.options)"))
          \(when(.slice(hart), "printf('slices of %d instructions', c.candidate)"))
          \(when(.turn(hart), "printf('a turn of %d instructions', c.candidate)"))
          \(when(
            .preempt(hart), "printf('pid %d loses the hart, and pid %d is the first in line', e.pid, c.candidate)"))
        END AS decided
      FROM choice c LEFT JOIN event e ON e.seq = c.seq
        LEFT JOIN process p ON c.point IN (\(ChoicePoint.dispatch(hart).code), \
      \(ChoicePoint.preempt(hart).code)) AND p.upid = c.candidate
      """
  }
}
