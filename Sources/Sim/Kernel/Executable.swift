// ELF images: which bytes go where. Parsing is apart from loading, so that a file full of garbage
// is refused before anything has been taken.

/// A program's segments and entry, checked.
package struct Executable {
  package struct Segment {
    package var address: UInt64
    var memorySize: UInt64
    var fileOffset: Int
    var fileSize: Int
    var permissions: PageEntry.Permissions

    var end: UInt64 { address + memorySize }
    /// Where the bytes from the file end, and zeros begin.
    package var fileEnd: UInt64 { address + UInt64(fileSize) }
  }

  var entry: UInt64
  /// In order of their addresses, no two on one page.
  package private(set) var segments: [Segment]

  private static let headerSize = 64
  private static let programHeaderSize = 56
  private static let loadable: UInt32 = 1
  private static let riscv: UInt16 = 243

  /// Reads an ELF64 little-endian RISC-V executable (ELF-64 object file format 1.5; the psABI for
  /// the machine number).
  ///
  /// - Parameter read: the file's bytes from an offset on, fewer at its end.
  package init(fileSize: Int, read: (_ offset: Int, _ count: Int) -> [UInt8])
    throws(ExecutableProblem)
  {
    let header = LayoutReader(bytes: read(0, Executable.headerSize))
    try Executable.check(header)
    entry = header.unsigned64(24)
    segments = []
    let tableOffset = header.unsigned64(32)
    let count = Int(header.unsigned16(56))
    guard tableOffset <= UInt64(fileSize),
      fileSize - Int(tableOffset) >= count * Executable.programHeaderSize
    else {
      throw ExecutableProblem(
        "\(count) program headers at offset \(tableOffset)",
        "them within the file's \(fileSize) bytes")
    }
    for index in 0..<count {
      let offset = Int(tableOffset) + index * Executable.programHeaderSize
      let program = LayoutReader(bytes: read(offset, Executable.programHeaderSize))
      guard program.unsigned32(0) == Executable.loadable else { continue }
      let segment = try Executable.segment(program, index, fileSize: fileSize)
      if segment.memorySize > 0 { segments.append(segment) }
    }
    segments.sort { $0.address < $1.address }
    for (segment, next) in zip(segments, segments.dropFirst())
    where Kernel.pageCount(segment.end) * pageSize > next.address {
      throw ExecutableProblem(
        "a segment up to \(hexadecimal(segment.end)) and one from \(hexadecimal(next.address))",
        "no two on one page")
    }
  }

  /// Pages that a process needs to run it: what lies below its segments' end, and the stack.
  var pageCount: Int { Kernel.pageCount(segments.last?.end ?? 0) + 1 }

  private static func check(_ header: LayoutReader) throws(ExecutableProblem) {
    guard header.bytes.count == headerSize else {
      throw ExecutableProblem("\(header.bytes.count) bytes", "an ELF header of \(headerSize)")
    }
    guard header.bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else {
      throw ExecutableProblem("a file that is no ELF", "an ELF executable for RV64")
    }
    guard header.bytes[4] == 2, header.bytes[5] == 1 else {
      throw ExecutableProblem(
        "ELF class \(header.bytes[4]), byte order \(header.bytes[5])",
        "class 2 (64 bits), byte order 1 (little-endian)")
    }
    guard header.unsigned16(18) == riscv else {
      throw ExecutableProblem("an ELF for machine \(header.unsigned16(18))", "\(riscv) (RISC-V)")
    }
    let type = header.unsigned16(16)
    guard type == 2 || type == 3 else {
      throw ExecutableProblem("an ELF of type \(type)", "2, an executable")
    }
    guard header.unsigned16(56) == 0 || Int(header.unsigned16(54)) == programHeaderSize else {
      throw ExecutableProblem(
        "program headers of \(header.unsigned16(54)) bytes", "\(programHeaderSize)")
    }
  }

  private static func segment(_ header: LayoutReader, _ index: Int, fileSize limit: Int)
    throws(ExecutableProblem) -> Segment
  {
    let flags = header.unsigned32(4)
    let offset = header.unsigned64(8)
    let address = header.unsigned64(16)
    let fileSize = header.unsigned64(32)
    let memorySize = header.unsigned64(40)
    guard address % UInt64(pageSize) == 0 else {
      throw ExecutableProblem(
        "segment \(index) at \(hexadecimal(address))", "an address at the start of a page")
    }
    guard memorySize >= fileSize else {
      throw ExecutableProblem(
        "segment \(index) with \(fileSize) bytes in the file and \(memorySize) in memory",
        "at least as many in memory")
    }
    guard address <= Kernel.userTop, memorySize <= Kernel.userTop - address else {
      throw ExecutableProblem(
        "segment \(index) at \(hexadecimal(address)) of \(memorySize) bytes",
        "its end below \(hexadecimal(Kernel.userTop))")
    }
    // A segment of zeros needs nothing of the file, wherever its offset is.
    let end = offset.addingReportingOverflow(fileSize)
    guard fileSize == 0 || !end.overflow && end.partialValue <= UInt64(limit) else {
      throw ExecutableProblem(
        "segment \(index) with \(fileSize) bytes from offset \(offset)",
        "them within the file's \(limit) bytes")
    }
    var permissions: PageEntry.Permissions = .read
    if flags & 1 != 0 { permissions.insert(.execute) }
    if flags & 2 != 0 { permissions.insert(.write) }
    return Segment(
      address: address, memorySize: memorySize, fileOffset: fileSize == 0 ? 0 : Int(offset),
      fileSize: Int(fileSize),
      permissions: permissions)
  }
}

/// Why a file cannot be run.
public struct ExecutableProblem: Error, Equatable, CustomStringConvertible {
  public var description: String

  fileprivate init(_ found: String, _ expected: String) {
    description = "found \(found), expected \(expected)"
  }

  /// What is wrong with a program's bytes, on a machine with so many frames; nil if nothing is.
  public static func check(_ bytes: [UInt8], frames: Int) -> ExecutableProblem? {
    do throws(ExecutableProblem) {
      let executable = try Executable(fileSize: bytes.count) { offset, count in
        Array(bytes.dropFirst(offset).prefix(count))
      }
      guard executable.pageCount <= frames else {
        return ExecutableProblem(
          "segments that need \(executable.pageCount) pages", "at most the memory's \(frames)")
      }
      return nil
    } catch {
      return error
    }
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
    charge(.bytesMoved, arguments.reduce(0) { $0 + $1.count })
    guard fileSystem[inode].kind == .file,
      let executable = try? Executable(
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
        charge(.bytesMoved, bytes.count)
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
      let keepsContents = defects.contains(.imageNotZeroed)
      guard let frame = memory.allocate(keepingContents: keepsContents) else { throw .noMemory }
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
