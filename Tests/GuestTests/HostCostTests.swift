// What a guest may cost the host: a limit of virtual time bounds what its calls can make the host do,
// and nothing that it does is gathered without bound.

import Foundation
import Sim
import TestSupport
import Testing

@Suite struct HostCostTests {
  @Test func `a write of any length leaves in parts, with others in between, and ends in time`()
    throws
  {
    var scenario = GuestRun.scenario(["console_flood"])
    scenario.limitTicks = 40
    var simulation = try Simulation(scenario)
    var decisions = ScriptedDecisions(scenario)
    var sink = CountingSink()
    var most = 0
    while true {
      sink.events.removeAll()
      let result = simulation.step(&decisions, into: &sink)
      most = max(most, sink.events.count)
      if case .ended(let end) = result {
        #expect(end == .limitReached)
        break
      }
    }
    #expect(most < 1000)
    #expect(simulation.now.instructions < 41 * scenario.tick)
    // The other one had its say at about every tick.
    #expect(sink.bars > 5)
    #expect(sink.bytes > 1_000_000)
  }

  @Test func `the table of what calls cost is the kernel's`() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/guest.md").standardized.path
    let lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
    let start = try #require(lines.firstIndex { $0.hasPrefix("| what the kernel does") })
    let told = lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
      line.components(separatedBy: "|")[2].trimmingCharacters(in: .whitespaces)
        .replacingOccurrences(of: " limits", with: "")
    }
    let prices = Work.allCases.map { work in
      work.price.each == 1
        ? "\(work.price.instructions)"
        : "\(work.price.instructions) for each \(work.price.each)"
    }
    #expect(told == prices)
  }

  @Test func `limits of a chain of generations come to one`() throws {
    var scenario = GuestRun.scenario(["budget_chain", "200"])
    scenario.limitTicks = 1000
    var simulation = try Simulation(scenario)
    var decisions = ScriptedDecisions(scenario)
    var sink = CountingSink()
    var most = 0
    while true {
      sink.events.removeAll()
      let result = simulation.step(&decisions, into: &sink)
      most = max(most, simulation.usage.budgets)
      if case .ended(let end) = result {
        #expect(end == .halted(status: 0))
        break
      }
    }
    #expect((2...5).contains(most))
  }

  /// The virtual time that a program takes by which the host is bounded.
  private func time(_ what: String, _ count: Int) throws -> UInt64 {
    let run = try GuestRun(["cost_bounds", what, "\(count)"]) {
      $0.limits.processes = 4096
      $0.limits.inodes = 500
      $0.limits.sharedPages = 1024
      $0.limitTicks = nil
    }
    #expect(run.status == 0, "\(what): \(run.console)")
    return run.events.last?.time.instructions ?? 0
  }

  @Test func `words of a program that is not there are paid for`() throws {
    // Each call copies 30 words of 4,095 bytes.
    #expect(try time("w", 60) - time("w", 10) >= 50 * 30 * 4095 / 16)
  }

  @Test func `to look whether a deep directory is in the root is paid for`() throws {
    // A thousand paths, and two entries in each directory between there and the root.
    let (shallow, deep) = (try time("d", 50), try time("d", 250))
    #expect(deep - shallow >= 1000 * 2 * 200 / 8)
  }

  @Test func `what a child inherits, and drops again, is paid for`() throws {
    let (few, many) = (try time("s", 16), try time("s", 816))
    #expect(many - few >= 20 * 2 * 800 / 16 * 64)
  }

  @Test func `what a union's directory shows after a change is paid for by the entry`() throws {
    let (few, many) = (try time("u", 10), try time("u", 610))
    #expect(many - few >= 20 * 600 * 2)
  }

  @Test func `a container of any number ends, with what its processes waited for`() throws {
    let run = try GuestRun(["cost_bounds", "e", "900"]) {
      $0.limits.processes = 1024
      $0.limitTicks = nil
    }
    #expect(run.status == 0, "\(run.console)")
    let ended = run.events.count {
      $0.kind == .exit && $0[ExitEvent.how] == ExitCode.containerEnd
    }
    #expect(ended == 900)
  }

  @Test func `a pipe takes of the host what is in it, and keeps the order of its bytes`() throws {
    let run = try GuestRun(["call_pipe"]) { $0.limits.pipeCapacity = 1_048_576 }
    #expect(run.end != .limitReached)
    for capacity in [1, 3, 511] {
      let shell = try GuestRun(["sh", "-c", "cat README README | cat | wc"]) {
        $0.limits.pipeCapacity = capacity
      }
      #expect(shell.console.contains("2 8 42"), "\(shell.console)")
    }
  }
}

private enum ExitCode {
  /// Of a process that ended with its container.
  static let containerEnd: Int64 = 3
}

private struct CountingSink: EventSink {
  var events: [Event] = []
  var bytes = 0
  var bars = 0
  var interest: EventInterest { .everything }

  mutating func receive(_ event: Event) {
    events.append(event)
    guard event.kind == .output else { return }
    bytes += Int(event[OutputEvent.count])
    if event.packedBytes == [UInt8(ascii: "|")] { bars += 1 }
  }
}
