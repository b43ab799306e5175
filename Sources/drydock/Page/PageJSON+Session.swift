// Who there is in a session, and what made it, as JSON.

import Recorder
import Sim

extension PageJSON {
  private static let processesLimit = 50_000

  /// The session's harts, processes and containers, and what it started from.
  static func session(_ facts: SessionFacts, _ runtimes: [Int32: Int64], _ reader: TraceReader)
    -> [(name: String, json: String)]
  {
    [
      ("harts", "\(facts.harts)"), ("tick", exact(Int64(clamping: reader.scenario.tick))),
      ("slots", "\(reader.scenario.limits.processes)"),
      ("process_count", "\(facts.processes.count)"),
      ("processes", processes(facts, runtimes)), ("containers", "[\(containers(facts))]"),
      ("made", made(reader)),
    ]
  }

  /// Parents before their children, as columns.
  private static func processes(_ facts: SessionFacts, _ runtimes: [Int32: Int64]) -> String {
    let plumbing = facts.managerProcesses
    var words = Words()
    let listed = ProcessTree(facts.processes).nodes.prefix(processesLimit).compactMap { node in
      facts.processes[node.pid].map { (process: $0, parent: node.parent, depth: node.depth) }
    }
    func column(_ name: String, _ value: (SessionFacts.ProcessFacts) -> String)
      -> (String, [String])
    {
      (name, listed.map { value($0.process) })
    }
    let names = listed.map { "\(words.number(of: $0.process.name))" }
    // Few words for many processes outside: what is nobody's place is the empty one.
    let places = listed.map { "\(words.number(of: $0.process.place ?? ""))" }
    return object([
      ("words", words.json),
      (
        "columns",
        columns([
          column("pid") { "\($0.pid)" }, ("name", names), ("place", places),
          column("cid") { "\($0.cid)" },
          ("parent", listed.map { "\($0.parent)" }), ("depth", listed.map { "\($0.depth)" }),
          column("start") { exact($0.start) }, column("end") { exact($0.end) },
          column("status") { exact($0.status) }, column("ran") { exact(runtimes[$0.pid] ?? 0) },
          column("plumbing") { plumbing.contains($0.pid) ? "1" : "0" },
        ])
      ),
    ])
  }

  private static func containers(_ facts: SessionFacts) -> String {
    facts.containers.map { container in
      "{\"cid\":\(container.cid),\"init\":\(container.initial),"
        + "\"root\":\(container.root.map(quoted) ?? "null"),"
        + "\"allowed\":\(container.allowed.map { "\($0)" } ?? "null")}"
    }.joined(separator: ",")
  }

  /// What the session started from, as pairs of a name and a value: who gets the page sees what made
  /// it. What is as it always is goes without saying.
  private static func made(_ reader: TraceReader) -> String {
    let scenario = reader.scenario
    var pairs = [
      ("program", scenario.program.isEmpty ? "a shell" : scenario.program.joined(separator: " ")),
      ("harts", "\(scenario.harts)"), ("seed", "\(scenario.seed)"),
      ("tick", "\(scenario.tick) instructions"),
    ]
    if let limit = scenario.limitTicks { pairs.append(("limit", "\(limit) ticks")) }
    if scenario.scheduler != .priority { pairs.append(("scheduler", scenario.scheduler.name)) }
    if scenario.inheritsPriorities {
      pairs.append(("priorities", "inherited by holders of mutexes"))
    }
    if scenario.reserve != Reserve.usualPercent {
      pairs.append(("reserve", "\(scenario.reserve) %"))
    }
    if scenario.manager { pairs.append(("manager", "started before it")) }
    if scenario.recordsSharedAccesses {
      pairs.append(("shared accesses", "recorded"))
    }
    let usual = Limits()
    for limit in Limits.all where scenario.limits[keyPath: limit.path] != usual[keyPath: limit.path]
    {
      pairs.append((limit.name, "\(scenario.limits[keyPath: limit.path])"))
    }
    if !scenario.defects.isEmpty {
      pairs.append(("defects", scenario.defects.map(\.name).joined(separator: ", ")))
    }
    if !scenario.files.isEmpty { pairs.append(("files", "\(scenario.files.count)")) }
    if !scenario.script.isEmpty {
      pairs.append(("script", counted(scenario.script.count, "line")))
    }
    if !scenario.ports.isEmpty {
      pairs.append(("ports", scenario.ports.map(\.description).joined(separator: ", ")))
    }
    if !scenario.clients.isEmpty {
      pairs.append(("clients", counted(scenario.clients.count, "connection")))
    }
    let typed = reader.inputs.count { $0.input.channel == .console }
    if typed > 0 { pairs.append(("typed", counted(typed, "time"))) }
    return "[\(pairs.map { "[\(quoted($0)),\(quoted($1))]" }.joined(separator: ","))]"
  }

  private static func counted(_ count: Int, _ word: String) -> String {
    "\(count) \(word)\(count == 1 ? "" : "s")"
  }
}
