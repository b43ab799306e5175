// The page's script: the window of the timeline and its layout. The canvas is as tall as what is in
// view; axis and harts stay at its top while the rows of processes scroll below them.

extension ReportPage {
  static let timelineScript = #"""
    const canvas = $("canvas"), context = canvas.getContext("2d"), scroller = $("scroller");
    const ROW = 19, TOP = 26;
    // How many harts stay in sight, at the most.
    const PINNED = 8;
    // How wide the labels are; a narrow window has less room for them.
    let LABEL = 190;
    // How many instructions are shown of what would be too narrow.
    const NEAR = 20000;
    let from = 0, to = 1, selected = null, cursor = null, pending = false, printing = false;
    // Up to where the session has been read; what comes later is not drawn yet.
    let readTo = Infinity;
    const width = () => canvas.clientWidth - LABEL - 8;
    const x = time => LABEL + (time - from) / (to - from) * width();

    function clampWindow() {
      const most = Math.max(data.end, last) * 1.02;
      let span = Math.min(Math.max(to - from, 20), most);
      from = Math.min(Math.max(from, -span * 0.02), most - span);
      to = from + span;
    }
    function show(a, b) { from = a; to = b; clampWindow(); draw(); ask(); }
    // All that the page shows: a window, if that was wanted, or where something happens.
    const whole = () => data.window ?? [0, last * 1.01];
    function showAll() { show(...whole()); }
    function middle() {
      const isInView = selected && selected.end >= from && selected.start <= to;
      return isInView ? Math.min(Math.max((selected.start + selected.end) / 2, from), to)
        : (from + to) / 2;
    }
    function zoom(factor, at = middle()) {
      show(at - (at - from) * factor, at + (to - at) * factor);
    }
    function pan(share) { show(from + (to - from) * share, to + (to - from) * share); }

    // Where rows are on the canvas.
    const scrolled = () => printing ? 0 : scroller.scrollTop;
    const isPinned = row => row.index < Math.min(data.harts, PINNED);
    const headEnd = () => TOP + Math.min(data.harts, PINNED) * ROW;
    const rowTop = row => TOP + row.index * ROW - (isPinned(row) ? 0 : scrolled());
    function rowAt(y) {
      if (y < TOP) return undefined;
      return rows[Math.floor((y - TOP + (y < headEnd() ? 0 : scrolled())) / ROW)];
    }
    // Whether any of it is in view.
    function isInSight(row) {
      const top = rowTop(row);
      return isPinned(row) || top + ROW > headEnd() && top < canvas.clientHeight;
    }
    // Scrolls, if it has to, so that a row can be seen.
    function revealRow(row) {
      if (!row || isPinned(row)) return;
      const top = rowTop(row), high = scroller.clientHeight;
      if (top >= headEnd() && top + ROW <= high) return;
      scroller.scrollTop += top - (headEnd() + high) / 2;
    }
    function fitCanvas() {
      const ratio = devicePixelRatio || 1, all = TOP + rows.length * ROW + 8;
      LABEL = canvas.clientWidth < 560 ? 120 : 190;
      $("rows").style.height = all + "px";
      const wide = canvas.clientWidth, high = printing ? all : Math.min(all, scroller.clientHeight);
      if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
        canvas.style.height = high + "px";
        canvas.width = Math.round(wide * ratio);
        canvas.height = Math.round(high * ratio);
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      return [wide, high];
    }

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
      // A browser may tell of the change only after it has been seen here.
      if (theme.isDark !== dark.matches) changeTheme();
      const [wide, high] = fitCanvas(), head = headEnd();
      context.fillStyle = theme.paper;
      context.fillRect(0, 0, wide, high);
      context.font = '12px system-ui, "DejaVu Sans", sans-serif';
      context.textBaseline = "middle";
      paintAxis(wide, high);
      within(0, head, wide, high, () => {
        const seen = rows.filter(row => !isPinned(row) && isInSight(row));
        for (const row of seen) paintGround(row, wide);
        // Below what they connect, for they are many.
        within(LABEL - 4, head, wide, high, paintArrows);
        for (const row of seen) paintRow(row, wide);
      });
      for (const row of rows.filter(isPinned)) {
        paintGround(row, wide);
        paintRow(row, wide);
      }
      context.fillStyle = theme.edge;
      context.fillRect(0, head - 1, wide, 1);
      for (const row of rows) {
        if (!selected || !isInSight(row)) continue;
        within(LABEL - 4, isPinned(row) ? TOP - 4 : head, wide, high, () => paintSelection(row));
      }
      paintUnread(wide, high);
      tell("window", `${number(Math.max(0, Math.round(from)))} to ${number(Math.round(to))}`);
      tellMarks();
    }
    // Says it anew only if it is new, for somebody may be listening.
    function tell(id, text) {
      if ($(id).textContent !== text) $(id).textContent = text;
    }
    function changeTheme() {
      readTheme();
      fillLegend();
      fillTree();
      draw();
    }
    // Paints on a part of the canvas only.
    function within(left, top, right, bottom, paintIt) {
      context.save();
      context.beginPath();
      context.rect(left, top, right - left, bottom - top);
      context.clip();
      paintIt();
      context.restore();
    }

    function paintAxis(wide, high) {
      const target = (to - from) / Math.max(2, width() / 110);
      const power = 10 ** Math.floor(Math.log10(target));
      const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= target) || power * 10;
      let free = LABEL;
      for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) {
        if (tick < 0) continue;
        const place = Math.round(x(tick)) + 0.5;
        context.strokeStyle = theme.rule;
        context.beginPath();
        context.moveTo(place, TOP - 6);
        context.lineTo(place, high);
        context.stroke();
        context.fillStyle = theme.faint;
        const label = number(Math.round(tick)), room = context.measureText(label).width + 3;
        const left = place + room < wide ? place + 3 : place - room;
        // A label that would cover the one before is left out.
        if (left < free) continue;
        context.fillText(label, left, 11);
        free = left + room + 4;
      }
    }
    """#
}
