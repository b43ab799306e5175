// Where the page holds its session.

// A page that holds its session: everything is there.
function ask() {}
const isSettled = () => true;
const loaded = null;
function beyond() { return { slices: [], states: [], marks: [] }; }
function addEvent(place, seq, marking) {
  if (seq < 1 || seq > data.known) {
    place.append(make("p", `no event ${seq}: expected a number from 1 to ${data.known}`));
    return;
  }
  const line = eventLine(seq);
  place.append(make("pre",
    line ?? `drydock query ${data.command_file} "SELECT * FROM event WHERE seq = ${seq}"`));
  if (marking && line) markEvent(line);
}
function step(direction) {
  if (chosen) return stepInRow(direction);
  let index = selected ? order.findIndex(s => s.seq === selected.seq) : -1;
  if (index < 0) {
    const at = selected ? selected.start : from;
    index = order.findIndex(s => s.start >= at);
    if (direction < 0) index--;
  } else index += direction;
  stepTo(order[index]);
}
function selectTime(time) {
  show(time - 50000n, time + 50000n);
  mark(time);
  describeTime(time, order, idles);
}
if (data.window) {
  $("busy").textContent = "Whole window";
  $("busy").title = "What this page shows (Home)";
}
const timeline = () => data.timeline;
const overview = () => order;
async function statesIn() { return states; }
function trouble(error) { throw error; }
fillRows(timeline());
fillTables(data.groups);
readAddress();
