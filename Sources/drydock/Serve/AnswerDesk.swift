// What keeps the server's work and memory within bounds: a few answers are made at once, a few more wait
// for their turn, and whoever comes beyond that is told so. An answer counts until it has been read by
// whoever asked for it; one that nobody reads is dropped.

import Foundation
import Recorder
import Scenarios
import Synchronization

/// Where answers are made.
final class AnswerDesk: Sendable {
  /// How many are made at once.
  private static let madeAtOnce = 4
  /// How many more may wait for that.
  private static let waitingLimit = 60
  /// Of all answers that have not been read yet.
  private static let unreadLimit = 64 << 20

  private let turns = TurnQueue(
    places: AnswerDesk.madeAtOnce, waiting: AnswerDesk.waitingLimit)
  /// How many bytes of answers are in memory.
  private let unread = Mutex(0)

  /// Makes an answer on a thread of its own, for those of the common pool are as few as there are
  /// cores, and makes it known to whoever asks.
  ///
  /// - Parameter isHeavy: whether it has to wait for its turn.
  func answer(
    _ type: String, isHeavy: Bool, _ make: @escaping @Sendable () throws -> String
  ) async -> PageAnswer {
    do {
      if isHeavy { try await turns.take() }
      let (status, text) = await AnswerDesk.onItsOwnThread(make)
      if isHeavy { turns.end() }
      let body = Array(text.utf8)
      return PageAnswer(
        status, status == .ok ? type : PageAnswer.json, body, account: try hold(body.count))
    } catch {
      return PageAnswer(PageRefusal(.serviceUnavailable, "\(error)"))
    }
  }

  private static func onItsOwnThread(
    _ make: @escaping @Sendable () throws -> String
  ) async -> (PageStatus, String) {
    await withCheckedContinuation { waiting in
      Thread.detachNewThread {
        do {
          waiting.resume(returning: (.ok, try make()))
        } catch let error as ServerBusy {
          waiting.resume(returning: (.serviceUnavailable, PageJSON.error(error.description)))
        } catch let error as ToolError {
          waiting.resume(returning: (.notFound, PageJSON.error(printable(error.description))))
        } catch {
          waiting.resume(
            returning: (.internalServerError, PageJSON.error(printable("\(error)"))))
        }
      }
    }
  }

  // MARK: What is in memory

  /// Counts an answer as long as it is held: until it has been sent, or is not wanted any more.
  final class Unread: Sendable {
    private let bytes: Int
    private let desk: AnswerDesk

    fileprivate init(_ bytes: Int, _ desk: AnswerDesk) {
      self.bytes = bytes
      self.desk = desk
    }

    deinit { desk.unread.withLock { $0 -= bytes } }
  }

  private func hold(_ bytes: Int) throws -> Unread {
    let fits = unread.withLock { unread in
      guard unread == 0 || unread + bytes <= AnswerDesk.unreadLimit else { return false }
      unread += bytes
      return true
    }
    guard fits else {
      throw ServerBusy("\(AnswerDesk.unreadLimit >> 20) MB of answers have not been read yet")
    }
    return Unread(bytes, self)
  }
}
