// Where the page holds a comparison: a row for each hart of each machine, all in one time.

// What else the page could show is of one session.
function ask() {}
const isSettled = () => true;
const loaded = null;
function beyond() { return { slices: [], states: [], marks: [] }; }
function addEvent() {}
function step(direction) {
  if (chosen) return stepInRow(direction);
  const index = selected ? order.indexOf(selected) + direction
    : order.findIndex(s => s.start >= from);
  stepTo(order[index]);
}
function selectTime(time) {
  show(time - 50000n, time + 50000n);
  mark(time);
  describeTime(time, order, idles);
}
const timeline = () => data.timeline;
const overview = () => order;
async function statesIn() { return states; }
function trouble(error) { throw error; }
$("timeline-title").textContent = data.lanes_title;
for (const id of ["filter", "which", "go", "next-mark", "sum-up"]) $(id).hidden = true;
for (const id of ["fold", "plumbing", "arrows", "hops"]) $(id).parentElement.hidden = true;
$("tree").parentElement.hidden = true;
$("detail").replaceChildren(make("p", "Click a stretch of a timeline, or go through them with n and p; "
  + "up and down choose a row. All timelines show the same window of time."));
fillRows(timeline());
fillTables(data.groups);
readAddress();
