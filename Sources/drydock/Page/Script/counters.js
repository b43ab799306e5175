// Rows that count (who waits for a hart, who has process slots), the console's row,
// and the row of all who have none of their own.

function takeCounters(timeline) {
  counters = (timeline.counters ?? []).map(c => ({ ...c, times: c.times.map(exact) }));
  const parts = timeline.rest;
  rest = parts && { count: parts.count, parts: parts.start.map((start, i) => ({
    start: exact(start), end: exact(parts.end[i]), ran: exact(parts.ran[i]) })) };
  const lines = timeline.console;
  printed = (lines?.seq ?? []).map((seq, i) => ({
    seq, printed: true, start: exact(lines.time[i]), end: exact(lines.end[i]), pid: lines.pid[i],
    isTyped: lines.typed[i] === 1, count: lines.count[i], text: lines.text[i] }));
}
const queue = () => counters.filter(c => c.cid === null);
const slots = () => counters.filter(c => c.cid !== null);
// What a counter's row can show at the most.
const slotsMost = () => Math.max(1, Math.min(data.slots, slots().reduce((sum, c) => sum + c.most, 0)));
const mostOf = row => row.counter === "slots" ? slotsMost() : Math.max(1, queue()[0]?.most ?? 1);
// How many there were at a time.
function countAt(counter, time) {
  let low = 0, high = counter.times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (counter.times[middle] <= time) low = middle + 1; else high = middle;
  }
  return low ? counter.values[low - 1] : 0;
}
function describeCounter(row, time) {
  const when = `At ${number(time)}`;
  if (row.counter === "queue") {
    const count = queue().length ? countAt(queue()[0], time) : 0;
    return `${when} ${plural(count, "process waits", "processes wait")} for a hart.`;
  }
  const held = slots().map(c => [c.cid, countAt(c, time)]).filter(([, count]) => count);
  const sum = held.reduce((all, [, count]) => all + count, 0);
  const each = held.map(([cid, count]) => {
    const allowed = data.containers.find(c => c.cid === cid)?.allowed;
    return cid ? `container ${cid}: ${count}${allowed ? ` of ${allowed}` : ""}` : `outside: ${count}`;
  });
  return `${when} ${sum} of ${data.slots} process slots are held; ${each.join(", ")}.`;
}
// For each pixel the most of a counter.
function profile(counter) {
  const found = new Float32Array(width());
  const end = Math.min(found.length, Math.ceil(x(smaller(data.end, to)) - LABEL));
  counter.times.forEach((time, index) => {
    const left = Math.max(0, Math.floor(x(time) - LABEL));
    const next = counter.times[index + 1];
    const right = Math.min(end, next === undefined ? end : Math.max(left + 1, Math.ceil(x(next) - LABEL)));
    for (let place = left; place < right; place++)
      found[place] = Math.max(found[place], counter.values[index]);
  });
  return found;
}
function paintCounter(row, y) {
  const below = new Float32Array(width()), high = BASE - 5, most = mostOf(row);
  for (const counter of row.counter === "slots" ? slots() : queue()) {
    const values = profile(counter);
    context.fillStyle = row.counter === "slots" ? slotColour(counter.cid) : theme.wait;
    for (let place = 0; place < values.length; place++) {
      if (!values[place]) continue;
      const bottom = y + BASE - 2 - Math.min(1, below[place] / most) * high;
      below[place] += values[place];
      const top = y + BASE - 2 - Math.min(1, below[place] / most) * high;
      context.fillRect(LABEL + place, top, 1, Math.max(0.6, bottom - top));
    }
  }
}
// Slots are held by containers, whatever else has colours.
const slotColour = cid => containerColour(cid, 1);

function paintConsole(y) {
  const middle = y + BASE / 2, wide = plotEnd();
  context.save();
  context.font = '11px ui-monospace, "DejaVu Sans Mono", monospace';
  let free = LABEL - 9;
  for (let index = firstStart(printed, from); index < printed.length; index++) {
    const line = printed[index], left = x(line.start);
    if (line.start > to) break;
    context.fillStyle = line.isTyped ? theme.accent : theme.faint;
    context.fillRect(left, y + 3, 1.5, BASE - 6);
    const next = printed[index + 1] ? x(printed[index + 1].start) : wide;
    if (left < free || Math.min(next, wide) - left < 24) continue;
    const text = entryText(line), room = Math.min(next, wide) - left - 8;
    const each = context.measureText("m").width, fits = Math.floor(room / each);
    if (fits < 3) continue;
    context.fillStyle = line.isTyped ? theme.accent : theme.ink;
    context.fillText(text.length > fits ? text.slice(0, fits - 1) + "\u2026" : text, left + 4, middle);
    free = left;
  }
  context.restore();
}
const entryText = line => (line.isTyped ? "\u203a " : "") + line.text.replace(/\\n$/, "")
  + (line.count > 1 ? ` (+${line.count - 1})` : "");
function describePrinted(line) {
  return `${line.isTyped ? "Typed" : `${who(line.pid)} prints`} at ${number(line.start)}: `
    + `\u201c${line.text}\u201d` + (line.count > 1
      ? `; the mark stands for ${number(line.count)} lines, of which this is the first.` : ".");
}
// The first of a list that starts at a time or later.
function firstStart(items, time) {
  let low = 0, high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].start < time) low = middle + 1; else high = middle;
  }
  return low;
}

// What those ran of whom the page knows more than it shows.
let leftOver = [], gathered = null;
function paintRest(y) {
  const density = new Float64Array(width());
  for (const { start, end, ran } of [...rest?.parts ?? [], ...leftOver])
    if (end >= from && start <= to)
      spread(density, x(start) - LABEL, x(end) - LABEL, Number(ran) / Number(end - start || 1n));
  context.fillStyle = theme.edge;
  density.forEach((value, place) => {
    if (value < 0.002) return;
    context.globalAlpha = 0.25 + 0.75 * Math.min(1, value);
    context.fillRect(LABEL + place, y + 3, 1, BASE - 7);
  });
  context.globalAlpha = 1;
}
// Adds to each pixel its share of something.
function spread(density, left, right, full) {
  right = Math.max(right, left + 0.05);
  for (let place = Math.max(0, Math.floor(left)); place < Math.min(density.length, right); place++)
    density[place] += full * (Math.min(right, place + 1) - Math.max(left, place));
}
