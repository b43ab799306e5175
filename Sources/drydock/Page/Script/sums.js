// A range of time, and who did what in it.

let range = null, summing = 0;
function setRange(a, b) {
  // Sums over several machines would mean nothing.
  range = a === null || data.lanes ? null : [larger(0n, smaller(a, b)), larger(0n, larger(a, b))];
  draw();
  fillSums();
}
function paintRange(high) {
  if (!range) return;
  const left = Math.max(LABEL, x(range[0])), right = Math.min(plotEnd(), x(range[1]));
  if (right < LABEL || left > plotEnd()) return;
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.14;
  context.fillRect(left, TOP - 8, Math.max(1, right - left), high);
  context.globalAlpha = 1;
  for (const edge of [left, right]) context.fillRect(edge - 0.5, TOP - 12, 1.5, high);
}
// How much of a stretch lies in a range; of what was put together its share.
function overlap(item, first, final) {
  const start = larger(item.start, first), end = smaller(item.end, final);
  if (end < start) return null;
  const length = item.end - item.start, inside = end - start;
  const isCut = inside < length;
  const share = sum => isCut && length > 0n ? sum * inside / length : sum;
  return { inside, ran: share(item.ran), waited: share(item.waited), isCut };
}
async function fillSums() {
  const turn = ++summing, place = $("sums");
  place.hidden = !range;
  if (!range) return place.replaceChildren();
  const [first, final] = range;
  let all;
  try { all = await statesIn(first, final); } catch (error) { return trouble(error); }
  if (turn !== summing) return;
  const sums = new Map();
  let isAbout = false;
  for (const item of all) {
    const found = overlap(item, first, final);
    if (!found) continue;
    if (!sums.has(item.pid))
      sums.set(item.pid, { pid: item.pid, ran: 0n, waited: 0n, blocked: 0n, calls: 0 });
    const sum = sums.get(item.pid);
    isAbout ||= found.isCut && item.merged > 0;
    sum.ran += found.ran;
    sum.waited += found.waited;
    if (item.state !== "zombie") sum.blocked += found.inside - found.ran - found.waited;
    if (!found.isCut) sum.calls += item.calls;
    else if (item.calls) {
      const near = detailsBetween(larger(first, item.start), smaller(final, item.end), 4000);
      if (near) sum.calls += near.filter(d => d.pid === item.pid && d.detail === "call").length;
      else {
        isAbout = true;
        sum.calls += Math.round(item.calls * Number(found.inside) / Number(item.end - item.start || 1n));
      }
    }
  }
  const isWanted = picker();
  const list = [...sums.values()].filter(s => processes.has(s.pid) ? isWanted(processes.get(s.pid)) : true)
    .sort((a, b) => a.ran < b.ran ? 1 : a.ran > b.ran ? -1 : a.pid - b.pid);
  const total = list.reduce((sum, s) => sum + s.ran, 0n), calls = list.reduce((sum, s) => sum + s.calls, 0);
  const span = final - first, share = span > 0n
    ? Number(total * 1000n / (span * BigInt(data.harts))) / 10 : 0;
  const rows = list.slice(0, 100).map(s => [who(s.pid), processes.get(s.pid)?.cid || "",
    s.ran, s.waited, s.blocked, s.calls]);
  const close = make("button", "Leave the range");
  close.onclick = () => { setRange(null); canvas.focus(); };
  const head = make("p", `From ${number(first)} to ${number(final)}, ${number(span)} instructions: `
    + `${plural(list.filter(s => s.ran > 0n).length, "process", "processes")} ran ${number(total)} `
    + `(${share} % of ${plural(data.harts, "hart")}) and made ${isAbout ? "about " : ""}${plural(calls, "call")}. `);
  head.id = "sum";
  place.replaceChildren(make("h3", "The range"), head, close,
    grid({ columns: ["process", "container", "ran", "waited_for_a_hart", "blocked", "calls"], rows },
      "Who did what in the range"));
  const folded = [...sums.values()].filter(s => !list.includes(s)).reduce((sum, s) => sum + s.ran, 0n);
  if (folded > 0n)
    place.append(make("p", `Processes that are not shown ran ${number(folded)} more.`, "note"));
  if (isAbout) place.append(make("p", "What lies across an edge of the range is known in sum only, here: "
    + "its share is estimated. A narrower range is exact.", "note"));
  if (list.length > 100) place.append(make("p", `${number(list.length - 100)} more are left out.`, "note"));
}
$("sum-up").onclick = () => setRange(larger(0n, from), smaller(to, larger(data.end, last)));
