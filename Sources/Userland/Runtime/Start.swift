// What the manager starts in a container: the program, its pipes, and how it says that it has begun.

/// What is to run, and where.
struct Start {
  let vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  let priority: CInt
  /// A container to be made; else one that there is.
  let spec: UnsafePointer<Spec>?
  let container: CInt
  /// The record of a container that is to be made.
  let record: Int?
  /// Whether the client stays.
  let isAttached: Bool
  /// Whether it has run before.
  var isAgain = false

  /// Whether its container has limits besides that of processes.
  var isLimited: Bool { spec.map { limits_next($0.pointee.limits, 0) > 0 } ?? false }

  /// Whether it is started again when it has ended: while a client is attached, that one is told of its end.
  var isKept: Bool { !isAttached && spec.map { $0.pointee.restartsMost > 0 } ?? false }
}

/// A program's pipes, and one on which it reports how it began.
struct Pipes {
  let input: PipeEnds
  let output: PipeEnds
  let errors: PipeEnds
  let report: PipeEnds

  /// The pipes; nil if there are not as many to be had.
  init?() {
    guard let input = PipeEnds(), let output = PipeEnds(), let errors = PipeEnds(),
      let report = PipeEnds()
    else { return nil }
    self.input = input
    self.output = output
    self.errors = errors
    self.report = report
  }

  /// Closes all ends but these two.
  func closeAll(but first: CInt, _ second: CInt = -1) {
    for descriptor in input.input...report.output
    where descriptor != first && descriptor != second {
      _ = close(descriptor)
    }
  }
}

/// How a program began: its container's id, or the step that failed, below 0; and its pid.
struct Report {
  var id: CInt = 0
  var pid: CInt = 0
}
