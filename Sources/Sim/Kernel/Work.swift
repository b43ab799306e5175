// What the kernel's work costs in virtual time: a line for each kind. The time that a guest is given
// thereby bounds what it can make the host do, whichever calls it makes. Calls say what they have
// done by `charge`; the session takes the sum after every entry (`Simulation.perform`), which moves the
// hart's clock on and counts as time that the process used.
//
// Small work costs nothing beside its call: what is less than a unit is not counted.

/// A kind of work that the kernel does for a process. docs/guest.md has the same table.
package enum Work: CaseIterable, Sendable {
  /// Entering the kernel with a call.
  case call
  /// Going on with a call that was blocked or is done in parts.
  case resumption
  /// Bytes between a process and a file, a pipe or the kernel.
  case bytesMoved
  /// Bytes that the console shows.
  case bytesShown
  /// Bytes of paths and of other names.
  case nameBytes
  /// Entries of directories looked at.
  case directoryEntries
  /// Blocks of the disk taken or given back.
  case blocks
  /// Frames of memory filled: with zeros, or with a copy.
  case framesFilled
  /// Frames mapped once more, or given back.
  case framesMapped
  /// Processes looked at one by one.
  case processes
  /// Budgets in which a slot is taken or given back.
  case budgets
  /// Groups looked at.
  case groups
  /// Places of the tables of shared pages and mutexes, and processes in a queue, looked at.
  case places
  /// Processes in a chain of holders of mutexes, along which a priority is inherited.
  case heirs
  /// Shared pages and handles of mutexes that a process inherits, or drops with all others.
  case inheritances
  /// Mounts that a table gets, copies or drops.
  case mounts
  /// Entries collected of the layers of a union's directory.
  case listedEntries
  /// Sockets looked up by their port, and descriptors looked at by poll.
  case sockets

  /// So many instructions for so many of them.
  @inline(__always)
  package var price: (instructions: Int, each: Int) {
    switch self {
    case .call: (100, 1)
    case .resumption: (20, 1)
    case .bytesMoved: (1, 16)
    case .bytesShown: (1, 4)
    case .nameBytes: (1, 2)
    case .directoryEntries: (1, 8)
    case .blocks: (4, 1)
    case .framesFilled: (64, 1)
    case .framesMapped: (1, 4)
    case .processes: (1, 4)
    case .budgets: (1, 4)
    case .groups: (1, 4)
    case .places: (1, 16)
    case .heirs: (8, 1)
    case .inheritances: (64, 16)
    case .mounts: (64, 1)
    case .listedEntries: (2, 1)
    case .sockets: (4, 1)
    }
  }

  /// What `count` of them cost, in instructions.
  @inline(__always)
  func cost(_ count: Int) -> UInt64 {
    UInt64(max(0, count) / price.each * price.instructions)
  }
}

/// Work done since the session last asked.
struct WorkAccount: Sendable {
  private var owed: UInt64 = 0
  /// Of what the memory and the disk count themselves, how much has been paid for.
  private var framesFilled = 0
  private var framesMapped = 0
  private var blocks = 0

  @inline(__always)
  mutating func add(_ work: Work, _ count: Int) { owed += work.cost(count) }

  /// What is to be paid, in instructions, with what the memory and the disk have counted by now; from
  /// then on it is.
  @inline(__always)
  mutating func take(filled: Int, mapped: Int, blocks changed: Int) -> UInt64 {
    if framesMapped != mapped || framesFilled != filled {
      owed += Work.framesFilled.cost(filled - framesFilled)
      owed += Work.framesMapped.cost(mapped - framesMapped)
      (framesFilled, framesMapped) = (filled, mapped)
    }
    if blocks != changed {
      owed += Work.blocks.cost(changed - blocks)
      blocks = changed
    }
    let total = owed
    owed = 0
    return total
  }
}

extension Kernel {
  /// Counts work that the present entry does, so many units of it.
  @inline(__always)
  mutating func charge(_ work: Work, _ count: Int = 1) { account.add(work, count) }
}
