// A scenario as rows of the tables `scenario`, `script` and `file`, there and back again.

import Sim

/// A value of the table `scenario`.
enum ScenarioValue: Equatable {
  case number(Int64)
  case text(String)

  func add(to chain: inout CheckChain) {
    switch self {
    case .number(let number):
      chain.combine(0)
      chain.combine(number)
    case .text(let text):
      chain.combine(1)
      chain.combine(text)
    }
  }

  var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .text(let text): "\"\(printable(text))\""
    }
  }
}

extension Scenario {
  /// The rows of the table `scenario`, in their order.
  var rows: [(key: String, value: ScenarioValue)] {
    var rows: [(String, ScenarioValue)] = [
      ("harts", .number(Int64(harts))), ("seed", .number(Int64(bitPattern: seed))),
      ("tick", .number(Int64(bitPattern: tick))),
    ]
    if let limitTicks { rows.append(("limitTicks", .number(Int64(bitPattern: limitTicks)))) }
    for limit in Limits.all {
      rows.append((limit.name, .number(Int64(limits[keyPath: limit.path]))))
    }
    if manager { rows.append(("manager", .number(1))) }
    if recordsSharedAccesses { rows.append(("sharedAccesses", .number(1))) }
    if reserve != Reserve.usualPercent { rows.append(("reserve", .number(Int64(reserve)))) }
    if scheduler != .priority { rows.append(("scheduler", .text(scheduler.name))) }
    if inheritsPriorities { rows.append(("priorityInheritance", .number(1))) }
    let usual = NetworkConditions()
    for (key, value, unless) in [
      ("networkDelay", network.delay, usual.delay),
      ("networkLoss", network.lossPerThousand, usual.lossPerThousand),
      ("networkSpread", network.spread, usual.spread),
    ] where value != unless {
      rows.append((key, .number(Int64(bitPattern: value))))
    }
    for port in ports { rows.append(("port", .text("\(port)"))) }
    for client in clients {
      rows.append(("client", .text(client.rowText)))
      for step in client.steps { rows.append(("clientStep", .text(step.rowText))) }
    }
    for setting in calls.settings { rows.append(("calls", .text(setting))) }
    for argument in program { rows.append(("program", .text(argument))) }
    for defect in defects { rows.append(("defect", .text(defect.name))) }
    return rows
  }

  /// Takes over one row of the table `scenario`; false if it has no meaning.
  mutating func take(_ key: String, _ value: ScenarioValue) -> Bool {
    switch (key, value) {
    case ("harts", .number(let number)): harts = Int(number)
    case ("seed", .number(let number)): seed = UInt64(bitPattern: number)
    case ("tick", .number(let number)): tick = UInt64(bitPattern: number)
    case ("limitTicks", .number(let number)): limitTicks = UInt64(bitPattern: number)
    case ("manager", .number(let number)): manager = number != 0
    case ("sharedAccesses", .number(let number)): recordsSharedAccesses = number != 0
    case ("reserve", .number(let number)): reserve = Int(number)
    case ("priorityInheritance", .number(let number)): inheritsPriorities = number != 0
    case ("networkDelay", .number(let number)): network.delay = UInt64(bitPattern: number)
    case ("networkLoss", .number(let number)):
      network.lossPerThousand = UInt64(bitPattern: number)
    case ("networkSpread", .number(let number)): network.spread = UInt64(bitPattern: number)
    case ("program", .text(let argument)): program.append(argument)
    case ("port", .text(let text)):
      guard let port = PublishedPort(text) else { return false }
      ports.append(port)
    case ("client", .text(let text)):
      guard let client = HostClient(rowText: text) else { return false }
      clients.append(client)
    case ("clientStep", .text(let text)):
      guard !clients.isEmpty, let step = HostClient.Step(rowText: text) else { return false }
      clients[clients.count - 1].steps.append(step)
    case ("calls", .text(let setting)): return calls.take(setting)
    case ("scheduler", .text(let name)):
      guard let kind = SchedulerKind(name: name) else { return false }
      scheduler = kind
    case ("defect", .text(let name)):
      guard let defect = Defect(name: name) else { return false }
      defects.append(defect)
    case (_, .number(let number)):
      guard let limit = Limits.all.first(where: { $0.name == key }) else { return false }
      limits[keyPath: limit.path] = Int(number)
    case (_, .text): return false
    }
    return true
  }
}

extension GuestFile {
  /// The word for the file's kind in the table `file`.
  var kindName: String {
    switch content {
    case .file: "file"
    case .directory: "directory"
    case .device: "device"
    }
  }

  func add(to chain: inout CheckChain) {
    chain.combine(path)
    chain.combine(kindName)
    switch content {
    case .file(let bytes): chain.combine(bytes)
    case .directory: break
    case .device(let major, let minor):
      chain.combine(Int64(major))
      chain.combine(Int64(minor))
    }
  }
}

extension ScriptLine {
  func add(to chain: inout CheckChain) {
    chain.combine(atTick == nil ? 0 : 1)
    chain.combine(Int64(bitPattern: atTick ?? 0))
    chain.combine(bytes)
  }
}
