// What a scenario says of the switch between containers: how long things take, what is lost and what overtakes what.

import Sim
import TestSupport
import Testing

@Suite struct NetworkTests {
  /// The datagrams of `net_burst`, in the order in which each happened.
  private struct Burst {
    var sent: [(flow: FlowID, time: UInt64)] = []
    var received: [(flow: FlowID, time: UInt64)] = []
    var lost: [FlowID] = []
    let events: [Event]

    init(seed: UInt64 = 0, harts: Int = 1, _ adjust: (inout NetworkConditions) -> Void) throws {
      let run = try GuestRun(["net_burst"]) {
        adjust(&$0.network)
        $0.seed = seed
        $0.harts = harts
      }
      #expect(run.end == .halted(status: 0), "\(run.console)")
      events = run.events
      for event in events {
        let time = event.time.instructions
        switch event.kind {
        case .socketSend: sent.append((event[SocketTransferEvent.flow], time))
        case .socketReceive: received.append((event[SocketTransferEvent.flow], time))
        case .socketDrop:
          #expect(event[SocketDropEvent.why] == Int64(Refusal.lost.rawValue))
          lost.append(event[SocketDropEvent.flow])
        default: break
        }
      }
    }
  }

  @Test("Delivery takes the time that the scenario says, in order", arguments: [1000, 70_000])
  func deliveryTakesTime(delay: UInt64) throws {
    let burst = try Burst { $0.delay = delay }
    #expect(burst.sent.count == 30 && burst.lost.isEmpty)
    #expect(burst.received.map(\.flow) == burst.sent.map(\.flow))
    for (sent, received) in zip(burst.sent, burst.received) {
      #expect(received.time >= sent.time + delay && received.time < sent.time + delay + 60_000)
    }
  }

  @Test("A scenario's share of datagrams is lost, and no other", arguments: [1, 2])
  func someAreLost(harts: Int) throws {
    let all = try Burst { $0.lossPerThousand = 1000 }
    #expect(all.lost == all.sent.map(\.flow) && all.received.isEmpty)
    let burst = try Burst(seed: 7, harts: harts) { $0.lossPerThousand = 400 }
    #expect((5...20).contains(burst.lost.count))
    #expect(burst.lost.count + burst.received.count == 30)
    let again = try Burst(seed: 7, harts: harts) { $0.lossPerThousand = 400 }
    #expect(again.events == burst.events)
    let other = try Burst(seed: 8, harts: harts) { $0.lossPerThousand = 400 }
    #expect(other.lost != burst.lost)
  }

  @Test("Where a datagram may take longer, others overtake it, and all arrive")
  func someAreOvertaken() throws {
    let burst = try Burst(seed: 3) { $0.spread = 8000 }
    #expect(burst.received.count == 30 && burst.lost.isEmpty)
    #expect(burst.received.map(\.flow) != burst.sent.map(\.flow))
    #expect(burst.received.map(\.flow).sorted() == burst.sent.map(\.flow))
  }

  @Test("A network that no machine can have is refused in one line")
  func conditionsAreChecked() throws {
    for (change, words): ((inout NetworkConditions) -> Void, String) in [
      ({ $0.delay = 0 }, "network delay: found 0, expected 1 to 1000000000"),
      ({ $0.lossPerThousand = 1001 }, "network loss: found 1001, expected 0 to 1000"),
      ({ $0.spread = 1 << 40 }, "network spread: found 1099511627776, expected 0 to 1000000000"),
    ] {
      var scenario = GuestRun.scenario(["true"])
      change(&scenario.network)
      let error = #expect(throws: ScenarioError.self) { try GuestRun(scenario) }
      #expect(error?.description == words)
    }
  }
}
