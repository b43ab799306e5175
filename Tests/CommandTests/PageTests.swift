// The pages in a real browser: of the report, which holds its session, and of the server, which is
// asked for it. Keys are pressed as a person would, and what is seen is what the page shows.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

@Suite(.enabled(if: Browser.isInstalled, "\(Browser.absence)"), .serialized)
struct PageTests {
  let folder: TemporaryFolder
  var session: String { folder.file("s.db") }

  init() throws { folder = try TemporaryFolder() }

  private func recorded(_ arguments: [String]) throws -> String {
    try record(GuestRun.scenario(arguments), to: session)
    return session
  }

  private func report(_ session: String) throws -> String {
    let page = folder.file("r.html")
    let run = try DrydockTool.run(["report", session, "-o", page])
    #expect(run.status == 0, "\(run.errors)")
    return "file://\(page)"
  }

  private static let isFilled = "document.querySelectorAll('#tables table').length > 5"

  /// How many pixels of the first hart's row show that something ran.
  private func painted(_ browser: Browser) throws -> Int {
    let script = """
      (() => {
        const ratio = devicePixelRatio, canvas = document.getElementById("canvas");
        const place = canvas.getContext("2d").getImageData(LABEL * ratio, (TOP + BASE / 2) * ratio,
          (canvas.clientWidth - LABEL) * ratio, 1).data;
        const paper = canvas.getContext("2d").getImageData(1, 1, 1, 1).data;
        let count = 0;
        for (let i = 0; i < place.length; i += 4)
          if ([0, 1, 2].some(j => Math.abs(place[i + j] - paper[j]) > 60)) count++;
        return count;
      })()
      """
    return Int(try browser.run(script)) ?? 0
  }

  @Test func bothPagesDrawTheTimelineAndAnswerKeys() throws {
    let session = try recorded(["inversion"])
    let served = try ServedPage(session)
    for address in [try report(session), served.address] {
      let browser = try Browser()
      try browser.open(address, until: PageTests.isFilled)
      try browser.wait(until: "order.length > 5 && document.getElementById('window').textContent")
      #expect(try painted(browser) > 500, "\(address)")
      #expect(try browser.text("tables").contains("a holder of lower priority"))
      #expect(try browser.text("tree").contains("container 1"))

      try browser.run("document.getElementById('canvas').focus()")
      let whole = try browser.text("window")
      try browser.press("n")
      try browser.wait(for: "detail", toShow: "runs on")
      #expect(try browser.text("detail").hasPrefix("init(1) runs on hart 0 from"))
      try browser.press("n")
      try browser.wait(for: "detail", toShow: "inversion(2 c1:1) runs", first: true)
      try browser.press("p")
      try browser.wait(for: "detail", toShow: "init(1)", first: true)
      try browser.press("+")
      try browser.wait(
        until: "document.getElementById('window').textContent !== \(Browser.quoted(whole))")
      try browser.press("ArrowRight")
      try browser.press("Home")
      try browser.wait(
        until: "document.getElementById('window').textContent === \(Browser.quoted(whole))")
      #expect(browser.complaints.isEmpty, "\(browser.complaints)")
    }
  }

  @Test func anEventAndATimeCanBeLookedUpByKeysAlone() throws {
    let session = try recorded(["inversion"])
    let served = try ServedPage(session)
    let line =
      try DrydockTool.run(["dump", session, "--from", "200", "--to", "200"]).output
      .split(separator: "\n").last.map(String.init) ?? ""
    for address in [try report(session), served.address] {
      let browser = try Browser()
      try browser.open(address, until: PageTests.isFilled)
      try browser.run("document.getElementById('wanted').focus()")
      try browser.type("200")
      try browser.press("Enter")
      try browser.wait(until: "document.querySelector('#detail pre')")
      #expect(try browser.text("detail").contains(line), "\(address)")
      try browser.run("document.getElementById('what').value = 'time'")
      try browser.run("document.getElementById('wanted').value = '500,000'")
      try browser.press("Enter")
      try browser.wait(for: "detail", toShow: "At 500", first: true)
      #expect(try browser.text("detail").contains("inversion(5 c1:4) runs on hart 0"), "\(address)")
      #expect(browser.complaints.isEmpty, "\(browser.complaints)")
    }
  }

  private static let lecture = CommittedTraces.path("lecture")

  private static func integer(_ sql: String) throws -> Int64 {
    guard case .integer(let value)? = try TraceQuery.run(sql, on: lecture).rows.first?.first else {
      throw CocoaError(.coderInvalidValue)
    }
    return value
  }

  @Test func momentsAndNumbersThatCannotBeShownAreTold() throws {
    let page = folder.file("lecture.html")
    _ = try DrydockTool.run(["report", PageTests.lecture, "-o", page])
    let served = try ServedPage(PageTests.lecture)
    let summary = try TraceReader(path: PageTests.lecture).summary
    let end = Browser.grouped(summary.instructions)
    let events = summary.events
    let between = try PageTests.integer(
      "SELECT time + duration + 1 FROM run_slice WHERE hart = 0 AND ended_by = 'block' LIMIT 1")
    let refused = try PageTests.integer("SELECT max(seq) FROM process_event WHERE event = 'refuse'")
    let dump = try DrydockTool.run(
      ["dump", "--all", "--from", "\(refused)", "--to", "\(refused)", PageTests.lecture])
    let line = dump.output.split(separator: "\n").last.map { $0.drop { $0 == " " } } ?? ""
    #expect(line.hasPrefix("\(refused)") && line.contains("refuse"))
    let cases = [
      ("time", "\(between)", "Hart 0 is switching."),
      ("time", "99 000 000", "The session ends at \(end)."),
      ("time", "-5", "time: found \"-5\", expected a number from 0"),
      ("time", "zz", "time: found \"zz\", expected a number from 0"),
      ("event", "zz", "event: found \"zz\", expected a number from 1"),
      ("event", "\(events + 1)", "no event \(events + 1): expected a number from 1 to \(events)"),
      ("event", "0", "no event 0: expected a number from 1 to \(events)"),
      ("event", "\(refused)", String(line)),
    ]
    for address in ["file://\(page)", served.address] {
      let browser = try Browser()
      try browser.open(address, until: PageTests.isFilled)
      try browser.wait(until: "order.length > 5")
      for (what, text, expected) in cases {
        try browser.run("document.getElementById('what').value = '\(what)'")
        try browser.run("document.getElementById('wanted').value = '\(text)'")
        try browser.run("document.getElementById('go').requestSubmit()")
        try browser.wait(for: "detail", toShow: expected)
      }
      // The marks go to the end, and how many there are is said.
      try browser.run("showAll()")
      try browser.wait(for: "marks", toShow: "marks stand for them")
      // Of what is in sight, and of nothing beside it.
      try browser.run("which.value = '1'; which.dispatchEvent(new Event('change'))")
      try browser.wait(until: "tellMarks() || document.getElementById('marks').textContent === ''")
      // A long session's server answers each unknown number with an error, which a browser notes.
      if address.hasPrefix("file") { #expect(browser.complaints.isEmpty, "\(browser.complaints)") }
    }
    let size = try FileManager.default.attributesOfItem(atPath: page)[.size] as? Int
    #expect(size ?? .max < 1_500_000)
  }

  @Test func aReportsWindowIsWhatThePageOpensOn() throws {
    let page = folder.file("window.html")
    let longest = "FROM run_slice ORDER BY duration DESC LIMIT 1"
    let from = try PageTests.integer("SELECT time + duration / 2 \(longest)")
    let duration = try PageTests.integer("SELECT duration \(longest)")
    _ = try DrydockTool.run(
      ["report", PageTests.lecture, "--from", "\(from)", "--to", "\(from + 100)", "-o", page])
    let browser = try Browser()
    try browser.open("file://\(page)", until: PageTests.isFilled)
    try browser.wait(until: "document.getElementById('window').textContent")
    #expect(
      try browser.text("window") == "\(Browser.grouped(from)) to \(Browser.grouped(from + 100))")
    try browser.run("select(order[0])")
    #expect(try browser.text("selected").contains("(\(Browser.grouped(duration)))"))
    #expect(try browser.text("selected").contains("then: exit."))
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  @Test func quickStepsAreAllTaken() throws {
    let served = try ServedPage(try recorded(["inversion"]))
    let browser = try Browser()
    try browser.open(served.address, until: PageTests.isFilled)
    try browser.wait(until: "order.length > 5")
    let fourth = try Timeline(TraceReader(path: session)).slices[3].sequence
    try browser.run("step(1); step(1); step(1); step(1)")
    try browser.wait(until: "selected && selected.seq === \(fourth)")
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  @Test func anEventOfALongSessionHasItsRowOnTheServedPage() throws {
    let session = try recorded(["pingpong", "2000"])
    let served = try ServedPage(session)
    let browser = try Browser()
    try browser.open(served.address, until: PageTests.isFilled)
    try browser.run("document.getElementById('wanted').value = '20000'")
    try browser.run("document.getElementById('wanted').focus()")
    try browser.press("Enter")
    try browser.wait(until: "document.querySelectorAll('#detail table').length === 2")
    #expect(try browser.text("detail").contains("SELECT * FROM event WHERE seq = 20000"))
    // A click on the timeline selects what is there, too.
    try browser.run("showAll(); document.getElementById('canvas').scrollIntoView()")
    try browser.wait(until: "!asking && loaded.from === 0n")
    let place = try browser.run(
      "(r => Math.round(r.left + 700) + ' ' + Math.round(r.top + TOP + 9))"
        + "(document.getElementById('canvas').getBoundingClientRect())"
    ).split(separator: " ").compactMap { Int($0) }
    try #require(place.count == 2)
    try browser.click(x: place[0], y: place[1])
    try browser.wait(for: "detail", toShow: "pingpong(")
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  @Test func theBoxForSQLAnswersAndShowsWhereItIsWrong() throws {
    let served = try ServedPage(try recorded(["inversion"]))
    let browser = try Browser()
    try browser.open(served.address, until: PageTests.isFilled)
    func ask(_ sql: String, until condition: String) throws {
      try browser.run("document.getElementById('sql').value = \(Browser.quoted(sql))")
      try browser.run("document.getElementById('run').focus()")
      try browser.press("Enter")
      try browser.wait(until: condition)
    }
    try ask(
      "SELECT 6 * 7 AS answer, '<i>x</i>' AS text",
      until: "document.querySelector('#answer td')?.textContent === '42'")
    #expect(try browser.text("answer").contains("<i>x</i>"))
    try ask("SELECT * FROM scehd", until: "document.querySelector('#answer .bad')")
    #expect(
      try browser.text("answer") == """
        no such table: scehd
          SELECT * FROM scehd
                        ^
          nearest: sched
        """)
    try ask(TraceQueryLoop.endless, until: "!document.getElementById('stop').disabled")
    try browser.run("document.getElementById('stop').focus()")
    try browser.press("Enter")
    try browser.wait(until: "document.getElementById('answer').textContent === 'stopped'")
    // A question, and a view out of the list, are put into the box.
    try browser.wait(until: "document.getElementById('example').options.length > 5")
    try browser.run(
      "document.getElementById('example').selectedIndex = 2; "
        + "document.getElementById('example').dispatchEvent(new Event('change'))")
    #expect(try browser.run("document.getElementById('sql').value").contains("FROM run_slice"))
    try browser.run("document.querySelector('#relations button').click()")
    #expect(
      try browser.run("document.getElementById('sql').value") == "SELECT * FROM meta LIMIT 20")
    try browser.run("document.getElementById('run').click()")
    try browser.wait(for: "answer", toShow: "recording_id")
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  @Test func aWaitForAMutexNamesItAndItsHolder() throws {
    let session = try recorded(["inversion"])
    let served = try ServedPage(session)
    for address in [try report(session), served.address] {
      let browser = try Browser()
      try browser.open(address, until: PageTests.isFilled)
      try browser.wait(until: "order.length > 5")
      try browser.run("selectEvent(states.find(s => s.why === 'mutex').seq)")
      try browser.wait(for: "selected", toShow: "held by")
      let words = try browser.text("selected")
      #expect(
        words.hasPrefix("inversion(4 c1:3) is blocked from")
          && words.contains(
            "at priority 5, in container 1, on: mutex 0 \"log\", held by inversion(3 c1:2) at priority 12."
          ),
        "\(words)")
      #expect(browser.complaints.isEmpty, "\(browser.complaints)")
    }
  }

  @Test func whatGuestsSayStaysTextInABrowser() throws {
    var scenario = GuestRun.scenario([], typed: ["'\(ReportTests.hostile)'\n"])
    scenario.files.append(
      GuestFile(path: "/<b>x", content: .file(Array(ReportTests.hostile.utf8))))
    let path = folder.file("<img src=x onerror=alert(1)>.db")
    try record(scenario, to: path)
    let served = try ServedPage(path)
    for address in [try report(path), served.address] {
      let browser = try Browser()
      try browser.open(address, until: PageTests.isFilled)
      #expect(try browser.text("tables").contains("</script><img src=x"))
      #expect(
        try browser.run("document.images.length + document.title")
          == "0Drydock: <img src=x onerror=alert(1)>.db")
      #expect(try browser.run("document.querySelectorAll('b, i:empty[class]').length") == "0")
      #expect(browser.complaints.isEmpty, "\(browser.complaints)")
    }
  }

  @Test func everyControlHasANameAndCanBeReachedByTab() throws {
    let served = try ServedPage(try recorded(["inversion"]))
    let browser = try Browser()
    try browser.open(served.address, until: PageTests.isFilled)
    let nameless = try browser.run(
      """
      [...document.querySelectorAll("button, input, select, textarea, canvas, [tabindex], [role]")]
        .filter(e => !e.ariaHidden && e.getAttribute("role") !== "status" && e.getAttribute("role") !== "alert")
        .filter(e => !(e.getAttribute("aria-label") || e.getAttribute("aria-labelledby")
          || e.textContent.trim() || e.labels?.[0]?.textContent.trim()))
        .map(e => e.outerHTML).join()
      """)
    #expect(nameless.isEmpty, "\(nameless)")
    var reached: [String] = []
    for _ in 0..<30 {
      try browser.press("Tab")
      reached.append(try browser.run("document.activeElement.id"))
    }
    for id in [
      "zoom-in", "next", "sum-up", "wanted", "filter", "fold", "arrows", "minimap", "canvas",
      "tree",
      "sql", "run",
    ] {
      #expect(reached.contains(id), "\(id) is not among \(reached)")
    }
    #expect(try browser.run("document.documentElement.lang") == "en")
  }

  @Test func thePageIsLightOrDarkAsIsWanted() throws {
    let served = try ServedPage(try recorded(["inversion"]))
    let browser = try Browser()
    try browser.open(served.address, until: PageTests.isFilled)
    var papers: [String] = []
    for dark in [false, true] {
      try browser.prefer(dark: dark)
      // Asking for `dark.matches` here would take the news from the page.
      try browser.wait(
        until: """
          theme.paper === getComputedStyle(document.documentElement).getPropertyValue("--paper").trim()
            && (theme.paper === "#ffffff") === \(!dark)
          """)
      try browser.run(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
      #expect(try painted(browser) > 500)
      papers.append(
        try browser.run(
          "[...document.getElementById('canvas').getContext('2d').getImageData(1, 1, 1, 1).data].join()"
        ))
      // Text and paper differ enough (WCAG 2.2, 1.4.3).
      let contrast = try browser.run(
        """
        (() => {
          const light = text => {
            const [r, g, b] = text.match(/[0-9.]+/g).map(v => v / 255)
              .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const paper = light(getComputedStyle(document.body).backgroundColor);
          return Math.min(...[...document.querySelectorAll("h1, p, td, th, button, .note, .none")]
            .map(e => light(getComputedStyle(e).color))
            .map(ink => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)));
        })()
        """)
      #expect(Double(contrast) ?? 0 > 4.5, "\(contrast)")
    }
    #expect(papers[0] != papers[1])
  }

  @Test func aRecordingIsFollowedOnThePage() throws {
    let growing = try GrowingSession(path: session)
    try growing.grow(turns: 100)
    let served = try ServedPage(session)
    let browser = try Browser()
    try browser.open(served.address)
    try browser.wait(for: "state", toShow: "shown as far as event 200")
    #expect(try browser.text("state").hasPrefix("Still being recorded"))
    // It is said there, and nowhere else.
    let said = "document.querySelector('header').textContent.match(/record/gi)"
    #expect(try browser.run("\(said).length") == "1")
    try growing.grow(turns: 200)
    try browser.wait(for: "state", toShow: "shown as far as event 600")
    try growing.finish()
    try browser.wait(until: "document.getElementById('state').textContent === ''")
    try browser.wait(for: "summary", toShow: "600 events, ended: halt")
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }
}
