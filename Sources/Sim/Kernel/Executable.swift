// ELF images: which bytes go where. Parsing is apart from loading, so that a file full of garbage
// is refused before anything has been taken.

/// A program's segments and entry, checked as xv6's `exec` does (kernel/exec.c), and beyond that only
/// for what could not run right: `docs/guest.md` says what that is.
package struct Executable {
  package struct Segment {
    package var address: UInt64
    var memorySize: UInt64
    var fileOffset: Int
    var fileSize: Int
    var permissions: PageEntry.Permissions

    var end: UInt64 { address + memorySize }
    /// Where the bytes from the file end.
    package var fileEnd: UInt64 { address + UInt64(fileSize) }
  }

  var entry: UInt64
  /// In the file's order, in which they are loaded: where two lie on one page, the first decides who
  /// may do what with it, and the last what it holds.
  package private(set) var segments: [Segment] = []
  /// Whether a note says that it is built for this machine's calls.
  private(set) var isMarked = false
  /// Where the last of the segments ends.
  private(set) var end: UInt64 = 0

  private static let headerSize = 64
  private static let programHeaderSize = 56
  private static let loadable: UInt32 = 1
  private static let note: UInt32 = 4
  private static let riscv: UInt16 = 243
  /// The note of the runtime's start: lengths of name and contents, type, name, contents.
  private static let mark: [UInt8] =
    [8, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0] + Array("Drydock\0".utf8) + [1, 0, 0, 0]
  /// No linker puts more notes into a program than it has words for.
  private static let notesAtMost = 16

  /// Reads an ELF64 little-endian RISC-V executable (ELF-64 object file format 1.5; the psABI for
  /// the machine number).
  ///
  /// - Parameters:
  ///   - capacity: bytes that all segments together may take from the file, some of them more than
  ///     once.
  ///   - read: the file's bytes from an offset on, fewer at its end.
  package init(
    fileSize: Int, capacity: Int = .max, read: (_ offset: Int, _ count: Int) -> [UInt8]
  ) throws(ExecutableProblem) {
    let header = LayoutReader(bytes: read(0, Executable.headerSize))
    try Executable.check(header)
    entry = header.unsigned64(24)
    let tableOffset = header.unsigned64(32)
    let count = Int(header.unsigned16(56))
    guard
      count == 0
        || tableOffset <= UInt64(fileSize)
          && fileSize - Int(tableOffset) >= count * Executable.programHeaderSize
    else {
      throw ExecutableProblem(
        "\(count) program headers at offset \(tableOffset)",
        "them within the file's \(fileSize) bytes")
    }
    var loaded = 0
    var notes = 0
    for index in 0..<count {
      let offset = Int(tableOffset) + index * Executable.programHeaderSize
      let program = LayoutReader(bytes: read(offset, Executable.programHeaderSize))
      switch program.unsigned32(0) {
      case Executable.loadable:
        let segment = try Executable.segment(program, index, fileSize: fileSize)
        // xv6 takes a program that is still empty after a segment for one without room.
        guard segment.end > 0 || end > 0 else {
          throw ExecutableProblem("segment \(index) of no bytes at 0", "something in it")
        }
        loaded += segment.fileSize
        guard loaded <= capacity else {
          throw ExecutableProblem(
            "segments that take more than \(capacity) bytes of the file",
            "at most as many as there is memory")
        }
        segments.append(segment)
        end = max(end, segment.end)
      case Executable.note where notes < Executable.notesAtMost:
        notes += 1
        if Executable.isMark(program, fileSize: fileSize, read) { isMarked = true }
      default: break
      }
    }
  }

  /// Pages that a process needs to run it: what lies below its segments' end, and the stack.
  var pageCount: Int { Kernel.pageCount(end) + 1 }

  private static func isMark(
    _ header: LayoutReader, fileSize: Int, _ read: (_ offset: Int, _ count: Int) -> [UInt8]
  ) -> Bool {
    let offset = header.unsigned64(8)
    guard header.unsigned64(32) >= UInt64(mark.count), offset < UInt64(fileSize) else {
      return false
    }
    return read(Int(offset), mark.count) == mark
  }

  private static func check(_ header: LayoutReader) throws(ExecutableProblem) {
    guard header.bytes.count == headerSize else {
      throw ExecutableProblem("\(header.bytes.count) bytes", "an ELF header of \(headerSize)")
    }
    guard header.bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else {
      throw ExecutableProblem("a file that is no ELF", "an ELF executable for RV64")
    }
    // xv6 would go on: by a header of another shape, or with another machine's instructions.
    guard header.bytes[4] == 2, header.bytes[5] == 1 else {
      throw ExecutableProblem(
        "ELF class \(header.bytes[4]), byte order \(header.bytes[5])",
        "class 2 (64 bits), byte order 1 (little-endian)")
    }
    guard header.unsigned16(18) == riscv else {
      throw ExecutableProblem("an ELF for machine \(header.unsigned16(18))", "\(riscv) (RISC-V)")
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
      let executable = try Executable(fileSize: bytes.count, capacity: frames * pageSize) {
        Array(bytes.dropFirst($0).prefix($1))
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
  mutating func exec(
    _ slot: Slot, path pathAddress: UInt64, arguments address: UInt64, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let path = try copyInPath(slot, pathAddress)
    let arguments = try copyInArguments(slot, address)
    return try exec(slot, path, arguments, &effects)
  }

  private mutating func copyInArguments(_ slot: Slot, _ address: UInt64) throws(Refusal)
    -> [[UInt8]]
  {
    var arguments: [[UInt8]] = []
    // Also where the program is not found afterwards.
    defer { charge(.bytesMoved, arguments.reduce(0) { $0 + $1.count }) }
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
  mutating func exec(
    _ slot: Slot, _ path: [UInt8], _ arguments: [[UInt8]], _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let file = try resolve(slot, path)
    var looked = 0
    defer { charge(.bytesMoved, looked) }
    guard fileSystem[file].kind == .file,
      let executable = try? Executable(
        fileSize: Int(fileSystem[file].size), capacity: memory.frameCount * pageSize,
        read: {
          looked += $1
          return fileSystem.read(file, at: $0, count: $1)
        })
    else { throw .notExecutable }

    var image = NewImage()
    do {
      try load(executable, from: file, into: &image)
      try addStack(to: &image)
      try push(arguments, onto: &image)
    } catch {
      if !defects.contains(.execFailureKeepsPages) { releasePages(of: image.table) }
      throw error
    }

    dropSharing(slot, &effects)
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
    processes[slot].isMarked = executable.isMarked
    processes[slot].forgetConsole()
    emit(
      .executed(
        stamp(slot), path: names.intern(path), argumentCount: arguments.count, file))
    return .replacedImage(argumentCount: Int64(arguments.count))
  }

  private mutating func load(
    _ executable: Executable, from file: FileID, into image: inout NewImage
  ) throws(Refusal) {
    for segment in executable.segments {
      // What lies between segments is mapped too, as zero pages.
      try extend(&image, to: segment.end, segment.permissions)
      var position = segment.address
      let read = fileSystem.read(file, at: segment.fileOffset, count: segment.fileSize) { bytes in
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
    // One that lies below the end of another is there already.
    guard size > image.size else { return }
    let wanted = Kernel.pageCount(size)
    guard size <= Kernel.userTop, wanted - image.table.count <= memory.freeCount else {
      throw .noMemory
    }
    while image.table.count < wanted {
      let keepsContents = defects.contains(.imageNotZeroed)
      guard let frame = memory.allocate(keepingContents: keepsContents) else { throw .noMemory }
      image.table.append(PageEntry(frame: frame, permissions: permissions))
    }
    image.size = size
  }

  /// A guard page and a page of stack behind the segments.
  private mutating func addStack(to image: inout NewImage) throws(Refusal) {
    let guardPage = Kernel.pageCount(image.size)
    image.table.append(.absent)
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
