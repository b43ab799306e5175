// What has been done to memory that several can see, as far as a later access could still be in a race with it: for eight
// bytes at a time, a few accesses that no later one has taken the place of. Most of the time that is one, and
// comparing with it is comparing two numbers; which is the idea of FastTrack (Flanagan and Freund, PLDI 2009), here
// with the places of both accesses kept, and exact for accesses of any size.

import Sim

/// One access, as the history keeps it.
struct PastAccess: Equatable, Sendable {
  /// Who made it, and in which of its epochs.
  var actor: Int
  var time: UInt64
  /// Of the eight bytes, which.
  var bytes: UInt8
  var isStore: Bool
  /// Whether it was atomic: two of these are never in a race.
  var isAtomic: Bool
  var process: ProcessID
  /// The program, and where its instruction stands.
  var place: CodePlace
  /// The number of the locks that the process held.
  var locks: Int
  /// How many events there had been.
  var after: Int64

  /// Whether the two cannot go without order.
  func conflicts(with other: PastAccess) -> Bool {
    bytes & other.bytes != 0 && (isStore || other.isStore) && !(isAtomic && other.isAtomic)
  }
}

/// A place in a program: what was exec'd, and an address.
struct CodePlace: Equatable, Sendable {
  var program: NameID
  var pc: UInt64
}

/// The accesses to one page.
struct PageHistory: Sendable {
  private var words: [[PastAccess]] = Array(repeating: [], count: 512)
  /// By word, what atomic accesses to it pass on; empty as long as there was none.
  private var clocks: [VectorClock] = []

  func clock(ofWord word: Int) -> VectorClock? { clocks.isEmpty ? nil : clocks[word] }

  mutating func join(_ clock: VectorClock, toWord word: Int) {
    if clocks.isEmpty { clocks = Array(repeating: VectorClock(), count: words.count) }
    clocks[word].join(clock)
  }

  /// Adds an access to a word, and finds those before it with which it is in a race.
  ///
  /// - Parameter clock: what has happened before it.
  /// - Parameter report: is given each of the others.
  mutating func add(
    _ access: PastAccess, toWord word: Int, _ clock: VectorClock,
    _ report: (PastAccess) -> Void
  ) {
    var dominates = false
    for other in words[word] {
      if other.actor == access.actor {
        // Most often the same again.
        if other.time == access.time, other.bytes & access.bytes == access.bytes,
          other.isStore || !access.isStore, other.isAtomic == access.isAtomic
        {
          return
        }
        dominates = true
      } else if other.time > clock[other.actor] {
        if other.conflicts(with: access) { report(other) }
      } else {
        dominates = true
      }
    }
    // Whoever is not in order with one that goes is not in order with this one either.
    if dominates {
      words[word].removeAll { other in
        (other.actor == access.actor || other.time <= clock[other.actor])
          && other.bytes & ~access.bytes == 0 && (access.isStore || !other.isStore)
          && (other.isAtomic || !access.isAtomic)
      }
    }
    words[word].append(access)
  }
}
