// The terminal while a guest's shell has it: every key goes to the guest as it is struck. However
// the tool ends, the terminal is as it was before.

import Foundation
import Synchronization

/// Puts the terminal into raw mode and back.
enum Terminal {
  // What signal handlers need; written before the handlers are installed, only read afterwards.
  nonisolated(unsafe) private static var before = termios()
  private static let isRaw = Atomic<Bool>(false)

  /// Hands every key on; what is printed is still translated to whole lines.
  static func makeRaw() {
    guard tcgetattr(STDIN_FILENO, &before) == 0 else { return }
    var raw = before
    raw.c_iflag &= ~tcflag_t(ICRNL | INLCR | IGNCR | IXON | ISTRIP | BRKINT)
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | ISIG | IEXTEN)
    atexit { Terminal.restore() }
    for deadly in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGQUIT] {
      signal(deadly) { number in
        Terminal.restore()
        signal(number, SIG_DFL)
        raise(number)
      }
      Interruption.unblock(deadly)
    }
    isRaw.store(true, ordering: .sequentiallyConsistent)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
  }

  /// Puts back what was found. Safe in a signal handler, and more than once.
  static func restore() {
    guard isRaw.exchange(false, ordering: .sequentiallyConsistent) else { return }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before)
  }
}

/// Signals that ask the tool to end. The first one ends the session in an orderly way, so that a
/// recording is whole; the second one ends the tool at once.
enum Interruption {
  private static let number = Atomic<Int32>(0)
  /// A pipe that a signal writes to: whoever waits for something else, waits for that too. A wait alone
  /// would miss a signal that comes just before it, or that another thread gets.
  private static let pipe: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    guard Foundation.pipe(&ends) == 0 else { return (-1, -1) }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    return (ends[0], ends[1])
  }()
  /// Can be read from as soon as a signal has come.
  static var descriptor: Int32 { pipe.read }
  /// `SIG_IGN`, which cannot be compared as a function.
  private static let ignored = 1

  static func watch() {
    // Nothing may be set up within a signal's handler.
    _ = (signal, descriptor)
    for asking in [SIGINT, SIGTERM, SIGHUP] {
      // A parent that had it ignored, as nohup does, meant it.
      var previous = sigaction()
      sigaction(asking, nil, &previous)
      guard unsafeBitCast(previous.__sigaction_handler.sa_handler, to: Int.self) != ignored else {
        continue
      }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { Interruption.note($0) }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(asking, &action, nil)
      unblock(asking)
    }
  }

  /// Whoever started the tool may have had the signal blocked, which is inherited.
  static func unblock(_ signal: Int32) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, signal)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  private static func note(_ signal: Int32) {
    number.store(signal, ordering: .relaxed)
    var byte: UInt8 = 0
    let before = errno
    write(pipe.write, &byte, 1)
    errno = before
  }

  /// The signal that came; nil if none did.
  static var signal: Int32? {
    let signal = number.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }
}
