// What a browser asks for and what it gets, as values. The syntax of HTTP is `RequestParser`'s, the
// connections are `PageConnection`'s; which request gets which answer is `PageServer`'s.

import Foundation
import Recorder

/// A request with its address taken apart.
struct PageRequest: Sendable {
  let method: String
  /// Without percent signs.
  let path: String
  /// Is cancelled when the client disconnects.
  let stop: QueryStop
  var body: String { String(decoding: request.body, as: UTF8.self) }
  private let request: WebRequest
  private let parameters: [URLQueryItem]

  /// - Throws: `PageRefusal` if the request's target is no address.
  init(_ request: WebRequest, _ stop: QueryStop) throws(PageRefusal) {
    // A path may begin with two slashes, and names no host then.
    let isPath = request.target.hasPrefix("/")
    let target = isPath ? "http://localhost\(request.target)" : request.target
    guard let address = URLComponents(string: target) else {
      throw PageRefusal(.badRequest, "found a target that is no address")
    }
    method = request.method
    path = address.path
    parameters = address.queryItems ?? []
    self.stop = stop
    self.request = request
  }

  /// The values of a header, whose name is in small letters.
  func headers(_ name: String) -> [String] { request[name] }

  /// The value of a parameter in the address, "" if it is there without one.
  func parameter(_ name: String) -> String? {
    parameters.first { $0.name == name }.map { $0.value ?? "" }
  }
}

/// What became of a request (RFC 9110, section 15).
enum PageStatus: Int, Sendable {
  case ok = 200
  case badRequest = 400
  case forbidden = 403
  case notFound = 404
  case methodNotAllowed = 405
  case contentTooLarge = 413
  case headersTooLarge = 431
  case internalServerError = 500
  case notImplemented = 501
  case serviceUnavailable = 503

  var words: String {
    switch self {
    case .ok: "OK"
    case .badRequest: "Bad Request"
    case .forbidden: "Forbidden"
    case .notFound: "Not Found"
    case .methodNotAllowed: "Method Not Allowed"
    case .contentTooLarge: "Content Too Large"
    case .headersTooLarge: "Request Header Fields Too Large"
    case .internalServerError: "Internal Server Error"
    case .notImplemented: "Not Implemented"
    case .serviceUnavailable: "Service Unavailable"
    }
  }
}

/// Why a request gets no answer but these words.
struct PageRefusal: Error {
  let status: PageStatus
  let words: String

  init(_ status: PageStatus, _ words: String) {
    self.status = status
    self.words = words
  }
}

/// An answer as it is sent.
struct PageAnswer: Sendable {
  static let json = "application/json; charset=utf-8"

  let status: PageStatus
  let type: String
  let body: [UInt8]
  /// What keeps account of the answer until nobody holds it any more.
  private let account: AnswerDesk.Unread?

  init(
    _ status: PageStatus, _ type: String, _ body: [UInt8], account: AnswerDesk.Unread? = nil
  ) {
    self.status = status
    self.type = type
    self.body = body
    self.account = account
  }

  /// Words about what is wrong, as the page's script expects them.
  init(_ refusal: PageRefusal) {
    self.init(
      refusal.status, PageAnswer.json,
      Array((PageJSON.error(printable(refusal.words)) + "\n").utf8))
  }
}
