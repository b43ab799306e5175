// A moment on the page: what a link leads to, what is under the pointer, who did what in a range, what
// calls were made there; and sessions whose times or families are larger than usual.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

@Suite(.enabled(if: Browser.isInstalled, "\(Browser.absence)"), .serialized)
struct PageMomentTests {
  let folder: TemporaryFolder
  var session: String { folder.file("s.db") }

  init() throws { folder = try TemporaryFolder() }

  private static let isFilled =
    "document.querySelectorAll('#tables table').length > 3 && order.length > 0"

  /// Opens a session's page, of both kinds, at a moment, and runs a body on each.
  private func look(
    at session: String, moment: String = "", _ body: (Browser, _ isServed: Bool) throws -> Void
  ) throws {
    let page = folder.file("r.html")
    #expect(try DrydockTool.run(["report", session, "-o", page]).status == 0)
    let served = try ServedPage(session)
    for (address, isServed) in [("file://\(page)", false), (served.address, true)] {
      let browser = try Browser()
      try browser.open(address + moment, until: PageMomentTests.isFilled)
      try settle(browser)
      try body(browser, isServed)
      #expect(browser.complaints.isEmpty, "\(browser.complaints)")
    }
  }

  private func settle(_ browser: Browser) throws {
    try browser.wait(until: "typeof asking === 'undefined' || !asking && loaded")
    try browser.run(
      "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
  }

  /// The program of the lecture's session that tries to get out, and the one that works beside it.
  private func process(_ name: String) throws -> (pid: Int64, start: Int64) {
    let rows = try TraceQuery.run(
      "SELECT pid, start_ts FROM process WHERE name = '\(name)'",
      on: CommittedTraces.path("lecture")
    ).rows
    guard case .integer(let pid)? = rows.first?[0], case .integer(let start)? = rows.first?[1]
    else {
      throw CocoaError(.coderInvalidValue)
    }
    return (pid, start)
  }

  @Test func aLinkLeadsToItsMoment() throws {
    let lecture = CommittedTraces.path("lecture")
    let escape = try process("/bar/escape")
    let worker = try process("/baz/worker")
    let from = escape.start / 1000 * 1000
    let inside = try TraceQuery.run(
      "SELECT min(seq) FROM event WHERE time >= \(from + 3000) AND pid = \(escape.pid)", on: lecture
    ).rows
    guard case .integer(let event)? = inside.first?.first else {
      throw CocoaError(.coderInvalidValue)
    }
    let link = "#from=\(from)&to=\(from + 9000)&event=\(event)&range=\(from + 2000)-\(from + 6000)"
    try look(at: lecture, moment: link) { browser, isServed in
      try browser.wait(
        for: "window", toShow: "\(from / 1000)\u{202f}000 to \(from / 1000 + 9)\u{202f}000")
      try browser.wait(for: "detail", toShow: "\(event)")
      // An event that is looked up does not take the page away from the link's window.
      try settle(browser)
      #expect(
        try browser.text("window").contains("to \(from / 1000 + 9)\u{202f}000"), "\(isServed)")
      try browser.wait(for: "sums", toShow: "4\u{202f}000 instructions")
      // What is done on the page is in its address, from which the page comes back.
      try browser.run(
        "setRange(null); show(200000, 300000); choose(rowOf.get(\(escape.pid))); describeRow()")
      try browser.wait(
        until: "location.hash === '#from=200000&to=300000&event=\(event)&row=\(escape.pid)' "
          + "|| location.hash === '#from=200000&to=300000&row=\(escape.pid)'")
      try browser.run("location.hash = '#time=\(worker.start + 4_000_000)'")
      try browser.wait(for: "detail", toShow: "/baz/worker(\(worker.pid) c5:1) runs on hart 0")
      try browser.run("location.hash = '#from=x&to=99999999999999999999&row=%3Cb%3E&range=1'")
      try settle(browser)
      #expect(try browser.finds("data.processes.length > 1"), "\(isServed)")
    }
  }

  @Test func aLinkToAnEventShowsItsProcessesRow() throws {
    let forty = CommittedTraces.path("forty")
    let facts = try TraceQuery.run(
      """
      SELECT e.seq, e.pid, (SELECT max(time) FROM event) FROM event e JOIN process p USING (pid)
      WHERE p.name = '/echo' ORDER BY e.seq DESC LIMIT 1 OFFSET 30
      """, on: forty
    ).rows
    guard case .integer(let event)? = facts.first?[0], case .integer(let pid)? = facts.first?[1],
      case .integer(let end)? = facts.first?[2]
    else { throw CocoaError(.coderInvalidValue) }
    for link in ["#event=\(event)", "#from=0&to=\(end)&event=\(event)"] {
      try look(at: forty, moment: link) { browser, isServed in
        try browser.wait(for: "detail", toShow: "\(event)")
        let isSeen = """
          (row => row && rowTop(row) >= headEnd() && rowTop(row) + rowHeight(row) <= scroller.clientHeight)
            (rowOf.get(\(pid)))
          """
        try browser.wait(until: isSeen)
        try settle(browser)
        #expect(try browser.finds(isSeen), "\(isServed) \(link)")
        // Whoever scrolls away from it stays there.
        try browser.run(
          "scroller.dispatchEvent(new WheelEvent('wheel', { bubbles: true })); scroller.scrollTop = 0; "
            + "show(from, to)")
        try settle(browser)
        #expect(try browser.finds("scroller.scrollTop === 0"), "\(isServed) \(link)")
      }
    }
  }

  @Test func calls() throws {
    let escape = try process("/bar/escape")
    let refused = try TraceQuery.run(
      "SELECT min(time) FROM syscall WHERE pid = \(escape.pid) AND name = 'open' AND why = 'not found'",
      on: CommittedTraces.path("lecture")
    ).rows
    guard case .integer(let first)? = refused.first?.first else {
      throw CocoaError(.coderInvalidValue)
    }
    let (from, to) = (first - 10, first + 4000)
    try look(at: CommittedTraces.path("lecture"), moment: "#from=\(from)&to=\(to)") {
      browser, isServed in
      try browser.wait(until: "details.length > 10")
      let found = try TraceQuery.run(
        "SELECT count(*) FROM event WHERE kind IN (1) AND time BETWEEN \(from) AND \(to)",
        on: CommittedTraces.path("lecture")
      ).rows
      let count = Int64(try browser.run("details.length")) ?? 0
      #expect(found == [[.integer(count)]], "\(isServed)")
      #expect(try browser.finds("ROW > BASE"))
      let words = try browser.run("describe(details.find(d => d.name === 'open'))")
      #expect(
        words.contains("/bar/escape(\(escape.pid) c3:1) calls open(")
          && words.contains("refused: not found"))
      #expect(try browser.text("legend").contains("call"))
      // From afar there is no line for them.
      try browser.run("showAll()")
      try settle(browser)
      #expect(try browser.finds("ROW === BASE && !details.length"))
    }
  }

  @Test func accessesToSharedPages() throws {
    var scenario = GuestRun.scenario(["prodcons"])
    scenario.harts = 2
    scenario.recordsSharedAccesses = true
    try record(scenario, to: session)
    let time = try TraceQuery.run(
      "SELECT time FROM event WHERE kind = \(Event.Kind.shmAccess.rawValue) LIMIT 1 OFFSET 500",
      on: session
    ).rows
    guard case .integer(let at)? = time.first?.first else { throw CocoaError(.coderInvalidValue) }
    try look(at: session, moment: "#from=\(at - 300)&to=\(at + 700)") { browser, _ in
      try browser.wait(until: "details.some(d => d.detail === 'access')")
      let words = try browser.run("describe(details.find(d => d.isStore))")
      #expect(words.contains(" stores ") && words.contains("to 0x"), "\(words)")
      #expect(try browser.text("legend").contains("store to a shared page"))
      #expect(try browser.text("made").contains("shared accessesrecorded"))
    }
  }

  @Test func whatIsUnderThePointerIsTold() throws {
    try look(at: CommittedTraces.path("two-containers")) { browser, _ in
      func point(_ place: String) throws -> String {
        try browser.run(
          """
          (() => {
            const { left, top } = canvas.getBoundingClientRect(), [across, down] = \(place);
            canvas.dispatchEvent(new PointerEvent("pointermove",
              { clientX: left + across, clientY: top + down, pointerType: "mouse", bubbles: true }));
            return tip.hidden ? "" : tip.textContent;
          })()
          """)
      }
      let slice =
        "(s => [x((s.start + s.end) / 2n), TOP + 9])(order.find(s => s.end - s.start > 900n))"
      #expect(try point(slice).contains(" runs on hart 0"))
      #expect(
        try point("[LABEL + 20, rowTop(rows.find(r => r.counter === 'slots')) + 9]")
          .contains("process slots are held; outside: "))
      #expect(try point("[LABEL + 5, 4]").isEmpty)
      // The console's row says what was printed.
      let printed = "(l => [x(l.start) + 1, rowTop(rows.find(r => r.console)) + 9])(printed[0])"
      let told = try point(printed)
      #expect(told.contains("prints at") || told.contains("Typed"), "\(told)")
    }
  }

  @Test func aRangeHasSumsThatAgreeWithTheViews() throws {
    let path = CommittedTraces.path("inversion")
    let (from, to): (Int64, Int64) = (100_000, 900_000)
    let ran = try TraceQuery.run(
      """
      SELECT sum(min(time + duration, \(to)) - max(time, \(from))) FROM run_slice
      WHERE time < \(to) AND time + duration > \(from)
      """, on: path
    ).rows
    guard case .integer(let sum)? = ran.first?.first else { throw CocoaError(.coderInvalidValue) }
    try look(at: path) { browser, isServed in
      try browser.run("setRange(\(from)n, \(to)n)")
      try browser.wait(for: "sums", toShow: "800\u{202f}000 instructions")
      let expected = try browser.run("number(\(sum))")
      #expect(try browser.text("sum").contains("ran \(expected) ("), "\(isServed)")
      #expect(try !browser.text("sums").contains("estimated"))
      // By keys: the window.
      try browser.run("setRange(null); canvas.focus()")
      try browser.press("s")
      try browser.wait(until: "range && range[0] === 0n && !document.getElementById('sums').hidden")
    }
  }

  @Test func processesAreFoundByNameAndNumber() throws {
    try look(at: CommittedTraces.path("lecture")) { browser, isServed in
      let helpers = try browser.run("data.processes.filter(p => p.isPlumbing).length")
      #expect(Int(helpers) ?? 0 > 5)
      #expect(try browser.finds("rows.every(r => !processes.get(r.pid)?.isPlumbing)"))
      #expect(try browser.text("left-out").contains("of the container manager are folded away"))
      try browser.run("document.getElementById('filter').focus()")
      try browser.type("bomb")
      try browser.wait(
        until: "rows.filter(r => r.pid).length > 3 "
          + "&& rows.filter(r => r.pid).every(r => r.label.includes('bomb'))")
      try browser.wait(for: "tree-note", toShow: "match")
      try settle(browser)
      #expect(try browser.finds("states.length > 0"), "\(isServed)")
      try browser.press("Escape")
      try browser.wait(until: "rows.some(r => r.label === 'sh(3)')")
      // Those of the manager are there for who wants them.
      try browser.run("document.getElementById('plumbing').click()")
      try browser.wait(until: "rows.some(r => processes.get(r.pid)?.isPlumbing)")
      // Those who do not live in the window are not in the way.
      try browser.run("document.getElementById('plumbing').click(); show(5000000, 5000100)")
      try browser.wait(until: "!rows.some(r => r.label.startsWith('/ls'))")
      try browser.run("document.getElementById('fold').click()")
      try browser.wait(until: "rows.some(r => r.label.startsWith('/ls'))")
    }
  }

  @Test func aColourForEachProcessIsUsualWhereThereIsNoContainer() throws {
    try record(GuestRun.scenario(["primes", "20"]), to: session)
    for (path, expected) in [(session, true), (CommittedTraces.path("lecture"), false)] {
      try look(at: path) { browser, _ in
        let isChecked = try browser.finds("document.getElementById('by-process').checked")
        #expect(isChecked == expected, "\(path)")
      }
    }
  }

  @Test func timesBeyondWhatAScriptsNumbersHoldAreExact() throws {
    var scenario = GuestRun.scenario(["sleep", "2000000000"])
    scenario.tick = 1_000_000_000
    scenario.limitTicks = nil
    try record(scenario, to: session)
    let slice = try TraceQuery.run(
      "SELECT seq, time FROM run_slice WHERE time > 1000000000000000000 ORDER BY seq LIMIT 1",
      on: session
    ).rows
    guard case .integer(let seq)? = slice.first?.first, case .integer(let time)? = slice.first?.last
    else { throw CocoaError(.coderInvalidValue) }
    try look(at: session) { browser, isServed in
      let expected = try browser.run("number(\(time)n)")
      #expect(expected.filter(\.isNumber) == "\(time)")
      try browser.run("show(\(time)n - 1000n, \(time)n + 1000n)")
      try browser.wait(until: "order.some(s => s.seq === \(seq) && !s.merged)")
      try browser.run("selectEvent(\(seq))")
      try browser.wait(for: "detail", toShow: "from \(expected) to")
      try browser.run("document.getElementById('what').value = 'time'")
      try browser.run("document.getElementById('wanted').value = '\(time + 3)'")
      try browser.run("document.getElementById('go').requestSubmit()")
      try browser.wait(for: "detail", toShow: "sleep(2) runs on hart 0 from \(expected)")
      #expect(try browser.text("tree").contains(String(expected.dropLast(2))), "\(isServed)")
      // One instruction is as wide there as it is anywhere.
      try browser.run("show(\(time)n, \(time)n + 20n)")
      try settle(browser)
      #expect(try browser.finds("x(\(time)n + 1n) - x(\(time)n) > 20"))
    }
  }

  /// What the page makes of families that are long, deep or wide, in elements and in milliseconds.
  @Test func largeFamiliesAreFewElementsAndLittleTime() throws {
    try record(GuestRun.scenario(["true"]), to: session)
    let page = folder.file("r.html")
    _ = try DrydockTool.run(["report", session, "-o", page])
    let browser = try Browser()
    try browser.open("file://\(page)", until: PageMomentTests.isFilled)
    for parent in ["1", "i + 1", "i % 7 ? i : 1"] {
      let told = try browser.run(
        """
        (() => {
          const count = 30000, list = f => Array.from({ length: count }, (_, i) => f(i));
          const depths = [0];
          const parents = list(i => i === 0 ? 0 : Math.min(i, \(parent)));
          const depth = list(i => i === 0 ? 0 : depths[i] = depths[parents[i] - 1] + 1);
          const began = performance.now();
          takeData({ ...data, end: 1000000, busy_end: 1000000, tick: 100000, process_count: count,
            processes: { words: ["", "p"], columns: { pid: list(i => i + 1), name: list(() => 1),
              place: list(() => 0), cid: list(() => 0), parent: parents, depth, start: list(i => i * 30),
              end: list(i => i ? i * 30 + 20 : null), status: list(() => 0), ran: list(() => 10),
              plumbing: list(() => 0) } } });
          folded.clear();
          fillRows(timeline());
          fillTree();
          tree.focus();
          const rowsBefore = treeList.length;
          for (const leaf of [0, 1]) { treeAt = Math.min(leaf, treeList.length - 1); fold(false); }
          moveInTree(treeList.length - 1);
          paint();
          const time = performance.now() - began;
          return [time < 3000, document.querySelectorAll("#tree *").length < 500,
            treeRows.offsetHeight === treeList.length * TREE_ROW, rowsBefore > 0,
            Math.max(...[...document.querySelectorAll(".leaf")].map(e =>
              parseFloat(getComputedStyle(e).paddingLeft))) < 500].join();
        })()
        """)
      #expect(told == "true,true,true,true,true", "\(parent)")
    }
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  @Test func theTreeIsGoneThroughByKeys() throws {
    try look(at: CommittedTraces.path("lecture")) { browser, _ in
      try browser.run("tree.focus()")
      let all = Int(try browser.run("treeList.length")) ?? 0
      try browser.press("ArrowLeft")
      #expect(try browser.run("treeList.length") == "1")
      #expect(try browser.run("document.querySelector('.leaf').ariaExpanded") == "false")
      try browser.press("ArrowRight")
      #expect(try browser.run("treeList.length") == "\(all)")
      try browser.press("ArrowRight")
      try browser.press("Enter")
      try browser.wait(for: "detail", toShow: "n and p go through its stretches and marks")
      #expect(
        try browser.finds(
          "tree.getAttribute('aria-activedescendant') === 'tree-' + chosen.pid"))
    }
  }

  @Test func theMapMovesTheWindow() throws {
    try look(at: CommittedTraces.path("lecture")) { browser, _ in
      try browser.wait(until: "mapped.density?.some(v => v > 0.5)")
      try browser.run("show(0, 1000000); minimap.focus()")
      try browser.press("ArrowRight")
      try browser.wait(until: "from === 200000n")
      try browser.press("End")
      try browser.wait(
        until: "minimap.getAttribute('aria-valuetext').endsWith(' to ' + number(data.end))")
    }
  }

  @Test func whatMadeTheSessionIsInTheHeader() throws {
    var scenario = GuestRun.scenario(["primes", "20"])
    scenario.harts = 2
    scenario.seed = 77
    scenario.tick = 50_000
    scenario.limits.processes = 40
    scenario.defects = [.lostWakeup]
    try record(scenario, to: session)
    try look(at: session) { browser, _ in
      let made = try browser.run(
        "[...document.querySelectorAll('#made div')].map(d => "
          + "[...d.children].map(e => e.textContent).join(' ')).join('; ')")
      for words in [
        "program primes 20", "harts 2", "seed 77", "tick 50000 instructions", "processes 40",
      ] {
        #expect(made.contains(words), "\(made)")
      }
      #expect(made.contains("defects "), "\(made)")
      // The axis says what it counts.
      let written = try browser.run(
        """
        (() => {
          const found = [], write = context.fillText;
          context.fillText = (text, ...rest) => { found.push(text); write.call(context, text, ...rest); };
          paint();
          delete context.fillText;
          return found.join("|");
        })()
        """)
      #expect(written.hasPrefix("instructions|ticks of 50\u{202f}000|"), "\(written.prefix(80))")
    }
  }
}
