// ELF images: which bytes go where. Parsing is apart from loading, so that a file full of garbage
// is refused before anything has been taken.

/// A program's segments and entry, checked.
struct Executable {
  struct Segment {
    var address: UInt64
    var memorySize: UInt64
    var fileOffset: Int
    var fileSize: Int
    var permissions: PageEntry.Permissions

    var end: UInt64 { address + memorySize }
  }

  var entry: UInt64
  /// In order of their addresses, no two on one page.
  var segments: [Segment]

  private static let headerSize = 64
  private static let programHeaderSize = 56
  private static let loadable: UInt32 = 1
  private static let riscv: UInt16 = 243

  /// Reads an ELF64 little-endian RISC-V executable (ELF-64 object file format 1.5; the psABI for
  /// the machine number).
  ///
  /// - Parameter read: the file's bytes from an offset on, fewer at its end.
  /// - Returns: nil for anything that a process cannot be made of.
  init?(fileSize: Int, read: (_ offset: Int, _ count: Int) -> [UInt8]) {
    let header = LayoutReader(bytes: read(0, Executable.headerSize))
    guard header.bytes.count == Executable.headerSize,
      header.bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]),
      header.unsigned16(18) == Executable.riscv,
      header.unsigned16(16) == 2 || header.unsigned16(16) == 3
    else { return nil }
    entry = header.unsigned64(24)
    segments = []
    let tableOffset = header.unsigned64(32)
    let count = Int(header.unsigned16(56))
    guard tableOffset <= UInt64(fileSize),
      count == 0 || Int(header.unsigned16(54)) == Executable.programHeaderSize
    else { return nil }
    for index in 0..<count {
      let offset = Int(tableOffset) + index * Executable.programHeaderSize
      let program = LayoutReader(bytes: read(offset, Executable.programHeaderSize))
      guard program.bytes.count == Executable.programHeaderSize else { return nil }
      guard program.unsigned32(0) == Executable.loadable else { continue }
      guard let segment = Executable.segment(program, fileSize: fileSize) else { return nil }
      if segment.memorySize > 0 { segments.append(segment) }
    }
    segments.sort { $0.address < $1.address }
    for (segment, next) in zip(segments, segments.dropFirst()) {
      guard Kernel.pageCount(segment.end) * pageSize <= next.address else { return nil }
    }
  }

  private static func segment(_ header: LayoutReader, fileSize limit: Int) -> Segment? {
    let flags = header.unsigned32(4)
    let offset = header.unsigned64(8)
    let address = header.unsigned64(16)
    let fileSize = header.unsigned64(32)
    let memorySize = header.unsigned64(40)
    guard memorySize >= fileSize, address % UInt64(pageSize) == 0,
      address <= Kernel.userTop, memorySize <= Kernel.userTop - address,
      offset <= UInt64(limit), fileSize <= UInt64(limit) - offset
    else { return nil }
    var permissions: PageEntry.Permissions = .read
    if flags & 1 != 0 { permissions.insert(.execute) }
    if flags & 2 != 0 { permissions.insert(.write) }
    return Segment(
      address: address, memorySize: memorySize, fileOffset: Int(offset), fileSize: Int(fileSize),
      permissions: permissions)
  }
}

/// A process image under construction; becomes the process's only when complete.
private struct NewImage {
  var table = PageTable()
  var size: UInt64 = 0
  var stackPointer: UInt64 = 0
  var stackBase: UInt64 = 0
}

extension Kernel {
  /// Replaces a process's image by a program's.
  mutating func exec(_ slot: Slot, path pathAddress: UInt64, arguments address: UInt64)
    throws(Refusal) -> CallOutcome
  {
    let path = try copyInPath(slot, pathAddress)
    return try exec(slot, path, copyInArguments(slot, address))
  }

  private func copyInArguments(_ slot: Slot, _ address: UInt64) throws(Refusal) -> [[UInt8]] {
    var arguments: [[UInt8]] = []
    while true {
      let pointer = try copyInWord(slot, address &+ UInt64(arguments.count * 8))
      if pointer == 0 { return arguments }
      guard arguments.count < limits.execArguments else { throw .tooManyArguments }
      do {
        arguments.append(try copyInString(slot, pointer, limit: pageSize))
      } catch {
        throw error == .nameTooLong ? .argumentsTooLong : error
      }
    }
  }

  /// Loads the program at `path`; until all of it has worked, the old image stays.
  mutating func exec(_ slot: Slot, _ path: [UInt8], _ arguments: [[UInt8]]) throws(Refusal)
    -> CallOutcome
  {
    let inode = try resolve(slot, path)
    guard fileSystem[inode].kind == .file,
      let executable = Executable(
        fileSize: Int(fileSystem[inode].size),
        read: { fileSystem.read(inode, at: $0, count: $1) })
    else { throw .notExecutable }

    var image = NewImage()
    do {
      try load(executable, from: inode, into: &image)
      try addStack(to: &image)
      try push(arguments, onto: &image)
    } catch {
      if !defects.contains(.execFailureKeepsPages) { releasePages(of: image.table) }
      throw error
    }

    dropSharing(slot)
    if defects.contains(.execResetsBudget) { forgetBudgets(slot) }
    releasePages(of: processes[slot].table)
    processes[slot].table = image.table
    processes[slot].size = image.size
    processes[slot].stackPage = PageNumber(image.stackBase / UInt64(pageSize))
    processes[slot].name = Array(path.split(separator: UInt8(ascii: "/")).last ?? []).prefix15
    var context = SavedContext()
    context.pc = executable.entry
    context.registers[2] = image.stackPointer
    context.registers[10] = UInt64(arguments.count)
    context.registers[11] = image.stackPointer
    processes[slot].context = context
    mappingsChanged = true
    emit(
      .executed(
        stamp(slot), path: names.intern(path), argumentCount: arguments.count, inode: inode))
    return .replacedImage(argumentCount: Int64(arguments.count))
  }

  private mutating func load(
    _ executable: Executable, from inode: InodeNumber, into image: inout NewImage
  ) throws(Refusal) {
    for segment in executable.segments {
      // What lies between segments is mapped too, as zero pages.
      try extend(&image, to: segment.end, segment.permissions)
      var position = segment.address
      let read = fileSystem.read(inode, at: segment.fileOffset, count: segment.fileSize) { bytes in
        store(bytes, at: position, in: image.table)
        position += UInt64(bytes.count)
        return true
      }
      guard read == segment.fileSize else { throw .notExecutable }
    }
  }

  /// Maps zeroed pages up to `size`.
  private mutating func extend(
    _ image: inout NewImage, to size: UInt64, _ permissions: PageEntry.Permissions
  ) throws(Refusal) {
    let wanted = Kernel.pageCount(size)
    guard size <= Kernel.userTop, wanted - image.table.count <= memory.freeCount else {
      throw .noMemory
    }
    while image.table.count < wanted {
      guard let frame = memory.allocate() else { throw .noMemory }
      image.table.entries.append(PageEntry(frame: frame, permissions: permissions))
    }
    image.size = size
  }

  /// A guard page and a page of stack behind the segments.
  private mutating func addStack(to image: inout NewImage) throws(Refusal) {
    let guardPage = Kernel.pageCount(image.size)
    image.table.entries.append(.absent)
    try extend(&image, to: UInt64((guardPage + 2) * pageSize), [.read, .write])
    image.stackBase = UInt64((guardPage + 1) * pageSize)
    image.stackPointer = image.size
  }

  /// Argument strings, then the array of their addresses, all on the stack's page.
  private mutating func push(_ arguments: [[UInt8]], onto image: inout NewImage)
    throws(Refusal)
  {
    var pointers = LayoutWriter()
    for argument in arguments {
      let text = argument + [0]
      try place(text, onto: &image)
      pointers.append(image.stackPointer)
    }
    pointers.append(UInt64(0))
    try place(pointers.bytes, onto: &image)
  }

  /// Puts bytes below the stack pointer, 16-byte aligned.
  private mutating func place(_ bytes: [UInt8], onto image: inout NewImage) throws(Refusal) {
    let room = image.stackPointer - image.stackBase
    guard room >= UInt64(bytes.count) else { throw .argumentsTooLong }
    // The page begins at a multiple of 16, so that rounding down stays on it.
    let address = (image.stackPointer - UInt64(bytes.count)) & ~15
    bytes.withUnsafeBytes { store($0, at: address, in: image.table) }
    image.stackPointer = address
  }

  /// Writes to pages that were just mapped, whatever their permissions.
  private mutating func store(
    _ bytes: UnsafeRawBufferPointer, at address: UInt64, in table: PageTable
  ) {
    var done = 0
    while done < bytes.count {
      let here = address + UInt64(done)
      let length = min(bytes.count - done, pageSize - Int(here & 4095))
      guard let entry = table.entry(at: here), let source = bytes.baseAddress else {
        preconditionFailure("an image is written within its pages")
      }
      (memory.writableBytes(of: entry.frame) + Int(here & 4095))
        .copyMemory(from: source + done, byteCount: length)
      done += length
    }
  }
}

extension [UInt8] {
  /// As much of a program's name as a process keeps.
  fileprivate var prefix15: [UInt8] { Array(prefix(15)) }
}
