// The page that shows a session: markup, style and script, all in one file that asks nothing of any
// network. Whatever a guest has named or printed reaches the page as JSON and from there only as the
// text of an element, never as markup.

import Foundation
import Recorder

enum ReportPage {
  /// A page that holds its session.
  ///
  /// - Parameters:
  ///   - title: shown in the browser's tab.
  ///   - data: a JSON object; see `ReportData`, and `ComparisonPage` for a comparison.
  static func html(title: String, data: String, _ kind: Kind = .held) -> String {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    return document(
      title, data,
      head: """
        <meta http-equiv="Content-Security-Policy" content="\(policy)">
        <style>
        \(style)
        </style>
        """,
      body: frame,
      foot: """
        <script>
        \(script(kind))
        </script>
        """)
  }

  /// A page that asks for what it shows, with its style and its script beside it.
  ///
  /// - Parameter data: what it knows from the outset, a JSON object; see `ServedSession`.
  static func served(title: String, data: String) -> String {
    document(
      title, data, head: "<link rel=\"stylesheet\" href=\"page.css\">",
      body: frame.replacing(
        "<div id=\"tables\"></div>", with: "\(queryBox)\n<div id=\"tables\"></div>"),
      foot: "<script src=\"page.js\"></script>")
  }

  /// What the page of a session is called: a path may be long, and may be private.
  static func title(_ path: String) -> String {
    "Drydock: \(printable(URL(fileURLWithPath: path).lastPathComponent))"
  }

  private static func document(
    _ title: String, _ data: String, head: String, body: String, foot: String
  ) -> String {
    // Within a script element only "<" could end it.
    let json = data.split(separator: "<", omittingEmptySubsequences: false)
      .joined(separator: "\\u003c")
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escaped(title))</title>
      \(head)
      </head>
      <body>
      <header>
      <h1>\(escaped(title))</h1>
      \(body)
      <script type="application/json" id="data">\(json)</script>
      \(foot)
      </body>
      </html>

      """
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      default: result.append(character)
      }
    }
    return result
  }

  private static let frame = """
    <p id="summary"></p>
    <dl id="made" aria-label="What made this session"></dl>
    <p><span id="state" role="status"></span> <span id="trouble" role="alert"></span>
    <button id="refresh" hidden>Refresh the tables</button></p>
    </header>
    <main>
    <section aria-labelledby="timeline-title">
    <h2 id="timeline-title">Timeline</h2>
    <div class="tools" role="toolbar" aria-label="Timeline">
    <button id="zoom-in" title="Zoom in (+)">Zoom in</button>
    <button id="zoom-out" title="Zoom out (-)">Zoom out</button>
    <button id="left" title="Earlier (left arrow)" aria-label="Earlier">&#8592;</button>
    <button id="right" title="Later (right arrow)" aria-label="Later">&#8594;</button>
    <button id="more" title="More of what can be done and shown" aria-expanded="false">More</button>
    <button id="busy" class="further" title="Where something happens (Home)">Whole session</button>
    <button id="previous" class="further" title="The previous stretch (p)">Previous</button>
    <button id="next" class="further" title="The next stretch (n)">Next</button>
    <button id="next-mark" class="further" title="The next mark (m)">Next mark</button>
    <button id="sum-up" class="further" title="Who did what in this window (s); drag with Shift for a part \
    of it">Sum up</button>
    <form id="go" class="further"><select id="what" aria-label="What to go to">
    <option value="event">Event</option><option value="time">Time</option></select>
    <input id="wanted" size="12" inputmode="numeric" aria-label="Its number" placeholder="number">
    <button>Show</button></form>
    </div>
    <div class="tools" role="toolbar" aria-label="Rows">
    <input id="filter" type="search" size="16" aria-label="Filter processes by name or number" \
    placeholder="name or number" autocomplete="off" spellcheck="false" title="Only processes like this (/)">
    <select id="which" aria-label="Which processes have rows" autocomplete="off"></select>
    <label class="further" title="Rows only for processes that live in the window">\
    <input type="checkbox" id="fold" checked autocomplete="off"> Fold the dead</label>
    <label class="further" title="The container manager, its clients and their helpers" hidden>\
    <input type="checkbox" id="plumbing" autocomplete="off"> Manager\u{2019}s processes</label>
    <label class="further"><input type="checkbox" id="arrows" checked autocomplete="off"> Wakeups</label>
    <label class="further" title="What goes from process to process over the network" hidden>\
    <input type="checkbox" id="hops" checked autocomplete="off"> Connections</label>
    <label class="further" title="A colour for each process, instead of for each container">\
    <input type="checkbox" id="by-process" autocomplete="off"> Colour by process</label>
    <span id="window" role="status"></span>
    </div>
    <canvas id="minimap" tabindex="0" role="slider" aria-label="The whole session; left and right move \
    the window" aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"></canvas>
    <div id="scroller">
    <div id="rows">
    <canvas id="canvas" tabindex="0" role="application"
    aria-label="Timeline of harts and processes. Plus and minus zoom, left and right arrow move, up and \
    down arrow choose a row, n and p go to its next and previous stretch or mark, or through all run \
    slices if no row is chosen; m goes to the next mark, s sums up who did what in the window, slash goes \
    to the filter, Escape leaves the row. What is selected is described below." \
    aria-describedby="detail"></canvas>
    </div>
    </div>
    <div id="tip" aria-hidden="true" hidden></div>
    <div id="detail" role="status" aria-live="polite"><p>Click a stretch or a mark of the timeline, \
    or go through them with n and p; up and down choose a row, m goes to the next mark. Drag with Shift, \
    or press s, for who did what in a range.</p></div>
    <div id="sums" role="status" aria-live="polite" hidden></div>
    <ul id="legend" aria-label="Legend"></ul>
    <p id="marks" class="note"></p>
    <p id="left-out" class="note"></p>
    <p id="unwoken" class="note"></p>
    <p id="unsent" class="note"></p>
    <div id="uses" hidden>
    <div class="tools"><h3 id="uses-title">Use of limits</h3>
    <label title="Also what groups have of resources of which they may have any number">\
    <input type="checkbox" id="all-uses" autocomplete="off"> Without a limit as well</label></div>
    <div id="uses-scroller"><canvas id="uses-canvas" tabindex="0" role="img" \
    aria-labelledby="uses-title" aria-describedby="uses-note detail"></canvas></div>
    <p id="uses-note" class="note"></p>
    </div>
    </section>
    <section aria-labelledby="tree-title">
    <h2 id="tree-title">Containers and processes</h2>
    <div id="tree" tabindex="0" role="tree" aria-labelledby="tree-title"><div id="tree-rows" \
    role="presentation"></div></div>
    <p id="tree-note" class="note"></p>
    </section>
    <div id="tables"></div>
    </main>
    """

  private static let queryBox = """
    <section aria-labelledby="query-title">
    <h2 id="query-title">SQL</h2>
    <form id="query">
    <p><select id="example" aria-label="A question to begin with">
    <option value="">A question to begin with</option></select></p>
    <textarea id="sql" rows="5" spellcheck="false" autocomplete="off" aria-label="A query; Control and \
    Enter runs it">SELECT time, pid, name, arg0, value, why FROM syscall WHERE why IS NOT NULL LIMIT 20
    </textarea>
    <div class="tools"><button id="run" title="Run it (Ctrl-Enter)">Run</button>
    <button id="stop" type="button" disabled>Stop</button>
    <span class="note">One SELECT, which can only read.</span></div>
    </form>
    <details id="schema"><summary>Tables and views</summary><div id="relations"></div></details>
    <div id="answer" role="status" aria-live="polite"></div>
    </section>
    """
}
