// A guest program on one hart, without a kernel: it can write to descriptor 1 and exit, by calls
// with Linux's numbers.

import Sim

struct BareGuest {
  private var memory = Memory(frames: 4096)
  private var table = PageTable()
  private let hart = Hart(sharing: CodeCache())
  private var output: [UInt8] = []

  /// The harts' time between two looks at the scheduler, as the machine has it by default.
  private static let slice = 100_000
  private static let stackPages = 16

  /// Loads a static ELF64 file.
  init(elf: [UInt8]) throws {
    func field(_ offset: Int, _ size: Int) throws -> Int {
      guard offset + size <= elf.count else {
        throw BenchmarkError(description: "the ELF file ends at \(elf.count)")
      }
      return elf[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    hart.pc = UInt64(try field(24, 8))
    let headers = try field(32, 8)
    for index in 0..<(try field(56, 2)) {
      let header = headers + 56 * index
      guard try field(header, 4) == 1 else { continue }
      let flags = try field(header + 4, 4)
      let offset = try field(header + 8, 8)
      let address = try field(header + 16, 8)
      let size = try field(header + 32, 8)
      let memorySize = try field(header + 40, 8)
      var permissions: PageEntry.Permissions = [.read]
      if flags & 1 != 0 { permissions.insert(.execute) }
      if flags & 2 != 0 { permissions.insert(.write) }
      for page in address / pageSize..<(address + memorySize + pageSize - 1) / pageSize {
        try map(page, permissions)
      }
      for index in 0..<size { store(elf[offset + index], at: address + index) }
    }
    let stack = table.count + 1
    for page in stack..<stack + BareGuest.stackPages { try map(page, [.read, .write]) }
    hart[register: 2] = UInt64(table.count * pageSize)
  }

  private mutating func map(_ page: Int, _ permissions: PageEntry.Permissions) throws {
    while table.count <= page { table.append(.absent) }
    guard let frame = memory.allocate() else {
      throw BenchmarkError(description: "the guest needs more than \(memory.frameCount) frames")
    }
    table[page] = PageEntry(frame: frame, permissions: permissions)
  }

  private mutating func store(_ byte: UInt8, at address: Int) {
    memory.writableBytes(of: table[address / pageSize].frame).storeBytes(
      of: byte, toByteOffset: address % pageSize, as: UInt8.self)
  }

  /// Instructions retired so far.
  var instructions: UInt64 { hart.clock.instructions }

  /// Runs to the guest's exit and returns what it wrote.
  mutating func run() throws -> [UInt8] {
    while true {
      switch hart.run(budget: BareGuest.slice, in: &table, &memory).trap {
      case .budgetSpent, .outOfTurn:
        continue
      case .fault(let fault):
        throw BenchmarkError(
          description: "\(fault.cause.name) at pc \(String(fault.pc, radix: 16)), "
            + "value \(String(fault.value, radix: 16))")
      case .call:
        switch hart[register: 17] {
        case 64: write()
        case 93: return output
        default: throw BenchmarkError(description: "call \(hart[register: 17]) is unknown")
        }
      }
    }
  }

  private mutating func write() {
    let count = hart[register: 12]
    for address in hart[register: 11]..<hart[register: 11] + count {
      guard let entry = table.entry(at: address) else { break }
      let bytes = memory.bytes(of: entry.frame)
      output.append(bytes.load(fromByteOffset: Int(address & 0xfff), as: UInt8.self))
    }
    hart[register: 10] = count
  }
}
