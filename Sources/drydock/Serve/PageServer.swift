// The server: which request gets which answer, on the loopback and nowhere else. The only file that
// has to know what a served session, a query and HTTP are at once.

import Dispatch
import Foundation
import Hummingbird
import Logging
import Recorder
import Scenarios
import Synchronization

/// Serves one session to browsers on this machine.
struct PageServer: Sendable {
  private static let queryLimit = 100_000
  private static let threadsLimit = 100
  /// Threads that make answers.
  private static let threads = Atomic(0)

  let served: ServedSession
  private let desk: QueryDesk

  /// - Parameter querySeconds: how long a query may take.
  init(_ served: ServedSession, querySeconds: Double) {
    self.served = served
    desk = QueryDesk(served.session, seconds: querySeconds)
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
      configuration: ApplicationConfiguration(
        address: .hostname("127.0.0.1", port: port), reuseAddress: true),
      onServerRunning: { channel in
        ready(channel.localAddress?.port ?? port)
        served.begin()
      }, logger: logger)
    // A query that is running would put off the end.
    let signals = [SIGINT, SIGTERM].map { signal in
      let source = DispatchSource.makeSignalSource(signal: signal)
      source.setEventHandler { [desk] in desk.close() }
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
      try await PageServer.answer("text/html; charset=utf-8") { try served.page() }
    }
    router.get("/page.css") { _, _ in
      try await PageServer.answer("text/css; charset=utf-8") { ReportPage.style }
    }
    router.get("/page.js") { _, _ in
      try await PageServer.answer("text/javascript; charset=utf-8") {
        ReportPage.script(served: true)
      }
    }
    router.get("/session") { _, _ in try await PageServer.answer { try served.overview() } }
    router.get("/progress") { _, _ in try await PageServer.answer { try served.progress() } }
    router.get("/tables") { _, _ in try await PageServer.answer { try served.tables() } }
    router.get("/schema") { _, _ in try await PageServer.answer { try served.schema() } }
    router.get("/window") { request, _ in
      let from = try number("from", in: request)
      let to = try number("to", in: request)
      let pixels = Int(clamping: try number("pixels", in: request))
      return try await PageServer.answer {
        try served.window(from: from, to: to, pixels: pixels)
      }
    }
    router.get("/event") { request, _ in
      let sequence = try number("seq", in: request)
      return try await PageServer.answer { try served.event(sequence) }
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
    return try await PageServer.answer {
      try served.slice(wanted.direction, wanted.isTime ? .time(value) : .event(value))
    }
  }

  /// The query in the request's body; stopped when the browser does not want the answer any more.
  private func query(_ request: Request) async throws -> Response {
    let stop = QueryStop()
    return try await request.body.consumeWithInboundCloseHandler { body in
      let sql = String(buffer: try await body.collect(upTo: PageServer.queryLimit))
      return try await PageServer.answer { try desk.answer(sql, stop) }
    } onInboundClosed: {
      stop.stop()
    }
  }

  private func number(_ name: String, in request: Request) throws -> Int64 {
    let found = request.uri.queryParameters[Substring(name)]
    guard let found, let number = Int64(found), number >= 0 else {
      throw HTTPError(.badRequest, message: "\(name): expected a number from 0")
    }
    return number
  }

  /// Makes an answer where computing it keeps nobody else waiting: on a thread of its own, for those of
  /// the common pool are as few as there are cores, and two queries could have them all. A page asks
  /// for a few at a time; whoever asks for more than a hundred is told to wait.
  private static func answer(
    _ type: String = "application/json; charset=utf-8",
    _ make: @escaping @Sendable () throws -> String
  ) async throws -> Response {
    let (status, text): (HTTPResponse.Status, String) = await withCheckedContinuation { waiting in
      guard threads.wrappingAdd(1, ordering: .relaxed).newValue <= PageServer.threadsLimit else {
        threads.wrappingSubtract(1, ordering: .relaxed)
        let sentence = "\(PageServer.threadsLimit) answers are being made already"
        waiting.resume(returning: (.serviceUnavailable, PageJSON.error(sentence)))
        return
      }
      Thread.detachNewThread {
        defer { threads.wrappingSubtract(1, ordering: .relaxed) }
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
    let isFine = status == .ok
    return Response(
      status: status,
      headers: [.contentType: isFine ? type : "application/json; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
