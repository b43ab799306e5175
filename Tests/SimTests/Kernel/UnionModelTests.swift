// A union beside a plain directory that begins with the same: whatever is done to both, they show the
// same, as if the union were one disk.

import Testing

@testable import Sim

@Suite struct UnionModelTests {
  @Test("A union is as one disk, whatever is done to it", arguments: 1...40 as ClosedRange<UInt64>)
  func isOneDisk(seed: UInt64) throws {
    var twins = try Twins(seed)
    let lower = twins.shown(twins.layers)
    for _ in 0..<120 {
      let step = twins.next()
      let plain = twins.apply(step, below: twins.plain)
      let union = twins.apply(step, below: twins.union)
      try #require(plain == union, "\(step)")
      let expected = twins.shown([twins.plain])
      try #require(twins.shown([twins.union]) == expected, "after \(step)")
    }
    #expect(twins.shown(twins.layers) == lower)
    // The layers alone say the same.
    let expected = twins.shown([twins.plain])
    twins.mountAgain()
    #expect(twins.shown([twins.union]) == expected)
  }

  @Test(
    "When the disk is full, what fails changes nothing", arguments: 1...30 as ClosedRange<UInt64>)
  func failsCleanly(seed: UInt64) throws {
    var twins = try Twins(seed)
    var failures = 0
    for _ in 0..<150 {
      let step = twins.next()
      twins.empty()
      twins.fill(leaving: twins.random.below(3))
      let before = twins.shown([twins.union])
      let upper = twins.shown([twins.upper])
      let free = twins.volumes.disk.disk.freeCount
      let result = twins.apply(step, below: twins.union)
      if result == "no inode" || result == "disk full" {
        failures += 1
        #expect(twins.shown([twins.union]) == before, "after \(step)")
        // A copy that was made stays where only the write has failed.
        if case .write = step { continue }
        #expect(twins.shown([twins.upper]) == upper, "after \(step)")
        #expect(twins.volumes.disk.disk.freeCount == free, "after \(step)")
      }
    }
    #expect(failures > 0)
  }
}

/// A plain directory and a union on one disk, and what can be done to either.
private struct Twins {
  enum Step {
    case make(String)
    case makeDirectory(String)
    case remove(String)
    case link(String, String)
    case write(String)
    case cut(String)
  }

  var volumes: Volumes
  var random: SplitMix
  let plain: FileID
  let upper: FileID
  let layers: [FileID]
  private(set) var union: FileID
  private var fillers: [FileID] = []

  init(_ seed: UInt64) throws {
    random = SplitMix(state: seed)
    var disk = try FileSystem(blocks: 1200, inodes: 400)
    for name in ["plain", "up", "mid", "low", "fill"] {
      try disk.install(GuestFile(path: "/\(name)", content: .directory))
    }
    func directory(_ name: String, _ disk: FileSystem) throws -> FileID {
      FileID(try #require(disk.find(Name(Array(name.utf8)), in: FileSystem.root)).inode)
    }
    // What both begin with: names of two layers, one of which has a file twice.
    for (layer, paths) in [
      ("low", ["a/a/f", "a/b/g", "b/f", "c", "d/a/b/e"]), ("mid", ["a/b/h", "b/g", "d/a/i"]),
    ] {
      for path in paths {
        for root in [layer, "plain"] {
          try disk.install(
            GuestFile(path: "/\(root)/\(path)", content: .file(Array((layer + path).utf8))))
        }
      }
    }
    volumes = Volumes(disk: disk, descriptors: 16)
    plain = try directory("plain", disk)
    upper = try directory("up", disk)
    layers = [try directory("mid", disk), try directory("low", disk)]
    union = plain
    for root in [plain, layers[1]] {
      _ = apply(.link("b/f", "a/f2"), below: root)
      _ = apply(.link("b/f", "c2"), below: root)
    }
    mount()
  }

  private mutating func mount() {
    union = volumes.makeUnion(upper: upper.inode, lowers: layers.map(\.inode))
    volumes.retain(union)
  }

  mutating func mountAgain() {
    volumes.release(union)
    mount()
  }

  // MARK: Steps

  private mutating func path() -> String {
    let names = ["a", "b", "c", "d", "f", "g"]
    return (0...random.below(3)).map { _ in names[random.below(names.count)] }
      .joined(separator: "/")
  }

  mutating func next() -> Step {
    switch random.below(9) {
    case 0: .make(path())
    case 1: .makeDirectory(path())
    case 2, 3, 4: .remove(path())
    case 5: .link(path(), path())
    case 6: .cut(path())
    default: .write(path())
    }
  }

  /// Does a step as the kernel does; what came of it.
  mutating func apply(_ step: Step, below root: FileID) -> String {
    do throws(Refusal) {
      switch step {
      case .make(let path):
        let (directory, name) = try parent(path, root)
        if find(name, directory) != nil { throw .exists }
        volumes.release(
          try volumes.create(.file, major: 0, minor: 0, as: name, in: directory))
      case .makeDirectory(let path):
        let (directory, name) = try parent(path, root)
        if find(name, directory) != nil { throw .exists }
        volumes.release(
          try volumes.create(.directory, major: 0, minor: 0, as: name, in: directory))
      case .remove(let path):
        let (directory, name) = try parent(path, root)
        var looked = 0
        volumes.release(try volumes.remove(name, from: directory, looked: &looked))
      case .link(let old, let new):
        let file = try file(old, root)
        let (directory, name) = try parent(new, root)
        if find(name, directory) != nil { throw .exists }
        try volumes.link(file, as: name, in: directory)
      case .write(let path):
        let text = Array("\(path) \(random.state)".utf8)
        let target = try volumes.target(of: try file(path, root))
        let result = text.withUnsafeBytes { volumes.disk.write(target, at: 0, $0) }
        if let refusal = result.refusal { throw refusal }
      case .cut(let path): try volumes.truncate(try file(path, root))
      }
      return "done"
    } catch {
      return error.name
    }
  }

  private mutating func find(_ name: Name, _ directory: FileID) -> FileID? {
    var looked = 0
    return volumes.lookUp(name, in: directory, looked: &looked)
  }

  private mutating func walk(_ path: some Sequence<Substring>, _ root: FileID) throws(Refusal)
    -> FileID
  {
    var here = root
    for name in path {
      guard volumes.isDirectory(here) else { throw .notDirectory }
      guard let file = find(Name(Array(name.utf8)), here) else { throw .notFound }
      here = file
    }
    return here
  }

  private mutating func parent(_ path: String, _ root: FileID) throws(Refusal) -> (FileID, Name) {
    let names = path.split(separator: "/")
    let directory = try walk(names.dropLast(), root)
    guard volumes.isDirectory(directory) else { throw .notDirectory }
    return (directory, Name(Array((names.last ?? "").utf8)))
  }

  private mutating func file(_ path: String, _ root: FileID) throws(Refusal) -> FileID {
    let file = try walk(path.split(separator: "/"), root)
    if volumes.isDirectory(file) { throw .isDirectory }
    return file
  }

  // MARK: What is shown

  /// All paths below directories, with what is to be known of each, and which are one file.
  mutating func shown(_ roots: [FileID]) -> [String] {
    var lines: [String] = []
    var files: [FileID] = []
    for root in roots { show(root, "", &lines, &files) }
    return lines
  }

  private mutating func show(
    _ directory: FileID, _ path: String, _ lines: inout [String], _ files: inout [FileID]
  ) {
    for name in names(in: directory).sorted() {
      guard let file = find(name, directory) else {
        lines.append("\(path)/\(String(decoding: name.bytes, as: UTF8.self)): nothing")
        continue
      }
      let status = volumes.status(of: file)
      let here = "\(path)/\(String(decoding: name.bytes, as: UTF8.self))"
      if status.type == Inode.Kind.directory.rawValue {
        lines.append("\(here): directory, \(status.links)")
        show(file, here, &lines, &files)
        continue
      }
      let known = files.firstIndex(of: file) ?? files.count
      if known == files.count { files.append(file) }
      var text = "device"
      if status.type == Inode.Kind.file.rawValue, case .disk(let inode) = volumes.source(of: file) {
        text = String(
          decoding: volumes.disk.read(inode, at: 0, count: Int(status.size)), as: UTF8.self)
      }
      lines.append("\(here): file \(known), \(status.links), \(text)")
    }
  }

  private mutating func names(in directory: FileID) -> [Name] {
    if directory.volume != .disk { return volumes.names(in: directory) }
    var names: [Name] = []
    volumes.disk.eachEntry(of: directory.inode) { inode, entry, offset in
      if inode != 0 && offset >= 2 * FileSystem.entrySize { names.append(Name(entry: entry)) }
      return true
    }
    return names
  }

  // MARK: A full disk

  /// Takes all blocks but so many.
  mutating func fill(leaving room: Int) {
    let zeros = [UInt8](repeating: 0, count: 1024)
    guard let directory = volumes.disk.find(Name(Array("fill".utf8)), in: FileSystem.root)?.inode
    else { return }
    while volumes.disk.disk.freeCount > room {
      let name = Name(Array("f\(fillers.count)".utf8))
      guard let inode = try? volumes.disk.create(.file, as: name, in: directory) else { return }
      fillers.append(FileID(inode))
      for block in 0..<200 where volumes.disk.disk.freeCount > room {
        // The last one may take a block of block numbers as well.
        if block == 12 && volumes.disk.disk.freeCount < room + 2 { break }
        _ = zeros.withUnsafeBytes { volumes.disk.write(inode, at: block * 1024, $0) }
      }
    }
  }

  mutating func empty() {
    guard let directory = volumes.disk.find(Name(Array("fill".utf8)), in: FileSystem.root)?.inode
    else { return }
    for (index, file) in fillers.enumerated() {
      var looked = 0
      let name = Name(Array("f\(index)".utf8))
      if let removed = try? volumes.disk.remove(name, from: directory, looked: &looked) {
        volumes.disk.release(removed)
      }
      volumes.disk.release(file.inode)
    }
    fillers = []
  }
}

private struct SplitMix {
  private(set) var state: UInt64

  init(state: UInt64) { self.state = state &* 0x2545_f491_4f6c_dd1d }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }
}
