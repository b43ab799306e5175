// What was asked of the kernel, and what it refused, in the manner of `strace -c`.

import Sim

/// The system calls' report.
public struct CallReport: Report, Sendable {
  private struct Line: Sendable {
    var calls: Int64 = 0
    var refused: Int64 = 0
    var blocked: Int64 = 0
    var unfinished: Int64 = 0
    var total: Int64 = 0
    var longest: Int64 = 0
  }

  private struct Pending: Sendable {
    var number: Int64
    var since: Int64
  }

  private struct RefusalKey: Hashable {
    var number: Int64
    var why: Int64
  }

  private var lines: [Int64: Line] = [:]
  private var pending = PIDTable<Pending>()
  private var refusals: [RefusalKey: Int64] = [:]
  private var waits = Durations()

  public init() {}

  public mutating func receive(_ event: Event, _ sequence: Int64) {
    switch event.kind {
    case .call:
      lines[event[CallEvent.number], default: Line()].calls += 1
      if event.isUnreturnedCall {
        pending[event.process.raw] = Pending(
          number: event[CallEvent.number], since: Int64(bitPattern: event.time.instructions))
      } else if event[CallEvent.why] != 0 {
        refuse(event)
      }
    case .callReturn:
      close(event)
      if event[CallEvent.why] > 0 { refuse(event) }
    case .exit: close(event)
    default: break
    }
  }

  private mutating func refuse(_ event: Event) {
    let key = RefusalKey(number: event[CallEvent.number], why: event[CallEvent.why])
    lines[key.number, default: Line()].refused += 1
    refusals[key, default: 0] += 1
  }

  private mutating func close(_ event: Event) {
    guard let call = pending[event.process.raw] else { return }
    pending[event.process.raw] = nil
    guard event.kind == .callReturn else {
      lines[call.number]?.unfinished += 1
      return
    }
    let duration = Int64(bitPattern: event.time.instructions) &- call.since
    var line = lines[call.number, default: Line()]
    line.blocked += 1
    line.total &+= duration
    line.longest = max(line.longest, duration)
    lines[call.number] = line
    waits.add(duration)
  }

  public mutating func finish(_ session: SessionFacts) -> [ReportTable] {
    for entry in pending.values { lines[entry.number]?.unfinished += 1 }
    let total = lines.values.reduce(0) { $0 &+ $1.total }
    let rows: [[QueryResult.Value]] = lines.sorted {
      ($1.value.total, $1.value.calls, $0.key) < ($0.value.total, $0.value.calls, $1.key)
    }.map { number, line in
      [
        .text(EventText.callName(number)), .share(line.total, of: total), .integer(line.total),
        .integer(line.calls == 0 ? 0 : line.total / line.calls), .integer(line.longest),
        .integer(line.calls), .integer(line.refused), .integer(line.blocked),
        .integer(line.unfinished),
      ]
    }
    let reasons: [[QueryResult.Value]] = refusals.sorted {
      ($1.value, $0.key.number, $0.key.why) < ($0.value, $1.key.number, $1.key.why)
    }.map { key, count in
      let why = EventText.refusalName(key.why)
      return [.text(EventText.callName(key.number)), .text(why), .integer(count)]
    }
    return [
      ReportTable(
        "calls",
        "Calls by the time they took until they came back; one that does so at once takes none, but "
          + "counts in the time per call, and one that is unfinished has none yet",
        [
          "call", "time_percent", "time", "time_per_call", "time_longest", "calls", "refused",
          "blocked", "unfinished",
        ], rows),
      ReportTable("refusals", "What was refused, and why", ["call", "why", "times"], reasons),
      waits.histogram("times", "How long blocked calls took"),
    ]
  }
}
