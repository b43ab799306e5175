// Who may work now, and who has to wait: a few at once, in the order in which they came, and a few more
// behind them. Knows nothing of what they do.

import DequeModule
import Synchronization

/// Too much was asked for at a time.
struct ServerBusy: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A bounded queue before a bounded number of places.
final class TurnQueue: Sendable {
  private struct State {
    var working = 0
    var waiting: Deque<CheckedContinuation<Void, Never>> = []
  }

  private let places: Int
  private let limit: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - places: how many may work at once.
  ///   - limit: how many more may wait.
  init(places: Int, waiting limit: Int) {
    self.places = places
    self.limit = limit
  }

  private enum Admission { case now, later, never }

  /// Waits for a turn; `end` gives it back.
  ///
  /// - Throws: `ServerBusy` if too many wait already.
  func take() async throws {
    var isTooMany = false
    await withCheckedContinuation { turn in
      let admission = state.withLock { state -> Admission in
        if state.working < places {
          state.working += 1
          return .now
        }
        guard state.waiting.count < limit else { return .never }
        state.waiting.append(turn)
        return .later
      }
      isTooMany = admission == .never
      if admission != .later { turn.resume() }
    }
    guard !isTooMany else {
      throw ServerBusy("\(places) answers are being made already, and \(limit) wait; ask again")
    }
  }

  /// Gives the turn to the request that has waited longest.
  func end() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if let next = state.waiting.popFirst() { return next }
      state.working -= 1
      return nil
    }
    next?.resume()
  }
}
