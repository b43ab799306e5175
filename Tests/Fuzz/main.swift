// The fuzzer: `fuzz [--seconds N] [--seeds N] [--from SEED]`. For each seed a guest program issues
// random calls with hostile arguments from many processes, in and out of containers, on one to four
// harts; the invariants watch. Then the session runs a second time, and has to be the same. The
// seed comes first in what is printed, and the command that repeats a failure last.

import Foundation
import Replay
import Sim
import TestGuests
import Userland

/// Keeps the events of a step and a hash of all events.
struct FuzzSink: EventSink {
  var step: [Event] = []
  var digest = Digest()
  var count = 0
  var output: [UInt8] = []

  var interest: EventInterest { .everything }

  mutating func receive(_ event: Event) {
    step.append(event)
    count += 1
    digest.combine(event.time.instructions)
    digest.combine(UInt64(event.kind.rawValue) << 8 | UInt64(event.hart.raw))
    digest.combine(UInt64(UInt32(bitPattern: event.process.raw)))
    digest.combine(UInt64(bitPattern: event.a0 ^ event.a1 &* 3 ^ event.a2 &* 5))
    digest.combine(UInt64(bitPattern: event.a3 ^ event.a4 &* 3 ^ event.a5 &* 5))
  }
}

func file(_ image: GuestImage) -> GuestFile {
  GuestFile(path: "/\(image.name)", content: .file(image.bytes))
}

func scenario(_ seed: UInt64) throws -> Scenario {
  guard let fuzz = TestGuests.image("fuzz"),
    let boot = Userland.all.first(where: { $0.name == "init" })
  else { throw ScenarioError("the programs are missing") }
  var scenario = Scenario()
  scenario.program = ["fuzz", "\(seed)"]
  scenario.seed = seed
  scenario.harts = Int(seed % 4) + 1
  scenario.tick = 10_000
  scenario.limitTicks = 100_000
  scenario.limits.frames = 1024
  scenario.files = [file(boot), file(fuzz)]
  return scenario
}

/// What is wrong with the session of a seed; nil if nothing is.
func failure(of seed: UInt64, _ events: inout Int) throws -> String? {
  let scenario = try scenario(seed)
  var digests: [UInt64] = []
  for round in 0..<2 {
    var machine = try Simulation(scenario)
    var decisions = ScriptedDecisions(scenario)
    var sink = FuzzSink()
    var checker = InvariantChecker()
    var hasEnded = false
    while !hasEnded {
      let result = machine.step(&decisions, into: &sink)
      if round == 0 { checker.check(sink.step, in: machine) }
      sink.step.removeAll(keepingCapacity: true)
      if case .ended(let reason) = result {
        hasEnded = true
        if reason == .limitReached { return "the session never ends" }
      }
    }
    if round == 0 {
      checker.finish(in: machine)
      if let first = checker.violations.first { return first.text(in: nil) }
    }
    digests.append(sink.digest.value)
    events += sink.count
  }
  return digests[0] == digests[1] ? nil : "two runs of the same scenario differ"
}

var seconds = 60.0
var seeds = UInt64.max
var seed: UInt64 = 1
var arguments = CommandLine.arguments.dropFirst()
while let option = arguments.popFirst() {
  let value = arguments.popFirst() ?? ""
  switch option {
  case "--seconds": seconds = Double(value) ?? seconds
  case "--seeds": seeds = UInt64(value) ?? seeds
  case "--from": seed = UInt64(value) ?? seed
  default:
    print("usage: fuzz [--seconds N] [--seeds N] [--from SEED]")
    exit(2)
  }
}
print("fuzzing from seed \(seed)")
let start = Date.timeIntervalSinceReferenceDate
var done: UInt64 = 0
var events = 0
while done < seeds, Date.timeIntervalSinceReferenceDate - start < seconds {
  // A crash says no more than this.
  try Data("\(seed)\n".utf8).write(to: URL(fileURLWithPath: "/tmp/drydock-fuzz-seed"))
  if let problem = try failure(of: seed, &events) {
    print("seed \(seed): \(problem)")
    print("again: .build/release/fuzz --from \(seed) --seeds 1")
    exit(1)
  }
  seed += 1
  done += 1
}
let elapsed = Date.timeIntervalSinceReferenceDate - start
print(
  "\(done) seeds, \(events) events in \(String(format: "%.1f", elapsed)) s; nothing violated, every "
    + "session twice the same")
