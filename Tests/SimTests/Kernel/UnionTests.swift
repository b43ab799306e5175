// Unions by themselves: what looking up costs and remembers, and that nothing of the disk is kept.

import Testing

@testable import Sim

@Suite struct UnionTests {
  private let root = FileSystem.root

  /// A disk with layers, the topmost first, each with these paths of files.
  private func volumes(_ layers: [[String]]) throws -> (volumes: Volumes, layers: [InodeNumber]) {
    var disk = try FileSystem(blocks: 2000, inodes: 1000)
    var made: [InodeNumber] = []
    for (index, paths) in layers.enumerated() {
      for path in paths + [""] {
        try disk.install(GuestFile(path: "/l\(index)/\(path)", content: .directory))
      }
      made.append(try #require(disk.find(Name(Array("l\(index)".utf8)), in: root)).inode)
    }
    return (Volumes(disk: disk, descriptors: 16), made)
  }

  private func find(_ path: String, in union: FileID, _ volumes: inout Volumes) -> FileID? {
    var here = union
    for name in path.split(separator: "/") {
      var looked = 0
      guard let file = volumes.lookUp(Name(Array(name.utf8)), in: here, looked: &looked) else {
        return nil
      }
      here = file
    }
    return here
  }

  @Test("What is remembered of a look costs what the look did, and counts until a layer changes")
  func memoryCostsTheSame() throws {
    var (volumes, layers) = try volumes([[], ["a", "b"], ["a/x", "c"]])
    let union = volumes.makeUnion(upper: layers[0], lowers: Array(layers[1...]))
    volumes.retain(union)
    for name in ["a", "c", "nothing"] {
      var first = 0
      var second = 0
      let one = volumes.lookUp(Name(Array(name.utf8)), in: union, looked: &first)
      let other = volumes.lookUp(Name(Array(name.utf8)), in: union, looked: &second)
      #expect(one == other && first == second && first > 2, "\(name)")
    }
    _ = try volumes.disk.create(.file, as: Name(Array("nothing".utf8)), in: layers[0])
    #expect(find("nothing", in: union, &volumes) != nil)
    var looked = 0
    volumes.release(
      FileID(try volumes.disk.remove(Name(Array("nothing".utf8)), from: layers[0], looked: &looked))
    )
    #expect(find("nothing", in: union, &volumes) == nil)
    #expect(find("a/x", in: union, &volumes) != nil)
  }

  @Test("When nothing refers to it any more, a union has let go of all that it held")
  func holdsNothing() throws {
    var (volumes, layers) = try volumes([[], ["a/b"], ["a/c/d"]])
    let before = volumes.disk.inodes.map(\.references)
    let union = volumes.makeUnion(upper: layers[0], lowers: Array(layers[1...]))
    volumes.retain(union)
    let deep = try #require(find("a/c/d", in: union, &volumes))
    volumes.retain(deep)
    _ = volumes.names(in: union)
    volumes.release(union)
    #expect(volumes.unions.count == 1 && volumes.disk.inodes.map(\.references) != before)
    volumes.release(deep)
    #expect(volumes.unions.isEmpty)
    #expect(volumes.disk.inodes.map(\.references) == before)
  }

  @Test("A number is a file's for as long as the union is mounted, whatever else is looked up")
  func numbersStay() throws {
    var (volumes, layers) = try volumes([[], (0..<200).map { "d\($0)" }])
    let union = volumes.makeUnion(upper: layers[0], lowers: [layers[1]])
    volumes.retain(union)
    let first = try #require(find("d7", in: union, &volumes))
    _ = volumes.names(in: union)
    for index in 0..<200 { _ = find("d\(index)", in: union, &volumes) }
    #expect(find("d7", in: union, &volumes) == first)
    var looked = 0
    for index in 0..<200 where index != 7 {
      let name = Name(Array("d\(index)".utf8))
      volumes.release(try volumes.remove(name, from: union, looked: &looked))
    }
    #expect(find("d7", in: union, &volumes) == first && volumes.names(in: union).count == 1)
  }

  @Test("A number that a file had before tells nothing of the one that has it now")
  func numbersAreUsedAgain() throws {
    var (volumes, layers) = try volumes([[], []])
    let union = volumes.makeUnion(upper: layers[0], lowers: [layers[1]])
    volumes.retain(union)
    func name(_ text: String) -> Name { Name(Array(text.utf8)) }
    var looked = 0
    let first = try volumes.create(.directory, major: 0, minor: 0, as: name("d"), in: union)
    let open = try volumes.create(.file, major: 0, minor: 0, as: name("x"), in: first)
    #expect(find("d/x", in: union, &volumes) == open)
    volumes.release(try volumes.remove(name("x"), from: first, looked: &looked))
    volumes.release(try volumes.remove(name("d"), from: union, looked: &looked))
    volumes.release(first)
    let second = try volumes.create(.directory, major: 0, minor: 0, as: name("e"), in: union)
    try #require(second == first, "the number is used again")
    _ = try volumes.create(.file, major: 0, minor: 0, as: name("y"), in: second)
    #expect(find("e/x", in: union, &volumes) == nil)
    #expect(volumes.names(in: second) == [name("y")])
  }

  @Test("A directory that was removed shows nothing, whatever its layers get without the union")
  func removedShowsNothing() throws {
    var (volumes, layers) = try volumes([[], ["d"]])
    func name(_ text: String) -> Name { Name(Array(text.utf8)) }
    let union = volumes.makeUnion(upper: layers[0], lowers: [layers[1]])
    volumes.retain(union)
    let directory = try #require(find("d", in: union, &volumes))
    volumes.retain(directory)
    var looked = 0
    volumes.release(try volumes.remove(name("d"), from: union, looked: &looked))
    let lower = try #require(volumes.disk.find(name("d"), in: layers[1])).inode
    volumes.disk.release(try volumes.disk.create(.file, as: name("x"), in: lower))
    #expect(find("x", in: directory, &volumes) == nil && volumes.names(in: directory).isEmpty)
    #expect(throws: Refusal.notFound) {
      try volumes.remove(name("x"), from: directory, looked: &looked)
    }
    #expect(find("d", in: union, &volumes) == nil, "it is still hidden")
  }

  @Test("A file of two names has the one by which it was reached last, looked for or remembered")
  func lastNameCounts() throws {
    var (volumes, layers) = try volumes([[], []])
    func name(_ text: String) -> Name { Name(Array(text.utf8)) }
    let file = try volumes.disk.create(.file, as: name("a"), in: layers[1])
    try volumes.disk.link(file, as: name("b"), in: layers[1])
    let union = volumes.makeUnion(upper: layers[0], lowers: [layers[1]])
    volumes.retain(union)
    for text in ["a", "b", "a", "b"] {
      let found = try #require(find(text, in: union, &volumes))
      #expect(volumes.name(of: found, in: union) == name(text))
    }
  }

  @Test("A directory that loses its last entries gives their blocks back, and no others")
  func shrinks() throws {
    var (volumes, _) = try volumes([])
    let free = volumes.disk.disk.freeCount
    let size = volumes.disk[root].size
    for index in 0..<900 { try volumes.disk.addEntry(Name(Array("\(index)".utf8)), 1, to: root) }
    #expect(volumes.disk.disk.freeCount < free - 13)
    volumes.disk.shrink(root, to: 12 * 1024 + 16)
    volumes.disk.shrink(root, to: size)
    #expect(volumes.disk.disk.freeCount == free && volumes.disk[root].size == size)
  }

  @Test("A copy of a file's data has all of it, and is its own from the first write on")
  func copyIsItsOwn() throws {
    var disk = try FileSystem(blocks: 150, inodes: 10)
    let bytes = (0..<40_300).map { UInt8(truncatingIfNeeded: $0 / 100) }
    guard let source = disk.allocate(.file), let copy = disk.allocate(.file),
      let failed = disk.allocate(.file)
    else { throw Refusal.noInode }
    _ = bytes.withUnsafeBytes { disk.write(source, at: 0, $0) }
    _ = disk.takeWritten()
    let count = try disk.copyData(from: source, to: copy)
    #expect(count == bytes.count && disk.read(copy, at: 0, count: 50_000) == bytes)
    // A state's digest has to see what was copied.
    let written = disk.takeWritten()
    #expect(written != 0)
    _ = [UInt8(255)].withUnsafeBytes { disk.write(copy, at: 20_000, $0) }
    #expect(disk.read(source, at: 0, count: 50_000) == bytes)
    #expect(disk.read(copy, at: 20_000, count: 2) == [255, bytes[20_001]])
    // Where the disk has no room for all of it, what was copied goes with the last reference.
    let free = disk.disk.freeCount
    var refusal: Refusal?
    do throws(Refusal) { _ = try disk.copyData(from: source, to: failed) } catch { refusal = error }
    disk.release(failed)
    #expect(refusal == .noBlock && disk.disk.freeCount == free)
  }
}
