// The page's script: legend, tree and tables.

extension ReportPage {
  static let tablesScript = #"""
    function fillLegend() {
      const entries = [["running, outside containers", colour(0, 1)]];
      for (const container of data.containers.slice(0, 9))
        entries.push([`running, container ${container.cid}`, colour(container.cid, 1)]);
      entries.push(["waits for a hart", theme.wait], ["blocked", theme.rule],
        ["waits for or holds a mutex", theme.lock], ["refused, fault, kill", theme.bad, "point"],
        ["woken by", theme.accent]);
      if (violated) entries.push(["what must always hold did not", theme.bad, "disc"]);
      $("legend").replaceChildren(...entries.map(([text, background, shape]) => {
        const item = make("li"), chip = make("i");
        if (shape) chip.dataset.shape = shape;
        chip.style.background = background;
        item.append(chip, text);
        return item;
      }));
    }

    // How many events the marks stand for.
    let violated = 0;
    function tellMarks(timeline) {
      const events = timeline.marked_events ?? 0, seen = timeline.marks.filter(m => !m.violation).length;
      const told = timeline.marks.length - seen, words = [];
      violated = timeline.violations ?? 0;
      if (events > seen)
        words.push(`${number(events)} events were refused, faulted or were killed${
          data.served || data.window ? " here" : ""}; ${number(seen)} marks stand for them: `
          + "those near each other are put together.");
      if (violated) words.push(data.served
        ? `${number(violated)} times in the session something that must always hold did not (drydock verify).`
        : `${number(violated)} times something that must always hold did not`
          + (told < violated ? `; ${number(told)} of them are marked` : "") + " (drydock verify).");
      $("marks").textContent = words.join(" ");
      fillLegend();
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
      $("tree").replaceChildren(list(0));
      if (left < 0) $("tree").append(make("p", "More are left out.", "none"));
    }

    function fillTables(groups) {
      $("tables").replaceChildren(...groups.map(group => {
        const section = make("section");
        section.append(make("h2", group.title));
        for (const table of group.tables) section.append(tableElement(table));
        return section;
      }));
    }
    function tableElement(table) {
      const details = make("details");
      details.open = table.rows.length > 0 && table.rows.length <= 200;
      details.append(make("summary", `${table.title} (${table.total})`));
      if (!table.rows.length) {
        details.append(make("p", "none", "none"));
        return details;
      }
      details.append(grid(table, table.title));
      if (table.total > table.rows.length)
        details.append(make("p", `${number(table.total - table.rows.length)} more are left out.`, "none"));
      return details;
    }
    // Columns and rows as a table that can be reached and scrolled by keys.
    function grid(table, label) {
      const wide = make("div", "", "wide"), element = make("table"), head = make("tr");
      wide.tabIndex = 0;
      wide.setAttribute("role", "region");
      wide.setAttribute("aria-label", label);
      const hasBars = typeof table.bars === "number", isNumber = value => typeof value === "number";
      for (const [index, column] of table.columns.entries()) {
        const cell = make("th", column.replaceAll("_", " "),
          isNumber(table.rows[0]?.[index]) ? "number" : "");
        cell.scope = "col";
        head.append(cell);
      }
      if (hasBars) head.append(make("th", ""));
      const body = make("tbody"), sequence = table.columns.indexOf("seq");
      const most = hasBars ? Math.max(...table.rows.map(r => r[table.bars]), 1) : 0;
      for (const row of table.rows) {
        const line = make("tr");
        row.forEach((value, index) => {
          const cell = make("td", null, isNumber(value) ? "number" : index === row.length - 1 ? "story" : "");
          const text = value === null ? "" : isNumber(value) ? number(value) : value;
          if (index === sequence && isNumber(value)) {
            const jump = make("button", text, "jump");
            jump.setAttribute("aria-label", `Show event ${value} in the timeline`);
            jump.onclick = () => { selectEvent(value); canvas.scrollIntoView(); };
            cell.append(jump);
          } else cell.textContent = text.length > 2000 ? text.slice(0, 2000) + "\u2026" : text;
          line.append(cell);
        });
        if (hasBars) {
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
      return wide;
    }
    """#
}
