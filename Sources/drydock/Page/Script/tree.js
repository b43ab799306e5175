// Containers and processes as a tree. Only what is in sight is made: one flat list of
// rows, indented by style, in a box as high as all of them.

// A narrow window has two lines for each process.
const isNarrow = matchMedia("(max-width: 560px)");
const treeRowHeight = () => isNarrow.matches ? 44 : 24;
let TREE_ROW = treeRowHeight();
isNarrow.addEventListener("change", () => { TREE_ROW = treeRowHeight(); fillTree(); });
const DEEPEST = 24, SMALL_TREE = 200, TREE_MOST = 410;
const tree = $("tree"), treeRows = $("tree-rows");
// Processes in order, each with how many are below it; those that are seen; what was folded by hand.
let below = [], treeList = [], treeAt = 0, folded = new Map(), livesBelow = [], levels = [];
// How deep each is among those that are listed.
function levelsOf(all, isWanted) {
  const found = new Int32Array(all.length), above = [];
  all.forEach((process, index) => {
    while (above.length && above.at(-1) >= process.depth) above.pop();
    found[index] = above.length;
    if (isWanted(process)) above.push(process.depth);
  });
  return found;
}
function fillTree() {
  const all = data.processes, isWanted = picker(), isPicked = isPicking();
  below = new Int32Array(all.length);
  livesBelow = new Uint8Array(all.length);
  // From the last to the first: what is deeper follows its parent at once.
  const open = [];
  for (let index = all.length - 1; index >= 0; index--) {
    livesBelow[index] |= all[index].end === null ? 1 : 0;
    while (open.length && all[open.at(-1)].depth > all[index].depth) {
      const child = open.pop();
      below[index] += below[child] + 1;
      livesBelow[index] |= livesBelow[child];
    }
    open.push(index);
  }
  const current = treeList[treeAt];
  treeList = [];
  levels = levelsOf(all, isWanted);
  for (let index = 0; index < all.length; index++) {
    if (isWanted(all[index])) treeList.push(index);
    if (!isPicked && isFolded(index)) index += below[index];
  }
  treeAt = Math.max(0, treeList.indexOf(current));
  treeRows.style.height = treeList.length * TREE_ROW + "px";
  // As many whole rows as there is room for.
  tree.style.height = Math.min(Math.floor(TREE_MOST / TREE_ROW), treeList.length) * TREE_ROW + 2 + "px";
  tellTree(isPicked);
  paintTree();
}
// In a large session those all of whose descendants have ended are folded.
const isFolded = index => below[index] > 0 && (folded.get(data.processes[index].pid)
  ?? (data.processes.length > SMALL_TREE && data.processes[index].depth > 0 && !livesBelow[index]));
function tellTree(isPicked) {
  const count = data.processes.length;
  tell("tree-note", isPicked ? `${number(treeList.length)} of ${plural(count, "process", "processes")} match.`
    : treeList.length < count ? `${number(treeList.length)} of ${plural(count, "process", "processes")} are listed; `
      + "the others are folded away." : "");
}
function paintTree(everything = printing) {
  const first = everything ? 0 : Math.max(0, Math.floor(tree.scrollTop / TREE_ROW) - 4);
  const final = Math.min(treeList.length,
    everything ? 500 : Math.ceil((tree.scrollTop + Math.max(tree.clientHeight, 24)) / TREE_ROW) + 4);
  const containers = new Map(data.containers.map(c => [c.init, c]));
  const made = [];
  for (let at = first; at < final; at++) made.push(treeRow(at, containers));
  treeRows.replaceChildren(...made);
  const active = treeList.length ? `tree-${data.processes[treeList[treeAt]].pid}` : "";
  if (active && document.getElementById(active)) tree.setAttribute("aria-activedescendant", active);
  else tree.removeAttribute("aria-activedescendant");
}
function treeRow(at, containers) {
  const index = treeList[at], process = data.processes[index], item = make("div", null, "leaf");
  item.id = `tree-${process.pid}`;
  item.setAttribute("role", "treeitem");
  const level = levels[index];
  item.setAttribute("aria-level", level + 1);
  item.setAttribute("aria-selected", at === treeAt);
  item.style.top = at * TREE_ROW + "px";
  item.style.setProperty("--depth", Math.min(level, DEEPEST));
  const twisty = make("span", "", "twisty");
  if (below[index] && !isPicking()) {
    twisty.textContent = isFolded(index) ? "\u25b8" : "\u25be";
    item.setAttribute("aria-expanded", !isFolded(index));
    twisty.onclick = event => { event.stopPropagation(); treeAt = at; fold(); };
  }
  twisty.setAttribute("aria-hidden", "true");
  const chip = make("span", "", "chip");
  chip.style.background = chipColour(process.cid, process.pid);
  const life = process.end === null ? `from ${number(process.start)}`
    : `${number(process.start)} to ${number(process.end)}, status ${process.status}`;
  const name = make("span", null, "name"), lived = make("span", null, "lived note");
  name.append(twisty, chip, who(process.pid) + " ");
  lived.append((level > DEEPEST ? `${number(level)} deep, ` : "") + life);
  item.append(name, lived);
  const container = containers.get(process.pid);
  if (container) {
    const place = make("span", null, "place");
    place.append(make("strong", ` container ${container.cid}`),
      make("span", (container.root ? ` at ${container.root}` : "")
        + (container.allowed === null ? "" : `, max ${container.allowed} processes`), "note"));
    item.append(place);
  }
  if (below[index] && isFolded(index) && !isPicking())
    lived.append(`, and ${number(below[index])} below it`);
  item.title = item.textContent.trim();
  item.onclick = () => { treeAt = at; openTreeRow(); };
  return item;
}
function fold(wanted) {
  const index = treeList[treeAt];
  if (index === undefined || !below[index]) return false;
  if (wanted === isFolded(index)) return false;
  folded.set(data.processes[index].pid, !isFolded(index));
  fillTree();
  return true;
}
// Leads to the process's row, or to where it lives if it has none.
function openTreeRow() {
  paintTree();
  const process = data.processes[treeList[treeAt]];
  if (!process) return;
  if (!livesHere(process)) {
    const end = process.end ?? data.end, margin = larger(NEAR / 4n, (end - process.start) / 4n);
    show(process.start - margin, end + margin);
  }
  const row = rowOf.get(process.pid);
  if (row) { choose(row); describeRow(); } else {
    selected = null;
    $("detail").replaceChildren(make("p", rowless(process.pid)));
    draw();
  }
}
function moveInTree(to) {
  if (!treeList.length) return;
  treeAt = Math.min(treeList.length - 1, Math.max(0, to));
  const top = treeAt * TREE_ROW;
  if (top < tree.scrollTop) tree.scrollTop = top;
  else if (top + TREE_ROW > tree.scrollTop + tree.clientHeight)
    tree.scrollTop = top + TREE_ROW - tree.clientHeight;
  paintTree();
}
// The parent of a row that is seen: the last one before it that is less deep.
function parentInTree() {
  const level = levels[treeList[treeAt]];
  for (let at = treeAt - 1; at >= 0; at--) if (levels[treeList[at]] < level) return at;
  return treeAt;
}
tree.addEventListener("scroll", () => paintTree());
tree.addEventListener("keydown", event => {
  const page = Math.max(1, Math.floor(tree.clientHeight / TREE_ROW) - 1);
  const actions = {
    ArrowDown: () => moveInTree(treeAt + 1), ArrowUp: () => moveInTree(treeAt - 1),
    PageDown: () => moveInTree(treeAt + page), PageUp: () => moveInTree(treeAt - page),
    Home: () => moveInTree(0), End: () => moveInTree(treeList.length - 1),
    ArrowRight: () => { if (!fold(false) && below[treeList[treeAt]]) moveInTree(treeAt + 1); },
    ArrowLeft: () => { if (!fold(true)) moveInTree(parentInTree()); },
    Enter: openTreeRow, " ": openTreeRow
  };
  if (!actions[event.key] || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  actions[event.key]();
});
