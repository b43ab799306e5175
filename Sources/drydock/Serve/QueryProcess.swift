// A query of the page runs in a process of its own, which can be ended whatever it is doing: a thread
// cannot, and SQLite looks up from one of its instructions only when that is done. The process is this
// tool once more (`QueryWorkerCommand`). It gets the query on its standard input, which stays open:
// when the server is gone, so is the process.

import Foundation
import Recorder
import Scenarios

/// One query in a process of its own.
struct QueryProcess {
  /// What became of a query.
  enum Outcome {
    /// The answer, as JSON.
    case answered(String)
    /// The session cannot be read any more, and why.
    case unreadable(String)
    /// Somebody has stopped it, or its time was up.
    case stopped, late
    /// The process has died, most likely for lack of memory.
    case died
  }

  /// What a process may take.
  struct Limits {
    var seconds: Double
    var rows: Int
    /// Of one value, and of the whole answer as it is sent.
    var valueBytes: Int
    var answerBytes: Int
  }

  /// How much later than its own limit a query is ended from outside.
  private static let grace = 0.4
  /// How often to check whether the query is to be stopped.
  private static let milliseconds: Int32 = 50

  private let process: pid_t
  /// Leads to its standard input, and from its standard output.
  private let channel: Int32

  /// Runs a query to its end, on the caller's thread.
  ///
  /// - Throws: `ToolError` if no process can be started.
  static func run(
    _ sql: String, on path: String, _ limits: Limits, _ stop: QueryStop
  ) throws -> Outcome {
    let process = try QueryProcess(path, limits)
    return process.finish(sql, limits, stop)
  }

  private init(_ path: String, _ limits: Limits) throws {
    // Another process that is started at this moment must not get hold of our end.
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw QueryProcess.failure(errno) }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    // The server's own handling of signals is none of the process's business.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    let words = [
      "drydock", "query-worker", "--seconds", "\(limits.seconds)", "--rows", "\(limits.rows)",
      "--value-bytes", "\(limits.valueBytes)", "--answer-bytes", "\(limits.answerBytes)", "--",
      path,
    ]
    let environment = ProcessInfo.processInfo.environment.merging(
      ["SWIFT_BACKTRACE": "enable=no"]) { $1 }.map { "\($0)=\($1)" }
    let arguments = words.map { $0.withFileName { strdup($0) } } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for word in arguments + variables { free(word) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, arguments, variables)
    guard code == 0 else {
      close(ends[0])
      throw QueryProcess.failure(code)
    }
    process = pid
    channel = ends[0]
    _ = fcntl(channel, F_SETFL, O_NONBLOCK)
  }

  private static func failure(_ code: Int32) -> ToolError {
    ToolError("no process can be started for the query: \(String(cString: strerror(code)))")
  }

  private func finish(_ sql: String, _ limits: Limits, _ stop: QueryStop) -> Outcome {
    defer { close(channel) }
    let patience = UInt64((limits.seconds + QueryProcess.grace) * 1e9)
    let deadline = DispatchTime.now().uptimeNanoseconds + patience
    var unsent = (Array(sql.utf8) + [0])[...]
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if stop.isStopped { return end(.stopped) }
      if DispatchTime.now().uptimeNanoseconds > deadline { return end(.late) }
      let wanted = unsent.isEmpty ? POLLIN : POLLIN | POLLOUT
      var ready = pollfd(fd: channel, events: Int16(wanted), revents: 0)
      poll(&ready, 1, QueryProcess.milliseconds)
      if !unsent.isEmpty {
        let sent = unsent.withUnsafeBytes { write(channel, $0.baseAddress, $0.count) }
        // A process that has gone has said why, or nothing.
        if sent > 0 { unsent = unsent.dropFirst(sent) } else if errno == EPIPE { unsent = [] }
      }
      let count = read(channel, &piece, piece.count)
      if count > 0 {
        answer += piece[..<count]
        // It counts for itself, so that this is not one of ours any more.
        if answer.count > 2 * limits.answerBytes { return end(.died) }
      } else if count == 0 {
        break
      } else if errno == ECONNRESET {
        break
      } else if errno != EAGAIN && errno != EINTR {
        return end(.died)
      }
    }
    let text = String(decoding: answer, as: UTF8.self)
    switch wait() {
    case 0: return .answered(text)
    case Int32(2) where !text.isEmpty: return .unreadable(text)
    default: return .died
    }
  }

  private func end(_ outcome: Outcome) -> Outcome {
    kill(process, SIGKILL)
    _ = wait()
    return outcome
  }

  /// - Returns: its status; nil if it died of a signal.
  private func wait() -> Int32? {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return nil } }
    return status & 0x7f == 0 ? status >> 8 & 0xff : nil
  }
}
