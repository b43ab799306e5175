// What keeps other pages out. A browser lets any page send requests to 127.0.0.1, and a name that its
// owner points there makes them look like the page's own ("DNS rebinding"); so a request has to
// name this machine as its host, and must not come from another page.

enum OwnPageOnly {
  private static let hosts = ["localhost", "127.0.0.1", "[::1]"]

  /// What every answer says about what a browser may do with it.
  static let headers = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"), ("Cache-Control", "no-store"),
  ]

  /// Lets only requests of the server's own page pass.
  ///
  /// - Throws: why a request is refused.
  static func check(_ request: PageRequest) throws(PageRefusal) {
    guard request.method == "GET" || request.method == "POST" else {
      throw PageRefusal(
        .methodNotAllowed, "found \(request.method), expected GET or POST")
    }
    // One that is sent twice would be read in one way here and in another elsewhere.
    let authorities = request.headers("host")
    guard authorities.count == 1, hosts.contains(host(of: authorities[0])) else {
      throw PageRefusal(
        .forbidden, "found another Host, expected localhost, 127.0.0.1 or [::1]")
    }
    guard request.headers("origin").allSatisfy({ $0 == "http://\(authorities[0])" }) else {
      throw PageRefusal(
        .forbidden, "a request of another page, expected one of this server's own")
    }
    // A link from elsewhere may lead to the page, and to nothing else.
    let sites = request.headers("sec-fetch-site")
    guard request.path == "/" || sites.allSatisfy(["none", "same-origin"].contains) else {
      throw PageRefusal(
        .forbidden, "a request from another site, expected one of this server's own page")
    }
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
