// A scenario is everything that a session starts from. Two simulations of equal scenarios with
// equal decisions give equal events.

/// What is on the disk and what the machine is like when it is switched on.
public struct Scenario: Equatable, Sendable {
  /// 1 to 8.
  public var harts = 1
  /// Seeds the choices of dispatch and interleaving; 0 takes the first option of each.
  public var seed: UInt64 = 0
  /// Instructions in a tick.
  public var tick: UInt64 = 100_000
  /// The run ends when this many ticks have passed; nil for no limit.
  public var limitTicks: UInt64?
  public var limits = Limits()
  /// Percent of every table that is kept for processes outside containers; 0 for nothing.
  public var reserve = Reserve.usualPercent
  /// How harts are shared out.
  public var scheduler = SchedulerKind.priority
  /// Whether the holder of a mutex inherits the priority of who waits for it.
  public var inheritsPriorities = false
  /// What the switch between containers does to what goes through it.
  public var network = NetworkConditions()
  /// The host's ports that lead into the machine.
  public var ports: [PublishedPort] = []
  /// Who connects to them, in place of the host's own clients.
  public var clients: [HostClient] = []
  /// Which calls there are, by the numbers that guests use.
  public var calls = CallNumbers()
  /// Mistakes that the kernel is to make.
  public var defects: [Defect] = []
  /// What init runs, program and arguments; empty for a shell that is restarted when it ends.
  public var program: [String] = []
  /// Whether init starts the container manager before that.
  public var manager = false
  /// Whether loads from and stores to shared pages are events too.
  public var recordsSharedAccesses = false
  /// In the order in which they are put on the disk; missing folders are made, later ones win.
  public var files: [GuestFile] = []
  public var script: [ScriptLine] = []

  public init() {}

  /// A hash of everything in it: what a recording's first event holds.
  public var digest: UInt64 {
    var digest = Digest()
    digest.combine(UInt64(harts))
    digest.combine(seed)
    digest.combine(tick)
    digest.combine(limitTicks ?? UInt64.max)
    for limit in Limits.all where limit.name != "fileBlocks" {
      digest.combine(UInt64(limits[keyPath: limit.path]))
    }
    digest.combine(manager ? 1 : 0)
    digest.combine(recordsSharedAccesses ? 1 : 0)
    digest.combine(UInt64(program.count))
    for argument in program { digest.combine(Array(argument.utf8)) }
    digest.combine(UInt64(files.count))
    for file in files {
      digest.combine(Array(file.path.utf8))
      switch file.content {
      case .file(let bytes): digest.combine(bytes)
      case .directory: digest.combine(UInt64.max)
      case .device(let major, let minor):
        digest.combine(UInt64(bitPattern: Int64(major)) << 16 ^ UInt64(UInt16(bitPattern: minor)))
      }
    }
    digest.combine(UInt64(script.count))
    for line in script {
      digest.combine(line.bytes)
      digest.combine(line.atTick ?? UInt64.max)
    }
    // What came later counts where it is said, so that older scenarios keep their digest.
    if limits.fileBlocks != Limits().fileBlocks {
      digest.combine(Array("fileBlocks".utf8))
      digest.combine(UInt64(limits.fileBlocks))
    }
    if !calls.isUsual {
      digest.combine(Array("calls".utf8))
      for setting in calls.settings { digest.combine(Array(setting.utf8)) }
    }
    if scheduler != .priority {
      digest.combine(Array("scheduler".utf8))
      digest.combine(Array(scheduler.name.utf8))
    }
    if reserve != Reserve.usualPercent {
      digest.combine(Array("reserve".utf8))
      digest.combine(UInt64(bitPattern: Int64(reserve)))
    }
    if inheritsPriorities { digest.combine(Array("priorityInheritance".utf8)) }
    if network != NetworkConditions() {
      digest.combine(Array("network".utf8))
      digest.combine(network.delay)
      digest.combine(network.lossPerThousand)
      digest.combine(network.spread)
    }
    if !ports.isEmpty {
      digest.combine(Array("ports".utf8))
      digest.combine(UInt64(ports.count))
      for port in ports { port.combine(into: &digest) }
    }
    if !clients.isEmpty {
      digest.combine(Array("clients".utf8))
      digest.combine(UInt64(clients.count))
      for client in clients { client.combine(into: &digest) }
    }
    if !defects.isEmpty {
      digest.combine(UInt64(defects.count))
      for defect in defects { digest.combine(Array(defect.name.utf8)) }
    }
    return digest.value
  }

  /// Checks what no machine can be made of.
  package func validate() throws(ScenarioError) {
    guard (1...8).contains(harts) else {
      throw ScenarioError("harts: found \(harts), expected 1 to 8")
    }
    guard (1000...1_000_000_000).contains(tick) else {
      throw ScenarioError("tick: found \(tick), expected 1000 to 1000000000 instructions")
    }
    let percents = Reserve.percents
    guard percents.contains(reserve) else {
      throw ScenarioError(
        "reserve: found \(reserve), expected \(percents.lowerBound) to \(percents.upperBound) percent"
      )
    }
    guard program.count <= limits.execArguments else {
      throw ScenarioError(
        "program: found \(program.count) words, expected at most \(limits.execArguments), "
          + "which is all that exec takes")
    }
    guard program.allSatisfy({ !$0.utf8.contains(0) }) else {
      throw ScenarioError("program: found a NUL in a word, expected none")
    }
    try network.validate()
    guard ports.count <= PublishedPort.most else {
      throw ScenarioError("ports: found \(ports.count), expected at most \(PublishedPort.most)")
    }
    for (place, port) in ports.enumerated() where port.host.port != 0 {
      if let other = ports[..<place].first(where: { $0.host == port.host }) {
        throw ScenarioError("ports: found \(other) and \(port), expected each of the host's once")
      }
    }
    try validateClients()
    for file in files where file.path.utf8.contains(0) {
      throw ScenarioError("file \(file.path): found a NUL in the path, expected none")
    }
    for limit in Limits.all {
      let value = limits[keyPath: limit.path]
      guard limit.range.contains(value) else {
        throw ScenarioError(
          "\(limit.name): found \(value), "
            + "expected \(limit.range.lowerBound) to \(limit.range.upperBound)")
      }
    }
  }
}

/// Something on the guest's disk.
public struct GuestFile: Equatable, Sendable {
  public enum Content: Equatable, Sendable {
    case file([UInt8])
    case directory
    case device(major: Int16, minor: Int16)
  }

  /// Absolute, in the guest.
  public var path: String
  public var content: Content

  public init(path: String, content: Content) {
    self.path = path
    self.content = content
  }
}

/// Something typed at the console.
public struct ScriptLine: Equatable, Sendable {
  /// The bytes as they arrive, a newline at the end included where one is meant.
  public var bytes: [UInt8]
  /// When; nil for when the machine is idle and a process waits for the console.
  public var atTick: UInt64?

  public init(bytes: [UInt8], atTick: UInt64? = nil) {
    self.bytes = bytes
    self.atTick = atTick
  }
}
