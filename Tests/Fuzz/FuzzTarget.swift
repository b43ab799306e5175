// What can be fuzzed, and the options that all of it has in common.

import ArgumentParser
import Foundation

/// Something that is tried with one input after another. A seed stands for an input as long as the fuzzer
/// and what it draws from stay as they are; an input that is to be tried again later is a file.
protocol FuzzTarget {
  associatedtype Input

  /// - Parameter folder: a place for files, gone when the fuzzer is.
  init(folder: String) throws

  /// The input of a seed.
  func input(_ seed: UInt64) throws -> Input

  /// Tries an input.
  ///
  /// - Parameter turn: looks that cost more are for one in so many turns; nil: all of them.
  mutating func attempt(_ input: Input, turn: UInt64?) throws -> Attempt

  /// Writes an input, with all that it takes to try it again.
  ///
  /// - Parameter name: what its files' names begin with.
  /// - Returns: the file to begin with, which `read` takes.
  func write(_ input: Input, named name: String, in folder: String) throws -> String

  /// An input that was written.
  func read(_ path: String) throws -> Input
}

/// Something that is tried with files of any bytes.
protocol BytesTarget: FuzzTarget where Input == [UInt8] {
  /// What the files' names end with.
  static var suffix: String { get }
}

extension BytesTarget {
  func write(_ input: [UInt8], named name: String, in folder: String) throws -> String {
    let path = "\(folder)/\(name).\(Self.suffix)"
    try Data(input).write(to: URL(fileURLWithPath: path))
    return path
  }

  func read(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }
}

/// Whether a look that is for one in so many turns is made.
func isTurn(_ turn: UInt64?, oneIn interval: UInt64, at place: UInt64 = 0) -> Bool {
  turn.map { $0 % interval == place } ?? true
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

  @Option(
    help: ArgumentHelp(
      "Where the input goes that something was found with.", valueName: "folder"))
  var failures = "fuzz-failures"

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Try these inputs, which were written before, and no seeds.", valueName: "file"))
  var input: [String] = []

  /// What a worker is told: its number and the file that it shares with the others.
  @Option(help: .hidden)
  var worker: Int?

  @Option(help: .hidden)
  var board: String?

  /// How many processes it takes.
  var jobCount: Int {
    if !input.isEmpty { return 1 }
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
      let target = try Target(folder: scratch.path)
      let input = try target.input(options.seed)
      print(try target.write(input, named: "\(name)-\(options.seed)", in: folder))
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
