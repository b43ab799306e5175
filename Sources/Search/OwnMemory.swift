// What only one thread of a process touches in a run is nobody else's business: its stack, for most.

import Sim

/// Tells accesses to memory that one thread alone uses from others.
struct OwnMemory {
  private struct Word: Hashable {
    var process: Int64
    var address: UInt64
  }

  /// The first thread of each process that has several, by the pids of all of them.
  private var leaders: [Int64: Int64] = [:]
  /// Who touched a word; nil for several.
  private var users: [Word: Int64?] = [:]

  init(_ events: [Event]) {
    for event in events where event.kind == .fork && event[ForkEvent.leader].raw != 0 {
      let leader = Int64(event[ForkEvent.leader].raw)
      leaders[Int64(event[ForkEvent.child].raw)] = leader
      leaders[leader] = leader
    }
    for event in events where event.kind == .shmAccess {
      guard let word = word(event) else { continue }
      let user = Int64(event.process.raw)
      if let known = users[word] {
        if known != user { users[word] = .some(nil) }
      } else {
        users[word] = user
      }
    }
  }

  private func word(_ event: Event) -> Word? {
    leaders[Int64(event.process.raw)].map {
      Word(process: $0, address: event[SharedAccessEvent.address] & ~7)
    }
  }

  /// Whether this is an access to such memory.
  func has(_ event: Event) -> Bool {
    guard event.kind == .shmAccess, let word = word(event), let user = users[word] else {
      return false
    }
    return user != nil
  }
}
