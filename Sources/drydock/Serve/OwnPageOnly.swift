// What keeps other pages out. A browser lets any page send requests to 127.0.0.1, and a name that its
// owner points there makes them look like the page's own ("DNS rebinding"); so a request has to
// name this machine as its host, and must not come from another page.

import HTTPTypes
import Hummingbird

/// Lets only requests of the server's own page pass, and says in every answer what a browser may do
/// with it.
struct OwnPageOnly<Context: RequestContext>: RouterMiddleware {
  private static var hosts: [String] { ["localhost", "127.0.0.1", "[::1]"] }

  func handle(
    _ request: Request, context: Context,
    next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      if let refusal = refusal(of: request) { throw refusal }
      response = try await next(request, context)
    } catch let error as any HTTPResponseError {
      let words = (error as? HTTPError)?.body ?? error.status.reasonPhrase.lowercased()
      response = Response(
        status: error.status, headers: [.contentType: "application/json; charset=utf-8"],
        body: ResponseBody(
          byteBuffer: ByteBuffer(string: PageJSON.error(words) + "\n")))
    }
    for (name, value) in Self.headers {
      if let name = HTTPField.Name(name) { response.headers[name] = value }
    }
    return response
  }

  private static var headers: [(String, String)] {
    [
      (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
          + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      ),
      ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
      ("Cross-Origin-Resource-Policy", "same-origin"),
      ("Cross-Origin-Opener-Policy", "same-origin"), ("Cache-Control", "no-store"),
    ]
  }

  private func refusal(of request: Request) -> HTTPError? {
    guard request.method == .get || request.method == .post else {
      return HTTPError(
        .methodNotAllowed, message: "found \(request.method.rawValue), expected GET or POST")
    }
    let authority = request.head.authority ?? ""
    guard Self.hosts.contains(Self.host(of: authority)) else {
      return HTTPError(
        .forbidden, message: "found another Host, expected localhost, 127.0.0.1 or [::1]")
    }
    if let origin = request.headers[.origin], origin != "http://\(authority)" {
      return HTTPError(
        .forbidden, message: "a request of another page, expected one of this server's own")
    }
    // A link from elsewhere may lead to the page, and to nothing else.
    let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] } ?? "none"
    guard request.uri.path == "/" || ["none", "same-origin"].contains(site) else {
      return HTTPError(
        .forbidden, message: "a request from another site, expected one of this server's own page")
    }
    return nil
  }

  /// A host without its port, in small letters.
  private static func host(of authority: String) -> String {
    let text = authority.lowercased()
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      let rest = text[text.index(after: end)...]
      return rest.isEmpty || rest.hasPrefix(":") ? String(text[...end]) : ""
    }
    return String(text.prefix { $0 != ":" })
  }
}
