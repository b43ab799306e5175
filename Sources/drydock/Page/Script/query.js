// The box for SQL, where `drydock serve` answers.

let running = null;
async function runQuery() {
  if (running) return;
  running = new AbortController();
  $("stop").disabled = false;
  $("run").disabled = true;
  $("answer").replaceChildren(make("p", "Running\u2026", "none"));
  try {
    const answer = await get("query",
      { method: "POST", body: $("sql").value, signal: running.signal });
    if (answer.error) $("answer").replaceChildren(make("pre", answer.error, "bad"));
    else {
      const count = `${number(answer.rows.length)} row${answer.rows.length === 1 ? "" : "s"}`;
      const rest = answer.complete ? "" : "; more are left out (drydock query shows all)";
      $("answer").replaceChildren(make("p", `${count}, ${answer.seconds} s${rest}`, "none"));
      if (answer.columns.length) $("answer").append(grid(answer, "Answer"));
    }
  } catch (error) {
    $("answer").replaceChildren(make("p", error.name === "AbortError" ? "stopped"
      : error instanceof TypeError ? "drydock serve does not answer; it may have ended."
      : error.message, "bad"));
  }
  running = null;
  $("stop").disabled = true;
  $("run").disabled = false;
}
$("query").onsubmit = event => { event.preventDefault(); runQuery(); };
$("stop").onclick = () => running?.abort();
$("sql").onkeydown = event => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  runQuery();
};
// What can be asked: questions to begin with, and the tables and views, which open one by one.
async function fillSchema() {
  const answer = await get("schema");
  const choice = $("example");
  for (const [question, sql] of answer.examples) {
    const option = make("option", question);
    option.value = sql;
    choice.append(option);
  }
  let chapter = null;
  for (const relation of answer.relations) {
    if (relation.chapter !== chapter) $("relations").append(make("h3", relation.chapter));
    chapter = relation.chapter;
    const entry = make("details"), summary = make("summary"), list = make("dl");
    summary.append(make("code", relation.name), " ", make("span", relation.sentence, "note"));
    const use = make("button", `SELECT * FROM ${relation.name}`);
    use.onclick = () => propose(`SELECT * FROM ${relation.name} LIMIT 20`);
    for (const [name, words] of relation.columns) list.append(make("dt", name), make("dd", words));
    entry.append(summary, use, list);
    $("relations").append(entry);
  }
}
function propose(sql) {
  $("sql").value = sql;
  $("sql").focus();
}
$("example").onchange = event => { if (event.target.value) propose(event.target.value); };
fillSchema().catch(trouble);
