// Who there is, as the events told it: the checker's own record of the processes, so that what the
// kernel says of them now can be held against what has been said before.

import Sim

/// A place in a queue of a mutex.
struct QueuedPlace: Sendable {
  var mutex: Int
  /// Whether it waits for the condition and not for the mutex.
  var sleeps: Bool
  /// Rises with every place that is taken, in whatever queue.
  var arrival: Int64
}

/// A process as the events have described it.
struct Member: Sendable {
  var container: Int32
  /// The one that the container has given it; none outside any.
  var number = GuestPID.none
  /// Of a thread that is not the first of its process, that one; otherwise 0.
  var leader: Int32 = 0
  /// Of such a thread, the first one too.
  var parent: Int32
  /// In the order in which they came to be its children, its threads among them.
  var children: [Int32] = []
  /// The one in force, and what prio_set gave it: it may inherit a higher one.
  var priority: Int
  var own: Int
  /// What was left of its slice when it was last preempted; nil when its next one is whole.
  var sliceLeft: UInt64?
  /// Limits that it counts in, as places in `BudgetInvariant.limits`.
  var limits: [Int] = []
  var root: Location
  var workingDirectory: Location
  /// Where it waits for a mutex or its condition; nil if it does not.
  var queued: QueuedPlace?
  /// How many mutexes it holds.
  var heldMutexes = 0
  var hasExited = false
}

/// The processes that there are, zombies included, by pid. Looked up, never gone through.
struct Population: Sendable {
  private var members = KeyedList<Member>()

  init() {
    members[ProcessID.initial.raw] = Member(
      container: 0, parent: 0, priority: 0, own: 0, root: .machineRoot,
      workingDirectory: .machineRoot)
  }

  subscript(_ pid: Int32) -> Member? {
    get { members[pid] }
    set { members[pid] = newValue }
  }

  subscript(_ pid: ProcessID) -> Member? { members[pid.raw] }

  mutating func fork(_ event: Event) {
    guard let maker = members[event.process.raw] else { return }
    let child = event[ForkEvent.child].raw
    let parent = process(of: event.process.raw)
    members[parent]?.children.append(child)
    members[child] = Member(
      container: maker.container, number: event[ForkEvent.number],
      leader: event[ForkEvent.leader].raw, parent: parent, priority: maker.own, own: maker.own,
      limits: maker.limits, root: maker.root, workingDirectory: maker.workingDirectory)
  }

  /// The first thread of the process that a thread is of.
  func process(of pid: Int32) -> Int32 {
    guard let leader = members[pid]?.leader, leader != 0 else { return pid }
    return leader
  }

  /// A thread has changed where the paths of its process start.
  mutating func changeBase(of pid: Int32, root: Location, workingDirectory: Location) {
    let leader = process(of: pid)
    for thread in [leader] + (members[leader]?.children ?? [])
    where thread == leader || members[thread]?.leader == leader {
      members[thread]?.root = root
      members[thread]?.workingDirectory = workingDirectory
    }
  }

  mutating func exit(_ event: Event) { members[event.process.raw]?.hasExited = true }

  mutating func reap(_ event: Event) {
    let child = event[ReapEvent.child].raw
    leaveParent(child)
    members[child] = nil
  }

  mutating func adopt(_ event: Event) {
    let foster = event[AdoptEvent.to].raw
    leaveParent(event.process.raw)
    members[event.process.raw]?.parent = foster
    members[foster]?.children.append(event.process.raw)
  }

  private mutating func leaveParent(_ child: Int32) {
    guard let parent = members[child]?.parent,
      let place = members[parent]?.children.firstIndex(of: child)
    else { return }
    members[parent]?.children.remove(at: place)
  }

  mutating func enter(_ event: Event) {
    members[event.process.raw]?.number = event[ContainerEnterEvent.number]
    members[event.process.raw]?.container = event[ContainerEnterEvent.cid].raw
  }

  /// A process and all that are below it.
  func descendants(of pid: Int32) -> [Int32] {
    guard members[pid] != nil else { return [] }
    var found = [process(of: pid)]
    var next = 0
    // On a kernel with a mistake in it, lines of parents may go round.
    while next < found.count, found.count <= members.count {
      found += members[found[next]]?.children ?? []
      next += 1
    }
    return found
  }

  /// Whether `pid` is `ancestor` itself or below it.
  func isDescendant(_ pid: Int32, of ancestor: Int32) -> Bool {
    let ancestor = process(of: ancestor)
    var here = process(of: pid)
    // No chain of parents is longer than there are processes.
    for _ in 0...members.count {
      if here == ancestor { return true }
      guard let member = members[here], member.parent != 0 else { return false }
      here = member.parent
    }
    return false
  }
}
