// What is under the pointer, in a few words.

// What is at a place of the canvas: a mark, a call or access, a line, a stretch, or nothing.
function itemAt(place, y, reach) {
  const row = rowAt(y);
  if (!row || place < LABEL - OVERHANG) return { row };
  const time = timeAt(place), slack = part(to - from, reach / width());
  const near = row.marks.filter(m => m.start >= time - slack && m.start <= time + slack);
  const hop = row.pid ? hopAt(place, y) : null;
  if (hop) return { row, time, item: hop };
  const mark = SORTS.map(sort => near.find(m => m.sort === sort)).findLast(m => m);
  if (mark) return { row, time, item: mark };
  if (row.console) {
    const index = firstStart(printed, time + slack + 1n) - 1;
    return { row, time, item: printed[index] };
  }
  if (row.counter || row.rest) return { row, time };
  if (y - rowTop(row) >= BASE - 2) {
    const detail = closest(detailsOf.get(row.pid) ?? [], time, slack + slack);
    if (detail) return { row, time, item: detail };
  }
  let best = null;
  for (let i = firstAfter(row.items, time - slack); i < row.items.length; i++) {
    const item = row.items[i];
    if (item.start > time + slack) break;
    const distance = time < item.start ? item.start - time : time > item.end ? time - item.end : 0n;
    if (!best || distance < best.distance) best = { item, distance };
  }
  return { row, time, item: best?.item };
}
function closest(items, time, slack) {
  let best = null;
  for (const item of items) {
    const distance = time < item.start ? item.start - time : time > item.end ? time - item.end : 0n;
    if (distance <= slack && (!best || distance < best.distance)) best = { item, distance };
  }
  return best?.item;
}
const tip = $("tip");
function hover(event) {
  if (event.pointerType === "touch" || event.buttons || drag) return leaveHover();
  const { row, item, time } = itemAt(event.offsetX, event.offsetY, 4);
  const text = item ? describe(item) : !row ? "" : row.counter && time !== undefined
    ? describeCounter(row, time) : row.rest ? row.label : time === undefined ? row.label : "";
  if (text) showTip(event, text); else leaveHover();
}
function showTip(event, text) {
  if (tip.textContent !== text) tip.textContent = text;
  tip.hidden = false;
  // Beside the pointer, and within the window.
  const box = tip.getBoundingClientRect(), gap = 14;
  const left = Math.min(event.clientX + gap, document.documentElement.clientWidth - box.width - 6);
  const isBelow = event.clientY + gap + box.height < innerHeight;
  tip.style.left = Math.max(6, left) + "px";
  tip.style.top = (isBelow ? event.clientY + gap : event.clientY - gap - box.height) + "px";
}
function leaveHover() { tip.hidden = true; }
canvas.addEventListener("pointerleave", leaveHover);
addEventListener("scroll", leaveHover, true);
