// What an operation touched, once it is known: two operations are dependent if both touched one thing and
// one of them changed it. An operation can touch several things; an exit touches all that it gives back.

import Sim

/// Something that operations touch.
struct Thing: Hashable, Sendable {
  enum Domain: UInt8, Sendable {
    /// A word of memory.
    case word
    case mutex, pipe, console, disk, network
    /// What is found by name.
    case names
    /// The numbers of processes and threads, and their slots.
    case numbers
    /// The children of a process, and whether they have exited.
    case family
    /// Whether a thread has exited.
    case thread
    /// Whether a process goes on: whoever kills it changes that, and all that it does depends on it.
    case life
    /// What the list of processes shows.
    case list
    /// All there is: for operations of which nothing is known.
    case world
  }

  var domain: Domain
  var object: UInt64

  init(_ domain: Domain, _ object: UInt64 = 0) {
    self.domain = domain
    self.object = object
  }
}

/// A thing that an operation touched.
struct Touch: Hashable, Sendable {
  var thing: Thing
  var changes: Bool

  init(_ thing: Thing, changes: Bool) {
    self.thing = thing
    self.changes = changes
  }
}

/// What an operation came to.
struct Effect: Equatable, Sendable {
  /// Each thing once.
  private(set) var touches: [Touch] = []
  /// Who could not go on before it, and can now.
  var wakes: [ProcessID] = []
  /// A lock that it took.
  var takes: Thing?
  /// A lock that it began to wait for.
  var wants: Thing?
  /// Whether it makes a difference who begins to wait for that lock when. Where it does not, nobody does so who
  /// can do anything else.
  var linesUp = false
  /// Something that cannot be before it was changed as it was.
  var follows: Thing?
  /// Locks that it gave back.
  var gives: [Thing] = []

  init() {}

  mutating func touch(_ thing: Thing, changes: Bool) {
    if let place = touches.firstIndex(where: { $0.thing == thing }) {
      if changes { touches[place].changes = true }
    } else {
      touches.append(Touch(thing, changes: changes))
    }
  }

  /// Whether it makes a difference which of the two comes first.
  func depends(on other: Effect) -> Bool {
    touches.contains { mine in
      other.touches.contains { $0.thing == mine.thing && ($0.changes || mine.changes) }
    }
  }
}
