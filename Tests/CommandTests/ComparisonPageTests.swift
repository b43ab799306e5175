// The page of a comparison in a real browser: timelines above each other, in one window of time.

import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Browser.isInstalled, "\(Browser.absence)"), .serialized)
struct ComparisonPageTests {
  let folder: TemporaryFolder
  let page: String

  init() throws {
    folder = try TemporaryFolder()
    page = folder.file("c.html")
    _ = try folder.write("script: [\"spin 200000 & spin 50000 & primes 30 &\"]\n", to: "mix.yaml")
    let run = try DrydockTool.run(
      [
        "compare", "mix.yaml", "--harts", "1,2", "--seeds", "2", "--schedulers", "priority",
        "-o", "c.html",
      ], in: folder.path)
    #expect(run.status == 0 && run.errors.hasPrefix("drydock: wrote c.html, "))
  }

  private func open() throws -> Browser {
    let browser = try Browser()
    try browser.open(
      "file://\(page)", until: "document.querySelectorAll('#tables table').length > 5")
    return browser
  }

  @Test func thereIsARowForEachHartOfEachMachine() throws {
    let browser = try open()
    let labels = try browser.run("rows.map(row => row.label).join()")
    #expect(labels == "priority/1, hart 0,priority/2, hart 0,priority/2, hart 1")
    #expect(try browser.finds("rows.every(row => row.items.length > 0)"))
    #expect(try browser.finds("canvas.clientHeight > 80 && $('tree').offsetParent === null"))
    // What is called the same and has the same number is one, and has one colour.
    #expect(
      try browser.finds(
        "new Set(order.filter(s => who(s.pid) === 'spin(3)').map(s => s.hart)).size > 1"))
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  @Test func aStretchSaysOnWhichMachineItRan() throws {
    let browser = try open()
    try browser.run("select(order.find(s => s.hart === 2))")
    try browser.wait(for: "selected", toShow: "runs on priority/2, hart 1 from ")
    try browser.run("zoom(0.25)")
    try browser.run("selectTime(order.at(-1).end)")
    try browser.wait(for: "detail", toShow: "nobody runs.")
    try browser.run("setRange(0n, 1000n)")
    #expect(try browser.finds("$('sums').hidden && range === null"))
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  @Test func theFiguresHaveBars() throws {
    let browser = try open()
    let titles = try browser.run(
      "[...document.querySelectorAll('#tables h2')].map(h => h.textContent).join()")
    #expect(titles == "Figures,Times,Other figures,By process")
    #expect(try browser.finds("document.querySelectorAll('td.bars').length >= 12"))
  }

  /// As with a report, nothing is asked of any network, and what a guest has named is no markup.
  @Test func thePageIsOneFileThatAsksForNothing() throws {
    let html = try String(contentsOfFile: page, encoding: .utf8)
    #expect(html.contains("default-src 'none'") && !html.contains("://"))
  }

  @Test(arguments: [false, true])
  func thePageIsDarkOrLightAsIsWanted(_ isDark: Bool) throws {
    let browser = try Browser()
    try browser.prefer(dark: isDark)
    try browser.open(
      "file://\(page)", until: "document.querySelectorAll('#tables table').length > 5")
    let paper = try browser.run("getComputedStyle(document.body).backgroundColor")
    #expect(paper == (isDark ? "rgb(18, 22, 28)" : "rgb(255, 255, 255)"))
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }
}
