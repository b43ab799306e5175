// The whole session in one line, with the window in it.

const minimap = $("minimap"), small = minimap.getContext("2d");
const mapEnd = () => larger(data.end, last) * 102n / 100n + 1n;
const mapX = time => Number(time) * mapScale;
let mapScale = 1;
const mapTime = place => part(mapEnd(), place / Math.max(1, minimap.clientWidth));
let mapped = { key: "", density: null, marks: null };
// How much of each pixel's time the harts ran, and where something went wrong.
function measureMap(wide) {
  const source = overview(), key = `${wide} ${data.end}`;
  if (mapped.key === key && mapped.source === source && mapped.marked === marks) return;
  const density = new Float64Array(wide), wrong = mapped.source === source && mapped.key === key && data.served
    ? mapped.wrong : new Uint8Array(wide);
  for (const slice of source) {
    spread(density, mapX(slice.start), mapX(slice.end),
      Number(slice.ran) / Number(slice.end - slice.start || 1n));
  }
  for (const mark of marks) if (mark.sort !== "refused")
    wrong[Math.min(wide - 1, Math.max(0, Math.floor(mapX(mark.start))))] = 1;
  mapped = { key, source, marked: marks, density, wrong };
}
function paintMinimap() {
  const ratio = devicePixelRatio || 1, wide = minimap.clientWidth, high = minimap.clientHeight;
  if (!wide) return;
  mapScale = wide / Number(mapEnd());
  if (minimap.width !== Math.round(wide * ratio)) minimap.width = Math.round(wide * ratio);
  if (minimap.height !== Math.round(high * ratio)) minimap.height = Math.round(high * ratio);
  measureMap(wide);
  small.setTransform(ratio, 0, 0, ratio, 0, 0);
  small.fillStyle = theme.row;
  small.fillRect(0, 0, wide, high);
  small.fillStyle = theme.edge;
  mapped.density.forEach((value, place) => {
    const tall = Math.min(1, value / data.harts) * (high - 6);
    if (tall > 0) small.fillRect(place, high - Math.max(1, tall), 1, Math.max(1, tall));
  });
  small.fillStyle = theme.bad;
  mapped.wrong.forEach((value, place) => { if (value) small.fillRect(place - 0.5, 0, 2, 4); });
  const left = Math.max(0, mapX(larger(0n, from))), right = Math.min(wide, Math.max(mapX(to), left + 4));
  small.fillStyle = theme.paper;
  small.globalAlpha = 0.6;
  small.fillRect(0, 0, left, high);
  small.fillRect(right, 0, wide - right, high);
  small.globalAlpha = 1;
  small.strokeStyle = theme.accent;
  small.lineWidth = 2;
  small.strokeRect(left + 1, 1, Math.max(2, right - left - 2), high - 2);
  minimap.setAttribute("aria-valuetext", `${number(larger(0n, from))} to ${number(to)}`);
  minimap.setAttribute("aria-valuenow", Math.round(Number(larger(0n, from)) / Number(mapEnd()) * 100));
}
// Dragging moves the window; outside of it, it comes there first.
let mapGrip = null;
minimap.addEventListener("pointerdown", event => {
  minimap.setPointerCapture(event.pointerId);
  const time = mapTime(event.offsetX), span = to - from;
  if (time < from || time > to) show(time - span / 2n, time + span / 2n);
  mapGrip = time - from;
});
minimap.addEventListener("pointermove", event => {
  if (mapGrip === null) return;
  const start = mapTime(event.offsetX) - mapGrip;
  show(start, start + (to - from));
});
for (const name of ["pointerup", "pointercancel"])
  minimap.addEventListener(name, () => { mapGrip = null; });
minimap.addEventListener("keydown", event => {
  const actions = { ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), ArrowUp: () => zoom(2),
    ArrowDown: () => zoom(0.5), Home: () => show(0n, to - from),
    End: () => show(data.end - (to - from), data.end) };
  if (!actions[event.key] || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  actions[event.key]();
});
