// The page's script: what it was given, as rows of stretches, and their colours.

extension ReportPage {
  static let rowsScript = #"""
    "use strict";
    let data = JSON.parse(document.getElementById("data").textContent);
    const $ = id => document.getElementById(id);
    const make = (tag, text, className) => {
      const element = document.createElement(tag);
      if (text !== undefined && text !== null) element.textContent = text;
      if (className) element.className = className;
      return element;
    };
    const number = value => value.toLocaleString("en").replaceAll(",", "\u202f");
    const STATES = ["runnable", "running", "blocked", "zombie"];

    // Stretches come as columns: slices in rows of harts, states and holds in rows of processes.
    function stretches(columns, words) {
      return (columns?.seq ?? []).map((seq, i) => ({
        seq, start: columns.start[i], end: columns.start[i] + columns.dur[i],
        pid: columns.pid[i], cid: columns.cid[i], state: STATES[columns.state[i]],
        hart: columns.hart[i], priority: columns.priority[i], why: words[columns.why[i]],
        object: columns.object[i], waker: columns.waker[i], ending: words[columns.ending[i]],
        endSeq: columns.endSeq[i], merged: columns.merged[i], ran: columns.ran[i]
      }));
    }

    // Rows: harts first, then processes in the order of who forked whom.
    let processes = new Map(), rows = [], rowOf = new Map(), last = 1;
    let order = [], states = [], holds = [], arrows = [];
    const who = pid => pid ? `${processes.get(pid)?.name ?? "?"}(${pid})` : "the machine";
    function makeRows() {
      processes = new Map(data.processes.map(p => [p.pid, p]));
      rows = [];
      rowOf = new Map();
      last = Math.max(1, data.busy_end);
      for (let hart = 0; hart < data.harts; hart++) rows.push({ hart, label: `hart ${hart}` });
      for (const process of data.processes) {
        if (!process.shown) continue;
        const row = { pid: process.pid, depth: process.depth, cid: process.cid,
          label: "  ".repeat(Math.min(process.depth, 6)) + who(process.pid) };
        rowOf.set(process.pid, row);
        rows.push(row);
      }
      rows.forEach((row, index) => { row.index = index; });
    }
    function fillRows(timeline) {
      for (const row of rows) Object.assign(row, { items: [], marks: [], holds: [] });
      order = stretches(timeline.slices, timeline.words);
      states = stretches(timeline.states, timeline.words);
      for (const slice of order) rows[slice.hart]?.items.push(slice);
      for (const state of states) rowOf.get(state.pid)?.items.push(state);
      // What is wrong has to be seen even where its process has no row.
      for (const mark of timeline.marks)
        (rowOf.get(mark.pid) ?? (mark.violation ? rows[0] : undefined))?.marks.push(mark);
      holds = stretches(timeline.holds, timeline.words);
      for (const hold of holds) rowOf.get(hold.pid)?.holds.push(hold);
      arrows = states.filter(s => s.state === "runnable" && s.waker && !s.merged);
      tellMarks(timeline);
    }

    // Colours: a hue for each container, a shade for each process in it.
    const HUES = [212, 28, 140, 330, 190, 265, 55, 0, 95, 300];
    const dark = matchMedia("(prefers-color-scheme: dark)");
    function colour(cid, pid) {
      const light = dark.matches ? 54 + pid * 7 % 16 : 36 + pid * 7 % 14;
      if (cid === 0) return `hsl(212 ${dark.matches ? 14 : 16}% ${light}%)`;
      return `hsl(${HUES[(cid - 1) % HUES.length]} ${dark.matches ? 62 : 68}% ${light}%)`;
    }
    let theme = {};
    function readTheme() {
      const style = getComputedStyle(document.documentElement);
      for (const name of ["paper", "ink", "faint", "rule", "row", "accent", "bad", "lock", "wait"])
        theme[name] = style.getPropertyValue("--" + name).trim();
      theme.isDark = dark.matches;
    }
    """#
}
