// Calls and accesses to shared pages, out of the events' lines. They are there where
// the window is narrow enough for them to be drawn one by one.

// Times come as differences, and what follows the time is there once.
let lines = null, details = [], detailsOf = new Map(), detailsKey = "";
function takeLines(events) {
  if (events && lines?.source === events) return;
  lines = null;
  detailsKey = "";
  if (!events) return;
  let time = 0n;
  lines = { source: events, first: events.first, words: events.words, values: events.values,
    times: events.times.map(difference => time += exact(difference)), parsed: new Map() };
}
const valuesAt = index => lines.values.texts[lines.values.order[index]].split("\t");
// What follows the time in a line.
function lineText(index) {
  const values = valuesAt(index);
  return lines.words.texts[lines.words.order[index]].replace(/=/g, () => "=" + values.shift());
}
function eventLine(seq) {
  const index = seq - (lines?.first ?? 1);
  if (!lines || !(index in lines.times)) return undefined;
  return `${String(seq).padStart(8)} ${String(lines.times[index]).padStart(12)}`
    + lineText(index);
}
// What a line says: hart, process, container, kind, and the kind's own fields.
function parse(index) {
  const word = lines.words.order[index];
  if (!lines.parsed.has(word)) {
    const [hart, pid, cid, kind, ...names] = lines.words.texts[word].trim().split(/\s+/);
    lines.parsed.set(word, { hart: Number(hart), pid: Number(pid), cid: Number(cid), kind,
      names: names.map(name => name.slice(0, -1)) });
  }
  const line = lines.parsed.get(word);
  if (!["call", "return", "shm_access"].includes(line.kind)) return line;
  const values = valuesAt(index).map(value => value.replace(/^"(.*)"$/s, "$1"));
  return { ...line, fields: Object.fromEntries(line.names.map((name, i) => [name, values[i]])) };
}
// The first event at a time or later.
function lineAt(time) {
  let low = 0, high = lines.times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines.times[middle] < time) low = middle + 1; else high = middle;
  }
  return low;
}
// The calls and accesses from one time to another; nothing if they are too many.
function detailsBetween(start, end, most) {
  if (!lines) return null;
  const first = lineAt(start), final = lineAt(end + 1n);
  // Of a window that the lines do not cover nothing is known.
  const isAll = data.known <= lines.first + lines.times.length - 1;
  const covers = (lines.first === 1 || lines.times[0] <= start || loaded?.from <= start)
    && (isAll || (lines.times.at(-1) ?? 0n) >= end || loaded?.to >= end);
  if (!covers || final - first > most) return null;
  const found = [], pending = new Map();
  for (let index = first; index < final; index++) {
    const line = parse(index), time = lines.times[index], seq = lines.first + index;
    const { pid, kind, fields } = line;
    if (kind === "call" || kind === "return") {
      const before = kind === "return" ? pending.get(pid) : null;
      if (before) Object.assign(before, { end: time, isOpen: false, fields, endSeq: seq });
      else {
        const isOpen = fields.why === "pending";
        const item = { detail: "call", seq, start: kind === "return" ? start : time,
          end: isOpen ? end : time, pid, cid: line.cid, isOpen, fields, name: fields.number };
        if (isOpen) pending.set(pid, item);
        found.push(item);
      }
      if (kind === "return") pending.delete(pid);
    } else if (kind === "exit" && pending.has(pid)) {
      // Nobody comes back from there.
      pending.get(pid).end = time;
      pending.delete(pid);
    } else if (kind === "shm_access")
      found.push({ detail: "access", seq, start: time, end: time, pid, cid: line.cid, fields,
        isStore: fields.store !== "0" });
  }
  return found.sort(earlier);
}
// Those of the window that is in sight.
function findDetails() {
  const key = `${from} ${to} ${width()}`;
  if (key === detailsKey) return;
  detailsKey = key;
  details = detailsBetween(from, smaller(to, data.end), 4000) ?? [];
  if (details.length > Math.max(150, width() * 0.9)) details = [];
  detailsOf = new Map();
  for (const item of details) {
    if (!detailsOf.has(item.pid)) detailsOf.set(item.pid, []);
    detailsOf.get(item.pid).push(item);
  }
}
// A row is higher where calls and accesses have their own line in it.
function fitRows() {
  findDetails();
  const high = details.length ? TALL : BASE;
  if (ROW === high) return;
  const putBack = holdPlace();
  ROW = high;
  putBack();
  fillLegend();
}
function describeDetail(item) {
  const { fields } = item, name = who(item.pid);
  if (item.detail === "access")
    return `${name} ${item.isStore ? "stores" : "loads"} ${fields.value} `
      + `(${plural(fields.size, "byte")}) ${item.isStore ? "to" : "from"} ${fields.address}`
      + `${fields.name ? ` of shared page \u201c${fields.name}\u201d` : ""}, at ${number(item.start)}`
      + `${fields.pc ? `, pc ${fields.pc}` : ""}.`;
  const words = [fields.arg0, fields.arg1, fields.arg2].join(", ");
  const result = item.isOpen ? "has not come back yet"
    : fields.why && fields.why !== "none" ? `refused: ${fields.why}` : `= ${fields.value}`;
  return `${name} calls ${item.name}(${words}) ${result}, at ${number(item.start)}`
    + (item.end > item.start ? ` to ${number(item.end)} (${number(item.end - item.start)})` : "") + ".";
}

const isRefused = item => item.detail === "call" && !item.isOpen && item.fields.why
  && item.fields.why !== "none";
function paintCall(pen, left, right, y, refused) {
  pen.fillStyle = refused ? theme.bad : theme.edge;
  pen.fillRect(left, y, 2, 10);
  if (right > left + 3) pen.fillRect(left, y + 9, right - left, 1);
}
// A store stands on the line of accesses, a load hangs below it; those of both sorts stay apart
// however near they are.
function paintAccess(pen, place, y, isStore, wide = 2) {
  const left = Math.round(place - wide / 2);
  pen.fillStyle = theme.accent;
  pen.fillRect(left, isStore ? y - 1 : y + 5, wide, 6);
  pen.globalAlpha = 0.6;
  pen.fillRect(left - 3, y + 5, wide + 6, 1);
  pen.globalAlpha = 1;
}
function paintDetails(row, y) {
  const all = detailsOf.get(row.pid);
  if (!all) return;
  const top = y + BASE - 1;
  context.save();
  context.font = '10px system-ui, "DejaVu Sans", sans-serif';
  let painted = -9;
  const before = { true: -9, false: -9 };
  all.forEach((item, index) => {
    const left = x(item.start), right = x(item.end);
    if (item.detail === "access") {
      paintAccess(context, left, top, item.isStore, left - before[item.isStore] < 4 ? 1 : 2);
      before[item.isStore] = left;
    } else paintCall(context, left, right, top, isRefused(item));
    const text = item.detail === "access" ? item.fields.value : item.name;
    const next = all[index + 1] ? x(all[index + 1].start) : plotEnd();
    const place = Math.max(left, LABEL) + (item.detail === "access" ? 7 : 4);
    if (place < painted || place + context.measureText(text).width > next - 4) return;
    context.fillStyle = isRefused(item) ? theme.bad : theme.ink;
    context.fillText(text, place, top + 5);
    painted = place + context.measureText(text).width;
  });
  context.restore();
}
