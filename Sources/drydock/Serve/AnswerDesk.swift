// What keeps the server's work and memory within bounds: a few answers are made at once, a few more wait
// for their turn, and whoever comes beyond that is told so. An answer counts until it has been read by
// whoever asked for it; one that nobody reads is dropped.

import Foundation
import Hummingbird
import Recorder
import Scenarios
import Synchronization

/// Where answers are made and sent.
final class AnswerDesk: Sendable {
  /// How many are made at once.
  private static let madeAtOnce = 4
  /// How many more may wait for that.
  private static let waitingLimit = 60
  /// Of all answers that have not been read yet.
  private static let unreadLimit = 64 << 20
  /// How long it may take to read one.
  private static let patience = Duration.seconds(20)
  /// What is handed to the network at once.
  private static let pieceLength = 1 << 16

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
  ) async -> Response {
    let json = "application/json; charset=utf-8"
    let (status, text): (HTTPResponse.Status, String)
    do {
      if isHeavy { try await turns.take() }
      (status, text) = await AnswerDesk.onItsOwnThread(make)
      if isHeavy { turns.end() }
      let held = try hold(Array(text.utf8))
      return Response(
        status: status, headers: [.contentType: status == .ok ? type : json], body: body(held))
    } catch {
      let sentence = Array(PageJSON.error(printable("\(error)")).utf8)
      return Response(
        status: .serviceUnavailable, headers: [.contentType: json],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: sentence)))
    }
  }

  private static func onItsOwnThread(
    _ make: @escaping @Sendable () throws -> String
  ) async -> (HTTPResponse.Status, String) {
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

  // MARK: Sending

  /// An answer that is in memory, until it has been sent or nobody wants it any more.
  private final class Held: Sendable {
    let bytes: [UInt8]
    private let desk: AnswerDesk

    init(_ bytes: [UInt8], _ desk: AnswerDesk) {
      self.bytes = bytes
      self.desk = desk
    }

    deinit { desk.unread.withLock { $0 -= bytes.count } }
  }

  private func hold(_ bytes: [UInt8]) throws -> Held {
    let fits = unread.withLock { unread in
      guard unread == 0 || unread + bytes.count <= AnswerDesk.unreadLimit else { return false }
      unread += bytes.count
      return true
    }
    guard fits else {
      throw ServerBusy("\(AnswerDesk.unreadLimit >> 20) MB of answers have not been read yet")
    }
    return Held(bytes, self)
  }

  /// The network's end of an answer, which one task at a time uses.
  private final class Courier: @unchecked Sendable {
    private var writer: any ResponseBodyWriter
    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    func deliver(_ held: Held) async throws {
      for start in stride(from: 0, to: held.bytes.count, by: AnswerDesk.pieceLength) {
        let piece = held.bytes[start..<min(held.bytes.count, start + AnswerDesk.pieceLength)]
        try await writer.write(ByteBuffer(bytes: piece))
      }
      try await writer.finish(nil)
    }
  }

  private func body(_ held: Held) -> ResponseBody {
    ResponseBody(contentLength: held.bytes.count) { writer in
      let courier = Courier(writer)
      try await within(AnswerDesk.patience) { try await courier.deliver(held) }
    }
  }
}
