import Recorder
import Sim
import Testing

struct TextTests {
  @Test(arguments: [
    ([UInt8]("plain text".utf8), "plain text"), (Array("Grüße 🦆".utf8), "Grüße 🦆"),
    ([0x1b, 0x5b, 0x32, 0x4a], "\\x1b[2J"), ([10, 13, 9, 92], "\\n\\r\\t\\\\"),
    ([0xff, 0x41], "\\xffA"), ([0xc3, 0x41], "\\xc3A"), ([0xe2, 0x80], "\\xe2\\x80"),
    ([0xe2, 0x80, 0xae], "\\u{202e}"), ([0xc2, 0x9b], "\\u{9b}"), ([0, 0x7f], "\\x00\\x7f"),
    (
      Array("“quoted”\u{ad}\u{378}\u{e000}\u{feff}".utf8),
      "“quoted”\\u{ad}\u{378}\\u{e000}\\u{feff}"
    ),
    ([0xd5, 0xaf, 0x82, 0x71, 0xc9], "կ\\x82q\\xc9"),
    ([0xcd, 0x81, 0xef, 0x09], "\u{341}\\xef\\t"),
    ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"), ([0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"),
    ([0xe0, 0x80, 0x80], "\\xe0\\x80\\x80"), ([0xf0, 0x9f, 0xa6, 0x86], "🦆"),
    ([], ""),
  ])
  func whatDoesNotPrintIsEscaped(bytes: [UInt8], text: String) {
    #expect(printable(bytes) == text)
  }

  @Test(arguments: [
    ("sh\\x1b[31m", "sh\\x1b[31m"), ("\u{1b}\n \r\t", "\\x1b\\n \\r\\t"), ("a\\\\b", "a\\\\b"),
    ("Grüße 🦆\u{202e}", "Grüße 🦆\\u{202e}"), ("", ""),
  ])
  func whatIsEscapedAlreadyIsNotEscapedAgain(text: String, shown: String) {
    #expect(shownText(text) == shown && shownText(shown) == shown)
  }

  @Test(arguments: [
    ("", 0), ("plain", 5), ("Grüße", 5), ("漢字", 4), ("🦆", 2), ("e\u{301}", 1), ("ﾊ", 1),
    ("ハ", 2), ("한", 2), ("\u{1112}\u{1161}\u{11ab}", 2), ("…→", 2),
  ])
  func textsTakeTheirColumns(text: String, columns: Int) {
    #expect(displayWidth(text) == columns)
  }

  @Test func anEventReadsLikeASentence() {
    let text = EventText { "name\($0)" }
    let stamp = (time: Instant(instructions: 1234), hart: HartID(raw: 1))
    func line(_ kind: Event.Kind, _ numbers: Int64...) -> String {
      let a = numbers + Array(repeating: 0, count: 6 - numbers.count)
      return text.line(
        Event(
          time: stamp.time, hart: stamp.hart, kind: kind, process: ProcessID(raw: 3),
          container: .outside, a[0], a[1], a[2], a[3], a[4], a[5]), 7)
    }
    #expect(
      line(.dispatch, 2, 4, 5, 1)
        == "       7         1234    1    3   0  dispatch     "
        + "previous=2 options=4 priority=5 chosen=1 rank=0 measure=0")
    #expect(line(.idle).hasSuffix("  idle"))
    #expect(
      line(.call, 7, 0x40, 0, 0, -1, 5).hasSuffix(
        "number=exec arg0=64 arg1=0 arg2=0 value=-1 why=\"not found\""))
    #expect(line(.call, 99, 0, 0, 0, 0, -1).contains("number=call#99"))
    #expect(line(.fault, 15, 0x1c, -1).contains("cause=\"store page\" pc=0x1c"))
    #expect(line(.output, 3, 16, 0x0a6968).hasSuffix("count=3 call=write bytes=\"hi\\n\""))
    #expect(
      line(.fork, 9, 2, 3, 4, 55).hasSuffix(
        "child=9 name=\"name2\" container_pid=3 leader=4 call=clone"))
    #expect(line(.block, 4, 1, 5).hasSuffix("reason=\"pipe to fill\" object=1 call=read"))
    #expect(line(.wake, 0, 2, 9).hasSuffix("waker=0 reason=sleep object=9 call=none"))
    #expect(
      line(.containerCreate, 1, 2, 24).hasSuffix("container=1 init=2 call=cm_create_and_enter"))
  }

  @Test func noKindHasTwoColumnsOfOneName() {
    for kind in Event.Kind.allCases {
      let names = kind.columns.map(\.name)
      #expect(Set(names).count == names.count, "\(kind)")
      #expect(names.count <= 6)
    }
    let names = Event.Kind.allCases.map(\.name)
    #expect(Set(names).count == names.count)
  }
}
