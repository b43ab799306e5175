// The window of the timeline and its layout. The canvas is as tall as what is in
// view; axis and harts stay at its top while the rows of processes scroll below them.

const canvas = $("canvas"), context = canvas.getContext("2d"), scroller = $("scroller");
// A row, and a process's row with calls and accesses in it; the axis has instructions and ticks.
const BASE = 19, TALL = 32, TOP = 38;
let ROW = BASE;
// A mark is so much wider than its moment: at an end of the plot it stands out of it.
const OVERHANG = 6;
// How many harts stay in sight, at the most.
const PINNED = 8;
// How wide the labels are; a narrow window has less room for them.
let LABEL = 190;
// How many instructions are shown of what would be too narrow.
const NEAR = 20000n;
let from = 0n, to = 1n, selected = null, cursor = null, pending = false, printing = false;
// Up to where the session has been read; what comes later is not drawn yet.
let readTo = null;
const width = () => Math.max(20, canvas.clientWidth - LABEL - 8);
// Time is drawn from LABEL to here, whatever it is that is drawn.
const plotEnd = () => LABEL + width();
// Differences are small enough to be numbers once they are those of a window. How many pixels an
// instruction has is asked for often, and changes with the window only.
let scale = 1;
const measure = () => { scale = width() / Number(to - from); };
const x = time => LABEL + Number(time - from) * scale;
const timeAt = place => from + part(to - from, (place - LABEL) / width());

function clampWindow() {
  const most = larger(data.end, last) * 102n / 100n + 1n;
  const span = smaller(larger(to - from, 20n), larger(most, 20n));
  from = larger(smaller(larger(from, -span / 50n), most - span), -span / 50n);
  to = from + span;
  measure();
}
function show(a, b) {
  [from, to] = [exact(a), exact(b)];
  clampWindow();
  if (!isPointed) layRows();
  draw();
  ask();
}
// While a finger or a button is down, rows stay where they are.
let isPointed = false;
// All that the page shows: a window, if that was wanted, or where something happens.
const whole = () => data.window ?? [0n, last * 101n / 100n];
function showAll() { show(...whole()); }
function middle() {
  const isInView = selected && selected.end >= from && selected.start <= to;
  return isInView ? smaller(larger((selected.start + selected.end) / 2n, from), to)
    : (from + to) / 2n;
}
function zoom(factor, at = middle()) {
  show(at - part(at - from, factor), at + part(to - at, factor));
}
function pan(share) {
  const by = part(to - from, share);
  show(from + by, to + by);
}

// Where rows are on the canvas.
const scrolled = () => printing ? 0 : scroller.scrollTop;
const isPinned = row => row.index < Math.min(data.harts, PINNED);
const headEnd = () => TOP + Math.min(data.harts, PINNED) * BASE;
// Harts and what is counted and printed come first, and have no calls in them.
const heightAt = index => index < special.length ? BASE : ROW;
const rowHeight = row => heightAt(row.index);
const topAt = index => TOP + Math.min(index, special.length) * BASE
  + Math.max(0, index - special.length) * ROW;
const rowTop = row => topAt(row.index) - (isPinned(row) ? 0 : scrolled());
function rowAt(y) {
  if (y < TOP) return undefined;
  const down = y + (y < headEnd() ? 0 : scrolled()), below = topAt(special.length);
  return rows[down < below ? Math.floor((down - TOP) / BASE)
    : special.length + Math.floor((down - below) / ROW)];
}
// Whether any of it is in view.
function isInSight(row) {
  const top = rowTop(row);
  return isPinned(row) || top + rowHeight(row) > headEnd() && top < canvas.clientHeight;
}
// Scrolls, if it has to, so that a row can be seen.
function revealRow(row) {
  if (!row || isPinned(row)) return;
  const top = rowTop(row), high = scroller.clientHeight;
  if (top >= headEnd() && top + rowHeight(row) <= high) return;
  // In the middle, below whole rows.
  const wanted = scroller.scrollTop + top - (headEnd() + high) / 2;
  const first = rows.find(other => topAt(other.index) - headEnd() >= wanted);
  scroller.scrollTop = first ? topAt(first.index) - headEnd() : wanted;
}
// Whose row has to be seen, or why there is none has to be said. Until all of the window is there,
// other rows may still come above it.
let wantedRow = null;
function revealWanted() {
  if (wantedRow === null) return;
  revealRow(rowOf.get(wantedRow));
  if (!isSettled()) return;
  const why = rowless(wantedRow);
  if (why) $("detail").append(make("p", why, "note"));
  wantedRow = null;
}
// Before rows change: gives what keeps the one at the top in its place afterwards.
function holdPlace() {
  const top = rows.find(row => !isPinned(row) && rowTop(row) >= headEnd() - ROW / 2);
  const offset = top ? rowTop(top) : 0;
  return () => {
    $("rows").style.height = topAt(rows.length) + "px";
    const same = rows.find(row => row.key === top?.key);
    if (same && scroller.scrollTop > 0) scroller.scrollTop += rowTop(same) - offset;
  };
}
function fitCanvas() {
  // No row is cut in half by the lower edge.
  const room = Math.min(Math.max(560, innerHeight * 0.45), innerHeight * 0.52);
  let count = rows.length;
  while (count > 1 && topAt(count) > room) count--;
  const isAll = count === rows.length, most = isAll ? "none" : topAt(count) + 2 + "px";
  if (scroller.style.maxHeight !== most) scroller.style.maxHeight = most;
  const ratio = devicePixelRatio || 1, all = topAt(rows.length) + (isAll ? 8 : 0);
  $("rows").style.height = all + "px";
  const wide = canvas.clientWidth, high = printing ? all : Math.min(all, scroller.clientHeight);
  if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
    canvas.style.height = high + "px";
    canvas.width = Math.round(wide * ratio);
    canvas.height = Math.round(high * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return [wide, high];
}

function draw() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => { pending = false; paint(); });
}

// The first stretch that ends after `time`.
function firstAfter(items, time) {
  let low = 0, high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].end < time) low = middle + 1; else high = middle;
  }
  return low;
}

function paint() {
  // A browser may tell of the change only after it has been seen here.
  if (theme.isDark !== dark.matches) changeTheme();
  LABEL = canvas.clientWidth < 560 ? 120 : 190;
  measure();
  fitRows();
  const [wide, high] = fitCanvas(), head = headEnd();
  revealWanted();
  context.fillStyle = theme.paper;
  context.fillRect(0, 0, wide, high);
  context.font = '12px system-ui, "DejaVu Sans", sans-serif';
  context.textBaseline = "middle";
  paintAxis(wide, high);
  within(0, head, wide, high, () => {
    const seen = rows.filter(row => !isPinned(row) && isInSight(row));
    for (const row of seen) paintGround(row, wide);
    // Below what they connect, for they are many.
    within(LABEL, head, plotEnd(), high, paintArrows);
    for (const row of seen) paintRow(row);
    // Above what they connect, for each says something of its own.
    within(LABEL, head, plotEnd(), high, paintHops);
  });
  for (const row of rows.filter(isPinned)) {
    paintGround(row, wide);
    paintRow(row);
  }
  context.fillStyle = theme.edge;
  context.fillRect(0, head - 1, wide, 1);
  paintMore(wide, high);
  for (const row of rows) {
    if (!selected || !isInSight(row)) continue;
    within(LABEL - OVERHANG, isPinned(row) ? TOP - 4 : head, plotEnd() + OVERHANG, high,
      () => paintSelection(row));
  }
  paintRange(high);
  paintUnread(high);
  tell("window", `${number(larger(0n, from))} to ${number(to)}`);
  tellMarks();
  paintMinimap();
  paintUses();
  keepAddress();
}
// Says it anew only if it is new, for somebody may be listening.
function tell(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}
function changeTheme() {
  readTheme();
  fillLegend();
  fillTree();
  draw();
}
// Paints on a part of the canvas only.
function within(left, top, right, bottom, paintIt) {
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  paintIt();
  context.restore();
}

function paintAxis(wide, high) {
  const target = larger(1n, part(to - from, 1 / Math.max(2, width() / 110)));
  const power = 10n ** BigInt(String(target).length - 1);
  let step = [1n, 2n, 5n, 10n].map(m => m * power).find(s => s >= target), free = LABEL;
  const line = time => Math.round(x(time)) + 0.5;
  const room = time =>
    Math.max(...[number(time), inTicks(time)].map(text => context.measureText(text).width)) + 3;
  // The first of the lines has room for a label beside it.
  const first = () => larger(0n, (from + step - 1n) / step * step);
  while (step > 1n && line(first()) + room(first()) > wide) step /= 2n;
  context.fillStyle = theme.faint;
  context.fillText("instructions", 11, 11);
  context.fillText(shortened(`ticks of ${number(data.tick)}`, LABEL - 20), 11, 26);
  for (let tick = first(); tick <= to; tick += step) {
    const place = line(tick);
    context.strokeStyle = theme.rule;
    context.beginPath();
    context.moveTo(place, TOP - 6);
    context.lineTo(place, high);
    context.stroke();
    // A label without room beside its line is left out.
    const end = place + room(tick);
    if (place < free || end > wide) continue;
    context.fillStyle = theme.faint;
    context.fillText(number(tick), place + 3, 11);
    context.fillText(inTicks(tick), place + 3, 26);
    free = end + 4;
  }
}
// A shadow where there are more rows above or below.
function paintMore(wide, high) {
  const shade = (top, bottom) => {
    const ink = context.createLinearGradient(0, top, 0, bottom);
    ink.addColorStop(0, theme.edge);
    ink.addColorStop(1, theme.edge + "00");
    context.globalAlpha = 0.5;
    context.fillStyle = ink;
    context.fillRect(0, Math.min(top, bottom), wide, Math.abs(bottom - top));
    context.globalAlpha = 1;
  };
  if (scrolled() > 0) shade(headEnd(), headEnd() + 9);
  if (scrolled() + high < topAt(rows.length)) shade(high, high - 9);
}
const inTicks = time => (share => share.endsWith("000") ? number(share.slice(0, -3) || "0")
  : number(share.slice(0, -3) || "0") + "." + share.slice(-3).replace(/0+$/, ""))(
  String(time * 1000n / data.tick).padStart(4, "0"));
