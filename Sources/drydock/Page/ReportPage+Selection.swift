// The page's script: what a stretch, an event or a moment is, in words.

extension ReportPage {
  static let selectionScript = #"""
    // What a stretch is, in words, with the rows of its events.
    function select(item) {
      selected = item;
      const detail = $("detail"), words = make("p", describe(item));
      words.id = "selected";
      detail.replaceChildren(words);
      for (const seq of [item.seq, item.endSeq]) if (seq && !item.merged) addEvent(detail, seq);
      draw();
    }
    // Mutexes held by a process, or held at all, at some time of a stretch.
    function holdsDuring(item, isWanted) {
      return holds.filter(h => h.start < item.end && h.end > item.start && !h.merged && isWanted(h));
    }
    const mutex = hold => `mutex ${hold.object}${hold.why ? ` "${hold.why}"` : ""}`;
    const unique = texts => [...new Set(texts)].join(", ");
    function describe(item) {
      const held = item.merged ? [] : holdsDuring(item, h => h.pid === item.pid);
      return describeState(item) + (held.length ? ` It holds ${unique(held.map(mutex))}.` : "");
    }
    function describeState(item) {
      if (item.merged) return `${number(item.merged)} short stretches from ${number(item.start)} to `
        + `${number(item.end)}, the longest of ${who(item.pid)}. `
        + (data.served ? "Zoom in to see them."
          : `The recording has them all: drydock report ${data.command_file} --from ${item.start} --to ${item.end}`);
      const time = `from ${number(item.start)} to ${number(item.end)} (${number(item.end - item.start)})`;
      const container = item.cid ? `, in container ${item.cid}` : "";
      const name = who(item.pid);
      switch (item.state) {
      case "running":
        return `${name} runs on hart ${item.hart} ${time}, at priority ${item.priority}${container}; `
          + (item.ending ? `then: ${item.ending}.`
            : item.end >= data.end ? "to the session's end." : "and longer.");
      case "runnable":
        return `${name} waits for a hart ${time}${container}, `
          + (item.why ? `after it had to give up its own (${item.why}).`
            : item.waker ? `made runnable by ${who(item.waker)}.` : "woken by the machine.");
      case "blocked":
        return `${name} is blocked ${time}${container}, on: ${item.why}${blockedOn(item)}.`;
      default: return `${name} has exited and waits to be reaped ${time}${container}.`;
      }
    }
    function blockedOn(item) {
      if (item.why !== "mutex") return item.object ? ` ${number(item.object)}` : "";
      const others = holdsDuring(item, h => h.object === item.object && h.pid !== item.pid);
      const name = others[0]?.why ? ` "${others[0].why}"` : "";
      return ` ${item.object}${name}`
        + (others.length ? `, held by ${unique(others.map(h => who(h.pid)))}` : "");
    }
    function selectEvent(seq) {
      const item = order.find(s => s.seq === seq && !s.merged)
        || states.find(s => s.seq === seq && !s.merged);
      if (item) {
        select(item);
        reveal(item.start, item.end);
        revealRow(item);
      } else {
        selected = null;
        $("detail").replaceChildren();
        addEvent($("detail"), seq, true);
      }
    }
    // Moves the window, if it has to, so that a stretch is in it and wide enough to be seen.
    function reveal(start, end = start) {
      const isIn = start >= from && start <= to, isWide = x(end) - x(start) > 3;
      if (isIn && (isWide || to - from <= NEAR)) return;
      const half = isWide ? (to - from) / 2 : Math.max(NEAR, (end - start) * 20) / 2;
      const middle = isWide ? start : (start + end) / 2;
      show(middle - half, middle + half);
    }
    // Scrolls, if it has to, so that a process's row can be seen.
    function revealRow(item) {
      const row = rowOf.get(item.pid), scroller = $("scroller");
      if (!row) return;
      const top = TOP + row.index * ROW;
      if (top >= scroller.scrollTop && top + ROW <= scroller.scrollTop + scroller.clientHeight) return;
      scroller.scrollTop = top - scroller.clientHeight / 2;
    }
    function mark(time) {
      cursor = time;
      reveal(time);
      draw();
    }
    // An event's line begins with its number, time, hart and process.
    function markEvent(line) {
      const [, time, , pid] = line.trim().split(/ +/).map(Number);
      mark(time);
      revealRow({ pid });
    }
    function stepTo(item) {
      if (!item) return;
      select(item);
      revealRow(item);
      if (item.start < from || item.end > to) {
        const span = Math.max(to - from, (item.end - item.start) * 2);
        show((item.start + item.end) / 2 - span / 2, (item.start + item.end) / 2 + span / 2);
      }
    }
    // Who was on each hart at a time, in words; idle harts come as hart, start, end and how many stretches
    // were put together.
    function describeTime(time, slices, idles) {
      selected = null;
      const without = hart => {
        const idle = idles.find(i => i[0] === hart && i[1] <= time && i[2] > time);
        return !idle ? "switching" : idle[3] ? "idle or switching" : "idle";
      };
      const detail = $("detail");
      detail.replaceChildren(make("p", `At ${number(time)}:`));
      if (time > data.end) {
        detail.replaceChildren(make("p", `The session ends at ${number(data.end)}.`));
      } else if (data.window && (time < data.window[0] || time > data.window[1])) {
        detail.replaceChildren(make("p", `At ${number(time)}: outside of the window of this page.`));
      } else for (let hart = 0; hart < data.harts; hart++) {
        const item = slices.find(s => s.hart === hart && s.start <= time && s.end >= time);
        detail.append(make("p", item ? describe(item) : `Hart ${hart} is ${without(hart)}.`));
      }
      draw();
    }
    """#
}
