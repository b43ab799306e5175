// The page's script: draws the timeline on a canvas, only what is in view and never more than one
// stretch a pixel.

extension ReportPage {
  static let timelineScript = #"""
    const canvas = $("canvas"), context = canvas.getContext("2d");
    const LABEL = 190, ROW = 19, TOP = 26;
    // How many instructions are shown of what would be too narrow.
    const NEAR = 20000;
    let from = 0, to = 1, selected = null, cursor = null, pending = false;
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
      if (theme.isDark !== dark.matches) {
        readTheme();
        fillLegend();
      }
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
      paintUnread(wide, height);
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
        const label = number(Math.round(tick));
        const room = context.measureText(label).width + 3;
        context.fillText(label, place + room < canvas.clientWidth ? place + 3 : place - room, 11);
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
        if (hold.start > to || hold.end < from) continue;
        const left = x(hold.start);
        context.fillStyle = theme.lock;
        context.fillRect(left, y + ROW - 4, Math.max(1, x(hold.end) - left), 3);
      }
      let marked = -9;
      for (const mark of row.marks) {
        if (mark.time < from || mark.time > to) continue;
        const place = x(mark.time);
        // What would cover its neighbour says no more than that.
        if (place < marked + 9 && !mark.violation) continue;
        marked = place;
        context.fillStyle = theme.bad;
        context.beginPath();
        if (mark.violation) {
          context.arc(place, y + ROW / 2, 6, 0, 7);
        } else {
          context.moveTo(place, y);
          context.lineTo(place + 4.5, y + 7);
          context.lineTo(place - 4.5, y + 7);
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
        // The more of the time something ran, the darker.
        context.globalAlpha = item.merged ? 0.3 + 0.6 * item.ran / (item.end - item.start || 1) : 1;
        context.fillRect(left, y + 3, right - left, ROW - 7);
        context.globalAlpha = 1;
        if (right - left > 46) {
          context.fillStyle = dark.matches ? "#10151b" : "#ffffff";
          const start = Math.max(left, LABEL) + 4;
          const label = who(item.pid), room = right - start - 4;
          if (context.measureText(label).width * 0.8 < room)
            context.fillText(label, start, y + ROW / 2, room);
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

    // A line at the time that was asked for, and hatching over what has not been read yet or is not in
    // the page.
    function paintUnread(wide, height) {
      if (cursor !== null && cursor >= from && cursor <= to) {
        context.fillStyle = theme.accent;
        context.fillRect(Math.round(x(cursor)), TOP - 6, 1, height);
      }
      if (data.window) {
        hatch(LABEL, x(data.window[0]), height);
        hatch(x(data.window[1]), wide, height);
      }
      if (readTo < Math.min(to, data.end)) hatch(x(readTo), wide, height);
    }
    function hatch(left, right, height) {
      left = Math.max(LABEL, left);
      right = Math.min(canvas.clientWidth, right);
      if (left >= right) return;
      context.save();
      context.beginPath();
      context.rect(left, TOP, right - left, height - TOP);
      context.clip();
      context.strokeStyle = theme.rule;
      context.beginPath();
      for (let place = left - height; place < right; place += 9) {
        context.moveTo(place, height);
        context.lineTo(place + height, 0);
      }
      context.stroke();
      context.restore();
    }
    """#
}
