// The page's script: what a stretch, an event or a moment is, in words.

extension ReportPage {
  static let selectionScript = #"""
    // What a stretch is, in words, with the rows of its events.
    function select(item) {
      selected = item;
      const detail = $("detail");
      detail.replaceChildren(make("p", describe(item)));
      for (const seq of [item.seq, item.endSeq]) if (seq && !item.merged) addEvent(detail, seq);
      draw();
    }
    function describe(item) {
      if (item.merged) return `${number(item.merged)} short stretches from ${number(item.start)} to `
        + `${number(item.end)}, the longest of ${who(item.pid)}. `
        + (data.served ? "Zoom in to see them."
          : `The recording has them all: drydock report --from ${item.start} --to ${item.end}.`);
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
    function selectEvent(seq) {
      const item = order.find(s => s.seq === seq && !s.merged)
        || states.find(s => s.seq === seq && !s.merged);
      if (item) {
        select(item);
        reveal(item.start);
      } else {
        selected = null;
        $("detail").replaceChildren();
        addEvent($("detail"), seq, true);
      }
    }
    // Moves the window, if it has to, so that a time is in it.
    function reveal(time) {
      if (time >= from && time <= to) return;
      const half = (to - from) / 2;
      show(time - half, time + half);
    }
    function mark(time) {
      cursor = time;
      reveal(time);
      draw();
    }
    function stepTo(item) {
      if (!item) return;
      select(item);
      if (item.start < from || item.end > to) {
        const span = Math.max(to - from, (item.end - item.start) * 2);
        show((item.start + item.end) / 2 - span / 2, (item.start + item.end) / 2 + span / 2);
      }
    }
    // Who was on each hart at a time, in words.
    function describeTime(time, slices) {
      selected = null;
      const detail = $("detail");
      detail.replaceChildren(make("p", `At ${number(time)}:`));
      for (let hart = 0; hart < data.harts; hart++) {
        const item = slices.find(s => s.hart === hart && s.start <= time && s.end >= time);
        detail.append(make("p", item ? describe(item) : `Hart ${hart} is idle.`));
      }
      draw();
    }
    """#
}
