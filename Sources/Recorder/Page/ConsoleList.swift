// What stood on the console when: lines, each with the moment of its first byte. A guest may print
// byte by byte, and a line of a recording is at most forty of them, so that they are put together up
// to the line's end. When there are too many lines, neighbours become one entry that counts them.

import Algorithms
import Sim

/// A line on the console, or several near each other.
public struct ConsoleEntry: Sendable {
  /// The number of the event with its first byte.
  public var sequence: Int64
  /// Of the first and of the last byte, in instructions.
  public var time: Int64
  public var end: Int64
  /// Who printed it; 0 for what was typed and for the machine.
  public var pid: Int32
  public var isTyped: Bool
  /// The bytes, as many as are kept; with the line's end.
  public var bytes: [UInt8]
  /// How many lines it stands for.
  public var count = 1
}

/// Lines in order of time.
struct ConsoleList: Sendable {
  private static let limit = 20_000
  /// So much of a line is kept.
  private static let bytesLimit = 160
  private var entries: [ConsoleEntry] = []
  private var isOpen = false
  /// How near to each other those were that have been put together.
  private var spacing: Int64 = 0

  mutating func receive(_ event: Event, _ sequence: Int64, _ time: Int64) {
    let isTyped = event.kind == .input
    let bytes = event.packedBytes
    let endsLine = bytes.last == UInt8(ascii: "\n")
    if isOpen, let last = entries.indices.last, entries[last].isTyped == isTyped {
      let room = max(0, ConsoleList.bytesLimit - entries[last].bytes.count)
      entries[last].bytes += bytes.prefix(room)
      entries[last].end = time
    } else {
      entries.append(
        ConsoleEntry(
          sequence: sequence, time: time, end: time, pid: event.process.raw, isTyped: isTyped,
          bytes: bytes))
    }
    isOpen = !endsLine
    guard entries.count > ConsoleList.limit else { return }
    let (joined, spacing) = ConsoleList.thinned(
      entries, spacing: spacing, limit: ConsoleList.limit / 2)
    entries = joined
    self.spacing = spacing
  }

  func window(_ window: PageWindow, limit: Int) -> [ConsoleEntry] {
    let first = entries.partitioningIndex { $0.time >= window.from }
    let seen = Array(entries[first...].prefix { $0.time <= window.to })
    return ConsoleList.thinned(seen, spacing: 0, limit: limit).entries
  }

  private static func thinned(_ all: [ConsoleEntry], spacing: Int64, limit: Int)
    -> (entries: [ConsoleEntry], spacing: Int64)
  {
    var spacing = spacing
    var seen = all
    while seen.count > limit, spacing <= .max / 4 {
      spacing = max(16, spacing * 2)
      var joined: [ConsoleEntry] = []
      for entry in seen {
        if let last = joined.indices.last, entry.time &- joined[last].time < spacing {
          joined[last].count += entry.count
          joined[last].end = entry.end
        } else {
          joined.append(entry)
        }
      }
      seen = joined
    }
    return (seen, spacing)
  }
}
