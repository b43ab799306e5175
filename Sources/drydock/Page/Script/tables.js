// Legend and tables.

// So many containers have their place in the legend.
const SWATCHES = 15;
// What the session has of all that is drawn, as far as it has been seen.
const kinds = new Set();
function noteKinds() {
  const isOf = { runnable: () => "runnable", zombie: () => "zombie",
    blocked: state => state.why === "mutex" ? "mutex" : "blocked" };
  for (const state of states) if (state.state !== "running") kinds.add(isOf[state.state](state));
  if (holds.length) kinds.add("hold");
  if (arrows.length) kinds.add("woken");
  if (hops.length) kinds.add("hop");
  for (const mark of marks) kinds.add(mark.sort);
}
// What is drawn, each as it is drawn.
function fillLegend() {
  noteKinds();
  const block = (cid, pid) => pen => paintBlock(pen, cid, pid, 0, 1, 24, 12);
  const line = ink => pen => { pen.fillStyle = ink; pen.fillRect(0, 6, 24, 2); };
  const word = text => pen => {
    pen.font = '12px system-ui, "DejaVu Sans", sans-serif';
    pen.textBaseline = "middle";
    pen.fillStyle = theme.faint;
    pen.fillText(text, 0, 8);
  };
  const sign = sort => pen => paintMark(pen, sort, 7, sort === "violation" ? -1.5 : 0);
  const entries = $("by-process").checked
    ? [["running, a colour for each process", pen => [1, 2, 3].forEach(pid => {
      pen.fillStyle = colour(0, pid);
      pen.fillRect(pid * 8 - 8, 1, 7, 12);
    })]]
    : [["running, outside containers", block(0, 1)], ...data.containers.slice(0, SWATCHES)
      .map(c => [`running, container ${c.cid}`, block(c.cid, 1)])];
  if (data.containers.length > SWATCHES && !$("by-process").checked)
    entries.push([`and the same again for ${data.containers.length - SWATCHES} more`,
      word("\u2026"), 14]);
  const known = [["runnable", "waits for a hart", pen => paintWaiting(pen, 0, 24, -2)],
    ["blocked", "blocked", line(theme.edge)], ["mutex", "waits for a mutex", line(theme.lock)],
    ["hold", "holds a mutex", pen => { pen.fillStyle = theme.lock; pen.fillRect(0, 9, 24, 3); }],
    ["zombie", "has exited, not reaped yet", pen => paintDots(pen, 0, 24, 7)],
    ["woken", "woken by", pen => {
      pen.fillStyle = theme.faint;
      pen.fillRect(6.5, 0, 1, 14);
      paintArrowhead(pen, 7, 0, 1);
    }, 14],
    ["hop", "sent to", pen => {
      pen.fillStyle = pen.strokeStyle = theme.accent;
      pen.lineWidth = 1.4;
      pen.beginPath();
      pen.moveTo(3, 3);
      pen.lineTo(21, 11);
      pen.stroke();
      paintDot(pen, 3, 3);
      paintHopHead(pen, 3, 3, 21, 11);
    }],
    ["refused", "call refused", sign("refused"), 14], ["limited", "limit reached", sign("limited"), 14],
    ["ended", "killed, fault, stuck", sign("ended"), 14]];
  for (const [kind, ...entry] of known) if (kinds.has(kind)) entries.push(entry);
  if (details.some(d => d.detail === "call"))
    entries.push(["call", pen => paintCall(pen, 6, 18, 2, false), 20]);
  if (details.some(d => d.detail === "access")) entries.push(
    ["store to a shared page", pen => paintAccess(pen, 7, 4, true), 14],
    ["load from one", pen => paintAccess(pen, 7, 2, false), 14]);
  if (inversions.length) entries.push(["unbounded inversion", pen => paintInversion(pen, 0, 24, 2)]);
  if (violated) entries.push(["what must always hold did not", sign("violation"), 14]);
  if (data.window || readTo !== null && readTo < data.end)
    entries.push([data.served ? "not read yet" : "not in this page", pen => paintHatch(pen, 0, 0, 24, 14)]);
  if (rows.some(row => row.priorities?.length))
    entries.push(["at priority 8; 0 goes first", word("p8"), 18]);
  $("legend").replaceChildren(...entries.map(([text, paintIt, wide]) => {
    const item = make("li");
    item.append(swatch(paintIt, wide), text);
    return item;
  }));
}

let violated = 0;
function countViolations(timeline) {
  violated = timeline.violations ?? 0;
  fillLegend();
}
// How many events the marks in sight stand for.
function tellMarks() {
  const isInSight = m => m.start >= from && m.start <= to && (!m.pid || rowOf.has(m.pid));
  const seen = marks.filter(m => m.sort !== "violation" && isInSight(m)), words = [];
  const events = seen.reduce((sum, m) => sum + m.count, 0);
  if (events > seen.length)
    words.push(`${number(events)} times something was refused, faulted or was killed here; `
      + `${number(seen.length)} marks stand for them: those near each other are put together.`);
  const told = marks.filter(m => m.sort === "violation").length;
  if (violated) words.push(data.served
    ? `${number(violated)} times in the session something that must always hold did not (drydock verify).`
    : `${number(violated)} times something that must always hold did not`
      + (told < violated ? `; ${number(told)} of them are marked` : "") + " (drydock verify).");
  tell("marks", words.join(" "));
}

// Unbounded inversions: the longest have their rows in a table.
let inversions = [];
function takeInversions(groups) {
  const table = groups.flatMap(g => g.tables).find(t => t.columns.includes("ran_between"));
  const column = name => table.columns.indexOf(name);
  inversions = (table?.rows ?? []).map(row => ({
    pid: Number(/\((\d+)(?: c\d+:\d+)?\)$/.exec(row[column("waiter")])?.[1]),
    start: exact(row[column("time")]), end: exact(row[column("time")]) + exact(row[column("waited")]),
    between: row[column("between")], culprit: row[column("ran_between")]
  }));
}

function fillTables(groups) {
  takeInversions(groups);
  fillLegend();
  draw();
  $("tables").replaceChildren(...groups.map(group => {
    const section = make("section");
    section.append(make("h2", group.title));
    for (const table of group.tables) section.append(tableElement(table));
    return section;
  }));
}
function tableElement(table) {
  const details = make("details");
  details.open = table.rows.length > 0 && table.rows.length <= 200;
  details.append(make("summary", `${table.title} (${table.total})`));
  if (!table.rows.length) {
    details.append(make("p", "none", "none"));
    return details;
  }
  details.append(grid(table, table.title));
  if (table.total > table.rows.length)
    details.append(make("p", `${number(table.total - table.rows.length)} more are left out.`, "none"));
  return details;
}
// Columns and rows as a table that can be reached and scrolled by keys.
function grid(table, label) {
  const wide = make("div", "", "wide"), element = make("table"), head = make("tr");
  wide.tabIndex = 0;
  wide.setAttribute("role", "region");
  wide.setAttribute("aria-label", label);
  const hasBars = typeof table.bars === "number";
  // A number that a script would round is a text, among others that are numbers.
  const isOfNumbers = table.columns.map((_, index) =>
    table.rows.some(row => typeof row[index] === "number" || typeof row[index] === "bigint"));
  const isLarge = value => typeof value === "string" && /^-?[0-9]{16,19}$/.test(value);
  const isNumber = (value, index) => typeof value === "number" || typeof value === "bigint"
    || isOfNumbers[index] && isLarge(value);
  for (const [index, column] of table.columns.entries()) {
    const cell = make("th", column.replaceAll("_", " "), isOfNumbers[index] ? "number" : "");
    cell.scope = "col";
    head.append(cell);
  }
  if (hasBars) head.append(make("th", ""));
  const body = make("tbody"), sequence = table.columns.indexOf("seq");
  const most = hasBars ? table.rows.reduce((most, r) => Math.max(most, Number(r[table.bars])), 1) : 0;
  for (const row of table.rows) {
    const line = make("tr");
    row.forEach((value, index) => {
      const isCount = isNumber(value, index);
      const cell = make("td", null, isCount ? "number" : index === row.length - 1 ? "story" : "");
      const text = value === null ? "" : isCount ? number(value) : String(value);
      if (index === sequence && typeof value === "number") {
        const jump = make("button", text, "jump");
        jump.setAttribute("aria-label", `Show event ${value} in the timeline`);
        jump.onclick = () => { selectEvent(value); canvas.scrollIntoView(); };
        cell.append(jump);
      } else cell.textContent = text.length > 2000 ? text.slice(0, 2000) + "\u2026" : text;
      line.append(cell);
    });
    if (hasBars) {
      const cell = make("td", null, "bars"), bar = make("div", "", "bar");
      bar.style.width = `${(Number(row[table.bars]) / most * 100).toFixed(1)}%`;
      cell.append(bar);
      line.append(cell);
    }
    body.append(line);
  }
  const header = make("thead");
  header.append(head);
  element.append(header, body);
  wide.append(element);
  return wide;
}
