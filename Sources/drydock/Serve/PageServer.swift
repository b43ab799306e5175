// The server: which request gets which answer, on the loopback and nowhere else. The only file that
// has to know what a served session, a query and HTTP are at once.

import Dispatch
import Foundation
import Recorder

/// Serves one session to browsers on this machine.
struct PageServer: Sendable {
  /// So many processes a window can be asked for.
  private static let pidsLimit = 300
  /// Connections at a time; later ones wait until one is closed.
  private static let connectionsLimit = 250
  /// How long the end may take, in seconds.
  private static let secondsToEnd = 0.7

  let served: ServedSession
  private let queries: QueryDesk
  private let desk = AnswerDesk()

  /// - Parameter querySeconds: how long a query may take.
  init(_ served: ServedSession, querySeconds: Double) {
    self.served = served
    queries = QueryDesk(served.session, seconds: querySeconds)
  }

  /// Serves until the process is asked to end.
  ///
  /// - Parameters:
  ///   - port: where; 0 for any that is free.
  ///   - ready: is given the port when requests are answered.
  /// - Throws: an error of the system if the port cannot be used.
  func run(port: Int, ready: (Int) -> Void) throws {
    let place = try ListeningSocket(port: port)
    let loop = SocketLoop<PageConnection>(
      place, limit: PageServer.connectionsLimit, secondsToEnd: PageServer.secondsToEnd
    ) { number, mailbox in
      PageConnection { request in
        Task.detached { mailbox.post(await answer(to: request), to: number) }
      }
    }
    let signals = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      // A query that is running would put off the end.
      source.setEventHandler { [queries, mailbox = loop.mailbox] in
        queries.close()
        mailbox.end()
      }
      source.resume()
      return source
    }
    ready(place.port)
    served.begin()
    let isWhole = loop.run()
    withExtendedLifetime(signals) {}
    served.session.close()
    // An answer that takes long to make is not waited for, and no thread can be ended.
    if !isWhole { _exit(0) }
  }

  /// The answer to any request.
  private func answer(to request: PageRequest) async -> PageAnswer {
    do throws(PageRefusal) {
      try OwnPageOnly.check(request)
      return try await admitted(request)
    } catch {
      return PageAnswer(error)
    }
  }

  private func admitted(_ request: PageRequest) async throws(PageRefusal) -> PageAnswer {
    switch (request.method, request.path) {
    case ("GET", "/"):
      return await answer("text/html; charset=utf-8") { try served.page() }
    case ("GET", "/page.css"):
      return await light("text/css; charset=utf-8") { ReportPage.style }
    case ("GET", "/page.js"):
      return await light("text/javascript; charset=utf-8") { ReportPage.script(.served) }
    case ("GET", "/session"): return await answer { try served.overview() }
    case ("GET", "/progress"): return await answer { served.progress() }
    case ("GET", "/tables"): return await answer { try served.tables() }
    case ("GET", "/schema"): return await answer { try served.schema() }
    case ("GET", "/window"): return try await window(request)
    case ("GET", "/event"):
      let sequence = try number("seq", in: request)
      return await answer { try served.event(sequence) }
    case ("GET", "/slice"): return try await slice(request)
    case ("POST", "/query"):
      return await light { try queries.answer(request.body, request.stop) }
    default: throw PageRefusal(.notFound, "not found")
    }
  }

  private func window(_ request: PageRequest) async throws(PageRefusal) -> PageAnswer {
    let from = try number("from", in: request)
    let to = try number("to", in: request)
    let pixels = Int(clamping: try number("pixels", in: request))
    let pids = try pids(in: request)
    return await answer { try served.window(from: from, to: to, pixels: pixels, pids: pids) }
  }

  private func slice(_ request: PageRequest) async throws(PageRefusal) -> PageAnswer {
    let known: [(name: String, direction: OpenSession.Direction, isTime: Bool)] = [
      ("at", .at, false), ("before", .before, false), ("after", .after, false),
      ("before_time", .before, true), ("after_time", .after, true),
    ]
    guard let wanted = known.first(where: { request.parameter($0.name) != nil }) else {
      throw PageRefusal(.badRequest, "expected \(known.map(\.name).joined(separator: ", "))")
    }
    let value = try number(wanted.name, in: request)
    return await answer {
      try served.slice(wanted.direction, wanted.isTime ? .time(value) : .event(value))
    }
  }

  /// The processes whose stretches are wanted; nil if the request leaves that open.
  private func pids(in request: PageRequest) throws(PageRefusal) -> Set<Int32>? {
    guard let found = request.parameter("pids") else { return nil }
    let numbers = found.split(separator: ",").map { Int32($0) }
    guard numbers.count <= PageServer.pidsLimit, !numbers.contains(nil) else {
      throw PageRefusal(
        .badRequest, "pids: expected at most \(PageServer.pidsLimit) numbers with commas")
    }
    return Set(numbers.compactMap { $0 })
  }

  private func number(_ name: String, in request: PageRequest) throws(PageRefusal) -> Int64 {
    guard let found = request.parameter(name), let number = Int64(found), number >= 0 else {
      throw PageRefusal(.badRequest, "\(name): expected a number from 0")
    }
    return number
  }

  /// An answer that takes some work, which waits for its turn.
  private func answer(
    _ type: String = PageAnswer.json,
    _ make: @escaping @Sendable () throws -> String
  ) async -> PageAnswer {
    await desk.answer(type, isHeavy: true, make)
  }

  /// An answer that is there already, or that somebody else keeps within bounds.
  private func light(
    _ type: String = PageAnswer.json,
    _ make: @escaping @Sendable () throws -> String
  ) async -> PageAnswer {
    await desk.answer(type, isHeavy: false, make)
  }
}
