// Where a scenario's network loses datagrams or lets one overtake another, that is a choice like any other, made when the
// datagram would arrive.

extension Simulation {
  /// Decides about the datagrams that are there by now: each is lost, comes later, or arrives.
  mutating func decideOnDatagrams(_ decisions: inout some Decisions) {
    let conditions = kernel.network.conditions
    for datagram in kernel.undecidedDatagrams() {
      if conditions.lossPerThousand > 0 {
        let lost = UInt64(conditions.lossPerThousand)
        let chosen = choose(
          .loss, among: 2, tickets: Tickets([1000 - lost, lost]), &decisions
        ) { .datagram($0 == 0 ? .none : datagram.id) }
        if chosen == 1 {
          kernel.lose(datagram.id)
          continue
        }
      }
      var extra: UInt64 = 0
      if conditions.spread > 0 {
        let delays = conditions.extraDelays
        let chosen = choose(.delay, among: delays.count, &decisions) { .instructions(delays[$0]) }
        extra = delays[chosen]
      }
      kernel.settle(datagram.id, after: extra)
    }
  }

  /// From now on the bytes are kept that are sent and read at sockets.
  public mutating func keepPayloads() { kernel.keepsPayloads = true }

  /// Hands over those of each `socketSend` and `socketReceive` since the last time, in the order of the events.
  public mutating func takePayloads() -> [[UInt8]] {
    if kernel.payloads.isEmpty { return [] }
    defer { kernel.payloads = [] }
    return kernel.payloads
  }
}
