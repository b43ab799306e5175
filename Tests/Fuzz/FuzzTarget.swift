// What can be fuzzed, and the options that all of it has in common.

import ArgumentParser
import Foundation

/// Something that is tried with one input after another.
protocol FuzzTarget {
  /// - Parameter folder: a place for files, gone when the fuzzer is.
  init(folder: String) throws

  /// Tries the input of a seed.
  mutating func attempt(_ seed: UInt64) throws -> Attempt

  /// Writes the input of a seed, and what else it takes to try it by hand.
  ///
  /// - Returns: the file to begin with.
  func keep(_ seed: UInt64, in folder: String) throws -> String
}

/// What an input came to.
enum Attempt: Equatable {
  /// It was taken; so many events happened.
  case taken(events: Int)
  /// It was refused in an orderly way.
  case refused
  /// Something is wrong.
  case failed(String)
}

struct FuzzOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The first seed.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("How many seeds are tried (default: as time allows).", valueName: "n"))
  var count: UInt64?

  @Option(help: ArgumentHelp("How long (default 60, without limit with --count).", valueName: "n"))
  var seconds: Double?

  @Option(help: ArgumentHelp("In how many processes (default: one a processor).", valueName: "n"))
  var jobs: Int?

  @Option(help: ArgumentHelp("How much memory a process may map, in MiB.", valueName: "n"))
  var memory: UInt64 = 2048

  @Option(help: ArgumentHelp("How many seconds one input may take.", valueName: "n"))
  var patience: Double = 60

  @Option(help: ArgumentHelp("Write the seed's input here, and do no more.", valueName: "folder"))
  var keep: String?

  /// What a worker is told: its number and the file that it shares with the others.
  @Option(help: .hidden)
  var worker: Int?

  @Option(help: .hidden)
  var board: String?

  /// How many processes it takes.
  var jobCount: Int {
    let wanted = jobs ?? ProcessInfo.processInfo.activeProcessorCount
    return max(1, min(wanted, Board.workersMax, Int(clamping: count ?? .max)))
  }

  /// When to stop, as a length of time.
  var duration: Double { seconds ?? (count == nil ? 60 : .infinity) }

  func validate() throws {
    if let jobs, !(1...Board.workersMax).contains(jobs) {
      throw ValidationError("--jobs: found \(jobs), expected 1 to \(Board.workersMax)")
    }
    if [seconds ?? 1, patience].contains(where: { !($0 > 0 && $0.isFinite) }) {
      throw ValidationError("--seconds and --patience: expected a number above 0")
    }
  }
}

/// A verb of the fuzzer.
protocol FuzzCommand: ParsableCommand {
  associatedtype Target: FuzzTarget
  var options: FuzzOptions { get }
}

extension FuzzCommand {
  func run() throws {
    let name = Self._commandName
    if let folder = options.keep {
      let scratch = try ScratchFolder()
      defer { scratch.remove() }
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      print(try Target(folder: scratch.path).keep(options.seed, in: folder))
    } else if let worker = options.worker, let board = options.board {
      throw ExitCode(try FuzzWorker<Target>(options, worker, Board(path: board)).run())
    } else {
      throw ExitCode(try FuzzParent(options, name).run())
    }
  }
}

/// A folder of the fuzzer's own, in memory where the host has such a place.
struct ScratchFolder {
  let path: String

  init() throws {
    let memory = "/dev/shm"
    let base =
      FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    path = "\(base)/drydock-fuzz-\(getpid())"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
