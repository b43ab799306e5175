// What a stretch, a mark, an event or a moment is, in words.

// The number of an event that is shown and is no stretch's.
let marked = null;
// What a stretch or a mark is, in words, with the rows of its events.
function select(item) {
  selected = item;
  marked = null;
  const detail = $("detail"), words = make("p", describe(item));
  words.id = "selected";
  detail.replaceChildren(words);
  for (const seq of new Set([item.seq, item.endSeq])) if (seq && !item.merged) addEvent(detail, seq);
  draw();
}
// Mutexes held by a process, or held at all, at some time of a stretch.
function holdsDuring(item, isWanted) {
  return holds.filter(h => h.start < item.end && h.end > item.start && !h.merged && isWanted(h));
}
const mutex = hold => `mutex ${hold.object}${hold.why ? ` "${hold.why}"` : ""}`;
const unique = texts => [...new Set(texts)].join(", ");
function describeMark(mark) {
  return (mark.sort === "violation" ? "" : `${who(mark.pid)}: `) + mark.what + (mark.by ? ` by ${who(mark.by)}` : "") + (mark.count > 1
    ? `; the mark stands for ${number(mark.count)} events near each other, of which this is the first`
    : "") + ".";
}
function describe(item) {
  if (item.sort) return describeMark(item);
  if (item.hop) return describeHop(item);
  if (item.detail) return describeDetail(item);
  if (item.printed) return describePrinted(item);
  const held = item.merged ? [] : holdsDuring(item, h => h.pid === item.pid);
  return describeState(item) + (held.length ? ` It holds ${unique(held.map(mutex))}.` : "");
}
function describeState(item) {
  if (item.merged) return `${number(item.merged)} short stretches from ${number(item.start)} to `
    + `${number(item.end)}, the longest of ${who(item.pid)}. `
    + (data.lanes ? "" : data.served ? "Zoom in to see them."
      : `The recording has them all: drydock report ${data.command_file} --from ${item.start} --to ${item.end}`)
      + (item.calls ? ` ${plural(item.calls, "call")} in them.` : "");
  const time = `from ${number(item.start)} to ${number(item.end)} (${number(item.end - item.start)})`;
  const priority = item.priority === null ? "" : `, at priority ${item.priority}`;
  const container = item.cid ? `, in container ${item.cid}` : "";
  const name = who(item.pid);
  switch (item.state) {
  case "running":
    return `${name} runs on ${hartName(item.hart)} ${time}${priority}${container}; `
      + (item.ending ? `then: ${item.ending}.`
        : item.end >= data.end ? "to the session's end." : "and longer.")
      + (item.calls ? ` It makes ${plural(item.calls, "call")}.` : "");
  case "runnable":
    return `${name} waits for a hart ${time}${priority}${container}, `
      + (item.why ? `after it had to give up its own (${item.why}).`
        : item.waker ? `made runnable by ${who(item.waker)}.` : "woken by the machine.");
  case "blocked":
    return `${name} is blocked ${time}${priority}${container}, on: ${item.why}${blockedOn(item)}.`
    + inverted(item);
  default: return `${name} has exited and waits to be reaped ${time}${container}.`;
  }
}
function blockedOn(item) {
  if (item.why !== "mutex") return item.object ? ` ${number(item.object)}` : "";
  const others = holdsDuring(item, h => h.object === item.object && h.pid !== item.pid);
  const name = others[0]?.why ? ` "${others[0].why}"` : "";
  return ` ${item.object}${name}`
    + (others.length ? `, held by ${unique(others.map(h => who(h.pid) + priorityAt(h.pid, item.start)))}` : "");
}
function priorityAt(pid, time) {
  const state = states.find(s => s.pid === pid && s.start <= time && s.end >= time);
  return state && state.priority !== null && !state.merged ? ` at priority ${state.priority}` : "";
}
function inverted(item) {
  const found = inversions.find(i => i.pid === item.pid && i.start < item.end && i.end > item.start);
  return found ? ` An unbounded inversion: for ${number(found.between)} of that time others of a `
    + `priority in between ran, at last ${found.culprit}.` : "";
}
function selectEvent(seq) {
  cursor = null;
  const item = order.find(s => s.seq === seq && !s.merged)
    || states.find(s => s.seq === seq && !s.merged);
  if (item) {
    select(item);
    reveal(item.start, item.end);
    revealRowOf(item.pid);
  } else {
    selected = null;
    marked = seq;
    $("detail").replaceChildren();
    return addEvent($("detail"), seq, true);
  }
}
// Moves the window, if it has to, so that a stretch is in it and wide enough to be seen.
function reveal(start, end = start) {
  const isIn = start >= from && start <= to, isWide = x(end) - x(start) > 3;
  if (isIn && (isWide || to - from <= NEAR)) return;
  const half = (isWide ? to - from : larger(NEAR, (end - start) * 20n)) / 2n;
  const middle = isWide ? start : (start + end) / 2n;
  show(middle - half, middle + half);
}
// Scrolls to a process's row, or says why there is none.
function revealRowOf(pid) {
  wantedRow = pid;
  draw();
}
function mark(time) {
  cursor = time;
  reveal(time);
  draw();
}
// An event's line begins with its number, time, hart and process.
function markEvent(line) {
  const [, time, , pid] = line.trim().split(/ +/);
  mark(BigInt(time));
  revealRowOf(Number(pid));
}
function stepTo(item) {
  if (!item) return;
  select(item);
  revealRowOf(item.pid);
  if (item.start < from || item.end > to) {
    const span = larger(to - from, (item.end - item.start) * 2n), at = (item.start + item.end) / 2n;
    show(at - span / 2n, at + span / 2n);
  }
}
// Goes to a stretch or a mark of the row that is chosen, or to a mark in any row.
const isAhead = (item, direction) => direction * (selected
  ? earlier(item, selected) : item.start < from ? -1 : item.start > from ? 1 : direction) > 0;
const nearest = (items, direction) =>
  direction > 0 ? items.find(i => isAhead(i, 1)) : items.findLast(i => isAhead(i, -1));
function stepInRow(direction) {
  const row = chosen;
  return stepAmong(timeline => {
    const own = item => row.hart === undefined ? item.pid === row.pid : item.hart === row.hart;
    const items = row.hart === undefined ? timeline.states : timeline.slices;
    return { items: items.filter(own), marks: timeline.marks.filter(m => m.pid === row.pid) };
  }, direction);
}
const stepMark = direction =>
  stepAmong(timeline => ({ items: [], marks: timeline.marks }), direction);
async function stepAmong(pick, direction) {
  const found = nearest(inOrder(pick({ slices: order, states, marks })), direction)
    ?? nearest(inOrder(pick(await beyond(direction))), direction);
  if (found) stepTo(found);
  else tellEdge(direction > 0 ? "There is nothing later here." : "There is nothing earlier here.");
}
function tellEdge(text) {
  $("edge")?.remove();
  const words = make("p", text, "note");
  words.id = "edge";
  $("detail").append(words);
}
function choose(row) {
  chosen = row ?? null;
  wantedRow = null;
  revealRow(row);
  draw();
}
function chooseNext(direction) {
  const index = chosen ? chosen.index + direction : direction > 0 ? 0 : rows.length - 1;
  if (!rows[index]) return;
  choose(rows[index]);
  describeRow();
}
function describeRow(time = (from + to) / 2n) {
  selected = null;
  const row = chosen, process = processes.get(row.pid);
  if (row.counter || row.console || row.rest) {
    $("detail").replaceChildren(make("p", row.counter ? describeCounter(row, time)
      : row.console ? "The console: what was printed and, after \u203a, what was typed."
      : `${row.label}: those who ran less than the ones above, together.`));
    return;
  }
  const priorities = row.priorities?.length
    ? `, at priority ${row.priorities.toSorted((a, b) => a - b).join(", ")} (0 goes first)` : "";
  $("detail").replaceChildren(make("p", row.label + priorities
    + (process?.cid ? `, in container ${process.cid}` : "")
    + ": n and p go through its stretches and marks, Escape leaves the row."));
}
function leaveRow() {
  choose(null);
  $("detail").replaceChildren(make("p", "No row is chosen: n and p go through all run slices."));
}
// Who was on each hart at a time, in words; idle harts come as hart, start, end and how many stretches
// were put together.
function describeTime(time, slices, idles) {
  selected = null;
  marked = null;
  const without = hart => {
    const idle = idles.find(i => i[0] === hart && i[1] <= time && i[2] > time);
    return !idle ? "switching" : idle[3] ? "idle or switching" : "idle";
  };
  const detail = $("detail");
  detail.replaceChildren(make("p", `At ${number(time)}:`));
  if (time > data.end) {
    detail.replaceChildren(make("p", `The session ends at ${number(data.end)}.`));
  } else if (data.window && (time < data.window[0] || time > data.window[1])) {
    detail.replaceChildren(make("p", `At ${number(time)}: outside of the window of this page.`));
  } else for (let hart = 0; hart < data.harts; hart++) {
    const item = slices.find(s => s.hart === hart && s.start <= time && s.end >= time);
    detail.append(make("p", item ? describe(item) : data.lanes ? `On ${hartName(hart)} nobody runs.`
      : `Hart ${hart} is ${without(hart)}.`));
  }
  draw();
}
