// The terminal while a guest's shell has it: every key goes to the guest as it is struck. However
// the tool ends, the terminal is as it was before; and while the tool is stopped, it is as the shell
// that has it then expects.

import Foundation
import Synchronization

/// Puts the terminal into raw mode and back.
enum Terminal {
  // What signal handlers need; written before the handlers are installed, or by the handler of SIGCONT
  // while nothing else is to look at it. Not a variable: the compiler gives a global of this type three
  // bytes less than the C library writes.
  nonisolated(unsafe) private static let before = UnsafeMutablePointer<termios>.allocate(
    capacity: 1)
  /// Whether the guest has the keys, now or as soon as the tool is in the foreground.
  private static let isWanted = Atomic<Bool>(false)
  private static let isRaw = Atomic<Bool>(false)
  /// Whether the tool is about to stop by itself until it is in the foreground.
  private static let waitsForForeground = Atomic<Bool>(false)

  /// Whether another job of the person's shell has the terminal. Where there is no job control, nobody
  /// else has it.
  static var isElsewhere: Bool {
    let foreground = tcgetpgrp(STDIN_FILENO)
    return foreground > 0 && foreground != getpgrp()
  }

  /// Hands every key on; what is printed is still translated to whole lines.
  static func makeRaw() {
    guard isatty(STDIN_FILENO) == 1 else { return }
    // Nothing may be set up within a signal's handler.
    _ = (before, isWanted.load(ordering: .relaxed), isRaw.load(ordering: .relaxed))
    _ = waitsForForeground.load(ordering: .relaxed)
    atexit { Terminal.restore() }
    for deadly in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGQUIT] {
      signal(deadly) { number in
        Terminal.restore()
        signal(number, SIG_DFL)
        raise(number)
      }
      Interruption.unblock(deadly)
    }
    isWanted.store(true, ordering: .sequentiallyConsistent)
    for stopping in [SIGTSTP, SIGTTIN, SIGTTOU] where !Interruption.isIgnored(stopping) {
      handle(stopping) { Terminal.stop($0) }
      Interruption.unblock(stopping)
    }
    handle(SIGCONT) { _ in Terminal.takeBack() }
    Interruption.unblock(SIGCONT)
    // Settings read while another process has the terminal are not those to restore.
    if isElsewhere { waitForForeground() }
    takeBack(TCSAFLUSH)
  }

  /// Makes the terminal raw if the guest is to have it, does not, and nobody else does: after a stop,
  /// and when the shell brings the tool to the foreground. Safe in a signal handler.
  static func takeBack() {
    let error = errno
    takeBack(TCSADRAIN)
    errno = error
  }

  private static func takeBack(_ when: Int32) {
    guard isWanted.load(ordering: .sequentiallyConsistent), !isElsewhere else { return }
    // What could not be put back, as before SIGSTOP, is no other program's.
    if !isRaw.load(ordering: .sequentiallyConsistent) {
      guard tcgetattr(STDIN_FILENO, before) == 0 else { return }
    }
    var raw = before.pointee
    raw.c_iflag &= ~tcflag_t(ICRNL | INLCR | IGNCR | IXON | ISTRIP | BRKINT)
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | ISIG | IEXTEN)
    isRaw.store(true, ordering: .sequentiallyConsistent)
    tcsetattr(STDIN_FILENO, when, &raw)
  }

  /// Whether the guest is to have the keys and the terminal is not raw.
  static var isMissed: Bool {
    isWanted.load(ordering: .sequentiallyConsistent)
      && !isRaw.load(ordering: .sequentiallyConsistent)
  }

  /// Puts back what was found, and leaves it. Safe in a signal handler, and more than once.
  static func restore() {
    isWanted.store(false, ordering: .sequentiallyConsistent)
    putBack()
  }

  private static func putBack() {
    // In another job's terminal there is nothing to put back, and to try would stop the tool.
    guard !isElsewhere, isRaw.exchange(false, ordering: .sequentiallyConsistent) else { return }
    tcsetattr(STDIN_FILENO, TCSADRAIN, before)
  }

  /// Stops the tool as the signal would have, with the terminal put back. `takeBack` comes when it goes
  /// on.
  private static func stop(_ number: Int32) {
    let error = errno
    let waits =
      number == SIGTTIN
      && waitsForForeground.exchange(false, ordering: .sequentiallyConsistent)
    putBack()
    signal(number, SIG_DFL)
    raise(number)
    // The signal is held back, since it is being handled. A SIGCONT that comes from now on takes it
    // away; one that came before, with the terminal, would not come again.
    if waits && !isElsewhere {
      signal(number, SIG_IGN)
      kill(0, SIGCONT)
    } else {
      // Here it stops.
      Interruption.unblock(number)
    }
    handle(number) { Terminal.stop($0) }
    errno = error
  }

  private static func handle(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESTART))
    // One at a time: each changes the terminal's settings.
    for other in [SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT] { sigaddset(&action.sa_mask, other) }
    sigaction(number, &action, nil)
  }

  /// Stops the tool, and the job that it is part of, as a read in the background would. Where that is
  /// not possible, it returns at once.
  static func waitForForeground() {
    waitsForForeground.store(true, ordering: .sequentiallyConsistent)
    kill(0, SIGTTIN)
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

  /// Whether a signal is ignored. A parent that had it so, as nohup does, meant it.
  static func isIgnored(_ signal: Int32) -> Bool {
    var previous = sigaction()
    sigaction(signal, nil, &previous)
    return unsafeBitCast(previous.__sigaction_handler.sa_handler, to: Int.self) == ignored
  }

  static func watch() {
    // Nothing may be set up within a signal's handler.
    _ = (signal, descriptor)
    for asking in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(asking) {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { Interruption.note($0) }
      sigaction(asking, &action, nil)
      unblock(asking)
    }
  }

  /// The parent process may have blocked the signal, which is inherited.
  static func unblock(_ signal: Int32) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, signal)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  private static func note(_ signal: Int32) {
    if number.exchange(signal, ordering: .relaxed) != 0 {
      Terminal.restore()
      Foundation.signal(signal, SIG_DFL)
      raise(signal)
      return
    }
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
