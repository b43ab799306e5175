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
  ///   - data: a JSON object; see `ReportData`.
  static func html(title: String, data: String) -> String {
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
        \(script(served: false))
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

  /// What the page of a session is called: a path may be long, and is nobody's business.
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
    <button id="busy" title="Where something happens (Home)">Whole session</button>
    <button id="previous" title="The previous stretch (p)">Previous</button>
    <button id="next" title="The next stretch (n)">Next</button>
    <label><input type="checkbox" id="arrows" checked> Wakeups</label>
    <form id="go"><select id="what" aria-label="What to go to">
    <option value="event">Event</option><option value="time">Time</option></select>
    <input id="wanted" size="12" inputmode="numeric" aria-label="Its number" placeholder="number">
    <button>Show</button></form>
    <span id="window" role="status"></span>
    </div>
    <div id="scroller">
    <canvas id="canvas" tabindex="0" role="application"
    aria-label="Timeline of harts and processes. Plus and minus zoom, arrow keys move, n and p go to \
    the next and previous stretch; what is selected is described below." aria-describedby="detail"></canvas>
    </div>
    <div id="detail" role="status" aria-live="polite"><p>Click a stretch of the timeline, or go \
    through them with n and p.</p></div>
    <ul id="legend" aria-label="Legend"></ul>
    <p id="marks" class="note"></p>
    </section>
    <section aria-labelledby="tree-title">
    <h2 id="tree-title">Containers and processes</h2>
    <div id="tree" tabindex="0" role="region" aria-labelledby="tree-title"></div>
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

  static let style = """
    :root {
      color-scheme: light dark;
      --paper: #ffffff; --ink: #1c2430; --faint: #5b6673; --rule: #d7dde4; --row: #f3f5f8;
      --accent: #0b63c4; --bad: #c2261b; --lock: #7b3fb5; --wait: #d58a00;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #12161c; --ink: #e4e9ef; --faint: #9aa7b5; --rule: #323b46; --row: #1a2028;
        --accent: #6cb0ff; --bad: #ff7a6e; --lock: #c79bff; --wait: #f0b64a;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink);
      font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
    header, main { max-width: 1500px; margin: 0 auto; padding: 0 24px; }
    header { padding-top: 20px; }
    h1 { font-size: 26px; margin: 0; letter-spacing: -0.01em; }
    h2 { font-size: 18px; margin: 28px 0 8px; }
    #summary { margin: 2px 0 0; color: var(--faint); }
    .tools { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin-bottom: 8px; }
    button { font: inherit; color: inherit; background: var(--row); border: 1px solid var(--rule);
      border-radius: 6px; padding: 3px 10px; cursor: pointer; }
    button:hover { border-color: var(--accent); }
    select, #wanted { font: inherit; color: inherit; background: var(--paper);
      border: 1px solid var(--rule); border-radius: 6px; padding: 3px 6px; }
    #go { display: flex; gap: 4px; }
    #sql { width: 100%; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace;
      color: inherit; background: var(--paper); border: 1px solid var(--rule); border-radius: 8px;
      padding: 8px; resize: vertical; margin-bottom: 8px; }
    button:disabled { opacity: 0.5; cursor: default; }
    [hidden] { display: none; }
    header p { margin: 2px 0 0; }
    #trouble, .bad { color: var(--bad); }
    button:focus-visible, select:focus-visible, #wanted:focus-visible, #sql:focus-visible,
    .wide:focus-visible, #tree:focus-visible, canvas:focus-visible, summary:focus-visible {
      outline: 2px solid var(--accent); outline-offset: 1px; }
    #window { margin-left: auto; color: var(--faint); font-variant-numeric: tabular-nums; }
    #scroller { max-height: min(560px, 52vh); overflow-y: auto; border: 1px solid var(--rule);
      border-radius: 8px; }
    canvas { display: block; width: 100%; cursor: crosshair; touch-action: none; }
    #legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0;
      margin: 8px 0; color: var(--faint); font-size: 13px; }
    #legend i { display: inline-block; width: 22px; height: 11px; margin-right: 6px;
      border-radius: 2px; vertical-align: -1px; }
    #legend [data-shape=disc] { width: 11px; border-radius: 50%; }
    #legend [data-shape=point] { width: 11px; clip-path: polygon(50% 0, 100% 100%, 0 100%); }
    #detail { border: 1px solid var(--rule); border-radius: 8px; padding: 4px 14px;
      background: var(--row); min-height: 56px; margin-top: 8px; }
    #detail p { margin: 6px 0; }
    code, pre { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
    pre { overflow-x: auto; margin: 6px 0; white-space: pre; }
    table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
    .wide { overflow-x: auto; max-height: 480px; overflow-y: auto; }
    th { position: sticky; top: 0; background: var(--paper); text-align: left; font-weight: 600;
      border-bottom: 1px solid var(--rule); padding: 4px 10px; white-space: nowrap; }
    #detail th { background: var(--row); }
    td { padding: 2px 10px; border-bottom: 1px solid var(--row); white-space: nowrap; }
    td.number, th.number { text-align: right; }
    td.story { white-space: normal; }
    .bar { display: inline-block; height: 9px; background: var(--accent); border-radius: 2px; }
    details { margin: 6px 0; }
    summary { cursor: pointer; font-weight: 600; padding: 3px 0; }
    .none, .note { color: var(--faint); }
    #tree { max-height: 420px; overflow: auto; }
    #tree ul { list-style: none; margin: 0; padding-left: 20px;
      border-left: 1px solid var(--rule); }
    #tree > ul { padding-left: 0; border: 0; }
    .chip { display: inline-block; width: 11px; height: 11px; border-radius: 3px;
      margin-right: 6px; vertical-align: -1px; }
    #query p { margin: 0 0 8px; }
    #relations { max-height: 420px; overflow: auto; }
    #relations h3 { font-size: 14px; margin: 12px 0 4px; color: var(--faint); }
    #relations dl { margin: 2px 0 8px 18px; font-size: 13px; }
    #relations dt { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
    #relations dd { margin: 0 0 2px 20px; color: var(--faint); }
    #relations details { margin: 2px 0; }
    #relations summary { font-weight: 400; }
    .jump { color: var(--accent); background: none; border: 0; padding: 0; text-align: left; }
    """
}
