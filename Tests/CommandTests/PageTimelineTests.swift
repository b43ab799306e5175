// What the timeline shows and how one gets about in it, in a real browser: marks, rows, priorities,
// keys and fingers.

import Foundation
import Recorder
import TestSupport
import Testing

@Suite(.enabled(if: Browser.isInstalled, "\(Browser.absence)"), .serialized)
struct PageTimelineTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Opens a recorded session's page, with the timeline drawn, and runs a body on it.
  private func look(
    at session: String, served isServed: Bool = false, _ body: (Browser) throws -> Void
  ) throws {
    let browser = try Browser()
    let page = folder.file("r.html")
    let served = isServed ? try ServedPage(session) : nil
    if !isServed { _ = try DrydockTool.run(["report", session, "-o", page]) }
    try browser.open(
      served?.address ?? "file://\(page)",
      until: "document.querySelectorAll('#tables table').length > 5 && order.length > 5")
    try browser.run("canvas.focus()")
    try body(browser)
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  private func painted(_ browser: Browser) throws {
    try browser.run(
      "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
  }

  @Test(arguments: [false, true])
  func aRefusedCallIsMarkedAndTold(_ served: Bool) throws {
    try look(at: CommittedTraces.path("attack-paths"), served: served) { browser in
      // Who tries to get out is in container 2; the mark is a hollow triangle in its row.
      try browser.run("show(0, 500000)")
      try browser.wait(until: "rowOf.get(16).marks.filter(m => m.sort === 'refused').length > 20")
      try browser.run("select(rowOf.get(16).marks.find(m => m.what.startsWith('open of')))")
      let words = try browser.text("selected")
      #expect(words.hasPrefix("/attack_paths(16 c2:1): open of \""), "\(words)")
      #expect(words.contains(" refused: not found"), "\(words)")
      #expect(try browser.text("legend").contains("call refused"))
      let looks = try browser.run(
        """
        ["refused", "limited", "ended", "violation"].map(sort =>
          swatch(pen => paintMark(pen, sort, 7, 0)).toDataURL()).filter((v, i, all) =>
          all.indexOf(v) === i).length
        """)
      #expect(looks == "4")
    }
  }

  @Test(arguments: [false, true])
  func keysGoThroughTheMarksAndThroughTheStretchesOfARow(_ served: Bool) throws {
    try look(at: CommittedTraces.path("inversion"), served: served) { browser in
      func pressed(_ key: String, _ expected: String) throws {
        try browser.press(key)
        try browser.wait(for: "detail", toShow: expected)
      }
      try pressed("m", "init(1): open of \"/console\" refused: not found")
      try pressed("m", "refused")
      try pressed("M", "init(1): open of")
      // The hart, then init, then those that fight for the mutex.
      try browser.run("show(0, 4000)")
      try browser.wait(until: "typeof asking === 'undefined' || !asking && loaded.to < 10000")
      for row in [
        "hart 0", "for a hart.", "process slots are held; outside: ", "init(1)",
        "inversion(2 c1:1)", "inversion(3 c1:2)", "inversion(4 c1:3), at",
      ] {
        try pressed("ArrowDown", row)
      }
      try pressed("n", "inversion(4 c1:3) waits for a hart")
      try pressed("n", "inversion(4 c1:3) runs on hart 0")
      try pressed("n", "after it had to give up its own (preempted)")
      try pressed("n", "inversion(4 c1:3) runs on hart 0")
      try pressed("n", "at priority 5, in container 1, on: sleep")
      // What comes next is far beyond the window.
      try pressed("n", "from 100\u{202f}000")
      try pressed("p", "on: sleep")
      try pressed("ArrowUp", "inversion(3 c1:2), at")
      try browser.press("Home")
      try pressed("Escape", "No row is chosen")
      try pressed("n", "init(1) runs on hart 0")
    }
  }

  @Test func marksAndStretchesBeyondWhatIsLoadedAreReached() throws {
    try look(at: CommittedTraces.path("lecture"), served: true) { browser in
      try browser.run("choose(rowOf.get(46)); show(0, 1000)")
      try browser.wait(until: "!asking && loaded.to < 5000")
      try browser.press("n")
      try browser.wait(for: "detail", toShow: "worker(46 c5:1)")
      try browser.run("show(0, 1000)")
      try browser.wait(until: "!asking && loaded.to < 5000")
      try browser.run("selected = null; choose(null)")
      for _ in 0..<8 { try browser.press("m") }
      try browser.wait(until: "selected?.sort && selected.start > 5000")
    }
  }

  @Test func prioritiesAreInTheLabelsAndInversionsAreMarked() throws {
    // How long one of a priority in between ran while the mutex's holder could have.
    let ran = try TraceQuery.run(
      "SELECT sum(duration) FROM run_slice WHERE pid = 5 AND time > (SELECT time FROM lock_wait)",
      on: CommittedTraces.path("inversion")
    ).rows
    guard case .integer(let between)? = ran.first?.first else {
      throw CocoaError(.coderInvalidValue)
    }
    try look(at: CommittedTraces.path("inversion")) { browser in
      let labels = try browser.run(
        "[3, 4, 5].map(pid => priorityLabel(rowOf.get(pid))).join()")
      #expect(labels == "p0\u{2013}12,p0\u{2013}5,p0\u{2013}8")
      #expect(try browser.run("inversions.map(i => i.pid).join()") == "4")
      #expect(try browser.text("legend").contains("unbounded inversion"))
      #expect(try browser.text("legend").contains("0 goes first"))
      try browser.run("selectEvent(states.find(s => s.why === 'mutex').seq)")
      #expect(
        try browser.text("selected").contains(
          "An unbounded inversion: for \(Browser.grouped(between)) of that time others"))
      try browser.run(
        "selectEvent(states.find(s => s.pid === 3 && s.state === 'runnable' && s.why).seq)")
      #expect(try browser.text("selected").contains("at priority 12"))
    }
  }

  /// What is written along the axis, from where to where.
  private static let axis = """
    (() => {
      const labels = [], write = context.fillText;
      context.fillText = (text, x, y, ...rest) => {
        if (y === 11) labels.push([x, x + context.measureText(text).width]);
        write.call(context, text, x, y, ...rest);
      };
      paint();
      delete context.fillText;
      return labels;
    })()
    """

  @Test func axisAndHartsStayInSightAndLabelsApart() throws {
    try look(at: CommittedTraces.path("lecture")) { browser in
      let hart = """
        context.getImageData(LABEL, TOP, canvas.clientWidth - LABEL, ROW - 1).data.join()
        """
      try browser.run("document.getElementById('plumbing').click()")
      try painted(browser)
      let before = try browser.run(hart)
      try browser.run("scroller.scrollTop = 400")
      try painted(browser)
      #expect(try browser.run("scroller.scrollTop") == "400")
      #expect(try browser.run(hart) == before)
      // A row that was scrolled away is not to be hit, one below the harts is.
      #expect(try browser.run("rowAt(TOP + 5).hart") == "0")
      #expect(try browser.finds("rowTop(rowAt(headEnd() + 30)) > headEnd()"))
      #expect(
        try browser.finds(
          "canvas.getBoundingClientRect().top - scroller.getBoundingClientRect().top < 3"))
      for width in [320, 400, 1280, 2560] {
        try browser.resize(width: width, height: 900)
        try painted(browser)
        for window in ["showAll()", "show(9000000, 9000900)", "show(1, 12345678)"] {
          try browser.run(window)
          try painted(browser)
          let overlaps = try browser.run(
            "\(PageTimelineTests.axis).filter((l, i, all) => i && l[0] < all[i - 1][1]).length")
          #expect(overlaps == "0", "\(width) \(window)")
          #expect(
            try browser.finds("\(PageTimelineTests.axis).every(l => l[1] <= canvas.clientWidth)"))
        }
      }
    }
  }

  @Test func whatIsLeftOutIsTold() throws {
    try look(at: CommittedTraces.path("lecture")) { browser in
      #expect(try browser.text("unwoken").isEmpty)
      let folded = try browser.text("left-out")
      #expect(folded.hasSuffix("of the container manager are folded away."), "\(folded)")
      #expect(folded.components(separatedBy: ".").count == 2, "\(folded)")
      // A process of which nothing came is among the others.
      try browser.run(
        "data.processes.at(-1).isPlumbing = false; const gone = data.processes.at(-1).pid; "
          + "for (const name of ['states', 'marks', 'holds']) { const all = data.timeline[name]; "
          + "all.pid = all.pid.map(pid => pid === gone ? 0 : pid); } "
          + "data.timeline.rest = { count: 1, start: [0], end: [100], ran: [50] }; fillRows(timeline())"
      )
      #expect(try browser.text("left-out").contains("The others are together in the last one"))
      #expect(try browser.run("rows.at(-1).label") == "1 others")
      #expect(
        try browser.run("rowless(gone)").contains("has no row here: it is among the others"))
      try browser.run("timeline().cut = 5000; fillRows(timeline())")
      #expect(
        try browser.text("left-out").contains("some of it from 5\u{202f}000 on is left out"))
      try browser.run(
        """
        show(0, to);
        const { pid, waker } = arrows.find(a => rowOf.has(a.pid) && rowOf.has(a.waker));
        arrows = Array.from({ length: 4000 }, (_, i) => ({ pid: i % 2 ? pid : waker,
          waker: i % 2 ? waker : pid, start: to * BigInt(i) / 4000n }));
        arrows.length
        """
      )
      try painted(browser)
      try browser.run(
        "paint()"
      )
      #expect(try browser.text("unwoken").contains("more than 400 here"))
      try browser.run("arrows = []; unseen = [{ start: 0n, end: 9n }]; paint()")
      #expect(try browser.text("unwoken").contains("drawn as one are not drawn"))
    }
  }

  @Test func rowsCanBeChosenAndColouredByProcess() throws {
    try look(at: CommittedTraces.path("two-containers")) { browser in
      func choose(_ value: String) throws -> String {
        try browser.run(
          "which.value = '\(value)'; which.dispatchEvent(new Event('change')); "
            + "rows.filter(r => r.pid).every(r => "
            + "'\(value)' === 'in' ? r.cid : r.cid === Number('\(value)')) && rows.length")
      }
      let all = Int(try browser.run("rows.length")) ?? 0
      let (inside, one) = (Int(try choose("in")) ?? 0, Int(try choose("1")) ?? 0)
      #expect(all > inside && inside > one && one > 1)
      #expect(try browser.finds("colour(1, 5) === colour(1, 9)"))
      try browser.run("document.getElementById('by-process').click()")
      #expect(try !browser.finds("colour(1, 5) === colour(1, 9)"))
      #expect(try browser.text("legend").contains("a colour for each process"))
    }
  }

  @Test func aRowIsChosenWhereNothingIsInIt() throws {
    try look(at: CommittedTraces.path("inversion")) { browser in
      let place = try browser.run(
        """
        document.getElementById('fold').click(); show(0, 4000); paint(); scroller.scrollIntoView();
        (r => Math.round(r.left + LABEL + 5) + ' ' + Math.round(r.top + rowTop(rowOf.get(3)) + 9))(
          canvas.getBoundingClientRect())
        """
      ).split(separator: " ").compactMap { Int($0) }
      try #require(place.count == 2)
      try browser.click(x: place[0], y: place[1])
      // inversion(3) does not live yet at that time.
      try browser.wait(for: "detail", toShow: "inversion(3 c1:2)", first: true)
      #expect(try browser.text("detail").contains("n and p go through its stretches and marks"))
    }
  }

  @Test func fingersPanPinchAndScroll() throws {
    try look(at: CommittedTraces.path("lecture")) { browser in
      try browser.resize(width: 400, height: 900)
      try browser.run("for (const id of ['fold', 'plumbing']) document.getElementById(id).click()")
      try painted(browser)
      try browser.run("show(2000000, 3000000); scroller.scrollIntoView()")
      try painted(browser)
      let place = try browser.run(
        "(r => Math.round(r.left) + ' ' + Math.round(r.top))(canvas.getBoundingClientRect())"
      ).split(separator: " ").compactMap { Int($0) }
      try #require(place.count == 2)
      let (left, top) = (place[0], place[1] + 150)
      // To the left: later.
      try browser.touch(stride(from: 300, through: 200, by: -10).map { [(left + $0, top)] })
      try painted(browser)
      #expect(try browser.finds("from > 2100000 && Math.abs(Number(to - from) - 1000000) < 1000"))
      // Apart: closer.
      let span = Double(try browser.run("Number(to - from)")) ?? 0
      try browser.touch(
        stride(from: 20, through: 60, by: 5).map {
          [(left + 240 - $0, top), (left + 240 + $0, top)]
        })
      try painted(browser)
      #expect((Double(try browser.run("Number(to - from)")) ?? 0) < span / 2)
      // Upwards: further down.
      let window = try browser.run("from + ' ' + to")
      try browser.touch(stride(from: 200, through: 60, by: -10).map { [(left + 240, top + $0)] })
      try browser.wait(until: "scroller.scrollTop > 50")
      #expect(try browser.run("from + ' ' + to") == window)
    }
  }
}
