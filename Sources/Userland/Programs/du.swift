// du: how many blocks of the disk files take, in units of 512 bytes as POSIX has it, or of 1024 with -k.
// A file with several names counts once.

func run(_ arguments: Arguments) -> ExitStatus {
  var options = Options(arguments)
  var usage = DiskUsage()
  while let letter = options.next() {
    switch letter {
    case "a": usage.isOfAll = true
    case "s": usage.isOfTops = true
    case "k": usage.unit = 1
    case "x": usage.staysOnDevice = true
    default: return complainOfUse()
    }
  }
  guard !(usage.isOfAll && usage.isOfTops) else { return complainOfUse() }
  var status: ExitStatus = 0
  var index = options.index
  repeat {
    let path = index < arguments.count ? arguments[index] : ("." as StaticString).path
    if !usage.count(path) { status = 1 }
    index += 1
  } while index < arguments.count
  return status
}

func complainOfUse() -> ExitStatus {
  complain("usage: du [-a | -s] [-kx] [file ...]\n")
  return 1
}

struct DiskUsage {
  /// Blocks that an inode names itself, and that a block of block numbers names.
  private static var direct: Int { 12 }
  private static var fanOut: Int { 256 }

  var isOfAll = false
  var isOfTops = false
  var staysOnDevice = false
  /// How many units a kilobyte is.
  var unit = 2
  /// The files with several names that have been counted.
  private var seen = KeptBytes()

  mutating func count(_ path: CString) -> Bool {
    guard var walk = Walk(path, "du") else { return false }
    defer { walk.deallocate() }
    // What has been found in each of the directories that the walk is in.
    let sums = UnsafeMutablePointer<Int>.allocate(capacity: Int(MAXPATH) + 2)
    defer { sums.deallocate() }
    var device: CInt = 0
    while let visit = walk.next() {
      let depth = walk.depth
      if depth == 0, visit != .left { device = walk.status.dev }
      switch visit {
      case .directory:
        if staysOnDevice, walk.status.dev != device {
          walk.skip()
        } else {
          sums[depth + 1] = blocks(walk.status)
        }
      case .left:
        let sum = sums[depth + 1]
        if depth > 0 { sums[depth] += sum }
        if depth == 0 || !isOfTops { show(sum, walk.path.text) }
      case .file:
        if staysOnDevice && walk.status.dev != device || isSeen(walk.status) { continue }
        let sum = blocks(walk.status)
        if depth > 0 { sums[depth] += sum }
        if depth == 0 || isOfAll { show(sum, walk.path.text) }
      }
    }
    return !walk.hasFailed
  }

  private func show(_ blocks: Int, _ path: CString) { say("\(blocks * unit)\t\(path)\n") }

  /// A file's blocks, with those that hold block numbers.
  private func blocks(_ status: stat) -> Int {
    guard status.type != CShort(T_DEVICE) else { return 0 }
    let data = (Int(status.size) + 1023) / 1024
    if data <= DiskUsage.direct { return data }
    let single = DiskUsage.direct + DiskUsage.fanOut
    if data <= single { return data + 1 }
    // Inodes that reach further name one block fewer themselves.
    let far = data - (single - 1)
    return data + 2 + (far + DiskUsage.fanOut - 1) / DiskUsage.fanOut
  }

  private mutating func isSeen(_ status: stat) -> Bool {
    guard status.nlink > 1 else { return false }
    let size = MemoryLayout<UInt64>.size
    let identity = UInt64(UInt32(bitPattern: status.dev)) << 32 | UInt64(status.ino)
    var at = 0
    while at < seen.count {
      var other: UInt64 = 0
      memcpy(&other, seen.bytes + at, size)
      if other == identity { return true }
      at += size
    }
    for shift in 0..<size { _ = seen.append(UInt8(truncatingIfNeeded: identity >> (shift * 8))) }
    return false
  }
}
