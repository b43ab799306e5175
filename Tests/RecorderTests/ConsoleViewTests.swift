// What the views make of bytes: texts that are whole characters in valid UTF-8, in whatever pieces they
// came, and the bytes themselves beside them.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct ConsoleViewTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  private func output(_ bytes: some Sequence<UInt8>, kind: Event.Kind, at time: UInt64) -> Event {
    var words: [Int64] = Array(repeating: 0, count: 6)
    let first = kind.columns.first { $0.meaning == .packed }?.position ?? 1
    for (index, byte) in bytes.enumerated() {
      words[0] += 1
      words[index / 8 + first] |= Int64(bitPattern: UInt64(byte) << UInt64(index % 8 * 8))
    }
    return Event(
      time: Instant(instructions: time), hart: HartID(raw: 0), kind: kind,
      process: ProcessID(raw: Int32(time % 3)), container: .outside, words[0], words[1], words[2],
      words[3], words[4], words[5])
  }

  /// Writes these as what was shown, or typed, with other events in between.
  private func write(_ pieces: [(bytes: [UInt8], kind: Event.Kind)]) throws {
    let writer = try TraceWriter(path: path, scenario: Scenario())
    for (index, piece) in pieces.enumerated() {
      writer.receive(output(piece.bytes, kind: piece.kind, at: UInt64(index)))
      if index % 3 == 0 { writer.receive(output([1, 2], kind: .tick, at: UInt64(index))) }
    }
    _ = try writer.finish(NameTable(), at: Instant(instructions: 99), .halted(status: 0))
  }

  /// As `printable` has it, with lines and tabs as they are.
  private func shown(_ bytes: [UInt8]) -> String {
    bytes.split(separator: 10, omittingEmptySubsequences: false).map { line in
      line.split(separator: 9, omittingEmptySubsequences: false).map { printable($0) }
        .joined(separator: "\t")
    }.joined(separator: "\n")
  }

  private func requireWhole(_ direction: String, _ bytes: [UInt8]) throws {
    let rows = try TraceQuery.run(
      "SELECT text, bytes, typeof(text), typeof(bytes) FROM console "
        + "WHERE direction = '\(direction)' ORDER BY seq", on: path
    ).rows
    var text = ""
    var parts: [UInt8] = []
    for row in rows {
      // What is no UTF-8 would come as a BLOB.
      guard case .text(let piece) = row[0], case .blob(let part) = row[1] else {
        Issue.record("\(row)")
        continue
      }
      #expect(row[2] == .text("text") && row[3] == .text("blob"))
      text += piece
      parts += part
    }
    #expect(parts == bytes)
    #expect(text == shown(bytes))
  }

  @Test func everyCharacterIsWholeHoweverItIsCut() throws {
    let text = Array(
      "Grüße, “漢字” 🦆 e\u{301} \u{9b}\u{202e}\u{ad}\u{feff}\u{e0041}\\ \t\r\u{1b}[2J\n".utf8)
    func cut(_ size: Int) -> [[UInt8]] {
      stride(from: 0, to: text.count, by: size).map {
        Array(text[$0..<min(text.count, $0 + size)])
      }
    }
    for size in 1...Event.inputCapacity {
      let shown = cut(min(size, Event.outputCapacity))
      let typed = cut(size)
      var pieces: [(bytes: [UInt8], kind: Event.Kind)] = []
      for index in shown.indices {
        pieces.append((shown[index], .output))
        if index < typed.count { pieces.append((typed[index], .input)) }
      }
      try? folder.remove("t.db")
      try write(pieces)
      try requireWhole("out", text)
      try requireWhole("in", text)
    }
  }

  /// Any bytes, in any pieces, empty ones too: parts of characters, and bytes that are in none.
  @Test(arguments: 0..<12 as Range<UInt64>)
  func anyBytesAreShownAsTheyAreHoweverTheyAreCut(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let starts: [[UInt8]] = [
      [0xf0, 0x9f, 0xa6, 0x86], [0xe2, 0x80, 0xae], [0xc2, 0x9b], [0xed, 0xa0, 0x80], [0xf4, 0x90],
      [0xe0, 0x80], [0xc3, 0xbc], [0xcc, 0x81], [0xef, 0xbf, 0xbd], [10], [9], [0], [0x1b], [0x5c],
    ]
    var text: [UInt8] = []
    while text.count < 600 {
      switch random.next(below: 4) {
      case 0: text.append(UInt8(random.next(below: 256)))
      case 1: text.append(UInt8(128 + random.next(below: 128)))
      case 2: text.append(UInt8(32 + random.next(below: 95)))
      default:
        let start = starts[random.next(below: starts.count)]
        text += start.prefix(1 + random.next(below: start.count))
      }
    }
    var pieces: [(bytes: [UInt8], kind: Event.Kind)] = []
    var place = 0
    while place < text.count {
      let size = random.next(below: random.next(below: 3) == 0 ? 33 : 4)
      let end = min(text.count, place + size)
      pieces.append((Array(text[place..<end]), .output))
      place = end
    }
    try write(pieces)
    try requireWhole("out", text)
  }

  /// Names with every byte in them, and everything printed: no text in any view is cut or raw.
  @Test func noViewHasATextThatIsNoUTF8() throws {
    try record(GuestRun.scenario(["console_bytes"], typed: ["\u{1b}ü\n"]), to: path)
    let views = try TraceQuery.run(
      "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')", on: path
    ).rows
    #expect(views.count > 40)
    for view in views {
      guard case .text(let name) = view[0] else { continue }
      let result = try TraceQuery.run("SELECT * FROM \(name)", on: path)
      let raw = ["bytes", "content"]
      for row in result.rows {
        for (column, value) in zip(result.columns, row) where !raw.contains(column) {
          if case .blob = value { Issue.record("\(name).\(column): \(value)") }
          if case .text(let text) = value {
            let steers = text.unicodeScalars.first { $0.value < 32 && ![9, 10].contains($0.value) }
            #expect(steers == nil, "\(name).\(column): \(text)")
          }
        }
      }
    }
    let names = try TraceQuery.run(
      "SELECT count(DISTINCT name) FROM shm WHERE event = 'shm_create'", on: path)
    #expect(names.rows == [[.integer(255)]])
  }
}

extension TemporaryFolder {
  fileprivate func remove(_ name: String) throws {
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: file(name + ending))
    }
  }
}
