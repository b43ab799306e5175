// Who does the work. The parent starts workers, which try seeds and write down, in a file that all of
// them have mapped, which one they are at. A worker that dies or hangs has said so much, and no more.

import Foundation

/// What a worker lets the parent see: a row of numbers for each.
struct Board {
  enum Column: Int, CaseIterable {
    case seed, taken, refused, events
  }

  private let numbers: UnsafeMutablePointer<UInt64>
  static let workersMax = 64

  init(path: String) throws {
    let size = Board.workersMax * Column.allCases.count * MemoryLayout<UInt64>.stride
    let file = open(path, O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    guard file >= 0, ftruncate(file, size) == 0,
      let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
      memory != MAP_FAILED
    else { throw CocoaError(.fileWriteUnknown) }
    numbers = memory.assumingMemoryBound(to: UInt64.self)
  }

  subscript(worker: Int, column: Column) -> UInt64 {
    get { numbers[worker * Column.allCases.count + column.rawValue] }
    nonmutating set { numbers[worker * Column.allCases.count + column.rawValue] = newValue }
  }

  /// The sum of a column.
  func sum(_ column: Column) -> UInt64 {
    (0..<Board.workersMax).reduce(0) { $0 + self[$1, column] }
  }
}

/// Tries every so many-th seed, or inputs that were kept.
struct FuzzWorker<Target: FuzzTarget> {
  private let options: FuzzOptions
  private let number: Int
  private let board: Board

  init(_ options: FuzzOptions, _ number: Int, _ board: Board) {
    self.options = options
    self.number = number
    self.board = board
  }

  /// - Returns: the process's exit status.
  func run() throws -> Int32 {
    let bytes = rlim_t(options.memory) << 20
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else {
      throw CocoaError(.fileWriteUnknown)
    }
    // A failure is told by the parent; a core or a backtrace of each would only take time.
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    let scratch = try ScratchFolder()
    defer { scratch.remove() }
    var target = try Target(folder: scratch.path)
    for (index, path) in options.input.enumerated() {
      board[number, .seed] = UInt64(index)
      let outcome = try target.attempt(try target.read(path), turn: nil)
      if !note(outcome, "\(path)") { return 1 }
    }
    if !options.input.isEmpty { return 0 }
    let end = Date.timeIntervalSinceReferenceDate + options.duration
    let jobs = UInt64(options.jobCount)
    var offset = UInt64(number)
    while offset < options.count ?? .max, Date.timeIntervalSinceReferenceDate < end {
      let seed = options.seed &+ offset
      board[number, .seed] = seed
      let outcome = try target.attempt(try target.input(seed), turn: seed)
      if !note(outcome, "seed \(seed)") { return 1 }
      offset += jobs
    }
    return 0
  }

  /// Counts an outcome.
  ///
  /// - Returns: whether nothing is wrong.
  private func note(_ outcome: Attempt, _ what: String) -> Bool {
    switch outcome {
    case .taken(let events):
      board[number, .taken] += 1
      board[number, .events] += UInt64(events)
    case .refused: board[number, .refused] += 1
    case .failed(let problem):
      print("\(what): \(problem)")
      return false
    }
    return true
  }
}

/// Starts workers and waits for them.
struct FuzzParent {
  private let options: FuzzOptions
  private let name: String

  init(_ options: FuzzOptions, _ name: String) {
    self.options = options
    self.name = name
  }

  private struct Worker {
    var process: Process
    var seed: UInt64 = 0
    var since: TimeInterval
  }

  /// - Returns: the process's exit status.
  func run() throws -> Int32 {
    print(
      options.input.isEmpty
        ? "fuzzing \(name) from seed \(options.seed)"
        : "fuzzing \(name) with \(options.input.count) inputs")
    fflush(nil)
    let scratch = try ScratchFolder()
    defer { scratch.remove() }
    let board = try Board(path: scratch.path + "/board")
    let start = Date.timeIntervalSinceReferenceDate
    var workers = try (0..<options.jobCount).map { number in
      board[number, .seed] = options.input.isEmpty ? options.seed &+ UInt64(number) : 0
      return Worker(process: try self.start(number, scratch.path + "/board"), since: start)
    }
    while workers.contains(where: { $0.process.isRunning }) {
      Thread.sleep(forTimeInterval: 0.02)
      let now = Date.timeIntervalSinceReferenceDate
      for index in workers.indices {
        let process = workers[index].process
        let seed = board[index, .seed]
        if process.isRunning {
          if workers[index].seed != seed {
            workers[index].seed = seed
            workers[index].since = now
          } else if now - workers[index].since > options.patience {
            stop(workers)
            return fail(seed, "nothing came of it in \(Int(options.patience)) seconds")
          }
        } else if process.terminationReason == .uncaughtSignal {
          stop(workers)
          let signal = process.terminationStatus
          return fail(seed, "died of signal \(signal), \(String(cString: strsignal(signal)))")
        } else if process.terminationStatus != 0 {
          stop(workers)
          return fail(seed, nil)
        }
      }
    }
    let seconds = Date.timeIntervalSinceReferenceDate - start
    let (taken, refused) = (board.sum(.taken), board.sum(.refused))
    let events = board.sum(.events)
    print(
      "\(taken + refused) inputs in \(String(format: "%.1f", seconds)) s, "
        + "\(Int(Double(taken + refused) / seconds)) a second: \(refused) refused, \(taken) taken, "
        + "with \(events) events; nothing found")
    return 0
  }

  private func start(_ number: Int, _ board: String) throws -> Process {
    try start(
      Array(CommandLine.arguments.dropFirst()) + ["--worker", "\(number)", "--board", board])
  }

  private func start(_ arguments: [String], quietly: Bool = false) throws -> Process {
    let process = Process()
    if quietly { process.standardOutput = FileHandle.nullDevice }
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    try process.run()
    return process
  }

  private func stop(_ workers: [Worker]) {
    for worker in workers where worker.process.isRunning {
      kill(worker.process.processIdentifier, SIGKILL)
      worker.process.waitUntilExit()
    }
    for worker in workers {
      let pid = worker.process.processIdentifier
      try? FileManager.default.removeItem(atPath: "/dev/shm/drydock-fuzz-\(pid)")
    }
  }

  /// Tells what was found, keeps the input, and says how to try that again.
  private func fail(_ seed: UInt64, _ problem: String?) -> Int32 {
    let tool = CommandLine.arguments[0]
    if let place = Int(exactly: seed), options.input.indices.contains(place) {
      if let problem { print("\(options.input[place]): \(problem)") }
      print("again: \(tool) \(name) --input \(options.input[place])")
      return 1
    }
    if let problem { print("seed \(seed): \(problem)") }
    fflush(nil)
    // In another process, for making the input may be what fails.
    let keeper = try? start([name, "--seed", "\(seed)", "--keep", options.failures], quietly: true)
    keeper?.waitUntilExit()
    let files = (try? FileManager.default.contentsOfDirectory(atPath: options.failures)) ?? []
    let input = files.sorted().first { $0.hasPrefix("\(name)-\(seed).") }
    if let input {
      print("again: \(tool) \(name) --input \(options.failures)/\(input)")
    } else {
      print("its input could not be written to \(options.failures)")
      print("again: \(tool) \(name) --seed \(seed) --count 1")
    }
    return 1
  }
}
