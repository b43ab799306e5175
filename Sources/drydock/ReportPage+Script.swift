// What the page does: draws the timeline on a canvas, only what is in view and never more than one
// stretch a pixel, and fills the tables.

extension ReportPage {
  static let script = #"""
    "use strict";
    const data = JSON.parse(document.getElementById("data").textContent);
    const $ = id => document.getElementById(id);
    const make = (tag, text, className) => {
      const element = document.createElement(tag);
      if (text !== undefined && text !== null) element.textContent = text;
      if (className) element.className = className;
      return element;
    };
    const number = value => value.toLocaleString("en").replaceAll(",", "\u202f");
    const STATES = ["runnable", "running", "blocked", "zombie"];

    // Stretches come as columns; `states` are rows of processes, `slices` rows of harts.
    function stretches(columns) {
      return columns.seq.map((seq, i) => ({
        seq, start: columns.start[i], end: columns.start[i] + columns.dur[i],
        pid: columns.pid[i], cid: columns.cid[i], state: STATES[columns.state[i]],
        hart: columns.hart[i], priority: columns.priority[i], why: data.words[columns.why[i]],
        object: columns.object[i], waker: columns.waker[i], ending: data.words[columns.ending[i]],
        endSeq: columns.endSeq[i], merged: columns.merged[i]
      }));
    }
    const slices = stretches(data.slices), states = stretches(data.states);
    const processes = new Map(data.processes.map(p => [p.pid, p]));
    const who = pid => pid ? `${processes.get(pid)?.name ?? "?"}(${pid})` : "the machine";

    // Rows: harts first, then processes in the order of who forked whom.
    const rows = [];
    for (let hart = 0; hart < data.harts; hart++)
      rows.push({ hart, label: `hart ${hart}`, items: [], marks: [], holds: [] });
    const rowOf = new Map();
    for (const process of data.processes) {
      if (!process.shown) continue;
      const row = { pid: process.pid, items: [], marks: [], holds: [], depth: process.depth,
        label: "  ".repeat(Math.min(process.depth, 6)) + who(process.pid), cid: process.cid };
      rowOf.set(process.pid, row);
      rows.push(row);
    }
    for (const slice of slices) rows[slice.hart]?.items.push(slice);
    for (const state of states) rowOf.get(state.pid)?.items.push(state);
    for (const mark of data.marks) rowOf.get(mark.pid)?.marks.push(mark);
    for (const hold of data.holds) rowOf.get(hold.pid)?.holds.push(hold);
    const arrows = states.filter(s => s.state === "runnable" && s.waker && !s.merged);
    rows.forEach((row, index) => { row.index = index; });
    const order = [...slices].sort((a, b) => a.start - b.start || a.seq - b.seq);

    // Colours: a hue for each container, a shade for each process in it.
    const HUES = [212, 28, 140, 330, 190, 265, 55, 0, 95, 300];
    const dark = matchMedia("(prefers-color-scheme: dark)");
    function colour(cid, pid) {
      const light = dark.matches ? 54 + pid * 7 % 16 : 36 + pid * 7 % 14;
      if (cid === 0) return `hsl(212 ${dark.matches ? 14 : 16}% ${light}%)`;
      return `hsl(${HUES[(cid - 1) % HUES.length]} ${dark.matches ? 62 : 68}% ${light}%)`;
    }
    let theme = {};
    function readTheme() {
      const style = getComputedStyle(document.documentElement);
      for (const name of ["paper", "ink", "faint", "rule", "row", "accent", "bad", "lock", "wait"])
        theme[name] = style.getPropertyValue("--" + name).trim();
    }

    const canvas = $("canvas"), context = canvas.getContext("2d");
    const LABEL = 190, ROW = 19, TOP = 26;
    const last = Math.max(1, data.busy_end);
    let from = 0, to = last * 1.01, selected = null, pending = false;
    const width = () => canvas.clientWidth - LABEL - 8;
    const x = time => LABEL + (time - from) / (to - from) * width();

    function clampWindow() {
      const most = Math.max(data.end, last) * 1.02;
      let span = Math.min(Math.max(to - from, 20), most);
      from = Math.min(Math.max(from, -span * 0.02), most - span);
      to = from + span;
    }
    function show(a, b) { from = a; to = b; clampWindow(); draw(); }
    function middle() {
      const isInView = selected && selected.end >= from && selected.start <= to;
      return isInView ? Math.min(Math.max((selected.start + selected.end) / 2, from), to)
        : (from + to) / 2;
    }
    function zoom(factor, at = middle()) {
      show(at - (at - from) * factor, at + (to - at) * factor);
    }
    function pan(share) { show(from + (to - from) * share, to + (to - from) * share); }

    function draw() {
      if (pending) return;
      pending = true;
      requestAnimationFrame(() => { pending = false; paint(); });
    }

    // The first stretch that ends after `time`.
    function firstAfter(items, time) {
      let low = 0, high = items.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (items[middle].end < time) low = middle + 1; else high = middle;
      }
      return low;
    }

    function paint() {
      const ratio = devicePixelRatio || 1, height = TOP + rows.length * ROW + 8;
      const wide = canvas.clientWidth;
      if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(height * ratio)) {
        canvas.style.height = height + "px";
        canvas.width = Math.round(wide * ratio);
        canvas.height = Math.round(height * ratio);
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.fillStyle = theme.paper;
      context.fillRect(0, 0, wide, height);
      context.font = '12px system-ui, "DejaVu Sans", sans-serif';
      context.textBaseline = "middle";
      paintAxis(height);
      for (const row of rows) paintRow(row, wide);
      if ($("arrows").checked) paintArrows();
      paintSelection();
      $("window").textContent = `${number(Math.max(0, Math.round(from)))} to ${number(Math.round(to))}`;
    }

    function paintAxis(height) {
      const target = (to - from) / Math.max(2, width() / 110);
      const power = 10 ** Math.floor(Math.log10(target));
      const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= target) || power * 10;
      for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) {
        if (tick < 0) continue;
        const place = Math.round(x(tick)) + 0.5;
        context.strokeStyle = theme.rule;
        context.beginPath();
        context.moveTo(place, TOP - 6);
        context.lineTo(place, height);
        context.stroke();
        context.fillStyle = theme.faint;
        context.fillText(number(Math.round(tick)), place + 3, 11);
      }
    }

    function paintRow(row, wide) {
      const y = TOP + row.index * ROW;
      if (row.index % 2) {
        context.globalAlpha = 0.5;
        context.fillStyle = theme.row;
        context.fillRect(0, y, wide, ROW);
        context.globalAlpha = 1;
      }
      if (row.index === data.harts) {
        context.fillStyle = theme.rule;
        context.fillRect(0, y - 1, wide, 1);
      }
      context.save();
      context.beginPath();
      context.rect(LABEL, y, wide - LABEL, ROW);
      context.clip();
      let painted = -1;
      for (let i = firstAfter(row.items, from); i < row.items.length; i++) {
        const item = row.items[i];
        if (item.start > to) break;
        const left = x(item.start), right = Math.max(x(item.end), left + 0.75);
        // Of what shares a pixel only what runs is worth it.
        if (right < painted + 0.5 && item.state !== "running") continue;
        paintItem(item, left, right, y);
        painted = Math.max(painted, right);
      }
      for (const hold of row.holds) {
        if (hold.start > to || hold.start + hold.dur < from) continue;
        const left = x(hold.start);
        context.fillStyle = theme.lock;
        context.fillRect(left, y + ROW - 4, Math.max(1, x(hold.start + hold.dur) - left), 3);
      }
      for (const mark of row.marks) {
        if (mark.time < from || mark.time > to) continue;
        const place = x(mark.time);
        context.fillStyle = theme.bad;
        context.beginPath();
        if (mark.violation) {
          context.arc(place, y + ROW / 2, 6, 0, 7);
        } else {
          context.moveTo(place, y + 1);
          context.lineTo(place + 4.5, y + 9);
          context.lineTo(place - 4.5, y + 9);
        }
        context.fill();
      }
      context.restore();
      context.fillStyle = theme.paper;
      context.fillRect(0, y + 1, LABEL - 4, ROW - 2);
      if (row.cid !== undefined && row.cid !== 0) {
        context.fillStyle = colour(row.cid, 0);
        context.fillRect(2, y + 4, 4, ROW - 8);
      }
      context.fillStyle = row.hart !== undefined ? theme.ink : theme.faint;
      context.fillText(row.label, 10, y + ROW / 2, LABEL - 18);
    }

    function paintItem(item, left, right, y) {
      switch (item.state) {
      case "running":
        context.fillStyle = colour(item.cid, item.pid);
        context.globalAlpha = item.merged ? 0.7 : 1;
        context.fillRect(left, y + 3, right - left, ROW - 7);
        context.globalAlpha = 1;
        if (right - left > 46) {
          context.fillStyle = dark.matches ? "#10151b" : "#ffffff";
          const start = Math.max(left, LABEL) + 4;
          if (right - start > 40) context.fillText(who(item.pid), start, y + ROW / 2, right - start - 6);
        }
        break;
      case "runnable":
        context.fillStyle = theme.wait;
        context.globalAlpha = 0.75;
        context.fillRect(left, y + 6, right - left, ROW - 13);
        context.globalAlpha = 1;
        break;
      case "blocked":
        context.fillStyle = item.why === "mutex" ? theme.lock : theme.rule;
        context.fillRect(left, y + ROW / 2 - 1, right - left, 2);
        break;
      case "zombie":
        context.fillStyle = theme.faint;
        for (let place = Math.max(left, LABEL); place < Math.min(right, canvas.clientWidth); place += 5)
          context.fillRect(place, y + ROW / 2 - 1, 2, 2);
        break;
      }
    }

    function paintArrows() {
      const visible = [];
      for (const item of arrows) {
        if (item.start < from || item.start > to) continue;
        visible.push(item);
        if (visible.length > 400) return;
      }
      context.strokeStyle = theme.accent;
      context.fillStyle = theme.accent;
      context.globalAlpha = 0.65;
      for (const item of visible) {
        const source = rowOf.get(item.waker), target = rowOf.get(item.pid);
        if (!source || !target || source === target) continue;
        const place = x(item.start), a = TOP + source.index * ROW + ROW / 2,
          b = TOP + target.index * ROW + ROW / 2, up = b < a ? 1 : -1;
        if (place < LABEL) continue;
        context.beginPath();
        context.moveTo(place, a);
        context.lineTo(place, b);
        context.stroke();
        context.beginPath();
        context.moveTo(place, b);
        context.lineTo(place - 3, b + 5 * up);
        context.lineTo(place + 3, b + 5 * up);
        context.fill();
      }
      context.globalAlpha = 1;
    }

    function paintSelection() {
      if (!selected || selected.end < from || selected.start > to) return;
      for (const row of rows) {
        const isHere = selected.state === "running"
          ? row.hart === selected.hart || row.pid === selected.pid : row.pid === selected.pid;
        if (!isHere) continue;
        const left = Math.max(x(selected.start), LABEL), right = Math.max(x(selected.end), left + 2);
        context.strokeStyle = theme.ink;
        context.lineWidth = 2;
        context.strokeRect(left - 1, TOP + row.index * ROW + 1, right - left + 2, ROW - 3);
        context.lineWidth = 1;
      }
    }

    // What a stretch is, in words, with the rows of its events.
    function select(item) {
      selected = item;
      const detail = $("detail");
      detail.replaceChildren(make("p", describe(item)));
      for (const seq of [item.seq, item.endSeq]) if (seq && !item.merged) addEvent(detail, seq);
      draw();
    }
    function describe(item) {
      if (item.merged) return `${item.merged} short stretches from ${number(item.start)} to `
        + `${number(item.end)}, the most of them of ${who(item.pid)}. The recording has them all: `
        + `drydock report --from ${item.start} --to ${item.end}.`;
      const time = `from ${number(item.start)} to ${number(item.end)} (${number(item.end - item.start)})`;
      const container = item.cid ? `, in container ${item.cid}` : "";
      const name = who(item.pid);
      switch (item.state) {
      case "running":
        return `${name} runs on hart ${item.hart} ${time}, at priority ${item.priority}${container}; `
          + (item.ending ? `then: ${item.ending}.`
            : "to the session's end.");
      case "runnable":
        return `${name} waits for a hart ${time}${container}, `
          + (item.why ? `after it had to give up its own (${item.why}).`
            : item.waker ? `made runnable by ${who(item.waker)}.` : "woken by the machine.");
      case "blocked":
        return `${name} is blocked ${time}${container}, on: ${item.why}`
          + (item.object ? ` ${number(item.object)}.` : ".");
      default: return `${name} has exited and waits to be reaped ${time}${container}.`;
      }
    }
    function addEvent(place, seq) {
      const line = data.events?.[seq - data.first_event];
      place.append(make("pre", line === undefined
        ? `drydock query ${data.file} "SELECT * FROM event WHERE seq = ${seq}"` : line));
    }
    function selectEvent(seq, time) {
      const item = order.find(s => s.seq === seq) || states.find(s => s.seq === seq);
      if (item) { select(item); }
      else {
        selected = null;
        $("detail").replaceChildren();
        addEvent($("detail"), seq);
      }
      if (time < from || time > to) {
        const half = (to - from) / 2;
        show(time - half, time + half);
      }
    }
    function step(direction) {
      let index = selected ? order.indexOf(order.find(s => s.seq === selected.seq)) : -1;
      if (index < 0) {
        const at = selected ? selected.start : from;
        index = order.findIndex(s => s.start >= at);
        if (direction < 0) index--;
      } else index += direction;
      const item = order[index];
      if (!item) return;
      select(item);
      if (item.start < from || item.end > to) {
        const span = Math.max(to - from, (item.end - item.start) * 2);
        show((item.start + item.end) / 2 - span / 2, (item.start + item.end) / 2 + span / 2);
      }
    }

    // Pointer, wheel and keys.
    let drag = null;
    const timeAt = event => from + (event.offsetX - LABEL) / width() * (to - from);
    canvas.addEventListener("pointerdown", event => {
      drag = { x: event.clientX, from, to, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", event => {
      if (!drag) return;
      const distance = event.clientX - drag.x;
      if (Math.abs(distance) > 3) drag.moved = true;
      if (!drag.moved) return;
      const shift = distance / width() * (drag.to - drag.from);
      show(drag.from - shift, drag.to - shift);
    });
    canvas.addEventListener("pointerup", event => {
      if (drag && !drag.moved) pick(event);
      drag = null;
    });
    function pick(event) {
      const row = rows[Math.floor((event.offsetY - TOP) / ROW)];
      if (!row) return;
      const slack = 4 / width() * (to - from), time = timeAt(event);
      const mark = row.marks.find(m => Math.abs(m.time - time) < slack);
      if (mark) {
        selected = null;
        $("detail").replaceChildren(make("p", mark.what));
        addEvent($("detail"), mark.seq);
        draw();
        return;
      }
      let best = null;
      for (let i = firstAfter(row.items, time - slack); i < row.items.length; i++) {
        const item = row.items[i];
        if (item.start > time + slack) break;
        const distance = time < item.start ? item.start - time : time > item.end ? time - item.end : 0;
        if (!best || distance < best.distance) best = { item, distance };
      }
      if (best) select(best.item);
    }
    canvas.addEventListener("wheel", event => {
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        pan((event.deltaX || event.deltaY) / 1200);
      } else if (event.ctrlKey || event.metaKey || $("scroller").scrollHeight <= 562) {
        event.preventDefault();
        zoom(Math.exp(event.deltaY / 400), timeAt(event));
      }
    }, { passive: false });
    canvas.addEventListener("dblclick", event => zoom(0.25, timeAt(event)));
    canvas.addEventListener("keydown", event => {
      const actions = {
        "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
        ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), Home: () => show(0, last * 1.01),
        n: () => step(1), p: () => step(-1)
      };
      if (!actions[event.key] || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      actions[event.key]();
    });
    $("zoom-in").onclick = () => zoom(0.5);
    $("zoom-out").onclick = () => zoom(2);
    $("left").onclick = () => pan(-0.4);
    $("right").onclick = () => pan(0.4);
    $("busy").onclick = () => show(0, last * 1.01);
    $("previous").onclick = () => step(-1);
    $("next").onclick = () => step(1);
    $("arrows").onchange = draw;
    addEventListener("resize", draw);
    dark.addEventListener("change", () => { readTheme(); fillLegend(); draw(); });

    function fillLegend() {
      const entries = [["running, outside containers", colour(0, 1)]];
      for (const container of data.containers)
        entries.push([`running, container ${container.cid}`, colour(container.cid, 1)]);
      entries.push(["waits for a hart", theme.wait], ["blocked", theme.rule],
        ["waits for or holds a mutex", theme.lock], ["refused, fault, kill", theme.bad],
        ["woken by", theme.accent]);
      $("legend").replaceChildren(...entries.slice(0, 16).map(([text, background]) => {
        const item = make("li"), chip = make("i");
        chip.style.background = background;
        item.append(chip, text);
        return item;
      }));
    }

    function fillTree() {
      const children = new Map();
      for (const process of data.processes) {
        const parent = processes.has(process.parent) ? process.parent : 0;
        if (!children.has(parent)) children.set(parent, []);
        children.get(parent).push(process);
      }
      const containers = new Map(data.containers.map(c => [c.init, c]));
      let left = 2000;
      const list = parent => {
        const ul = make("ul");
        for (const process of children.get(parent) ?? []) {
          if (left-- <= 0) break;
          const li = make("li"), chip = make("span", "", "chip");
          chip.style.background = colour(process.cid, 1);
          const life = process.end === null ? `from ${number(process.start)}`
            : `${number(process.start)} to ${number(process.end)}, status ${process.status}`;
          li.append(chip, who(process.pid) + " ", make("span", life, "note"));
          const container = containers.get(process.pid);
          if (container) li.append(make("strong", `  container ${container.cid}`),
            make("span", (container.root ? ` at ${container.root}` : "")
              + (container.allowed === null ? "" : `, at most ${container.allowed} processes`), "note"));
          if (children.has(process.pid)) li.append(list(process.pid));
          ul.append(li);
        }
        return ul;
      };
      $("tree").append(list(0));
      if (left < 0) $("tree").append(make("p", "More are left out.", "none"));
    }

    function fillTables() {
      for (const group of data.groups) {
        const section = make("section");
        section.append(make("h2", group.title));
        for (const table of group.tables) section.append(tableElement(table));
        $("tables").append(section);
      }
    }
    function tableElement(table) {
      const details = make("details");
      details.open = table.rows.length > 0 && table.rows.length <= 200;
      details.append(make("summary", `${table.title} (${table.total})`));
      if (!table.rows.length) {
        details.append(make("p", "none", "none"));
        return details;
      }
      const wide = make("div", "", "wide"), element = make("table"), head = make("tr");
      wide.tabIndex = 0;
      wide.setAttribute("role", "region");
      wide.setAttribute("aria-label", table.title);
      for (const [index, column] of table.columns.entries()) {
        const isNumber = typeof table.rows[0][index] === "number";
        const cell = make("th", column.replaceAll("_", " "), isNumber ? "number" : "");
        cell.scope = "col";
        head.append(cell);
      }
      if (table.bars !== null) head.append(make("th", ""));
      const body = make("tbody"), sequence = table.columns.indexOf("seq"),
        time = table.columns.indexOf("time");
      const most = table.bars === null ? 0 : Math.max(...table.rows.map(r => r[table.bars]), 1);
      for (const row of table.rows) {
        const line = make("tr");
        row.forEach((value, index) => {
          const isNumber = typeof value === "number";
          const cell = make("td", null, isNumber ? "number" : index === row.length - 1 ? "story" : "");
          const text = value === null ? "" : isNumber ? number(value) : value;
          if (index === sequence && isNumber && time >= 0) {
            const jump = make("button", text, "jump");
            jump.setAttribute("aria-label", `Show event ${value} in the timeline`);
            jump.onclick = () => { selectEvent(value, row[time]); canvas.scrollIntoView(); };
            cell.append(jump);
          } else cell.textContent = text;
          line.append(cell);
        });
        if (table.bars !== null) {
          const cell = make("td"), bar = make("span", "", "bar");
          bar.style.width = `${Math.round(row[table.bars] / most * 200)}px`;
          cell.append(bar);
          line.append(cell);
        }
        body.append(line);
      }
      const header = make("thead");
      header.append(head);
      element.append(header, body);
      wide.append(element);
      details.append(wide);
      if (table.total > table.rows.length)
        details.append(make("p", `${table.total - table.rows.length} more are left out.`, "none"));
      return details;
    }

    $("summary").textContent = data.summary;
    readTheme();
    fillLegend();
    fillTree();
    fillTables();
    draw();
    """#
}
