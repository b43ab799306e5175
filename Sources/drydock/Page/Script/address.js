// The moment in the page's address, so that a link leads there: the window, the event
// or time that was chosen, the row, the range, and the filter.

let addressTimer = null, wasRead = false;
function address() {
  const found = [], [first, final] = whole();
  const isWhole = from <= larger(0n, first) && to >= smaller(final, data.end);
  if (!isWhole) found.push(["from", larger(0n, from)], ["to", to]);
  if (selected?.seq) found.push(["event", selected.seq]);
  else if (marked !== null) found.push(["event", marked]);
  else if (cursor !== null) found.push(["time", cursor]);
  if (chosen && !selected) found.push(["row", chosen.key]);
  if (range) found.push(["range", range.join("-")]);
  if ($("filter").value) found.push(["filter", $("filter").value]);
  return found.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
}
function keepAddress() {
  if (!wasRead) return;
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    const now = address();
    if (location.hash.slice(1) === now) return;
    // Without a trace in the history: going back leaves the page.
    try { history.replaceState(null, "", now ? "#" + now : location.pathname + location.search); } catch {}
  }, 200);
}
async function readAddress() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const count = name => /^[0-9]{1,19}$/.test(wanted.get(name) ?? "") ? BigInt(wanted.get(name)) : null;
  if (wanted.has("filter")) {
    $("filter").value = wanted.get("filter");
    layRows();
    fillTree();
  }
  const [event, time, first, final] = ["event", "time", "from", "to"].map(count);
  if (first !== null && final !== null && final > first) show(first, final);
  const span = [from, to];
  // The window of a link stays, wherever in it the event turns out to be.
  if (event !== null) await selectEvent(Number(event));
  else if (time !== null) selectTime(time);
  if (first !== null && final !== null && final > first) show(...span);
  const row = rows.find(r => String(r.key) === wanted.get("row"));
  if (row) {
    choose(row);
    if (event === null && time === null) describeRow();
  }
  const edges = /^([0-9]{1,19})-([0-9]{1,19})$/.exec(wanted.get("range") ?? "");
  if (edges) setRange(BigInt(edges[1]), BigInt(edges[2]));
  wasRead = true;
}
addEventListener("hashchange", readAddress);
