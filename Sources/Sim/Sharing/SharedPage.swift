// Shared pages: frames that processes of one container map under a name.

/// A page that processes share by name.
package struct SharedPage: Sendable {
  package internal(set) var frame: PageFrame
  /// Counted from 0 over all pages that were ever shared by name: no other has had it.
  package internal(set) var serial: UInt64 = 0
  /// The group in which it counts.
  package internal(set) var payer = GroupID.root
  /// Address spaces that map it.
  package internal(set) var mappers = 0
}

/// An address space's mapping of a shared page.
package struct SharedMapping: Equatable, Sendable {
  package internal(set) var shared: SharedPageIndex
  /// Where the address space has it.
  package internal(set) var page: PageNumber
}

extension SharedPage: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(frame.raw)
    digest.combine(serial)
    digest.combine(payer.raw)
    digest.combine(mappers)
  }
}

extension SharedMapping: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(shared)
    digest.combine(page)
  }
}
