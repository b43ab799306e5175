// The page's script: pointer, wheel, keys and buttons.

extension ReportPage {
  static let inputScript = #"""
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
      const near = row.marks.filter(m => Math.abs(m.time - time) < slack);
      const mark = near.find(m => m.violation) ?? near[0];
      if (mark) {
        selected = null;
        $("detail").replaceChildren(make("p", mark.what + (mark.count > 1
          ? `; the mark stands for ${number(mark.count)} events near each other, of which this is the first`
          : "")));
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
      } else if (event.ctrlKey || event.metaKey || $("scroller").scrollHeight <= $("scroller").clientHeight + 2) {
        event.preventDefault();
        zoom(Math.exp(event.deltaY / 400), timeAt(event));
      }
    }, { passive: false });
    canvas.addEventListener("dblclick", event => zoom(0.25, timeAt(event)));
    canvas.addEventListener("keydown", event => {
      const actions = {
        "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
        ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), Home: showAll,
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
    $("busy").onclick = showAll;
    $("previous").onclick = () => step(-1);
    $("next").onclick = () => step(1);
    $("arrows").onchange = draw;
    addEventListener("resize", () => { draw(); ask(); });
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
    dark.addEventListener("change", () => { readTheme(); fillLegend(); draw(); });
    """#
}
