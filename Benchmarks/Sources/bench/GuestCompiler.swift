// Compiles the programs in Guest/ with the toolchain's own clang and lld.

import Foundation

enum GuestCompiler {
  private static let sources = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Guest")

  /// Compiles `Guest/NAME.c` for the machine with its kernel, as the README tells its readers to.
  static func compileForDrydock(_ name: String) throws -> URL {
    let runtime = sources.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/Userland/Runtime/guest.cfg")
    let file = place(of: name)
    _ = try Subprocess.run(
      URL(fileURLWithPath: "/usr/bin/env"),
      [
        "clang", "--config", runtime.path, sources.appendingPathComponent(name + ".c").path,
        "-o", file.path,
      ])
    return file
  }

  private static func place(of name: String) -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent(
      "drydock-bench-\(ProcessInfo.processInfo.processIdentifier)-\(name)")
  }

  /// Compiles `Guest/NAME.c` to a static ELF file, which is the caller's to remove.
  static func compile(_ name: String) throws -> URL {
    let file = place(of: name)
    _ = try Subprocess.run(
      URL(fileURLWithPath: "/usr/bin/env"),
      [
        "clang", "--target=riscv64-unknown-elf", "-march=rv64imac", "-mabi=lp64", "-O2",
        "-ffreestanding", "-fno-builtin", "-nostdlib", "-static", "-fuse-ld=lld",
        "-Wl,--image-base=0x10000", "-Wl,-z,separate-code",
        sources.appendingPathComponent(name + ".c").path, "-o", file.path,
      ])
    return file
  }
}

enum Subprocess {
  /// Runs a program to its end without looking at its output; Foundation's own way to start one
  /// takes longer than some of what is measured here.
  /// - Throws: `BenchmarkError` if it does not exit with 0.
  static func runQuietly(_ program: URL, _ arguments: [String]) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in 0...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var words = ([program.path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    var status: Int32 = 0
    guard posix_spawn(&process, program.path, &actions, nil, &words, environ) == 0,
      waitpid(process, &status, 0) == process, status == 0
    else {
      throw BenchmarkError(
        description: "\(program.path) \(arguments.joined(separator: " ")) ended with wait status "
          + "\(status), expected 0")
    }
  }

  /// Runs a program to its end and returns its output.
  /// - Throws: `BenchmarkError` if it does not exit with 0.
  static func run(_ program: URL, _ arguments: [String]) throws -> [UInt8] {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchmarkError(
        description: "\(program.path) \(arguments.joined(separator: " ")) ended with status "
          + "\(process.terminationStatus), expected 0")
    }
    return [UInt8](output)
  }
}

/// Processor time in seconds, which other work on the host disturbs less than the clock.
enum ProcessorTime {
  static var own: Double { seconds(RUSAGE_SELF) }
  static var children: Double { seconds(RUSAGE_CHILDREN) }

  private static func seconds(_ who: __rusage_who) -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(who.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }
}
