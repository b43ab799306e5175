// One browser's connection: requests one after another, each of which is answered, and its answer sent,
// before the next is looked at. Bounds how long anything may take, and tells the work on an answer when
// whoever asked is gone.

import Foundation
import Recorder

/// Reads requests and writes answers.
final class PageConnection: SocketConnection {
  typealias Message = PageAnswer

  /// Has an answer made to a request, on any thread, and posts it to the connection.
  typealias Answering = (PageRequest) -> Void

  /// How long a request may take to come whole, from the end of the answer before.
  private static let secondsForRequest = 60.0
  /// How long it may take to read an answer.
  private static let secondsForReader = 20.0

  private enum Stage {
    /// For a request, or the rest of one.
    case waiting
    /// Somebody makes the answer to it.
    case answering(WebRequest, QueryStop)
    case sending(PageAnswer)
  }

  private let answering: Answering
  private var parser = RequestParser()
  private var stage = Stage.waiting
  /// Nothing is to be begun any more.
  private var isLast = false
  private var isPeerLeaving = false
  private var isInputClosed = false

  var output = SocketOutput()
  private(set) var deadline: UInt64?

  init(_ answering: @escaping Answering) {
    self.answering = answering
    deadline = SocketClock.after(seconds: PageConnection.secondsForRequest)
  }

  var wantsBytes: Bool { if case .waiting = stage { !isLast } else { false } }
  var isFinished: Bool { if case .waiting = stage { isLast } else { false } }

  // MARK: Receiving

  func receive(_ bytes: UnsafeRawBufferPointer) {
    parser.append(bytes)
    takeRequest()
  }

  private func takeRequest() {
    guard case .waiting = stage, !isLast else { return }
    do throws(PageRefusal) {
      guard let found = try parser.next() else {
        if isInputClosed { isLast = true }
        return
      }
      let stop = QueryStop()
      stage = .answering(found, stop)
      deadline = nil
      if isPeerLeaving { stop.stop() }
      answering(try PageRequest(found, stop))
    } catch {
      if case .waiting = stage { isLast = true }
      send(PageAnswer(error))
    }
  }

  func peerIsLeaving() {
    isPeerLeaving = true
    if case .answering(_, let stop) = stage { stop.stop() }
  }

  /// What was asked before is answered: the browser may have closed its side only.
  func inputIsClosed() {
    isInputClosed = true
    guard case .waiting = stage else { return }
    if parser.isAmidst { send(PageAnswer(RequestParser.refusal)) }
    isLast = true
  }

  // MARK: Sending

  func receive(_ answer: PageAnswer) {
    if case .answering = stage { send(answer) }
  }

  private func send(_ answer: PageAnswer) {
    var hasBody = true
    if case .answering(let request, _) = stage {
      if !request.isKept { isLast = true }
      hasBody = request.method != "HEAD"
    } else {
      isLast = true
    }
    var lines = ["HTTP/1.1 \(answer.status.rawValue) \(answer.status.words)"]
    lines += OwnPageOnly.headers.map { "\($0): \($1)" }
    lines += ["Content-Type: \(answer.type)", "Content-Length: \(answer.body.count)"]
    lines.append("Connection: \(isLast ? "close" : "keep-alive")")
    output.append(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    if hasBody { output.append(answer.body) }
    stage = .sending(answer)
    deadline = SocketClock.after(seconds: PageConnection.secondsForReader)
  }

  func outputIsSent() {
    guard case .sending = stage else { return }
    stage = .waiting
    deadline = SocketClock.after(seconds: PageConnection.secondsForRequest)
    takeRequest()
  }

  // MARK: The end

  func finish() {
    isLast = true
  }

  func isClosed() {
    if case .answering(_, let stop) = stage { stop.stop() }
  }
}
