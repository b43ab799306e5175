// What qemu-riscv64, where it is installed, says that a program does.

import Foundation

public enum QemuOracle {
  private static let path = ["/usr/bin/qemu-riscv64", "/usr/bin/qemu-riscv64-static"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  public static var isInstalled: Bool { path != nil }

  /// What the program wrote to its standard output, or nil if it did not exit with 0.
  public static func output(of program: RandomProgram) throws -> [UInt8]? {
    guard let path else { return nil }
    let folder = try TemporaryFolder()
    let file = try folder.write(executable(program), to: "program")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = [file]
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? Array(output) : nil
  }

  /// An ELF file of one segment that is readable, writable and executable.
  private static func executable(_ program: RandomProgram) -> [UInt8] {
    var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    func append(_ value: UInt64, size: Int) {
      for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
    let size = UInt64(program.bytes.count)
    for (value, size) in [
      (2, 2), (243, 2), (1, 4), (RandomProgram.address + UInt64(program.entry), 8), (64, 8),
      (0, 8), (1, 4), (64, 2), (56, 2), (1, 2), (0, 2), (0, 2), (0, 2),
      (1, 4), (7, 4), (4096, 8), (RandomProgram.address, 8), (RandomProgram.address, 8),
      (size, 8), (size, 8), (4096, 8),
    ] as [(UInt64, Int)] {
      append(value, size: size)
    }
    return bytes + Array(repeating: 0, count: 4096 - bytes.count) + program.bytes
  }
}
