// The page's script: the window of the timeline and its layout. The canvas is as tall as what is in
// view; axis and harts stay at its top while the rows of processes scroll below them.

extension ReportPage {
  static let timelineScript = #"""
    const canvas = $("canvas"), context = canvas.getContext("2d"), scroller = $("scroller");
    // A row, without and with calls and accesses in it; the axis has instructions and ticks.
    const BASE = 19, TALL = 32, TOP = 38;
    let ROW = BASE;
    // How many harts stay in sight, at the most.
    const PINNED = 8;
    // How wide the labels are; a narrow window has less room for them.
    let LABEL = 190;
    // How many instructions are shown of what would be too narrow.
    const NEAR = 20000n;
    let from = 0n, to = 1n, selected = null, cursor = null, pending = false, printing = false;
    // Up to where the session has been read; what comes later is not drawn yet.
    let readTo = null;
    const width = () => Math.max(20, canvas.clientWidth - LABEL - 8);
    // Differences are small enough to be numbers once they are those of a window. How many pixels an
    // instruction has is asked for often, and changes with the window only.
    let scale = 1;
    const measure = () => { scale = width() / Number(to - from); };
    const x = time => LABEL + Number(time - from) * scale;
    const timeAt = place => from + part(to - from, (place - LABEL) / width());

    function clampWindow() {
      const most = larger(data.end, last) * 102n / 100n + 1n;
      const span = smaller(larger(to - from, 20n), larger(most, 20n));
      from = larger(smaller(larger(from, -span / 50n), most - span), -span / 50n);
      to = from + span;
      measure();
    }
    function show(a, b) {
      [from, to] = [exact(a), exact(b)];
      clampWindow();
      if (!isPointed) layRows();
      draw();
      ask();
    }
    // While a finger or a button is down, rows stay where they are.
    let isPointed = false;
    // All that the page shows: a window, if that was wanted, or where something happens.
    const whole = () => data.window ?? [0n, last * 101n / 100n];
    function showAll() { show(...whole()); }
    function middle() {
      const isInView = selected && selected.end >= from && selected.start <= to;
      return isInView ? smaller(larger((selected.start + selected.end) / 2n, from), to)
        : (from + to) / 2n;
    }
    function zoom(factor, at = middle()) {
      show(at - part(at - from, factor), at + part(to - at, factor));
    }
    function pan(share) {
      const by = part(to - from, share);
      show(from + by, to + by);
    }

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
      LABEL = canvas.clientWidth < 560 ? 120 : 190;
      measure();
      fitRows();
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
      paintRange(wide, high);
      paintUnread(wide, high);
      tell("window", `${number(larger(0n, from))} to ${number(to)}`);
      tellMarks();
      paintMinimap();
      keepAddress();
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
      const target = larger(1n, part(to - from, 1 / Math.max(2, width() / 110)));
      const power = 10n ** BigInt(String(target).length - 1);
      const step = [1n, 2n, 5n, 10n].map(m => m * power).find(s => s >= target);
      let free = LABEL;
      context.fillStyle = theme.faint;
      context.fillText("instructions", 11, 11);
      context.fillText(shortened(`ticks of ${number(data.tick)}`, LABEL - 20), 11, 26);
      for (let tick = larger(0n, from / step * step); tick <= to; tick += step) {
        if (tick < from) continue;
        const place = Math.round(x(tick)) + 0.5;
        context.strokeStyle = theme.rule;
        context.beginPath();
        context.moveTo(place, TOP - 6);
        context.lineTo(place, high);
        context.stroke();
        context.fillStyle = theme.faint;
        const label = number(tick), ticks = inTicks(tick);
        const room = Math.max(context.measureText(label).width, context.measureText(ticks).width) + 3;
        const left = place + room < wide ? place + 3 : place - room;
        // A label that would cover the one before is left out.
        if (left < free) continue;
        context.fillText(label, left, 11);
        context.fillText(ticks, left, 26);
        free = left + room + 4;
      }
    }
    const inTicks = time => (share => share.endsWith("000") ? number(share.slice(0, -3) || "0")
      : number(share.slice(0, -3) || "0") + "." + share.slice(-3).replace(/0+$/, ""))(
      String(time * 1000n / data.tick).padStart(4, "0"));
    """#
}
