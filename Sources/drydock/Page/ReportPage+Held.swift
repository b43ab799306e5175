// The page's script, where the page holds its session.

extension ReportPage {
  static let heldScript = #"""
    // A page that holds its session: everything is there.
    function ask() {}
    function addEvent(place, seq, marking) {
      const line = data.events?.[seq - 1];
      place.append(make("pre", line === undefined
        ? `drydock query ${data.file} "SELECT * FROM event WHERE seq = ${seq}"` : line));
      if (marking && line) markEvent(line);
    }
    function step(direction) {
      let index = selected ? order.findIndex(s => s.seq === selected.seq) : -1;
      if (index < 0) {
        const at = selected ? selected.start : from;
        index = order.findIndex(s => s.start >= at);
        if (direction < 0) index--;
      } else index += direction;
      stepTo(order[index]);
    }
    function selectTime(time) {
      show(time - 50000, time + 50000);
      mark(time);
      describeTime(time, order);
    }
    fillRows(data.timeline);
    fillTables(data.groups);
    """#
}
