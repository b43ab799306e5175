// How a trace notices that it was altered: the rows of every table that a replay depends on are
// chained. Each row holds a check of itself and of all rows before it, so that the first one that
// does not fit is the one that was changed, removed or put in. Events are chained too, but keep
// their check only once in 4096 (in `mark`), for the sake of size; a replay compares each of them
// with what really happens anyway.

import Sim

/// The running check of a table's rows, in order.
struct CheckChain {
  private var digest: Digest

  /// Starts the chain of one table, so that rows cannot be moved from one table to another.
  init(_ table: TraceSchema.Checked) {
    digest = Digest(seed: UInt64(table.seed))
  }

  /// The check of all rows so far, as a column stores it: 31 bits, for it costs room in each row.
  var check: Int64 { Int64(digest.value & 0x7fff_ffff) }

  mutating func combine(_ number: Int64) { digest.combine(UInt64(bitPattern: number)) }
  mutating func combine(_ bytes: [UInt8]) { digest.combine(bytes) }
  mutating func combine(_ text: String) { digest.combine(Array(text.utf8)) }
}

/// The running check of the events of a trace.
struct EventChain {
  private var digest = Digest(seed: UInt64(TraceSchema.Checked.event.seed))

  var check: Int64 { Int64(bitPattern: digest.value) }

  @inline(__always)
  mutating func combine(_ event: Event) {
    digest.combine(event.time.instructions)
    digest.combine(
      UInt64(UInt32(bitPattern: event.process.raw)) << 32
        | UInt64(UInt32(bitPattern: event.container.raw)))
    digest.combine(UInt64(event.hart.raw) << 8 | UInt64(event.kind.rawValue))
    let words = event.words
    digest.combine(UInt64(bitPattern: words.0))
    digest.combine(UInt64(bitPattern: words.1))
    digest.combine(UInt64(bitPattern: words.2))
    digest.combine(UInt64(bitPattern: words.3))
    digest.combine(UInt64(bitPattern: words.4))
    digest.combine(UInt64(bitPattern: words.5))
  }
}
