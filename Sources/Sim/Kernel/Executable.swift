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
  /// Whether it has a table of sections, and with it perhaps symbols and lines.
  private(set) var hasSections = false
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
    hasSections = header.unsigned64(40) != 0 && header.unsigned16(60) != 0
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

  /// How much of each end of a file its fingerprint covers, so that no file takes the host long.
  private static let fingerprintReach = 1 << 16

  /// Tells the files of programs apart that have sections; 0 for all without. It is by what they
  /// hold, so that a copy is as good as its original, whatever its name and wherever it lies.
  static func fingerprint(
    fileSize: Int, hasSections: Bool, read: (_ offset: Int, _ count: Int) -> [UInt8]
  ) -> UInt64 {
    guard hasSections else { return 0 }
    var digest = Digest()
    digest.combine(UInt64(fileSize))
    digest.combine(read(0, min(fileSize, fingerprintReach)))
    if fileSize > fingerprintReach {
      let start = max(fingerprintReach, fileSize - fingerprintReach)
      digest.combine(read(start, fileSize - start))
    }
    return digest.value
  }

  /// The same of a file's bytes; 0 also if it is no program.
  package static func fingerprint(of bytes: [UInt8]) -> UInt64 {
    func read(_ offset: Int, _ count: Int) -> [UInt8] {
      Array(bytes.dropFirst(offset).prefix(count))
    }
    guard let executable = try? Executable(fileSize: bytes.count, read: read) else { return 0 }
    return fingerprint(
      fileSize: bytes.count, hasSections: executable.hasSections, read: read)
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
