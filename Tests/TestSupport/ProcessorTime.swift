// What work costs, whatever else the machine does meanwhile.

import Foundation

/// The processor time that this thread spends on it, in seconds; other tests do not share the thread.
public func processorTime(of work: () throws -> Void) rethrows -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
  let start = now()
  try work()
  return now() - start
}

/// What a process has used of the processor so far, in seconds.
public func processorTime(ofProcess id: pid_t) throws -> Double {
  let text = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
  // The name, in brackets, may hold anything.
  let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
  return (fields[12...13].compactMap { Double($0) }).reduce(0, +)
    / Double(sysconf(Int32(_SC_CLK_TCK)))
}
