// The server: which request gets which answer, on the loopback and nowhere else. The only file that
// has to know what a served session, a query and HTTP are at once.

import Dispatch
import Foundation
import Hummingbird
import Logging
import Recorder

/// Serves one session to browsers on this machine.
struct PageServer: Sendable {
  private static let queryLimit = 100_000
  /// So many processes a window can be asked for.
  private static let pidsLimit = 300
  /// Connections at a time; whoever comes later waits until one is closed.
  private static let connectionsLimit = 250
  /// How long somebody may keep a connection without asking for anything.
  private static let idleSeconds: Int64 = 60
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
  /// - Throws: an error of the system if the port cannot be had.
  func run(port: Int, ready: @escaping @Sendable (Int) -> Void) async throws {
    var logger = Logger(label: "drydock")
    logger.logLevel = .critical
    let application = Application(
      router: router,
      server: .http1(configuration: .init(idleTimeout: .seconds(PageServer.idleSeconds))),
      configuration: ApplicationConfiguration(
        address: .hostname("127.0.0.1", port: port), reuseAddress: true,
        availableConnectionsDelegate: .maximum(PageServer.connectionsLimit, logger: logger)),
      onServerRunning: { channel in
        ready(channel.localAddress?.port ?? port)
        served.begin()
      }, logger: logger)
    // A query that is running would put off the end, and so would a browser that keeps its connection.
    let signals = [SIGINT, SIGTERM].map { signal in
      let source = DispatchSource.makeSignalSource(signal: signal)
      source.setEventHandler { [queries] in
        queries.close()
        Thread.detachNewThread {
          Thread.sleep(forTimeInterval: PageServer.secondsToEnd)
          _exit(0)
        }
      }
      source.resume()
      return source
    }
    defer {
      for source in signals { source.cancel() }
      served.session.close()
    }
    try await application.runService()
  }

  private var router: Router<BasicRequestContext> {
    let router = Router()
    router.add(middleware: OwnPageOnly())
    router.get("/") { _, _ in
      await answer("text/html; charset=utf-8") { try served.page() }
    }
    router.get("/page.css") { _, _ in
      await light("text/css; charset=utf-8") { ReportPage.style }
    }
    router.get("/page.js") { _, _ in
      await light("text/javascript; charset=utf-8") {
        ReportPage.script(served: true)
      }
    }
    router.get("/session") { _, _ in await answer { try served.overview() } }
    router.get("/progress") { _, _ in await answer { served.progress() } }
    router.get("/tables") { _, _ in await answer { try served.tables() } }
    router.get("/schema") { _, _ in await answer { try served.schema() } }
    router.get("/window") { request, _ in
      let from = try number("from", in: request)
      let to = try number("to", in: request)
      let pixels = Int(clamping: try number("pixels", in: request))
      let pids = try pids(in: request)
      return await answer {
        try served.window(from: from, to: to, pixels: pixels, pids: pids)
      }
    }
    router.get("/event") { request, _ in
      let sequence = try number("seq", in: request)
      return await answer { try served.event(sequence) }
    }
    router.get("/slice") { request, _ in try await slice(request) }
    router.post("/query") { request, _ in try await query(request) }
    return router
  }

  private func slice(_ request: Request) async throws -> Response {
    let known: [(name: String, direction: OpenSession.Direction, isTime: Bool)] = [
      ("at", .at, false), ("before", .before, false), ("after", .after, false),
      ("before_time", .before, true), ("after_time", .after, true),
    ]
    guard
      let wanted = known.first(where: { request.uri.queryParameters[Substring($0.name)] != nil })
    else {
      throw HTTPError(.badRequest, message: "expected \(known.map(\.name).joined(separator: ", "))")
    }
    let value = try number(wanted.name, in: request)
    return await answer {
      try served.slice(wanted.direction, wanted.isTime ? .time(value) : .event(value))
    }
  }

  /// The query in the request's body; stopped when the browser does not want the answer any more.
  private func query(_ request: Request) async throws -> Response {
    let stop = QueryStop()
    return try await request.body.consumeWithInboundCloseHandler { body in
      let sql = String(buffer: try await body.collect(upTo: PageServer.queryLimit))
      return await light { try queries.answer(sql, stop) }
    } onInboundClosed: {
      stop.stop()
    }
  }

  /// The processes whose stretches are wanted; nil if the request leaves that open.
  private func pids(in request: Request) throws -> Set<Int32>? {
    guard let found = request.uri.queryParameters["pids"] else { return nil }
    let numbers = found.split(separator: ",").map { Int32($0) }
    guard numbers.count <= PageServer.pidsLimit, !numbers.contains(nil) else {
      throw HTTPError(
        .badRequest, message: "pids: expected at most \(PageServer.pidsLimit) numbers with commas")
    }
    return Set(numbers.compactMap { $0 })
  }

  private func number(_ name: String, in request: Request) throws -> Int64 {
    let found = request.uri.queryParameters[Substring(name)]
    guard let found, let number = Int64(found), number >= 0 else {
      throw HTTPError(.badRequest, message: "\(name): expected a number from 0")
    }
    return number
  }

  /// An answer that takes some work, which waits for its turn.
  private func answer(
    _ type: String = "application/json; charset=utf-8",
    _ make: @escaping @Sendable () throws -> String
  ) async -> Response {
    await desk.answer(type, isHeavy: true, make)
  }

  /// An answer that is there already, or that somebody else keeps within bounds.
  private func light(
    _ type: String = "application/json; charset=utf-8",
    _ make: @escaping @Sendable () throws -> String
  ) async -> Response {
    await desk.answer(type, isHeavy: false, make)
  }
}
