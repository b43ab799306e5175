// What run and record have in common: options that make up a scenario, over a scenario file.

import ArgumentParser
import Foundation
import Recorder
import Scenarios
import Sim

struct SessionOptions: ParsableArguments {
  @Option(
    help:
      "Read options, files and script from this YAML file; options of the command line override it.",
    completion: .file(extensions: ["yaml", "yml"]))
  var scenario: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of harts, 1 to 8.", valueName: "n"), transform: number
  )
  var harts: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Determines the scheduler's choices and the harts' interleaving; 0 always takes the first.",
      valueName: "n"), transform: number)
  var seed: UInt64?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Instructions in a tick (default 100000).", valueName: "n"),
    transform: number)
  var tick: UInt64?

  @Option(help: ArgumentHelp("The machine's memory, such as 128M.", valueName: "size"))
  var memory: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("End the session after this many ticks.", valueName: "n"), transform: number)
  var limitTicks: UInt64?

  @Option(
    name: .customLong("file"),
    help: ArgumentHelp(
      "Put a file or folder on the guest's disk (repeatable).", valueName: "host:guest"),
    completion: .file())
  var files: [String] = []

  @Option(
    name: .customLong("image"),
    help: ArgumentHelp(
      "Put an image's layers on the guest's disk, from a tar file as docker save, docker export or "
        + "tar write it (repeatable).", valueName: "tar[:name]"),
    completion: .file(extensions: ["tar"]))
  var images: [String] = []

  @Flag(
    help:
      "Follow symbolic links that lead out of the folders of --file, --root and a scenario's host:."
  )
  var followLinks = false

  @Option(
    help: "Type this file's lines at the console, each when the machine waits for one.",
    completion: .file())
  var script: String?

  @Flag(help: "Start the container manager before the shell or program.")
  var manager = false

  @Option(
    help: ArgumentHelp(
      "Run a container by this spec, through the manager and dockv6.", valueName: "spec.json"),
    completion: .file(extensions: ["json"]))
  var spec: String?

  @Option(
    help: ArgumentHelp(
      "With --spec: the folder that becomes the container's root.", valueName: "folder"),
    completion: .directory)
  var root: String?

  @Option(
    name: .customLong("publish"),
    help: ArgumentHelp(
      "Let a port of the host lead into the machine (repeatable), such as 127.0.0.1:8080:web:80: a container "
        + "by its name or address; without one the machine outside containers.",
      valueName: "address:port:container:port"))
  var publish: [String] = []

  @Flag(help: "Let published ports listen at other addresses than the loopback's as well.")
  var publishAnywhere = false

  @Flag(help: "Record loads from and stores to shared pages as well.")
  var shmAccesses = false

  @Option(
    help: ArgumentHelp(
      "Let the kernel make this mistake (repeatable); see drydock defects.", valueName: "name"),
    completion: .list(Defect.allCases.map(\.name)), transform: defect(named:))
  var defect: [Defect] = []

  @Option(
    help: ArgumentHelp(
      "The calls that exist: drydock, or xv6 for calls 1 to 21 only.", valueName: "abi"),
    completion: .list(abiNames))
  var abi: String?

  @Option(
    help: ArgumentHelp(
      "How harts are shared out: priority (the default), mlfq, lottery, stride, fair or fifo.",
      valueName: "policy"),
    completion: .list(SchedulerKind.allCases.map(\.name)))
  var scheduler: String?

  @Flag(help: "Let the holder of a mutex inherit the priority of who waits for it.")
  var priorityInheritance = false

  @Flag(help: "Show every event as text on standard error.")
  var live = false

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp(
      "After --, the program to run instead of a shell, and its arguments.",
      valueName: "program"))
  var program: [String] = []

  /// The scenario that all of this comes to.
  ///
  /// - Parameter publishesSpec: whether the spec's ports are published.
  /// - Throws: `ToolError` if a file is missing or not as expected.
  func makeScenario(publishesSpec: Bool = true) throws -> Scenario {
    var result = Scenario()
    if let scenario {
      try ScenarioFile(path: scenario, followsLinks: followLinks).apply(to: &result)
    }
    // The machine's own programs come first, so that anything can be put in their place.
    result.files = GuestFiles.userland + result.files
    for file in files { result.files += try GuestFiles.option(file, followsLinks: followLinks) }
    result.files += try ImageOption.files(images, limits: result.limits)
    try GuestFiles.checkUserland(result.files)
    if let harts { result.harts = harts }
    if let seed { result.seed = seed }
    if let tick { result.tick = tick }
    if let memory { result.limits.frames = try MemorySize.frames(memory, named: "--memory") }
    if let limitTicks { result.limitTicks = limitTicks }
    if let script { result.script = try GuestFiles.script(script) }
    if manager { result.manager = true }
    if shmAccesses { result.recordsSharedAccesses = true }
    if let scheduler {
      result.scheduler = try Scenarios.scheduler(scheduler, named: "--scheduler")
    }
    for text in publish {
      guard let port = PublishedPort(text) else {
        throw ToolError(
          "--publish: found \(printableArgument(text)), expected \(PublishedPort.expected)")
      }
      result.ports.append(port)
    }
    if priorityInheritance { result.inheritsPriorities = true }
    if let abi { result.calls.isXv6Only = try isXv6(abi, named: "--abi") }
    if let word = program.first(where: { FileName.isRaw($0) }) {
      throw ToolError(
        "after --: found \(printableArgument(word)), expected words of UTF-8, as a trace keeps "
          + "them")
    }
    if !program.isEmpty { result.program = program }
    if let spec {
      guard program.isEmpty else {
        throw ToolError("--spec: found a program after --, expected one of the two")
      }
      let ports = result.ports
      try ContainerFiles(spec: spec, root: root, followsLinks: followLinks).apply(to: &result)
      if !publishesSpec { result.ports = ports }
    } else if root != nil {
      throw ToolError("--root: found no --spec, expected the spec of the container it is for")
    }
    try GuestFiles.checkProgram(of: result)
    if let name = result.program.first, GuestFiles.hasForeignInit(result) {
      complain(
        "the disk brings its own /init, which may not run \(printable(name)): it gets the program "
          + "and its arguments as words, and decides")
    }
    result.defects += defect.filter { !result.defects.contains($0) }
    return result
  }

  /// What types at the console, the script if there is one, else standard input; and what comes through published
  /// ports, which are open from now on. A scenario's clients take the place of both that and standard input.
  ///
  /// - Throws: `ToolError` if a port of the host cannot be used.
  func makeDecisions(_ scenario: Scenario) throws -> ConsoleDecisions {
    let hasClients = !scenario.clients.isEmpty
    let hasInput = script != nil || !scenario.script.isEmpty || hasClients
    try checkPorts(scenario)
    let host =
      scenario.ports.isEmpty || hasClients
      ? nil : try HostPorts(scenario.ports, anywhere: publishAnywhere)
    return ConsoleDecisions(
      scenario, keyboard: hasInput ? nil : Keyboard(descriptor: 0), host: host)
  }

  /// What no machine can be made of is said before any port is opened.
  private func checkPorts(_ scenario: Scenario) throws {
    if publishAnywhere, scenario.ports.isEmpty {
      throw ToolError("--publish-anywhere: found no published port, expected --publish or ports")
    }
    if !scenario.clients.isEmpty, !publish.isEmpty || publishAnywhere {
      throw ToolError(
        "--publish: found clients in the scenario, which take the place of the host's, expected one of the two"
      )
    }
    if !scenario.ports.isEmpty { try scenario.validate() }
  }
}
