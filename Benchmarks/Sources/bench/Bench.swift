// The benchmarks' command line: one verb for each, in the order of the list below.

import Foundation

/// What a verb names.
struct Benchmark: Sendable {
  var verb: String
  /// One line: what is measured, against what.
  var summary: String
  var run: @Sendable () throws -> Void
}

/// Why a benchmark could not be run, or what it found wrong.
struct BenchmarkError: Error, CustomStringConvertible {
  var description: String
}

@main enum Bench {
  static let all: [Benchmark] = [
    interpreterBenchmark, startupBenchmark, callsBenchmark, busyBenchmark, dispatchBenchmark,
    snapshotBenchmark, unionBenchmark, streamBenchmark, webBenchmark,
    searchBenchmark,
  ]

  static func main() {
    let verbs = Array(CommandLine.arguments.dropFirst())
    let known = all.map(\.verb)
    guard !verbs.isEmpty, verbs.allSatisfy({ known.contains($0) || $0 == "all" }) else {
      print("usage: bench VERB…, where a verb is `all` or one of")
      for benchmark in all {
        print(
          "  \(benchmark.verb.padding(toLength: 14, withPad: " ", startingAt: 0))", terminator: "")
        print(benchmark.summary)
      }
      exit(2)
    }
    for benchmark in all where verbs.contains(benchmark.verb) || verbs.contains("all") {
      do {
        print("== \(benchmark.verb): \(benchmark.summary)")
        try benchmark.run()
      } catch {
        FileHandle.standardError.write(Data("bench \(benchmark.verb): \(error)\n".utf8))
        exit(1)
      }
    }
  }
}
