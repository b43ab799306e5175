// Who may work now, and who has to wait: a few at once, in the order in which they came, and a few more
// behind them. Knows nothing of what they do.

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
    var waiting: [CheckedContinuation<Void, Never>] = []
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

  /// Gives the turn to whoever waits longest.
  func end() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.working -= 1
      return nil
    }
    next?.resume()
  }
}

/// Something has taken too long.
struct TimeIsUp: Error {}

/// Does something that may be cancelled, within some time.
///
/// - Throws: `TimeIsUp`, or what `body` throws.
func within(_ duration: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws
{
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await body() }
    group.addTask {
      try await Task.sleep(for: duration)
      throw TimeIsUp()
    }
    defer { group.cancelAll() }
    try await group.next()
  }
}
