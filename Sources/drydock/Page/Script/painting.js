// Paints rows, who woke whom, and what is selected; only what is in view, and never
// more than one stretch a pixel.

function paintGround(row, wide) {
  if (row.index % 2 === 0) return;
  context.globalAlpha = 0.5;
  context.fillStyle = theme.row;
  context.fillRect(0, rowTop(row), wide, rowHeight(row));
  context.globalAlpha = 1;
}
function paintRow(row) {
  const y = rowTop(row), bottom = y + rowHeight(row), placed = placesOfMarks(row);
  within(LABEL, y, plotEnd(), bottom, () => {
    if (row.counter) paintCounter(row, y);
    else if (row.console) paintConsole(y);
    else if (row.rest) paintRest(y);
    else paintLine(row, y, placed.map(([place]) => place).sort((a, b) => a - b));
  });
  within(LABEL - OVERHANG, y, plotEnd() + OVERHANG, bottom, () => {
    for (const [place, sort] of placed) paintMark(context, sort, place, y);
  });
  paintLabel(row, y);
}
// Where marks are drawn, sort by sort; one that would cover its neighbour says no more than that.
function placesOfMarks(row) {
  const found = [];
  for (const sort of SORTS) {
    let painted = -9;
    for (let i = firstAfter(row.marks, from); i < row.marks.length; i++) {
      const mark = row.marks[i];
      if (mark.start > to) break;
      if (mark.sort !== sort) continue;
      const place = x(mark.start);
      if (place < painted + 9 && sort !== "violation") continue;
      painted = place;
      found.push([place, sort]);
    }
  }
  return found;
}
// `covered` has the places of the marks, from left to right.
function paintLine(row, y, covered) {
  let painted = -1, ran = -1;
  for (let i = firstAfter(row.items, from); i < row.items.length; i++) {
    const item = row.items[i];
    if (item.start > to) break;
    const left = x(item.start), right = Math.max(x(item.end), left + 0.75);
    // Of what shares a pixel only what runs is worth it, and of that a few.
    if (right < painted + 0.5 && item.state !== "running" || right < ran + 0.25) continue;
    if (item.state === "running") ran = right;
    paintItem(item, left, right, y, covered);
    painted = Math.max(painted, right);
  }
  for (const hold of row.holds) {
    if (hold.start > to || hold.end < from) continue;
    const left = x(hold.start);
    context.fillStyle = theme.lock;
    context.fillRect(left, y + BASE - 4, Math.max(1, x(hold.end) - left), 3);
  }
  for (const inversion of inversions) {
    if (inversion.pid !== row.pid || inversion.start > to || inversion.end < from) continue;
    const left = x(inversion.start);
    paintInversion(context, left, Math.max(left + 3, x(inversion.end)), y);
  }
  if (row.pid) paintDetails(row, y);
}
function paintLabel(row, y) {
  if (row === chosen) {
    context.fillStyle = theme.rule;
    context.fillRect(0, y + 1, LABEL - OVERHANG, rowHeight(row) - 2);
  }
  if (row.cid || row.pid && $("by-process").checked)
    paintBlock(context, row.cid, row.pid, 2, y + 3, 5, rowHeight(row) - 6);
  // Beside the line, whatever is below that.
  const middle = y + BASE / 2;
  const isNarrow = LABEL < 190, right = LABEL - 8;
  const left = 11 + Math.min(row.depth ?? 0, 6) * (isNarrow ? 2 : 7);
  let priority = row.counter ? `max ${mostOf(row)}` : priorityLabel(row), room = priority ? context.measureText(priority).width + 6 : 0;
  // Where there is room for one of the two, the name is worth more.
  if (isNarrow && context.measureText(row.label).width > right - room - left) [priority, room] = ["", 0];
  context.fillStyle = !row.pid || row === chosen ? theme.ink : theme.faint;
  context.fillText(priority, right - room + 6, middle);
  context.fillText(shortened(row.label, right - room - left), left, middle);
}
// A name that is too long loses its middle, for its end is the process's number.
function shortened(text, room) {
  if (context.measureText(text).width <= room) return text;
  const end = text.includes("(") ? text.slice(text.lastIndexOf("(")) : "";
  for (let length = text.length - end.length; length > 0; length--) {
    const short = text.slice(0, length) + "\u2026" + end;
    if (context.measureText(short).width <= room) return short;
  }
  return end;
}

function paintItem(item, left, right, y, covered) {
  switch (item.state) {
  case "running":
    paintRunning(item, left, right, y, covered);
    break;
  case "runnable":
    paintWaiting(context, left, right, y);
    break;
  case "blocked":
    context.fillStyle = item.why === "mutex" ? theme.lock : theme.edge;
    context.fillRect(left, y + BASE / 2 - 1, right - left, 2);
    break;
  case "zombie":
    paintDots(context, Math.max(left, LABEL), Math.min(right, plotEnd()), y + BASE / 2);
    break;
  }
}
function paintRunning(item, left, right, y, covered) {
  const high = BASE - 7, top = y + 3;
  left = Math.max(left, LABEL - 9);
  right = Math.min(right, plotEnd() + 9);
  // The more of the time something ran, the darker; the line below is seen in any case.
  if (item.merged) context.globalAlpha = 0.3 + 0.6 * Number(item.ran) / Number(item.end - item.start || 1n);
  paintBlock(context, item.cid, item.pid, left, top, right - left, high);
  context.globalAlpha = 1;
  if (item.merged) {
    context.fillStyle = colour(item.cid, item.pid);
    context.fillRect(left, top + high - 2, right - left, 2);
  }
  if (right - left <= 46) return;
  const label = who(item.pid), wide = context.measureText(label).width;
  let start = Math.max(left, LABEL) + 4;
  // Where no mark lies on it.
  for (const place of covered)
    if (place > start - OVERHANG && place < start + wide + OVERHANG) start = place + OVERHANG + 2;
  const room = Math.min(right, plotEnd()) - start - 4;
  if (wide * 0.8 >= room) return;
  // Text needs a ground of one colour.
  context.fillStyle = colour(item.cid, item.pid);
  if (item.merged || patternOf(item.cid))
    context.fillRect(start - 3, top, Math.min(wide, room) + 6, high);
  context.fillStyle = theme.paper;
  context.fillText(label, start, y + BASE / 2, room);
}
function paintWaiting(pen, left, right, y) {
  pen.fillStyle = theme.wait;
  pen.fillRect(left, y + 6, right - left, BASE - 13);
}
function paintInversion(pen, left, right, y) {
  pen.fillStyle = theme.bad;
  for (let place = left; place < right; place += 6)
    pen.fillRect(place, y + BASE / 2 - 4, Math.min(4, right - place), 2);
}

// Who woke whom: one line for all wakeups on the same few pixels, one head for each row that they
// lead to from one side.
const ARROWS_MOST = 400, ARROW_PIXELS = 4;
function groupArrows() {
  const groups = new Map();
  let count = 0;
  for (const item of arrows) {
    if (item.start < from || item.start > to) continue;
    const source = rowOf.get(item.waker), target = rowOf.get(item.pid);
    if (!source || !target || source === target) continue;
    const place = x(item.start), key = Math.floor(place / ARROW_PIXELS);
    let group = groups.get(key);
    if (!group) groups.set(key, group = { place, spans: new Map(), heads: new Map() });
    const [a, b] = [source, target].map(row => rowTop(row) + BASE / 2), up = b < a ? 1 : -1;
    const [top, bottom] = [Math.min(a, b), Math.max(a, b)];
    if (!group.heads.has(b * up)) count++;
    group.heads.set(b * up, [b, up]);
    group.spans.set(top, Math.max(bottom, group.spans.get(top) ?? 0));
    if (count > ARROWS_MOST) return null;
  }
  return [...groups.values()];
}
function paintArrows() {
  const isWanted = $("arrows").checked, groups = isWanted ? groupArrows() : [];
  const isUnseen = isWanted && unseen.some(s => s.end >= from && s.start <= to);
  tell("unwoken", !groups
    ? `Wakeups are not drawn: there are more than ${ARROWS_MOST} here. Zoom in to see them.`
    : isUnseen ? "Wakeups within stretches that are drawn as one are not drawn." : "");
  context.fillStyle = theme.faint;
  for (const { place, spans, heads } of groups ?? []) {
    context.globalAlpha = 0.6;
    let painted = -Infinity;
    for (const [top, bottom] of [...spans].sort((a, b) => a[0] - b[0])) {
      const start = Math.max(top, painted);
      if (bottom > start) context.fillRect(place - 0.5, start, 1, bottom - start);
      painted = Math.max(painted, bottom);
    }
    context.globalAlpha = 0.9;
    for (const [y, up] of heads.values()) paintArrowhead(context, place, y, up);
  }
  context.globalAlpha = 1;
}

function paintSelection(row) {
  if (selected.hop || selected.end < from || selected.start > to) return;
  const isHere = selected.printed ? row.console : selected.sort === "violation" && !rowOf.has(selected.pid) ? row.index === 0
    : selected.state === "running"
      ? row.hart === selected.hart || row.pid === selected.pid : row.pid === selected.pid;
  if (!isHere) return;
  const y = rowTop(row), wide = selected.sort ? 7 : selected.detail === "access" ? 5 : 0;
  const reach = wide ? OVERHANG - 2 : 0, left = Math.max(x(selected.start) - wide, LABEL - reach);
  const right = Math.max(Math.min(x(selected.end) + wide, plotEnd() + reach), left + 2);
  context.strokeStyle = theme.ink;
  context.lineWidth = 2;
  context.strokeRect(left - 1, y + 1, right - left + 2, rowHeight(row) - 3);
  context.lineWidth = 1;
}

// A line at the time that was asked for, and hatching over what has not been read yet or is not in
// the page.
function paintUnread(high) {
  if (cursor !== null && cursor >= from && cursor <= to) {
    context.fillStyle = theme.accent;
    context.fillRect(Math.round(x(cursor)), TOP - 6, 1, high);
  }
  const hatch = (left, right) => {
    left = Math.max(LABEL, left);
    right = Math.min(plotEnd(), right);
    if (left < right) paintHatch(context, left, TOP, right - left, high - TOP);
  };
  if (data.window) {
    hatch(LABEL, x(data.window[0]));
    hatch(x(data.window[1]), plotEnd());
  }
  if (readTo !== null && readTo < smaller(to, data.end)) hatch(x(readTo), plotEnd());
}
