// Where a server listens: this machine's loopback, unless somebody asks for another address.

import Foundation

/// A socket to which others connect, on 127.0.0.1 if nothing else is said.
struct ListeningSocket {
  /// What waits to be accepted, at the most.
  private static let backlog: Int32 = 256

  let descriptor: Int32
  let port: Int

  /// - Parameters:
  ///   - port: where; 0 for any that is free.
  ///   - address: of IPv4, its first byte the highest.
  /// - Throws: `POSIXError` if the port cannot be used.
  init(port: Int, address: UInt32 = INADDR_LOOPBACK) throws(POSIXError) {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_INET, kind, 0)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = UInt16(port).bigEndian
    place.sin_addr.s_addr = address.bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, ListeningSocket.backlog) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isListening else {
      let code = errno
      close(descriptor)
      throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EADDRINUSE)
    }
    self.descriptor = descriptor
    self.port = Int(UInt16(bigEndian: place.sin_port))
  }
}
