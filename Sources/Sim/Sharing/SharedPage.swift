// Shared pages: frames that processes of one container map under a name.

/// A shared page's place in the table.
typealias SharedPageIndex = Int32

/// A page that processes share by name.
struct SharedPage: Sendable {
  var frame: PageFrame
  /// Processes that map it.
  var mappers = 0
}

/// A process's mapping of a shared page.
struct SharedMapping: Equatable, Sendable {
  var shared: SharedPageIndex
  /// Where the process has it.
  var page: PageNumber
}
