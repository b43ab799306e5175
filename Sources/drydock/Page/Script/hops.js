// What went from process to process over connections and in datagrams: lines from when and where it was sent
// to when and where it was read; and between the host and processes.

let hops = [];
function takeHops(timeline) {
  const columns = timeline.hops, words = timeline.words;
  hops = (columns?.seq ?? []).map((seq, i) => ({ hop: words[columns.sort[i]], seq, endSeq: columns.endSeq[i],
    flow: columns.flow[i], start: exact(columns.start[i]), end: exact(columns.end[i]), from: columns.from[i],
    to: columns.to[i], bytes: columns.bytes[i], count: columns.count[i] }));
  $("hops").parentElement.hidden = hops.length === 0;
}
const HOPS_MOST = 400;
// Those whose rows are there: both, or the sender's where nobody got it. The host is above all rows of processes.
const hasPlace = pid => pid === HOST || rowOf.has(pid);
const hopsHere = () => hops.filter(hop => hop.end >= from && hop.start <= to && hasPlace(hop.from)
  && (!hop.to || hasPlace(hop.to)));
const middleOf = pid => pid === HOST ? headEnd() : rowTop(rowOf.get(pid)) + BASE / 2;
function paintHops() {
  const here = $("hops").checked ? hopsHere() : [];
  tell("unsent", here.length > HOPS_MOST
    ? `Connections are not drawn: ${number(here.length)} transfers are in this window. Zoom in to see them.` : "");
  if (here.length > HOPS_MOST) return;
  for (const hop of here) paintHop(hop);
}
function paintHop(hop) {
  const [left, top] = [x(hop.start), middleOf(hop.from)];
  const [right, bottom] = hop.to ? [x(hop.end), middleOf(hop.to)] : [left, top - BASE / 2 - 2];
  const isWrong = hop.hop === "dropped" || hop.hop === "refused";
  context.strokeStyle = context.fillStyle = isWrong ? theme.bad : theme.accent;
  context.globalAlpha = hop === selected ? 1 : 0.75;
  context.lineWidth = hop === selected ? 2.5 : hop.hop === "connected" ? 1 : 1.4;
  context.setLineDash(hop.hop === "connected" ? [3, 3] : []);
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(right, bottom);
  context.stroke();
  context.setLineDash([]);
  context.lineWidth = 1;
  paintDot(context, left, top);
  // What the machine itself gets leads to no row.
  if (isWrong) paintCross(context, right, bottom);
  else paintHopHead(context, left, top, right, bottom);
  context.globalAlpha = 1;
}
function paintDot(pen, place, y) {
  pen.beginPath();
  pen.arc(place, y, 2.2, 0, 7);
  pen.fill();
}
function paintCross(pen, place, y) {
  pen.beginPath();
  for (const way of [-1, 1]) {
    pen.moveTo(place - 3 * way, y - 3);
    pen.lineTo(place + 3 * way, y + 3);
  }
  pen.stroke();
}
// A head at the end of a line, in its direction.
function paintHopHead(pen, left, top, right, bottom) {
  const angle = Math.atan2(bottom - top, right - left);
  pen.beginPath();
  pen.moveTo(right, bottom);
  for (const way of [-1, 1])
    pen.lineTo(right - 7 * Math.cos(angle + way * 0.4), bottom - 7 * Math.sin(angle + way * 0.4));
  pen.fill();
}
// The line that begins, ends or passes near a place.
function hopAt(place, y) {
  if (!$("hops").checked || !hops.length) return null;
  const here = hopsHere();
  if (here.length > HOPS_MOST) return null;
  let best = null;
  for (const hop of here) {
    const [a, b] = [x(hop.start), middleOf(hop.from)];
    const [c, d] = hop.to ? [x(hop.end), middleOf(hop.to)] : [a, b - BASE / 2 - 2];
    const long = (c - a) ** 2 + (d - b) ** 2;
    const along = long ? Math.max(0, Math.min(1, ((place - a) * (c - a) + (y - b) * (d - b)) / long)) : 0;
    const distance = Math.hypot(place - a - along * (c - a), y - b - along * (d - b));
    if (distance <= 4 && (!best || distance < best.distance)) best = { hop, distance };
  }
  return best?.hop;
}
const describeHop = hop => hopWords(hop).replace(/^the host/, "The host");
function hopWords(hop) {
  const when = `from ${number(hop.start)} to ${number(hop.end)} (${number(hop.end - hop.start)})`;
  const many = hop.count > 1 ? ` The line stands for ${number(hop.count)} near each other, of which this is the first.` : "";
  const bytes = plural(hop.bytes, "byte"), flow = `connection ${number(hop.flow)}`;
  switch (hop.hop) {
  case "connected": return `${who(hop.from)} connects, and ${who(hop.to)} accepts ${flow}, ${when}.${many}`;
  case "sent": return `${who(hop.from)} sends ${bytes} to ${who(hop.to)} over ${flow}, ${when}.${many}`;
  case "datagram": return `${who(hop.from)} sends ${who(hop.to)} a datagram of ${bytes}, ${when}.${many}`;
  case "dropped": return `A datagram of ${bytes} from ${who(hop.from)} does not arrive, sent at ${number(hop.start)}.${many}`;
  default: return `${who(hop.from)} is refused a connection at ${number(hop.start)}.${many}`;
  }
}
