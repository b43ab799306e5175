// The console's input side: a line editor over a buffer of 128 bytes (xv6 kernel/console.c).
// Bytes between `readPosition` and `committed` are for readers; those up to `edited` are a line
// still being typed.

/// What a typed byte came to.
struct TypedByte: Equatable {
  /// What the terminal shows for it.
  var echo: [UInt8] = []
  /// A line is complete: readers can go on.
  var completesLine = false
  /// ^P was typed: the processes are to be listed.
  var listsProcesses = false
  /// ^C was typed: the processes in the foreground are to end.
  var interrupts = false
}

/// Line editing, echo and the buffer.
package struct Console: Sendable {
  static let capacity = 128
  package static let major: Int16 = 1
  /// ^D as it stands in the buffer.
  static let endOfInput: UInt8 = 4
  /// ^C, which is none of xv6's keys.
  static let interruptKey: UInt8 = 3
  static let newline = UInt8(ascii: "\n")

  private var buffer = [UInt8](repeating: 0, count: capacity)
  private var readPosition = 0
  private var committed = 0
  private var edited = 0
  package internal(set) var readers = WaitQueue()
  /// The number of reads that got something.
  private var readCount: UInt64 = 0

  private static let listKey: UInt8 = 0x10
  private static let killLineKey: UInt8 = 0x15
  private static let backspaceKey: UInt8 = 0x08
  private static let deleteKey: UInt8 = 0x7f
  private static let erase: [UInt8] = [8, 32, 8]

  var hasLine: Bool { readPosition < committed }
  /// Whether another byte fits.
  var hasRoom: Bool { edited - readPosition < Console.capacity }

  mutating func type(_ byte: UInt8) -> TypedByte {
    var result = TypedByte()
    switch byte {
    case Console.listKey:
      result.listsProcesses = true
    case Console.interruptKey:
      edited = committed
      result.interrupts = true
      result.echo = Array("^C\n".utf8)
    case Console.killLineKey:
      while edited > committed, buffer[(edited - 1) % Console.capacity] != UInt8(ascii: "\n") {
        edited -= 1
        result.echo += Console.erase
      }
    case Console.backspaceKey, Console.deleteKey:
      if edited > committed {
        edited -= 1
        result.echo = Console.erase
      }
    case 0:
      break
    default:
      guard hasRoom else { break }
      let stored = byte == UInt8(ascii: "\r") ? UInt8(ascii: "\n") : byte
      if stored != Console.endOfInput { result.echo = [stored] }
      buffer[edited % Console.capacity] = stored
      edited += 1
      if stored == UInt8(ascii: "\n") || stored == Console.endOfInput || !hasRoom {
        committed = edited
        result.completesLine = true
      }
    }
    return result
  }

  /// The next byte for a reader, which stays.
  var first: UInt8? { hasLine ? buffer[readPosition % Console.capacity] : nil }

  mutating func removeFirst() { readPosition += 1 }

  /// Somebody got something: the how manieth time that is.
  mutating func countRead() -> UInt64 {
    readCount += 1
    return readCount
  }
}

extension Console: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(readPosition)
    digest.combine(committed)
    digest.combine(edited)
    // What has not been read yet, wherever in the buffer that lies.
    for position in readPosition..<edited { digest.combine(buffer[position % Console.capacity]) }
    digest.combine(readers)
    digest.combine(readCount)
  }
}
