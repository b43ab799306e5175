// What groups have of everything that can be limited, below the timeline and in the same window: a line for
// each resource of a group, up to its limit, with what was refused.

const usesCanvas = $("uses-canvas"), usesPen = usesCanvas.getContext("2d");
const LANE = 32, TITLE = 22;
let uses = [], usesLeftOut = 0, lanes = [], lane = null;
function takeUses(timeline) {
  const times = list => list.map(exact);
  uses = (timeline.uses ?? []).map(use => ({ ...use, times: times(use.times), held: use.held.map(Number),
    most: use.most.map(Number), limit_times: times(use.limit_times), limits: use.limits.map(Number),
    refusal_times: times(use.refusal_times), throttled_times: times(use.throttled_times),
    throttled: times(use.throttled), end: exactOrNull(use.end) }));
  usesLeftOut = timeline.uses_left_out ?? 0;
}
// The last of some values at a time; nothing before the first.
function valueAt(times, values, time) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle + 1; else high = middle;
  }
  return low ? values[low - 1] : undefined;
}
const limitAt = (use, time) => {
  const limit = valueAt(use.limit_times, use.limits, time);
  return limit === undefined || limit < 0 ? null : limit;
};
const heldAt = (use, time) =>
  use.end !== null && time > use.end ? 0 : valueAt(use.times, use.held, time) ?? 0;
const isLimited = use => use.limits.some(limit => limit >= 0) || use.refusals.length > 0;
const isBytes = use => use.resource === "memory" || use.resource === "disk";
// An amount in a sentence, and beside a line.
const amountText = (use, value) => use.resource === "cpu" ? `${number(value / 10)} % of a hart`
  : `${number(value)}${isBytes(use) ? " bytes" : ""}`;
function shortAmount(use, value) {
  if (use.resource === "cpu") return `${number(Math.round(value / 10))} %`;
  if (!isBytes(use) || value < 1024) return number(value);
  const unit = value < 1 << 20 ? [1 << 10, "KiB"] : value < 2 ** 30 ? [1 << 20, "MiB"] : [2 ** 30, "GiB"];
  return `${number(Math.round(value / unit[0] * 10) / 10)} ${unit[1]}`;
}
const groupTitle = use => use.owner ? `${use.path}, container ${use.owner}` : use.path;
// The lines that are shown: those with a limit, and the time of each group; all of them if that is wanted.
function layLanes() {
  const which = $("which").value, isAll = $("all-uses").checked;
  const isWanted = use => (isAll || use.resource === "cpu" || isLimited(use))
    && (which === "all" || which === "alive" || (which === "in" ? use.owner : use.owner === Number(which)));
  lanes = [];
  let top = 0, path = null;
  for (const use of uses.filter(isWanted)) {
    if (use.path !== path) {
      path = use.path;
      lanes.push({ title: groupTitle(use), use, top, high: TITLE });
      top += TITLE;
    }
    lanes.push({ use, top, high: LANE });
    top += LANE;
  }
  return top;
}
function paintUses() {
  $("uses").hidden = uses.length === 0;
  if (!uses.length) return;
  const high = layLanes(), wide = canvas.clientWidth, ratio = devicePixelRatio || 1;
  const pixels = [Math.round(wide * ratio), Math.round(high * ratio)];
  if (usesCanvas.width !== pixels[0] || usesCanvas.height !== pixels[1]) {
    [usesCanvas.style.width, usesCanvas.style.height] = [wide + "px", high + "px"];
    [usesCanvas.width, usesCanvas.height] = pixels;
  }
  usesPen.setTransform(ratio, 0, 0, ratio, 0, 0);
  usesPen.fillStyle = theme.paper;
  usesPen.fillRect(0, 0, wide, high);
  usesPen.font = '12px system-ui, "DejaVu Sans", sans-serif';
  usesPen.textBaseline = "middle";
  for (const each of lanes) if (each.title) paintUseTitle(each, wide); else paintUse(each);
  if (cursor !== null && cursor >= from && cursor <= to) {
    usesPen.fillStyle = theme.accent;
    usesPen.fillRect(Math.round(x(cursor)), 0, 1, high);
  }
  const words = ["Dark: what the group has, with all below it; a line: its limit; light: the most that it had in the tick "
    + "before; hatched: throttled; a triangle: more was refused."];
  if (usesLeftOut) words.push(`${plural(usesLeftOut, "group")} more had no room here.`);
  tell("uses-note", words.join(" "));
}
function paintUseTitle({ title, use, top }, wide) {
  usesPen.fillStyle = theme.row;
  usesPen.fillRect(0, top, wide, TITLE);
  paintBlock(usesPen, use.owner, 1, 2, top + 4, 5, TITLE - 8);
  usesPen.fillStyle = theme.ink;
  usesPen.fillText(title, 11, top + TITLE / 2, wide - 20);
}
// The largest that a line shows in the window.
function useScale(use) {
  let most = 0;
  use.most.forEach((value, index) => {
    const end = use.times[index + 1] ?? to;
    if (end >= from && use.times[index] <= to) most = Math.max(most, value, use.held[index]);
  });
  const limits = use.limits.filter((limit, index) =>
    limit >= 0 && use.limit_times[index] <= to && (use.limit_times[index + 1] ?? to) >= from);
  return Math.max(1, most, ...limits);
}
function paintUse(each) {
  const { use, top } = each, bottom = top + LANE - 3, tall = LANE - 10, scale = useScale(use);
  const end = smaller(use.end ?? data.end, data.end);
  const place = time => Math.min(plotEnd(), Math.max(LABEL, x(time)));
  const level = value => bottom - Math.min(1, value / scale) * tall;
  if (each.use === lane?.use) {
    usesPen.fillStyle = theme.rule;
    usesPen.fillRect(0, top + 1, LABEL - OVERHANG, LANE - 2);
  }
  usesPen.fillStyle = theme.rule;
  usesPen.fillRect(LABEL, bottom, width(), 1);
  const block = (start, stop, value) => {
    if (value <= 0 || start > to || stop < from) return;
    // Whole pixels, so that neighbours leave no gap and do not overlap.
    const left = Math.round(place(start)), right = Math.round(place(stop));
    usesPen.fillRect(left, level(value), Math.max(1, right - left), bottom - level(value));
  };
  usesPen.fillStyle = containerColour(use.owner, 1);
  usesPen.globalAlpha = 0.3;
  use.times.forEach((time, index) => {
    const before = index ? use.times[index - 1] : time - data.tick;
    const most = use.most[index];
    if (most > use.held[index] || index && most > use.held[index - 1])
      block(larger(before, time - data.tick), time, most);
  });
  usesPen.globalAlpha = 0.8;
  use.times.forEach((time, index) => {
    if (time < end) block(time, smaller(use.times[index + 1] ?? end, end), use.held[index]);
  });
  usesPen.globalAlpha = 1;
  use.throttled_times.forEach((time, index) => {
    const left = place(time), right = place(time + use.throttled[index]);
    if (right > left) paintHatch(usesPen, left, top + 4, right - left, bottom - top - 4);
  });
  usesPen.fillStyle = theme.bad;
  use.limits.forEach((limit, index) => {
    const stop = smaller(use.limit_times[index + 1] ?? end, end), left = place(use.limit_times[index]);
    if (limit >= 0) usesPen.fillRect(left, level(limit) - 0.75, Math.max(0, place(stop) - left), 1.5);
  });
  let painted = -9;
  for (const time of use.refusal_times) {
    const at = x(time);
    if (at < LABEL - OVERHANG || at > plotEnd() + OVERHANG || at < painted + 9) continue;
    paintMark(usesPen, "limited", at, top);
    painted = at;
  }
  const limit = limitAt(use, to), room = LABEL - 30, middle = top + LANE / 2;
  usesPen.fillStyle = theme.ink;
  usesPen.fillText(use.resource.replaceAll("_", " "), 20, middle, room);
  const text = `${limit === null ? "max" : "of"} ${shortAmount(use, limit ?? scale)}`;
  const wide = usesPen.measureText(text).width;
  usesPen.fillStyle = theme.faint;
  if (wide + usesPen.measureText(use.resource).width + 8 < room) usesPen.fillText(text, LABEL - 8 - wide, middle);
}
// One line at a time, in words.
function describeUse(use, time) {
  const limit = limitAt(use, time), slack = part(to - from, 5 / width());
  const isThrottled = use.throttled_times.some((start, index) =>
    start <= time && time <= start + use.throttled[index]);
  const refused = use.refusals.reduce((sum, count, index) =>
    sum + (use.refusal_times[index] >= time - slack && use.refusal_times[index] <= time + slack ? count : 0), 0);
  return `At ${number(time)} ${groupTitle(use)} has ${use.resource.replaceAll("_", " ")}: `
    + amountText(use, heldAt(use, time)) + (limit === null ? ", without a limit" : ` of ${amountText(use, limit)}`)
    + (isThrottled ? "; it is throttled" : "")
    + (refused ? `; ${plural(refused, "time")} more was refused near that` : "") + ".";
}
const laneAt = y => lanes.find(each => y >= each.top && y < each.top + each.high);
// What all lines of a group have at a time.
function describeGroup(use, time) {
  selected = null;
  marked = null;
  $("detail").replaceChildren(...lanes.filter(each => !each.title && each.use.path === use.path)
    .map(each => make("p", describeUse(each.use, time))));
  draw();
}
usesCanvas.addEventListener("pointermove", event => {
  const each = laneAt(event.offsetY);
  const text = each && !each.title && event.offsetX >= LABEL && event.pointerType !== "touch"
    ? describeUse(each.use, timeAt(event.offsetX)) : "";
  if (text) showTip(event, text); else leaveHover();
});
usesCanvas.addEventListener("pointerleave", leaveHover);
usesCanvas.addEventListener("click", event => {
  lane = laneAt(event.offsetY);
  if (!lane) return;
  if (event.offsetX >= LABEL) cursor = timeAt(event.offsetX);
  describeGroup(lane.use, cursor ?? (from + to) / 2n);
});
usesCanvas.addEventListener("keydown", event => {
  const choose = direction => {
    const own = lanes.filter(each => !each.title), index = own.findIndex(each => each.use === lane?.use);
    lane = own[Math.max(0, Math.min(own.length - 1, index + direction))];
    if (lane) $("detail").replaceChildren(make("p", describeUse(lane.use, cursor ?? (from + to) / 2n)));
    draw();
  };
  const actions = { ArrowDown: () => choose(1), ArrowUp: () => choose(-1), ArrowLeft: () => pan(-0.2),
    ArrowRight: () => pan(0.2), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), Home: showAll };
  if (!actions[event.key] || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  actions[event.key]();
});
$("all-uses").onchange = draw;
