// How the timeline is painted: what is drawn near its ends, on top of each other, and in rows of two
// heights. Pixels are read from the canvas, and texts as they are written on it.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

@Suite(.enabled(if: Browser.isInstalled, "\(Browser.absence)"), .serialized)
struct PagePaintTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Opens a session's report and runs a body on it.
  private func look(at session: String, _ body: (Browser) throws -> Void) throws {
    let page = folder.file("r.html")
    #expect(try DrydockTool.run(["report", session, "-o", page]).status == 0)
    let browser = try Browser()
    try browser.open("file://\(page)", until: "order.length > 0 && details")
    try body(browser)
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  /// What `paint()` writes on the canvas, as a list of text, x and y, for a script to go on with.
  private static let written = """
    const written = [], write = context.fillText;
    context.fillText = (text, x, y, ...rest) => {
      written.push([text, x, y]);
      write.call(context, text, x, y, ...rest);
    };
    paint();
    delete context.fillText;
    """

  @Test func wakeupsOnTheSamePixelsAreOneLine() throws {
    try look(at: CommittedTraces.path("lecture")) { browser in
      let told = try browser.run(
        """
        (() => {
          const { pid, waker } = arrows.find(a => rowOf.has(a.pid) && rowOf.has(a.waker));
          const at = count => Array.from({ length: count }, (_, i) => ({ pid, waker, start: BigInt(i) }));
          show(0, data.end);
          arrows = at(2000);
          const together = groupArrows();
          // Far apart, each has its own.
          arrows = [1n, 2n, 3n].map(i => ({ pid, waker, start: data.end * i / 4n }));
          paint();
          // One of them leaves what it crosses to be seen.
          const a = rowTop(rowOf.get(pid)), b = rowTop(rowOf.get(waker));
          const drawn = context.getImageData(Math.round(x(arrows[0].start)) - 1, (a + b) / 2 + 3, 3, 1).data;
          const ink = Number.parseInt(theme.faint.slice(1, 3), 16);
          return [together.length, together[0].heads.size, groupArrows().length,
            document.getElementById("unwoken").textContent.includes("more than"),
            [0, 4, 8].some(i => drawn[i] === ink)].join();
        })()
        """)
      #expect(told == "1,1,3,false,false")
    }
  }

  @Test func whateverIsDrawnEndsWhereTheWindowDoes() throws {
    try look(at: CommittedTraces.path("lecture")) { browser in
      // A window in the midst of everything, in which no mark is.
      try browser.run("show(1500000, 1504000); paint()")
      let told = try browser.run(
        """
        (() => {
          const pixel = (x, y) => context.getImageData(x, y, 1, 1).data.join();
          const isDrawn = (x, y) => pixel(x, y) !== pixel(9, y);
          const shown = rows.filter(isInSight).filter(row => !row.console);
          const lines = row => Array.from({ length: BASE - 2 }, (_, i) => rowTop(row) + i);
          const draws = x => shown.filter(row => lines(row).some(y => isDrawn(x, y))).length;
          return [shown.length > 10, draws(LABEL - 1), draws(LABEL - 5), draws(plotEnd() + 1),
            draws(LABEL + 2) === shown.length, draws(plotEnd() - 2) === shown.length].join();
        })()
        """)
      #expect(told == "true,0,0,0,true,true")
    }
  }

  @Test func marksHaveARimAndLeaveNamesToBeRead() throws {
    try look(at: CommittedTraces.path("lost-update")) { browser in
      // A hollow triangle on a coloured ground: paper within, red, paper without.
      let ground = try browser.run(
        """
        (() => {
          const chip = swatch(pen => {
            pen.fillStyle = containerColour(3, 1);
            pen.fillRect(0, 0, 24, 14);
            paintMark(pen, "refused", 12, 2);
          });
          const pen = chip.getContext("2d"), ratio = chip.width / 24;
          const at = (x, y) => [...pen.getImageData(x * ratio, y * ratio, 1, 1).data].slice(0, 3).join();
          const ink = colour => {
            pen.fillStyle = colour;
            pen.fillRect(0, 0, 1, 1);
            return at(0, 0);
          };
          return [at(12, 8) === ink(theme.paper), at(12, 11) === ink(theme.paper),
            at(18, 3) === ink(containerColour(3, 1))].join();
        })()
        """)
      #expect(ground == "true,true,true")
      let covered = try browser.run(
        """
        (() => {
          \(PagePaintTests.written)
          const shown = rows.filter(row => row.pid && isInSight(row));
          const covers = shown.flatMap(row => placesOfMarks(row).map(([place]) => [place, rowTop(row)]));
          const names = written.filter(w => w[1] > LABEL && /\\(\\d+\\)$/.test(w[0]));
          const hits = names.filter(([text, x, y]) => covers.some(([place, top]) => y > top && y < top + BASE
            && place > x - 4 && place < x + context.measureText(text).width + 4));
          return [covers.length > 1, names.length > 2, hits.length].join();
        })()
        """)
      #expect(covered == "true,true,0")
    }
  }

  @Test func accessesThatAreCloseStayApart() throws {
    try look(at: CommittedTraces.path("lost-update")) { browser in
      try browser.run("show(1700, 3300); paint()")
      let told = try browser.run(
        """
        (() => {
          const isAccent = data => Number.parseInt(theme.accent.slice(1, 3), 16) === data[0]
            && Number.parseInt(theme.accent.slice(5, 7), 16) === data[2];
          const pid = details.find(d => d.detail === "access").pid, row = rowOf.get(pid);
          const all = details.filter(d => d.pid === pid && d.detail === "access");
          const lane = y => {
            let strokes = 0, before = false;
            for (let at = LABEL; at < plotEnd(); at++) {
              const isInk = isAccent(context.getImageData(at, rowTop(row) + BASE + y, 1, 1).data);
              if (isInk && !before) strokes++;
              before = isInk;
            }
            return strokes;
          };
          const stores = all.filter(d => d.isStore).length, loads = all.length - stores;
          return [all.length > 50, lane(0) > stores * 0.8, lane(7) > loads * 0.8].join();
        })()
        """)
      #expect(told == "true,true,true")
    }
  }

  @Test func onlyRowsOfProcessesAreHighAndEveryLabelIsBesideItsLine() throws {
    try look(at: CommittedTraces.path("lost-update")) { browser in
      try browser.run("show(1700, 3300)")
      let told = try browser.run(
        """
        (() => {
          \(PagePaintTests.written)
          const beside = row => written.some(([text, x, y]) =>
            text === row.label && x < LABEL && y === rowTop(row) + BASE / 2);
          const shown = rows.filter(isInSight);
          return [ROW === TALL, special.length > 3, special.every(row => rowHeight(row) === BASE),
            rows.every(row => rowAt(rowTop(row) + 1) === row && rowAt(rowTop(row) + rowHeight(row) - 1) === row),
            shown.length > 6 && shown.every(beside), written.some(w => w[0] === "max 2")].join();
        })()
        """)
      #expect(told == "true,true,true,true,true,true")
    }
  }

  @Test(arguments: [400, 900, 1600])
  func labelsOfTheAxisStandAtTheirLines(_ width: Int) throws {
    try look(at: CommittedTraces.path("lecture")) { browser in
      try browser.resize(width: width, height: 900)
      for window in ["showAll()", "show(9000000, 9000900)", "show(1, 12345678)"] {
        let told = try browser.run(
          """
          (() => {
            \(window);
            \(PagePaintTests.written)
            const labels = written.filter(w => w[2] === 11 && w[1] > LABEL);
            const time = text => BigInt(text.replaceAll(/[^0-9]/g, ""));
            return [labels.length > 0,
              labels.every(([text, at]) => at === Math.round(x(time(text))) + 3.5)].join();
          })()
          """)
        #expect(told == "true,true", "\(window)")
      }
    }
  }

  @Test func noRowIsCutInHalfAndAShadowSaysThatThereAreMore() throws {
    try look(at: CommittedTraces.path("forty")) { browser in
      for (width, height) in [(400, 900), (900, 900), (1600, 1100)] {
        try browser.resize(width: width, height: height)
        let told = try browser.run(
          """
          (() => {
            scroller.scrollTop = 0;
            paint();
            const high = scroller.clientHeight, ground = y => context.getImageData(9, y, 1, 1).data;
            const isWhole = rows.some(row => topAt(row.index) === high);
            const before = ground(high - 1).join();
            scroller.scrollTop = 1e6;
            paint();
            return [scroller.scrollHeight > high, isWhole, before !== ground(high - 1).join()].join();
          })()
          """)
        #expect(told == "true,true,true", "\(width)")
        let tables = try browser.run(
          """
          (() => {
            const all = [...document.querySelectorAll("#tables .wide")]
              .filter(w => w.scrollHeight > w.clientHeight + 1
                && ![...w.querySelectorAll("td")].some(d => d.clientHeight > 30));
            const isWhole = w => {
              const edge = w.getBoundingClientRect().top + w.clientHeight;
              return [...w.querySelectorAll("tr")].some(r => Math.abs(r.getBoundingClientRect().bottom - edge) < 2);
            };
            const has = w => getComputedStyle(w).backgroundImage.includes("gradient");
            return [all.length > 0, all.every(isWhole), all.every(has),
              (tree.clientHeight) % TREE_ROW, has(tree)].join();
          })()
          """)
        #expect(tables == "true,true,true,0,true", "\(width)")
      }
    }
  }
}
