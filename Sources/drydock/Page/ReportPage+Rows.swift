// The page's script: what it was given, as rows of stretches and marks.

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
    // Marks come so too; each is a stretch without a length.
    function markList(columns, words) {
      return (columns?.seq ?? []).map((seq, i) => ({
        seq, start: columns.time[i], end: columns.time[i], pid: columns.pid[i], by: columns.by[i],
        count: columns.count[i], what: words[columns.what[i]], sort: words[columns.sort[i]]
      }));
    }
    // Those of a row in order of time.
    const inOrder = row => [...row.items, ...row.marks].sort(earlier);
    const earlier = (a, b) => a.start - b.start || a.seq - b.seq;

    // Rows: harts first, then processes in the order of who forked whom.
    let processes = new Map(), rows = [], rowOf = new Map(), last = 1, chosen = null;
    let order = [], states = [], holds = [], arrows = [], unseen = [], marks = [];
    const who = pid => pid ? `${processes.get(pid)?.name ?? "?"}(${pid})` : "the machine";
    const isWanted = process => {
      const wanted = $("which").value;
      return wanted === "all" || (wanted === "in" ? process.cid !== 0
        : wanted === "alive" ? process.end === null : process.cid === Number(wanted));
    };
    function makeRows() {
      processes = new Map(data.processes.map(p => [p.pid, p]));
      fillChoice();
      rows = [];
      rowOf = new Map();
      last = Math.max(1, data.busy_end);
      for (let hart = 0; hart < data.harts; hart++)
        rows.push({ hart, key: `hart ${hart}`, label: `hart ${hart}` });
      for (const process of data.processes) {
        if (!process.shown || !isWanted(process)) continue;
        const row = { pid: process.pid, key: process.pid, depth: process.depth, cid: process.cid,
          label: who(process.pid) };
        rowOf.set(process.pid, row);
        rows.push(row);
      }
      rows.forEach((row, index) => Object.assign(row, { index, items: [], marks: [], holds: [] }));
      chosen = rows.find(row => row.key === chosen?.key) ?? null;
    }
    // Which rows there can be.
    function fillChoice() {
      const choices = [["all", "All processes"], ["in", "In containers"], ["alive", "Not ended"],
        ...data.containers.map(c => [String(c.cid), `Container ${c.cid}`])];
      const select = $("which"), before = select.value;
      if (select.options.length === choices.length) return;
      select.replaceChildren(...choices.map(([value, text]) => {
        const option = make("option", text);
        option.value = value;
        return option;
      }));
      if (choices.some(c => c[0] === before)) select.value = before;
    }
    function tellRows(cut) {
      const all = data.process_count, withRow = data.processes.filter(p => p.shown).length;
      const words = [];
      if (withRow < all)
        words.push(`${number(withRow)} of ${number(all)} processes have a row: those that ran longest.`);
      if (typeof cut === "number")
        words.push(`There are too many processes here: some stretches from ${number(cut)} on are left out. `
          + (data.served ? "Zoom in to see them."
            : `drydock report ${data.command_file} --from ${cut} shows them.`));
      $("left-out").textContent = words.join(" ");
    }
    // Why a process has no row.
    const rowless = pid => !pid || rowOf.has(pid) ? "" : processes.get(pid)?.shown
      ? `${who(pid)} is not among the rows that are chosen to be shown.`
      : `${who(pid)} has no row: only those that ran longest have one.`;
    function fillRows(timeline) {
      for (const row of rows) Object.assign(row, { items: [], marks: [], holds: [] });
      order = stretches(timeline.slices, timeline.words);
      states = stretches(timeline.states, timeline.words);
      marks = markList(timeline.marks, timeline.words).sort(earlier);
      for (const slice of order) rows[slice.hart]?.items.push(slice);
      for (const state of states) rowOf.get(state.pid)?.items.push(state);
      // What is wrong has to be seen even where its process has no row.
      for (const mark of marks)
        (rowOf.get(mark.pid) ?? (mark.sort === "violation" ? rows[0] : undefined))?.marks.push(mark);
      holds = stretches(timeline.holds, timeline.words);
      for (const hold of holds) rowOf.get(hold.pid)?.holds.push(hold);
      arrows = states.filter(s => s.state === "runnable" && s.waker && !s.merged);
      // Wakeups within what was put together.
      unseen = states.filter(s => s.merged && s.state !== "zombie");
      fillPriorities();
      tellRows(timeline.cut);
      countViolations(timeline);
    }
    // Priorities are worth their place in the labels where they differ.
    function fillPriorities() {
      const known = states.filter(s => s.priority !== null);
      const differ = new Set(known.map(s => s.priority)).size > 1;
      for (const row of rows) row.priorities = [];
      if (differ) for (const { pid, priority } of known) {
        const of = rowOf.get(pid)?.priorities;
        if (of && !of.includes(priority)) of.push(priority);
      }
    }
    const priorityLabel = row => row.priorities?.length
      ? "p" + [...new Set([Math.min(...row.priorities), Math.max(...row.priorities)])].join("\u2013") : "";
    """#
}
