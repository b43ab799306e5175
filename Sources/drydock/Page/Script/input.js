// Pointer, wheel, keys and buttons.

// Pointers: one moves the window, two stretch it; up and down are left to the browser's scrolling.
let drag = null;
const pointers = new Map();
function grip() {
  const places = [...pointers.values()], [a, b] = places;
  return { x: places.reduce((sum, p) => sum + p.x, 0) / places.length,
    apart: b ? Math.hypot(a.x - b.x, a.y - b.y) : 0 };
}
function beginDrag(moved) { drag = { ...grip(), from, to, moved }; }
// With Shift a range is drawn.
let rangeFrom = null;
canvas.addEventListener("pointerdown", event => {
  leaveHover();
  isPointed = true;
  if (event.shiftKey && event.offsetX >= LABEL) {
    canvas.setPointerCapture(event.pointerId);
    rangeFrom = timeAt(event.offsetX);
    return;
  }
  pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  canvas.setPointerCapture(event.pointerId);
  beginDrag(pointers.size > 1);
});
canvas.addEventListener("pointermove", event => {
  if (rangeFrom !== null) {
    const at = timeAt(Math.max(LABEL, event.offsetX));
    range = [larger(0n, smaller(rangeFrom, at)), larger(0n, larger(rangeFrom, at))];
    draw();
    return;
  }
  if (!pointers.has(event.pointerId)) return hover(event);
  pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  const now = grip();
  if (Math.abs(now.x - drag.x) > 3) drag.moved = true;
  if (!drag.moved) return;
  // The time between the fingers stays between them.
  const edge = canvas.getBoundingClientRect().left + LABEL;
  const span = part(drag.to - drag.from, drag.apart ? drag.apart / Math.max(20, now.apart) : 1);
  const at = drag.from + part(drag.to - drag.from, (drag.x - edge) / width());
  const start = at - part(span, (now.x - edge) / width());
  show(start, start + span);
});
canvas.addEventListener("pointerup", event => {
  if (rangeFrom !== null) {
    rangeFrom = null;
    isPointed = false;
    if (range && x(range[1]) - x(range[0]) > 2) setRange(...range); else setRange(null);
    return;
  }
  if (drag && !drag.moved && pointers.has(event.pointerId)) pick(event);
  release(event);
});
canvas.addEventListener("pointercancel", release);
function release(event) {
  pointers.delete(event.pointerId);
  if (pointers.size) return beginDrag(true);
  drag = null;
  isPointed = false;
  rangeFrom = null;
  layRows();
  draw();
}
function pick(event) {
  const { row, item, time } = itemAt(event.offsetX, event.offsetY, event.pointerType === "touch" ? 12 : 4);
  if (!row) return;
  cursor = null;
  choose(row);
  if (item) select(item); else describeRow(time);
}
canvas.addEventListener("wheel", event => {
  leaveHover();
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    event.preventDefault();
    pan((event.deltaX || event.deltaY) / 1200);
  } else if (event.ctrlKey || event.metaKey || scroller.scrollHeight <= scroller.clientHeight + 2) {
    event.preventDefault();
    zoom(Math.exp(event.deltaY / 400), timeAt(event.offsetX));
  }
}, { passive: false });
canvas.addEventListener("dblclick", event => zoom(0.25, timeAt(event.offsetX)));
canvas.addEventListener("keydown", event => {
  const actions = {
    "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
    ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), Home: showAll,
    ArrowDown: () => chooseNext(1), ArrowUp: () => chooseNext(-1), Escape: leaveRow,
    n: () => step(1), p: () => step(-1), m: () => stepMark(1), M: () => stepMark(-1),
    s: () => $("sum-up").click(), "/": () => $("filter").focus()
  };
  if (!actions[event.key] || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  actions[event.key]();
});
// A narrow window has room for what is needed most; the rest is behind a button.
$("more").onclick = () => {
  const isOpen = $("more").getAttribute("aria-expanded") !== "true";
  $("more").setAttribute("aria-expanded", isOpen);
  $("more").textContent = isOpen ? "Less" : "More";
  for (const tools of document.querySelectorAll(".tools")) tools.classList.toggle("all", isOpen);
};
$("zoom-in").onclick = () => zoom(0.5);
$("zoom-out").onclick = () => zoom(2);
$("left").onclick = () => pan(-0.4);
$("right").onclick = () => pan(0.4);
$("busy").onclick = showAll;
$("previous").onclick = () => step(-1);
$("next").onclick = () => step(1);
$("next-mark").onclick = () => stepMark(1);
$("arrows").onchange = draw;
$("hops").onchange = draw;
$("by-process").onchange = () => { coloursChosen = true; changeTheme(); };
function pickAnew() {
  layRows();
  fillTree();
  draw();
  ask();
}
for (const id of ["which", "fold", "plumbing"]) $(id).onchange = pickAnew;
let typing = null;
$("filter").oninput = () => {
  clearTimeout(typing);
  typing = setTimeout(pickAnew, 150);
};
$("filter").onkeydown = event => {
  if (event.key !== "Escape" || !$("filter").value) return;
  event.preventDefault();
  $("filter").value = "";
  pickAnew();
};
scroller.addEventListener("scroll", draw);
// Who scrolls is not to be taken back.
for (const name of ["wheel", "pointerdown"])
  scroller.addEventListener(name, () => { wantedRow = null; }, { passive: true });
addEventListener("resize", () => { draw(); paintTree(); ask(); });
// On paper there is nothing to scroll.
addEventListener("beforeprint", () => { printing = true; paint(); paintTree(); });
addEventListener("afterprint", () => { printing = false; paint(); paintTree(); });
$("go").onsubmit = event => {
  event.preventDefault();
  // Numbers may be as the page shows them, in groups.
  const isEvent = $("what").value === "event", text = $("wanted").value.replaceAll(/[\s,_]/g, "");
  if (!/^[0-9]{1,19}$/.test(text)) {
    selected = null;
    $("detail").replaceChildren(make("p", `${isEvent ? "event" : "time"}: found `
      + `"${$("wanted").value}", expected a number from ${isEvent ? 1 : 0}`));
    draw();
    return;
  }
  if (isEvent) selectEvent(Number(text)); else selectTime(BigInt(text));
};
dark.addEventListener("change", changeTheme);
