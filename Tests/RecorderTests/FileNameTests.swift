import Foundation
import Recorder
import TestSupport
import Testing

/// A file's name is bytes, whatever they are.
struct FileNameTests {
  @Test(
    arguments: [
      [], [0x61], Array("Grüße 🦆".utf8), [0x63, 0x61, 0x66, 0xe9], [0xff, 0xfe],
      [0xf0, 0x9f, 0xa6],
      // A character that stands for a byte, and one that would with the byte before it.
      [0xf4, 0x8f, 0xbf, 0xa9], [0xc3, 0xf4, 0x8f, 0xbf, 0xa9, 0x28], Array(1...255),
    ] as [[UInt8]])
  func everyNameComesBackAsItWas(bytes: [UInt8]) {
    let text = FileName.text(of: bytes)
    #expect(FileName.bytes(of: text) == bytes)
    let isUTF8 = String(validating: bytes, as: UTF8.self).map { !FileName.isRaw($0) } ?? false
    #expect(FileName.isRaw(text) != isUTF8)
  }

  @Test func aMessageShowsTheBytes() {
    let name = FileName.text(of: [0x63, 0xe9, 0x2e, 0x64, 0x62])
    #expect(terminalText("\(name): x") == "c\\xe9.db: x")
    #expect(printable(name) == "c\\xe9.db")
  }

  @Test func aSessionIsWhereItsNameSays() throws {
    let folder = try TemporaryFolder()
    for name in ["file:a.db", "file:a.db?mode=memory", ":memory:", "a%20b.db", "a?b#c"] {
      let path = folder.file(name)
      try SyntheticSession(events: 10).write(to: path)
      #expect(try TraceReader(path: path).summary.events == 10)
    }
    let raw = FileName.text(of: Array(folder.file("caf").utf8) + [0xe9])
    try SyntheticSession(events: 20).write(to: raw)
    #expect(try TraceReader(path: raw).summary.events == 20)
    #expect(try TraceQuery.run("SELECT count(*) FROM event", on: raw).rows == [[.integer(20)]])
    #expect(raw.withFileName { unlink($0) } == 0)
    #expect(try folder.names.count == 5)
  }
}
