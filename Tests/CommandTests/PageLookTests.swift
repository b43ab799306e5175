// How the page looks to different people on different screens: contrast, rings, narrow windows, paper.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

@Suite(.enabled(if: Browser.isInstalled, "\(Browser.absence)"), .serialized)
struct PageLookTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let lecture = CommittedTraces.path("lecture")
  private static let isFilled = "document.querySelectorAll('#tables table').length > 5"

  private func report() throws -> String {
    let page = folder.file("r.html")
    _ = try DrydockTool.run(["report", PageLookTests.lecture, "-o", page])
    return "file://\(page)"
  }

  /// The contrast of two colours (WCAG 2.2).
  private static let contrast = """
    const light = ink => {
      const pen = (window.probe ??= document.createElement("canvas").getContext("2d",
        { willReadFrequently: true }));
      pen.fillStyle = ink;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
    """

  @Test func colouredBlocksLinesAndMarksCanBeToldFromTheirGround() throws {
    let browser = try Browser()
    try browser.open(try report(), until: PageLookTests.isFilled)
    for isDark in [false, true] {
      try browser.prefer(dark: isDark)
      try browser.wait(until: "(theme.paper === '#ffffff') === \(!isDark)")
      for byProcess in [false, true] {
        try browser.run("document.getElementById('by-process').checked = \(byProcess)")
        // What is written on a block is in the colour of the paper.
        let blocks = try browser.run(
          "(() => { \(PageLookTests.contrast) let least = 99; for (let cid = 0; cid < 16; cid++) "
            + "for (let pid = 1; pid < 60; pid++) "
            + "least = Math.min(least, contrast(colour(cid, pid), theme.paper)); return least; })()"
        )
        #expect(Double(blocks) ?? 0 >= 4.5, "\(isDark) \(byProcess) \(blocks)")
      }
      try browser.run("document.getElementById('by-process').checked = false")
      for ink in ["wait", "lock", "bad", "edge", "accent", "faint"] {
        let least = try browser.run(
          "(() => { \(PageLookTests.contrast) "
            + "return Math.min(contrast(theme.\(ink), theme.paper), contrast(theme.\(ink), theme.row)); })()"
        )
        #expect(Double(least) ?? 0 >= 3, "\(isDark) \(ink) \(least)")
      }
      // Fifteen containers look different, each from the others and from what has a meaning.
      let looks = try browser.run(
        """
        (() => {
          const looks = Array.from({ length: 15 }, (_, i) =>
            swatch(pen => paintBlock(pen, i + 1, 1, 0, 0, 24, 14)).toDataURL());
          const meanings = ["wait", "lock", "bad", "edge", "accent"].map(name =>
            swatch(pen => { pen.fillStyle = theme[name]; pen.fillRect(0, 0, 24, 14); }).toDataURL());
          return new Set([...looks, ...meanings]).size;
        })()
        """)
      #expect(looks == "20")
    }
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  @Test func theTimelinesRingIsNotCutOff() throws {
    let browser = try Browser()
    try browser.open(try report(), until: PageLookTests.isFilled)
    try browser.run("document.getElementById('which').focus()")
    for _ in 0..<8 where try browser.run("document.activeElement.id") != "canvas" {
      try browser.press("Tab")
    }
    #expect(try browser.run("document.activeElement.id") == "canvas")
    let ring = try browser.run(
      """
      (s => [s.outlineStyle, parseFloat(s.outlineWidth) >= 2,
        parseFloat(s.outlineOffset) <= -parseFloat(s.outlineWidth)].join())(getComputedStyle(canvas))
      """)
    #expect(ring == "solid,true,true")
  }

  @Test(arguments: [320, 400, 2560])
  func thePageFitsItsWindowAndUsesIt(_ width: Int) throws {
    let served = try ServedPage(PageLookTests.lecture)
    for address in [try report(), served.address] {
      let browser = try Browser()
      try browser.resize(width: width, height: 900)
      try browser.open(address, until: PageLookTests.isFilled)
      try browser.run(
        "document.querySelectorAll('details').forEach(d => { d.open = true; }); selectEvent(20000)")
      try browser.wait(until: "document.querySelector('#detail pre')")
      #expect(try browser.run("document.documentElement.scrollWidth") == "\(width)", "\(address)")
      #expect(try browser.finds("canvas.clientWidth > \(width) - 60"), "\(address)")
      #expect(try browser.finds("LABEL < 190") == (width < 600), "\(address)")
    }
  }

  @Test func aNarrowWindowCutsNothingAndHasFewLinesOfControls() throws {
    let served = try ServedPage(PageLookTests.lecture)
    for address in [try report(), served.address] {
      let browser = try Browser()
      try browser.resize(width: 400, height: 900)
      try browser.open(address, until: PageLookTests.isFilled)
      let toolbars = """
        [...document.querySelectorAll("[role=toolbar]")].reduce((sum, t) => sum + t.offsetHeight, 0)
        """
      #expect(Int(try browser.run(toolbars)) ?? 999 < 120, "\(address)")
      #expect(try browser.finds("!document.getElementById('sum-up').offsetHeight"))
      try browser.run("document.getElementById('more').focus()")
      try browser.press("Enter")
      #expect(try browser.finds("document.getElementById('sum-up').offsetHeight > 20"))
      #expect(try browser.finds("document.getElementById('more').ariaExpanded === 'true'"))
      try browser.run(
        "document.querySelectorAll('details').forEach(d => { d.open = true; }); selectEvent(20000)")
      try browser.wait(until: "document.querySelector('#detail pre')")
      let cut = try browser.run(
        """
        [...document.querySelectorAll("#detail pre, .leaf .name, .leaf .lived, .wide:has(.bar)")]
          .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline"
            || e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML.slice(0, 200)).join()
        """)
      #expect(cut.isEmpty, "\(address) \(cut)")
    }
  }

  @Test func controlsOfALineStandInALine() throws {
    let browser = try Browser()
    try browser.open(try report(), until: PageLookTests.isFilled)
    let off = try browser.run(
      """
      (() => {
        const middle = id => (r => (r.top + r.bottom) / 2)(document.getElementById(id).getBoundingClientRect());
        return ["which", "fold", "arrows", "by-process"].map(id => Math.abs(middle(id) - middle("filter")))
          .filter(d => d > 1).join();
      })()
      """)
    #expect(off.isEmpty, "\(off)")
  }

  @Test func paperHasAllRowsAndNoButtons() throws {
    let browser = try Browser()
    try browser.open(try report(), until: PageLookTests.isFilled)
    try browser.run("for (const id of ['fold', 'plumbing']) document.getElementById(id).click()")
    try browser.prefer(paper: true)
    try browser.run("dispatchEvent(new Event('beforeprint'))")
    #expect(
      try browser.finds(
        "canvas.height >= TOP + rows.length * ROW"))
    let buttons = try browser.run(
      """
      [...document.querySelectorAll("button:not(.jump), input, select")]
        .filter(e => e.getClientRects().length).map(e => e.id).join()
      """)
    #expect(buttons.isEmpty, "\(buttons)")
    try browser.prefer(paper: false)
    try browser.run("dispatchEvent(new Event('afterprint'))")
    #expect(try browser.finds("canvas.height < rows.length * ROW"))
  }

  @Test func theLegendNamesEveryContainerAndEveryKindOfLine() throws {
    let browser = try Browser()
    try browser.open(try report(), until: PageLookTests.isFilled)
    let legend = try browser.text("legend")
    for cid in 1...5 { #expect(legend.contains("container \(cid)")) }
    for words in ["exited", "blocked", "waits for a mutex", "holds a mutex", "woken by", "killed"] {
      #expect(legend.contains(words), "\(words)")
    }
    // Swatches are pictures, which neither forced colours nor a printer take away.
    #expect(
      try browser.finds(
        """
        [...document.querySelectorAll('#legend li canvas')].length === document.querySelectorAll('#legend li').length
          && [...document.querySelectorAll('#legend li canvas')].every(c =>
            c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(v => v))
        """))
    #expect(try browser.run("document.title") == "Drydock: lecture.db")
  }

  @Test func theLegendNamesNothingThatTheSessionHasNot() throws {
    let session = folder.file("s.db")
    try record(GuestRun.scenario(["true"]), to: session)
    let page = folder.file("s.html")
    _ = try DrydockTool.run(["report", session, "-o", page])
    let browser = try Browser()
    try browser.open("file://\(page)", until: "order.length > 0")
    let legend = try browser.text("legend")
    for words in ["running", "blocked", "woken by"] { #expect(legend.contains(words), "\(legend)") }
    for words in ["mutex", "limit", "killed", "container", "priority", "page"] {
      #expect(!legend.contains(words), "\(legend)")
    }
  }
}
