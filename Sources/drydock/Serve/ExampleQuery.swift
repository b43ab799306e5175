// Questions that a person can begin with, beside the box for SQL. docs/cookbook.md has more.

/// A question and the query that answers it on any session.
struct ExampleQuery {
  var question: String
  var sql: String

  static let all = [
    ExampleQuery(
      question: "Which calls were refused, and why?",
      sql: """
        SELECT time, pid, name, arg0, value, why FROM syscall WHERE why IS NOT NULL LIMIT 20
        """),
    ExampleQuery(
      question: "Who used the harts?",
      sql: """
        SELECT pid, name, cid, count(*) AS slices, sum(duration) AS instructions
        FROM run_slice GROUP BY pid ORDER BY instructions DESC LIMIT 20
        """),
    ExampleQuery(
      question: "Who waited longest for a hart, and who had it?",
      sql: """
        SELECT w.seq, w.pid, w.time, w.duration, group_concat(DISTINCT r.pid) AS ran_meanwhile
        FROM (SELECT * FROM process_state WHERE state = 'runnable' ORDER BY duration DESC LIMIT 10) w
        JOIN run_slice r ON r.time < w.time + w.duration AND r.time + r.duration > w.time
        GROUP BY w.seq ORDER BY w.duration DESC
        """),
    ExampleQuery(
      question: "Who was woken by whom, and how long until it ran?",
      sql: """
        SELECT seq, time, pid, waker, reason, waited, latency FROM wakeup ORDER BY latency DESC LIMIT 20
        """),
    ExampleQuery(
      question: "Who waited for a mutex, and who held it?",
      sql: """
        SELECT seq, time, duration, name, pid, priority, holder, holder_priority, inverted
        FROM lock_wait ORDER BY duration DESC LIMIT 20
        """),
    ExampleQuery(
      question: "How full were the containers?",
      sql: """
        SELECT cid, max(processes) AS most, max(allowed) AS allowed FROM container_usage GROUP BY cid
        """),
    ExampleQuery(
      question: "Where did the calls spend their time?",
      sql: """
        SELECT name, count(*) AS calls, sum(duration) AS time, sum(blocked_time) AS blocked
        FROM syscall WHERE return_seq IS NOT NULL GROUP BY name ORDER BY time DESC
        """),
    ExampleQuery(
      question: "What was wrong?",
      sql: """
        SELECT 'budget' AS family, * FROM violation_budget UNION ALL
        SELECT 'names', * FROM violation_names UNION ALL
        SELECT 'signals', * FROM violation_signals UNION ALL
        SELECT 'locks', * FROM violation_locks UNION ALL
        SELECT 'schedule', * FROM violation_schedule LIMIT 100
        """),
  ]
}
