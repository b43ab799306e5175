// What the page was given: the session as a whole, and stretches and marks out of their columns. Times
// are BigInts, for a session may be longer than a script's numbers are exact.

"use strict";
let data = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const make = (tag, text, className) => {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = text;
  if (className) element.className = className;
  return element;
};
// Times and numbers that are texts because they are too large to be exact otherwise.
const exact = value => typeof value === "bigint" ? value
  : BigInt(typeof value === "string" ? value : Math.round(value));
const exactOrNull = value => value === null || value === undefined ? null : exact(value);
const smaller = (a, b) => a < b ? a : b, larger = (a, b) => a > b ? a : b;
const part = (time, factor) => BigInt(Math.round(Number(time) * factor));
const digits = new Intl.NumberFormat("en");
const number = value => digits.format(typeof value === "string" ? BigInt(value) : value)
  .replaceAll(",", "\u202f");
const plural = (count, word, words = word + "s") => `${number(count)} ${Number(count) === 1 ? word : words}`;
// What the row of a hart is called: in a comparison there are those of several machines.
const hartName = hart => data.lanes?.[hart] ?? `hart ${hart}`;
const STATES = ["runnable", "running", "blocked", "zombie"];

// The session as a whole.
function takeData(answer) {
  data = answer;
  for (const key of ["end", "busy_end", "tick"]) data[key] = exact(data[key]);
  data.window &&= data.window.map(exact);
  const { words, columns } = data.processes;
  data.processes = columns.pid.map((pid, i) => ({
    pid, name: words[columns.name[i]], place: words[columns.place[i]], cid: columns.cid[i], parent: columns.parent[i],
    depth: columns.depth[i], start: exact(columns.start[i]), end: exactOrNull(columns.end[i]),
    // Its own number, where those of several machines had to be told apart.
    number: columns.number?.[i] ?? pid,
    status: columns.status[i], ran: exact(columns.ran[i]), isPlumbing: columns.plumbing[i] === 1
  }));
  processes = new Map(data.processes.map(p => [p.pid, p]));
  last = larger(1n, data.busy_end);
  $("summary").textContent = data.summary;
  $("made").replaceChildren(...data.made.map(([name, value]) => {
    const pair = make("div");
    pair.append(make("dt", name), make("dd", value));
    return pair;
  }));
  // Where there are no containers, a colour for each process says more.
  if (!coloursChosen) $("by-process").checked = data.containers.length === 0;
  const helpers = data.processes.filter(p => p.isPlumbing).length;
  $("plumbing").parentElement.hidden = helpers === 0;
  fillChoice();
}

// Stretches come as columns: slices in rows of harts, states and holds in rows of processes.
function stretches(columns, words) {
  return (columns?.seq ?? []).map((seq, i) => {
    const start = exact(columns.start[i]), length = exact(columns.dur[i]);
    const state = STATES[columns.state[i]], ran = columns.ran[i];
    return {
      seq, start, end: start + length, pid: columns.pid[i], cid: columns.cid[i], state,
      hart: columns.hart[i], priority: columns.priority[i], why: words[columns.why[i]],
      object: columns.object[i], waker: columns.waker[i], ending: words[columns.ending[i]],
      endSeq: columns.endSeq[i], merged: columns.merged[i],
      ran: ran === null ? state === "running" ? length : 0n : exact(ran),
      waited: exactOrNull(columns.waited[i]) ?? (state === "runnable" ? length : 0n),
      calls: columns.calls[i]
    };
  });
}
// Marks come so too; each is a stretch without a length.
function markList(columns, words) {
  return (columns?.seq ?? []).map((seq, i) => {
    const time = exact(columns.time[i]);
    return { seq, start: time, end: time, pid: columns.pid[i], by: columns.by[i],
      count: columns.count[i], what: words[columns.what[i]], sort: words[columns.sort[i]] };
  });
}
// Those of a row in order of time.
const inOrder = row => [...row.items, ...row.marks].sort(earlier);
const earlier = (a, b) => a.start < b.start ? -1 : a.start > b.start ? 1 : a.seq - b.seq;
