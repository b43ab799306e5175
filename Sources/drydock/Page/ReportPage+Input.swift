// The page's script: pointer, wheel, keys and buttons.

extension ReportPage {
  static let inputScript = #"""
    // Pointers: one moves the window, two stretch it; up and down are left to the browser's scrolling.
    let drag = null;
    const pointers = new Map();
    const timeAt = event => from + (event.offsetX - LABEL) / width() * (to - from);
    function grip() {
      const places = [...pointers.values()], [a, b] = places;
      return { x: places.reduce((sum, p) => sum + p.x, 0) / places.length,
        apart: b ? Math.hypot(a.x - b.x, a.y - b.y) : 0 };
    }
    function beginDrag(moved) { drag = { ...grip(), from, to, moved }; }
    canvas.addEventListener("pointerdown", event => {
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      canvas.setPointerCapture(event.pointerId);
      beginDrag(pointers.size > 1);
    });
    canvas.addEventListener("pointermove", event => {
      if (!pointers.has(event.pointerId)) return;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      const now = grip();
      if (Math.abs(now.x - drag.x) > 3) drag.moved = true;
      if (!drag.moved) return;
      // The time between the fingers stays between them.
      const edge = canvas.getBoundingClientRect().left + LABEL;
      const span = (drag.to - drag.from) * (drag.apart ? drag.apart / Math.max(20, now.apart) : 1);
      const at = drag.from + (drag.x - edge) / width() * (drag.to - drag.from);
      const start = at - (now.x - edge) / width() * span;
      show(start, start + span);
    });
    canvas.addEventListener("pointerup", event => {
      if (drag && !drag.moved && pointers.has(event.pointerId)) pick(event);
      release(event);
    });
    canvas.addEventListener("pointercancel", release);
    function release(event) {
      pointers.delete(event.pointerId);
      if (pointers.size) beginDrag(true); else drag = null;
    }
    function pick(event) {
      const row = rowAt(event.offsetY);
      if (!row) return;
      choose(row);
      if (event.offsetX < LABEL - 4) {
        describeRow();
        return;
      }
      const reach = event.pointerType === "touch" ? 12 : 4;
      const slack = reach / width() * (to - from), time = timeAt(event);
      const near = row.marks.filter(m => Math.abs(m.start - time) < slack);
      const mark = SORTS.map(sort => near.find(m => m.sort === sort)).findLast(m => m);
      if (mark) {
        select(mark);
        return;
      }
      let best = null;
      for (let i = firstAfter(row.items, time - slack); i < row.items.length; i++) {
        const item = row.items[i];
        if (item.start > time + slack) break;
        const distance = time < item.start ? item.start - time : time > item.end ? time - item.end : 0;
        if (!best || distance < best.distance) best = { item, distance };
      }
      if (best) select(best.item); else describeRow();
    }
    canvas.addEventListener("wheel", event => {
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        pan((event.deltaX || event.deltaY) / 1200);
      } else if (event.ctrlKey || event.metaKey || scroller.scrollHeight <= scroller.clientHeight + 2) {
        event.preventDefault();
        zoom(Math.exp(event.deltaY / 400), timeAt(event));
      }
    }, { passive: false });
    canvas.addEventListener("dblclick", event => zoom(0.25, timeAt(event)));
    canvas.addEventListener("keydown", event => {
      const actions = {
        "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
        ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), Home: showAll,
        ArrowDown: () => chooseNext(1), ArrowUp: () => chooseNext(-1), Escape: leaveRow,
        n: () => step(1), p: () => step(-1), m: () => stepMark(1), M: () => stepMark(-1)
      };
      if (!actions[event.key] || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      actions[event.key]();
    });
    $("zoom-in").onclick = () => zoom(0.5);
    $("zoom-out").onclick = () => zoom(2);
    $("left").onclick = () => pan(-0.4);
    $("right").onclick = () => pan(0.4);
    $("busy").onclick = showAll;
    $("previous").onclick = () => step(-1);
    $("next").onclick = () => step(1);
    $("next-mark").onclick = () => stepMark(1);
    $("arrows").onchange = draw;
    $("by-process").onchange = changeTheme;
    $("which").onchange = () => {
      makeRows();
      fillRows(timeline());
      draw();
    };
    scroller.addEventListener("scroll", draw);
    addEventListener("resize", () => { draw(); ask(); });
    // On paper there is nothing to scroll.
    addEventListener("beforeprint", () => { printing = true; paint(); });
    addEventListener("afterprint", () => { printing = false; paint(); });
    $("go").onsubmit = event => {
      event.preventDefault();
      // Numbers may be as the page shows them, in groups.
      const isEvent = $("what").value === "event", text = $("wanted").value.replaceAll(/[\s,_]/g, "");
      if (!/^[0-9]{1,15}$/.test(text)) {
        selected = null;
        $("detail").replaceChildren(make("p", `${isEvent ? "event" : "time"}: found `
          + `"${$("wanted").value}", expected a number from ${isEvent ? 1 : 0}`));
        draw();
        return;
      }
      if (isEvent) selectEvent(Number(text)); else selectTime(Number(text));
    };
    dark.addEventListener("change", changeTheme);
    """#
}
