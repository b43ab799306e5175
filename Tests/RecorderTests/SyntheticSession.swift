import Recorder
import Sim
import TestSupport

/// A session that no machine had: every kind of event with every kind of number.
struct SyntheticSession {
  var scenario = Scenario()
  var names = NameTable()
  var events: [Event] = []

  static let edges: [Int64] = [0, 1, -1, 127, 128, -129, 1 << 31, .max, .min, 0x7fff_ffff_ffff]

  init(events count: Int) {
    scenario.harts = 3
    scenario.seed = .max
    scenario.limitTicks = 12
    scenario.limits.inodes = 77
    scenario.manager = true
    scenario.recordsSharedAccesses = true
    scenario.program = ["sh", "-c", "eins zwei", ""]
    scenario.files = [
      GuestFile(path: "/a", content: .file(Array(0...255))),
      GuestFile(path: "/a b", content: .directory), GuestFile(path: "/e", content: .file([])),
      GuestFile(path: "/c", content: .device(major: 1, minor: -1)),
    ]
    scenario.script = [
      ScriptLine(bytes: [0, 10, 255]), ScriptLine(bytes: Array("ls\n".utf8), atTick: 3),
    ]
    scenario.ports = [PublishedPort("127.0.0.1:8080:web:80")].compactMap { $0 }
    let port = Endpoint(.loopback, 8080)
    scenario.clients = [
      HostClient(
        to: port, from: 40_000, at: 7, reads: 0,
        [
          .init(.send(Array(0...255)), at: 7), .init(.send(Array("a \"b\" \\x41".utf8))),
          .init(.take(1 << 31), at: 8), .init(.endSending), .init(.endConnection, at: 1 << 60),
        ]), HostClient(to: port, from: 65_535, reads: 100), HostClient(to: port, from: 1, at: 0),
    ]
    _ = names.intern(Array("sh".utf8))
    _ = names.intern([0x1b, 0x5b, 0x41, 0xff, 0x0a])
    _ = names.intern(Array("Grüße \\ 🦆".utf8))

    var random = RandomSource(seed: 5)
    let kinds = Event.Kind.allCases
    for index in 0..<count {
      func number() -> Int64 { SyntheticSession.edges[random.next(below: 10)] }
      events.append(
        Event(
          time: Instant(instructions: UInt64(index) * 37), hart: HartID(raw: UInt8(index % 3)),
          kind: kinds[index % kinds.count],
          process: ProcessID(raw: index % 7 == 0 ? .max : Int32(index % 50)),
          container: ContainerID(raw: Int32(index % 4)), number(), number(), number(), number(),
          number(), number()))
    }
  }

  /// Writes it all, with a choice for every tenth event and input for every hundredth.
  @discardableResult
  func write(to path: String, finishing: Bool = true) throws -> TraceWriter {
    let writer = try TraceWriter(path: path, scenario: scenario)
    for (index, event) in events.enumerated() {
      if index % 10 == 0 {
        let choice = Choice(.dispatch(HartID(raw: 1)), options: 3, sequence: Int64(index) + 1)
        writer.receive(index % 3, at: choice) { .process(ProcessID(raw: Int32(index + $0))) }
      }
      if index % 100 == 0 {
        writer.receive(TimedInput(time: event.time, bytes: [UInt8(index % 256), 10]))
      }
      writer.receive(event)
      if writer.isFull { try writer.handOver(names) }
    }
    if finishing {
      let count = try writer.finish(names, at: Instant(instructions: 99), .halted(status: 7))
      precondition(count == Int64(events.count))
    } else {
      // The second one waits until the first one is in the file.
      try writer.handOver(names, committing: true)
      try writer.handOver(names, committing: true)
    }
    return writer
  }
}

extension TraceReader {
  /// All events, read through.
  func allEvents() throws(TraceError) -> [Event] {
    let stream = events()
    var all: [Event] = []
    while let event = try stream.next() { all.append(event) }
    return all
  }
}
