// Where `drydock serve` answers what the page asks.

// A page that asks for what it shows. One window is asked for at a time, wider and closer than what is
// in view, so that moving and zooming a little needs nothing.
let loaded = null, asking = false, askAgain = false, shown = {}, stepping = Promise.resolve();

async function get(address, options) {
  const response = await fetch(address, options);
  const answer = await response.json();
  if (answer.error && !options) throw new Error(answer.error);
  return answer;
}
function trouble(error) {
  if (error.name === "AbortError") return;
  $("trouble").textContent = error instanceof TypeError
    ? "drydock serve does not answer; it may have ended." : error.message;
}
function isLacking() {
  if (!loaded || loaded.isStale) return true;
  const pixel = Number(to - from) / width();
  const first = larger(0n, from), final = smaller(data.end, to);
  return first < loaded.from || final > loaded.to || pixel > loaded.pixel * 8
    || loaded.pids !== pidsWanted()
    || (loaded.shortest > pixel || rest?.count > 0 || !shown.events) && pixel < loaded.pixel * 0.9;
}
const isSettled = () => !asking && !isLacking();
async function ask() {
  if (asking) { askAgain = true; return; }
  if (!isLacking()) return;
  asking = true;
  askAgain = false;
  const span = to - from, margin = span / 2n, pids = pidsWanted();
  const first = larger(0n, from - margin);
  const final = larger(first, smaller(data.end, to + margin));
  const pixels = Math.max(1, Math.round(width() * Number(final - first) / Number(span)));
  try {
    const answer = await get(`window?from=${first}&to=${final}&pixels=${pixels}${pids}`);
    loaded = { from: first, to: final, pixel: Number(final - first) / pixels, pids,
      shortest: Number(answer.shortest), isStale: false };
    readTo = exactOrNull(answer.read_to);
    shown = answer;
    fillRows(shown);
    // Who holds what is known only now.
    if (selected && $("selected")) $("selected").textContent = describe(selected);
    draw();
    if (readTo !== null && readTo < final && readTo < data.end && !answer.failed) setTimeout(() => { loaded.isStale = true; ask(); }, 300);
    showProgress(answer);
  } catch (error) {
    trouble(error);
    setTimeout(() => { askAgain = false; ask(); }, 2000);
  }
  asking = false;
  if (askAgain) ask();
}

// Whose stretches are asked for: those that were picked out, or whoever runs longest.
function pidsWanted() {
  if (!isPicking()) return "";
  const all = data.processes.filter(picker()).filter(p => !$("fold").checked || livesHere(p));
  return "&pids=" + all.sort((a, b) => a.ran < b.ran ? 1 : a.ran > b.ran ? -1 : a.pid - b.pid)
    .slice(0, MOST).map(p => p.pid).join();
}
// The whole session, for the small map of it.
let seenWhole = [], seenUpTo = -1;
const overview = () => seenWhole;
async function askOverview() {
  if (seenUpTo === data.read) return;
  seenUpTo = data.read;
  const answer = await get(`window?from=0&to=${data.end}&pixels=600&pids=`);
  seenWhole = stretches(answer.slices, answer.words);
  draw();
}
// What every process did from one time to another.
async function statesIn(first, final) {
  if (loaded && loaded.from <= first && loaded.to >= final && loaded.shortest <= 1 && !rest?.count)
    return states;
  const answer = await get(`window?from=${first}&to=${final}&pixels=20000`);
  return stretches(answer.states, answer.words);
}

async function addEvent(place, seq, marking) {
  // Two events may be asked for at once, and stay in their order.
  const item = make("div");
  place.append(item);
  try {
    const answer = await get(`event?seq=${seq}`);
    item.append(make("pre", answer.line));
    for (const row of answer.rows) {
      const known = row.columns.map((_, i) => row.rows.some(r => r[i] !== null));
      const pick = values => values.filter((_, i) => known[i]);
      item.append(
        make("p", row.query + (known.includes(false) ? "; what is NULL is left out" : ""), "note"),
        grid({ columns: pick(row.columns), rows: row.rows.map(pick) }, row.query));
    }
    if (marking) markEvent(answer.line);
  } catch (error) { item.append(make("p", error.message)); }
}
async function slice(query) {
  const answer = await get(`slice?${query}`);
  return stretches(answer.slices, answer.words)[0];
}
// What there is before or after what is loaded.
async function beyond(direction) {
  const [first, final] = direction > 0 ? [loaded?.to ?? 0n, data.end] : [0n, loaded?.from ?? 0n];
  if (first >= final) return { slices: [], states: [], marks: [] };
  const answer = await get(`window?from=${first}&to=${final}&pixels=${Math.round(width())}`);
  return { slices: stretches(answer.slices, answer.words), states: stretches(answer.states, answer.words),
    marks: markList(answer.marks, answer.words) };
}
// Each step begins where the one before has led to, however fast they are asked for.
function step(direction) {
  stepping = stepping.then(() => takeStep(direction));
}
async function takeStep(direction) {
  try {
    if (chosen) return await stepInRow(direction);
    const where = direction > 0 ? "after" : "before";
    if (selected && !selected.merged && selected.state === "running")
      return stepTo(await slice(`${where}=${selected.seq}`));
    const at = larger(0n, selected ? selected.start : from);
    stepTo(await slice(`${where}_time=${at}`));
  } catch (error) { trouble(error); }
}
async function selectTime(time) {
  show(time - 50000n, time + 50000n);
  mark(time);
  try {
    // After the end there is nothing to ask for.
    const at = smaller(time, data.end), answer = await get(`window?from=${at}&to=${at}&pixels=1`);
    describeTime(time, stretches(answer.slices, answer.words),
      answer.idles.map(([hart, start, end, count]) => [hart, exact(start), exact(end), count]));
  } catch (error) { trouble(error); }
}

// How far the server has read, and whether there is more to come.
let tablesUpTo = -1, wasFinished = false;
function showProgress(answer) {
  const words = [];
  if (answer.state === "recording")
    words.push(`Still being recorded, shown as far as event ${number(answer.known)}.`);
  if (answer.state === "cut")
    words.push(`The recording was cut short after event ${number(answer.known)}.`);
  if (answer.read < answer.known)
    words.push(`Reading: event ${number(answer.read)} of ${number(answer.known)}.`);
  const text = words.join(" ");
  if ($("state").textContent !== text) $("state").textContent = text;
  $("trouble").textContent = answer.trouble ?? "";
  $("refresh").hidden = answer.state === "complete";
}
async function refresh() {
  try {
    const now = await get("progress"), isFinished = now.read >= now.known;
    showProgress(now);
    if (now.known !== data.known || now.state !== data.state || isFinished && !wasFinished) {
      wasFinished = isFinished;
      takeSession(await get("session"));
    }
    data.read = now.read;
    data.failed = now.failed;
    await askOverview();
    if (tablesUpTo < 0 || data.state === "complete" && tablesUpTo !== data.known) await askTables();
  } catch (error) { trouble(error); }
}
function takeSession(answer) {
  const wasAtEnd = from <= 0n && to >= data.end, end = data.end;
  takeData(answer);
  fillTree();
  fillRows(shown);
  if (loaded) loaded.isStale = true;
  if (wasAtEnd && data.end !== end) showAll();
  else {
    clampWindow();
    draw();
    ask();
  }
}
async function askTables() {
  const answer = await get("tables");
  if (!answer.ready) {
    $("tables").replaceChildren(make("p",
      `The tables come when all events have been read: ${number(answer.read)} of ${number(answer.known)}.`,
      "none"));
    return;
  }
  tablesUpTo = answer.up_to;
  fillTables(answer.groups);
}
// A recording that was cut short is looked at now and then: it may only have seemed so.
async function watch() {
  await refresh();
  const isWhole = data.state === "complete";
  const isDone = isWhole && (tablesUpTo === data.known || data.failed);
  if (!isDone) setTimeout(watch, isWhole ? 500 : 2000);
}
$("refresh").onclick = () => { tablesUpTo = -1; refresh(); };

fillRows(shown);
showProgress(data);
ask();
watch();
readAddress();
