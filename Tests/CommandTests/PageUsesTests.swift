// What groups have of their limits, below the timeline, in a real browser.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

@Suite(.enabled(if: Browser.isInstalled, "\(Browser.absence)"), .serialized)
struct PageUsesTests {
  let folder: TemporaryFolder
  var session: String { folder.file("s.db") }

  init() throws { folder = try TemporaryFolder() }

  private func look(
    at program: [String], served isServed: Bool = false, _ body: (Browser) throws -> Void
  ) throws {
    var scenario = GuestRun.scenario(program)
    scenario.tick = 10_000
    scenario.limitTicks = 400
    try record(scenario, to: session)
    let browser = try Browser()
    let page = folder.file("r.html")
    let served = isServed ? try ServedPage(session) : nil
    if !isServed { _ = try DrydockTool.run(["report", session, "-o", page]) }
    try browser.open(
      served?.address ?? "file://\(page)",
      until: "document.querySelectorAll('#tables table').length > 5 && order.length > 5")
    try body(browser)
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  private func painted(_ browser: Browser) throws {
    try browser.run(
      "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
  }

  @Test(arguments: [false, true])
  func aLineForEachLimitAndItsUseInWords(_ served: Bool) throws {
    try look(at: ["group_quota", "2", "200", "20000 100000"], served: served) { browser in
      try browser.wait(until: "uses.length > 0 && lanes.length > 0")
      #expect(try browser.finds("!document.getElementById('uses').hidden"))
      let shown = try browser.run("lanes.map(l => l.title ?? l.use.resource).join()")
      #expect(shown == "/q,cpu,/q/in,cpu", "\(shown)")
      // In line with the timeline, whatever is beside that.
      #expect(try browser.finds("usesCanvas.clientWidth === canvas.clientWidth"))
      let words = try browser.run(
        "(use => describeUse(use, use.throttled_times[3] + 5n))(uses.find(u => u.resource === 'cpu'))"
      )
      #expect(words.contains(" of 20 % of a hart; it is throttled."), "\(words)")
      try browser.run("document.getElementById('all-uses').click()")
      try painted(browser)
      #expect(try browser.finds("lanes.some(l => l.use.resource === 'pids' && !l.title)"))
    }
  }

  @Test func aRefusalIsMarkedAndKeysGoThroughTheLines() throws {
    try look(at: ["group_misc"]) { browser in
      try browser.wait(until: "lanes.length > 0")
      try browser.run("usesCanvas.focus()")
      try browser.press("ArrowDown")
      try browser.wait(for: "detail", toShow: " has cpu: ")
      try browser.press("ArrowDown")
      try browser.wait(for: "detail", toShow: " has ")
      let refused = try browser.run(
        "(use => describeUse(use, use.refusal_times[0]))(uses.find(u => u.resource === 'files' && u.refusals.length))"
      )
      #expect(refused.contains("more was refused near that"), "\(refused)")
      // The same canvas with the refusals gone looks different.
      let looks = try browser.run(
        """
        (() => {
          paintUses();
          const before = usesCanvas.toDataURL();
          for (const use of uses) use.refusal_times = [];
          paintUses();
          return String(before === usesCanvas.toDataURL());
        })()
        """)
      #expect(looks == "false")
    }
  }

  @Test func aSessionWithoutGroupsHasNoSuchPart() throws {
    try look(at: ["pingpong", "20"]) { browser in
      try painted(browser)
      #expect(try browser.finds("document.getElementById('uses').hidden"))
    }
  }
}

/// Connections between rows.
@Suite(.enabled(if: Browser.isInstalled, "\(Browser.absence)"), .serialized)
struct PageHopsTests {
  @Test(arguments: [false, true])
  func connectionsAreDrawnFromRowToRow(_ isServed: Bool) throws {
    let folder = try TemporaryFolder()
    let session = folder.file("s.db")
    try record(GuestRun.scenario(["net_switch"]), to: session)
    let browser = try Browser()
    let page = folder.file("r.html")
    let served = isServed ? try ServedPage(session) : nil
    if !isServed { _ = try DrydockTool.run(["report", session, "-o", page]) }
    try browser.open(
      served?.address ?? "file://\(page)",
      until: "document.querySelectorAll('#tables table').length > 5 && order.length > 5")
    try browser.wait(until: "hops.length > 3")
    let time = "hops.find(h => h.hop === 'sent').start"
    try browser.run("show(\(time) - 4000n, \(time) + 8000n)")
    try browser.wait(until: "hopsHere().some(h => h.hop === 'sent')")
    // On the line it is told who sent what to whom.
    let words = try browser.run(
      """
      (hop => {
        revealRow(rowOf.get(hop.from));
        const [a, b] = [x(hop.start) + x(hop.end), middleOf(hop.from) + middleOf(hop.to)].map(sum => sum / 2);
        return describe(hopAt(a, b));
      })(hopsHere().find(h => h.hop === 'sent'))
      """)
    #expect(words.contains(" sends ") && words.contains(" over connection "), "\(words)")
    let looks = try browser.run(
      """
      (() => {
        paint();
        const before = canvas.toDataURL();
        document.getElementById('hops').click();
        paint();
        return String(before === canvas.toDataURL());
      })()
      """)
    #expect(looks == "false")
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  @Test func whatTheHostSendsAndGetsIsDrawnFromAboveTheRows() throws {
    let folder = try TemporaryFolder()
    let (session, page) = (folder.file("s.db"), folder.file("r.html"))
    var scenario = GuestRun.scenario(["host_echo", "80", "1"])
    scenario.ports = [PublishedPort("127.0.0.1:8080:80")].compactMap { $0 }
    scenario.clients = [
      HostClient(
        to: Endpoint(.loopback, 8080), from: 7,
        [.init(.send(Array("hello".utf8))), .init(.endSending)])
    ]
    try record(scenario, to: session)
    _ = try DrydockTool.run(["report", session, "-o", page])
    let browser = try Browser()
    try browser.open("file://\(page)", until: "hops.length > 2 && order.length > 1")
    for (end, words) in [
      ("from", "The host sends 5 bytes to host_echo("), ("to", " sends 5 bytes to the host over "),
    ] {
      let told = try browser.run(
        """
        (hop => {
          show(hop.start - 4000n, hop.end + 8000n);
          const [a, b] = [x(hop.start) + x(hop.end), middleOf(hop.from) + middleOf(hop.to)].map(sum => sum / 2);
          return describe(hopAt(a, b));
        })(hops.find(h => h.hop === 'sent' && h.\(end) === HOST))
        """)
      #expect(told.contains(words), "\(told)")
    }
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }
}
