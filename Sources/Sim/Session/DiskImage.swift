// What happens before the machine is switched on: the disk is filled from the scenario, and init
// is loaded.

extension Kernel {
  /// A kernel with the scenario's files on its disk and init in line to run.
  init(_ scenario: Scenario) throws(ScenarioError) {
    try scenario.validate()
    try self.init(
      limits: scenario.limits, tick: scenario.tick, calls: scenario.calls,
      defects: Defects(scenario.defects), scheduler: scenario.scheduler, reserve: scenario.reserve,
      inheritsPriorities: scenario.inheritsPriorities, network: scenario.network,
      ports: scenario.ports)
    hartUses = Array(repeating: HartUse(), count: scenario.harts)
    runsProgram = !scenario.program.isEmpty
    for file in scenario.files { try fileSystem.install(file) }
    for path in ["/proc", "/cgroup"] {
      try fileSystem.install(GuestFile(path: path, content: .directory))
    }
    mountAtBoot()
    guard let slot = createInitialProcess() else {
      throw ScenarioError(
        "memory: found \(limits.frames) frames, too few for a single process")
    }
    // Loading init is part of the beginning, not of what is recorded.
    emitsEverything = false
    let arguments = (["init"] + (scenario.manager ? ["--manager"] : []) + scenario.program).map {
      Array($0.utf8)
    }
    // Every hart looks for work at the beginning, and init's has nothing to forget.
    var effects = Effects.none
    do {
      _ = try exec(slot, Array("/init".utf8), arguments, &effects)
    } catch {
      if error == .argumentsTooLong {
        let count = arguments.dropFirst().reduce(0) { $0 + $1.count + 1 }
        throw ScenarioError(
          "program: found words of \(count) bytes in all, expected them on one page of \(pageSize)")
      }
      throw ScenarioError("/init: \(error.name); expected the machine's first program there")
    }
    enqueue(slot, &effects)
    _ = takeCost()
  }
}

extension FileSystem {
  /// Puts a file, folder or device on the disk, making the folders above it.
  mutating func install(_ file: GuestFile) throws(ScenarioError) {
    let names = file.path.utf8.split(separator: UInt8(ascii: "/"))
    guard file.path.utf8.first == UInt8(ascii: "/") else {
      throw ScenarioError("file \(file.path): found a relative path, expected one from /")
    }
    guard let last = names.last else {
      if file.content == .directory { return }
      throw ScenarioError("file \(file.path): found the root folder, expected a file's path")
    }
    for name in names where name.count > Name.length {
      throw ScenarioError(
        "file \(file.path): found a name of \(name.count) bytes, "
          + "expected at most \(Name.length)")
    }
    var folder = FileSystem.root
    for name in names.dropLast() {
      folder = try makeFolder(Name(name), in: folder, path: file.path)
    }
    switch file.content {
    case .directory:
      _ = try makeFolder(Name(last), in: folder, path: file.path)
    case .device(let major, let minor):
      let inode = try make(.device, Name(last), in: folder, file.path, major: major, minor: minor)
      release(inode)
    case .file(let bytes):
      let inode = try make(.file, Name(last), in: folder, file.path)
      truncate(inode)
      let result = bytes.withUnsafeBytes { write(inode, at: 0, $0) }
      release(inode)
      if let refusal = result.refusal {
        let expected =
          refusal == .fileTooLarge
          ? "expected at most \(layout.maximumSize)"
          : "the disk had room for \(result.written) of them"
        throw ScenarioError(
          "file \(file.path): \(refusal.name): found \(bytes.count) bytes, \(expected)")
      }
    }
  }

  private mutating func makeFolder(_ name: Name, in folder: InodeNumber, path: String)
    throws(ScenarioError) -> InodeNumber
  {
    if let existing = find(name, in: folder)?.inode {
      guard self[existing].kind == .directory else {
        throw ScenarioError("file \(path): found a file on the way, expected a folder")
      }
      return existing
    }
    let inode = try make(.directory, name, in: folder, path)
    do {
      try addEntry(.current, inode, to: inode)
      try addEntry(.parent, folder, to: inode)
    } catch {
      throw ScenarioError("file \(path): no room for the folder: \(error.name)")
    }
    addLink(folder)
    release(inode)
    return inode
  }

  /// A new inode under a name, or the one that has the name already, with a reference.
  private mutating func make(
    _ kind: Inode.Kind, _ name: Name, in folder: InodeNumber, _ path: String, major: Int16 = 0,
    minor: Int16 = 0
  ) throws(ScenarioError) -> InodeNumber {
    if let existing = find(name, in: folder)?.inode {
      guard self[existing].kind == kind else {
        throw ScenarioError("file \(path): found something of another kind at that path")
      }
      retain(existing)
      return existing
    }
    guard let inode = allocate(kind, major: major, minor: minor) else {
      throw ScenarioError("file \(path): no inode is free; the disk has \(inodes.count)")
    }
    do {
      try addEntry(name, inode, to: folder)
    } catch {
      throw ScenarioError("file \(path): \(error.name)")
    }
    addLink(inode)
    return inode
  }
}
