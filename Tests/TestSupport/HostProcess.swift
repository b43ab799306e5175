// Other processes as the host sees them: that one works is something to wait for, where a moment of the
// clock would be right on one machine and not on another.

import Foundation

public enum HostProcess {
  /// The processes whose command lines have all of these words within them.
  public static func running(with words: [String]) throws -> [pid_t] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
      .filter { pid in
        let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
        let text = String(decoding: line, as: UTF8.self)
        return words.allSatisfy { text.contains($0) }
      }
  }

  /// How much processor time a process has used, in seconds; 0 for one that is gone.
  public static func processorTime(of pid: pid_t) -> Double {
    let line = FileManager.default.contents(atPath: "/proc/\(pid)/stat") ?? Data()
    // After the name, which stands in parentheses and may have more of them, come the state and ten others.
    let words = String(decoding: line, as: UTF8.self).split(separator: ")").last?
      .split(separator: " ")
    guard let words, words.count > 12, let user = Double(words[11]), let system = Double(words[12])
    else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
