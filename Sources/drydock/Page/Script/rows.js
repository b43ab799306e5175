// Which rows the timeline has: of those that are wanted the ones that live in the window, and why a
// process has none.

// Rows: harts first, then what is counted and printed, then processes in the order of who forked
// whom. `bank` has the row of everybody of whom something is known, `rowOf` those that are shown.
let processes = new Map(), rows = [], rowOf = new Map(), last = 1n, chosen = null;
let order = [], states = [], holds = [], arrows = [], unseen = [], marks = [], idles = [];
let bank = new Map(), special = [], rest = null, counters = [], printed = [];
let coloursChosen = false;
// How many processes have rows at a time.
const MOST = 300, MANY = 60;
// The number of the host where it stands in for a process.
const HOST = -1;
// A process as sentences and labels have it: sh(2), or sh(9 c2:1) for the first in container 2.
const who = pid => {
  const process = processes.get(pid);
  if (pid === HOST) return "the host";
  return pid ? `${process?.name ?? "?"}(${process?.number ?? pid}${process?.place ? ` ${process.place}` : ""})` : "the machine";
};
const wanted = () => $("filter").value.trim().toLowerCase();
// Whether some are picked out of all.
const isPicking = () => $("which").value !== "all" || wanted() !== "";
function picker() {
  const which = $("which").value, text = wanted(), showsPlumbing = $("plumbing").checked;
  const pid = /^[0-9]+$/.test(text) && processes.has(Number(text)) ? Number(text) : null;
  return process => (showsPlumbing || !process.isPlumbing || pid === process.pid)
    && (which === "all" || (which === "in" ? process.cid !== 0
      : which === "alive" ? process.end === null : process.cid === Number(which)))
    && (text === "" || (pid !== null ? process.pid === pid
      : who(process.pid).toLowerCase().includes(text)));
}
// Processes that live in the window, until they are reaped.
let reaped = new Map();
const livesHere = process => process.start <= to && (process.end === null || process.end >= from
  || (reaped.get(process.pid) ?? from - 1n) >= from);
const bankRow = pid => {
  let row = bank.get(pid);
  if (!row) bank.set(pid, row = { pid, key: pid, items: [], marks: [], holds: [] });
  return row;
};
function makeRows() {
  special = [];
  for (let hart = 0; hart < data.harts; hart++)
    special.push({ hart, key: `hart ${hart}`, label: hartName(hart) });
  if (!data.lanes) special.push({ counter: "queue", key: "queue", label: "run queue" },
    { counter: "slots", key: "slots", label: "process slots" });
  if (printed.length) special.push({ console: true, key: "console", label: "console" });
  for (const row of special) Object.assign(row, { items: [], marks: [], holds: [] });
  layRows();
}
// Which rows there are: of those that are wanted the ones that live in the window and run longest. Of
// a long session the window's data say nothing about some of those who live in it.
function layRows() {
  // Processes of several machines have no rows.
  const isWanted = data.lanes ? () => false : picker(), all = data.processes.filter(isWanted);
  const isChosen = p => p.pid === chosen?.pid;
  const here = $("fold").checked ? all.filter(p => livesHere(p) || isChosen(p)) : all;
  let known = states.length
    ? here.filter(p => bank.has(p.pid) || isChosen(p) || !livesHere(p)) : here;
  // Of many, those that came and went within a pixel are together in one row.
  if ($("fold").checked && known.length > MANY) {
    const pixel = part(to - from, 1.5 / width());
    known = known.filter(p => p.end === null || isChosen(p)
      || larger(p.end, reaped.get(p.pid) ?? 0n) - p.start >= pixel);
  }
  const least = known.length > MOST
    ? known.map(p => p.ran).sort((a, b) => a < b ? 1 : a > b ? -1 : 0)[MOST - 1] : 0n;
  let room = MOST;
  const shown = known.filter(p => p.ran >= least && room-- > 0);
  const putBack = holdPlace(), before = rows.map(row => row.key).join();
  rows = [...special];
  rowOf = new Map();
  const depths = levelsOf(shown, () => true);
  for (const [index, process] of shown.entries()) {
    const row = bankRow(process.pid);
    Object.assign(row, { depth: depths[index], cid: process.cid, label: who(process.pid) });
    rowOf.set(process.pid, row);
    rows.push(row);
  }
  const others = here.length - shown.length;
  if (others > 0 && (rest?.parts.length || bank.size))
    rows.push({ rest: true, key: "rest", label: `${number(others)} others`, items: [], marks: [], holds: [] });
  rows.forEach((row, index) => { row.index = index; });
  chosen = rows.find(row => row.key === chosen?.key) ?? null;
  tellRows(all.length, here.length, shown.length);
  if (before === rows.map(row => row.key).join() && gathered === states) return;
  gathered = states;
  const isLeftOver = new Set(here.filter(p => !rowOf.has(p.pid)).map(p => p.pid));
  leftOver = isLeftOver.size ? states.filter(s => s.state === "running" && isLeftOver.has(s.pid)) : [];
  putBack();
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
function tellRows(all, here, shown) {
  const words = [], helpers = data.processes.filter(p => p.isPlumbing).length;
  if (data.processes.length < data.process_count)
    words.push(`The page knows ${number(data.processes.length)} of ${number(data.process_count)} processes.`);
  if (wanted() && all === 0) words.push(`No process is called \u201c${$("filter").value.trim()}\u201d.`);
  if (here < all)
    words.push(`${plural(all - here, "process", "processes")} that do not live in this window have no row.`);
  if (shown < here) words.push(`${number(shown)} of ${number(here)} processes have a row: those that can be `
    + "told apart here. The others are together in the last one; a filter or a narrower window shows them.");
  if (helpers && !$("plumbing").checked)
    words.push(`${plural(helpers, "process", "processes")} of the container manager are folded away.`);
  if (timelineCut !== null)
    words.push(`Too much is held here: some of it from ${number(timelineCut)} on is left out.`);
  tell("left-out", words.join(" "));
}
// Why a process has no row.
function rowless(pid) {
  const process = processes.get(pid);
  if (!pid || rowOf.has(pid) || !process) return "";
  return !picker()(process) ? `${who(pid)} is not among the rows that are chosen to be shown.`
    : $("fold").checked && !livesHere(process) ? `${who(pid)} does not live in this window.`
    : `${who(pid)} has no row here: it is among the others. A filter or a narrower window shows it.`;
}
let timelineCut = null;
function fillRows(timeline) {
  bank = new Map();
  order = stretches(timeline.slices, timeline.words);
  states = stretches(timeline.states, timeline.words);
  marks = markList(timeline.marks, timeline.words).sort(earlier);
  idles = (timeline.idles ?? []).map(([hart, start, end, count]) => [hart, exact(start), exact(end), count]);
  timelineCut = exactOrNull(timeline.cut);
  takeCounters(timeline);
  takeUses(timeline);
  takeHops(timeline);
  takeLines(timeline.events ?? data.events);
  reaped = new Map();
  for (const state of states) {
    bankRow(state.pid).items.push(state);
    if (state.state === "zombie") reaped.set(state.pid, state.end);
  }
  holds = stretches(timeline.holds, timeline.words);
  for (const hold of holds) bankRow(hold.pid).holds.push(hold);
  arrows = states.filter(s => s.state === "runnable" && s.waker && !s.merged);
  // Wakeups within what was put together.
  unseen = states.filter(s => s.merged && s.state !== "zombie");
  fillPriorities();
  makeRows();
  for (const slice of order) special[slice.hart]?.items.push(slice);
  // What is wrong has to be seen even where its process has no row.
  for (const mark of marks)
    (mark.sort === "violation" && !rowOf.has(mark.pid) ? special[0] : bankRow(mark.pid)).marks.push(mark);
  countViolations(timeline);
}
// Priorities are worth their place in the labels where they differ.
function fillPriorities() {
  const known = states.filter(s => s.priority !== null);
  const differ = new Set(known.map(s => s.priority)).size > 1;
  for (const row of bank.values()) row.priorities = [];
  if (differ) for (const { pid, priority } of known) {
    const of = bank.get(pid)?.priorities;
    if (of && !of.includes(priority)) of.push(priority);
  }
}
const priorityLabel = row => row.priorities?.length
  ? "p" + [...new Set([Math.min(...row.priorities), Math.max(...row.priorities)])].join("\u2013") : "";
