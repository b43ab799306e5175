// What is known of the machine's processes from its events, as far as it says what an operation touched
// and who could not go on: who is whose child and thread, which mutex is whose, who has which pipes.

import Sim

/// Processes, threads and locks, as told by events.
struct MachineView: Sendable {
  private struct Person: Sendable {
    /// Its process's first thread; itself if it is that.
    var leader: ProcessID
    /// The first thread of its parent.
    var parent: ProcessID
    var hasExited = false
    var isKilled = false
    /// Whether pids are other numbers to it than to the machine.
    var isContained = false
    /// Pipes that it may have an end of.
    var pipes: [UInt64] = []
    var hasSockets = false
  }

  private var people: [ProcessID: Person] = [:]
  private var holders: [UInt64: ProcessID] = [:]
  /// Mutexes whose condition variable was used in this run: there it matters who lines up when.
  private var conditioned: Set<UInt64> = []
  /// Whether something happened because of the time that it was, or was told what time it is.
  private(set) var dependsOnTime = false

  init() {}

  /// What was before the search begins is the same in each run.
  mutating func forgetTime() { dependsOnTime = false }

  private func person(_ process: ProcessID) -> Person {
    people[process] ?? Person(leader: process, parent: .none)
  }

  private func family(_ process: ProcessID) -> Thing {
    Thing(.family, MachineView.number(person(process).leader))
  }

  private func life(_ process: ProcessID) -> Thing {
    Thing(.life, MachineView.number(person(process).leader))
  }

  /// The number of waiting for a thread to exit.
  private static let threadCode: Int64 = 17

  private static func number(_ process: ProcessID) -> UInt64 {
    UInt64(UInt32(bitPattern: process.raw))
  }

  func isKilled(_ process: ProcessID) -> Bool { person(process).isKilled }

  // MARK: Before an operation

  /// What any step of a process touches.
  func effect(of process: ProcessID) -> Effect {
    var effect = Effect()
    effect.touch(Thing(.world), changes: false)
    effect.touch(life(process), changes: false)
    return effect
  }

  /// What an operation touches, as far as that is known before it.
  func effect(of operation: VisibleOperation, by process: ProcessID) -> Effect {
    var effect = effect(of: process)
    let call = CallNumber(rawValue: operation.call)
    switch operation.domain {
    case .own: break
    case .memory: effect.touch(Thing(.word, operation.object), changes: operation.changes)
    case .mutex: effect.touch(Thing(.mutex, operation.object), changes: true)
    case .names: effect.touch(Thing(.names), changes: true)
    // Of those who close an end, it makes no difference who is first.
    case .pipe: effect.touch(Thing(.pipe, operation.object), changes: call != .close)
    case .console: effect.touch(Thing(.console), changes: true)
    case .disk: effect.touch(Thing(.disk), changes: operation.changes)
    case .network: effect.touch(Thing(.network), changes: true)
    case .containers: effect.touch(Thing(.world), changes: operation.changes)
    case .unknown: effect.touch(Thing(.world), changes: true)
    case .processes:
      switch call {
      case .fork, .clone: effect.touch(Thing(.numbers), changes: true)
      case .wait: effect.touch(family(process), changes: true)
      case .kill: effect.touch(Thing(.numbers), changes: false)
      // What it touches its events say.
      case .exit, .join: break
      case .processStatus: effect.touch(Thing(.list), changes: true)
      default: effect.touch(Thing(.world), changes: true)
      }
    }
    return effect
  }

  /// Whether a process that would do this next could only begin to wait.
  func isHeldUp(_ process: ProcessID, before operation: VisibleOperation) -> Bool {
    if operation.kind != .call || isKilled(process) { return false }
    switch CallNumber(rawValue: operation.call) {
    case .mutexLock:
      guard let holder = holders[operation.object] else { return false }
      return holder != process && !conditioned.contains(operation.object)
    case .wait:
      let leader = person(process).leader
      let children = people.values.filter { $0.parent == leader && $0.leader != leader }
      return !children.isEmpty && children.allSatisfy { !$0.hasExited }
    case .join:
      let pid = ProcessID(raw: Int32(truncatingIfNeeded: operation.argument))
      guard let thread = people[pid], !thread.isContained, pid != process else { return false }
      return thread.leader == person(process).leader && !thread.hasExited
    default: return false
    }
  }

  /// What somebody does first who was woken; nil if nothing that others can see.
  func effect(ofGoingOnWith wake: Event) -> Effect? {
    let process = wake.process
    var effect = effect(of: process)
    let object = UInt64(bitPattern: wake[WakeEvent.object])
    switch wake[WakeEvent.reason] {
    case 1: effect.touch(family(process), changes: true)
    case 3: effect.touch(Thing(.console), changes: true)
    case 4, WaitReason.pipeToDrainCode: effect.touch(Thing(.pipe, object), changes: true)
    case 11...16: effect.touch(Thing(.network), changes: true)
    case MachineView.threadCode: effect.touch(Thing(.thread, object), changes: true)
    default: return isKilled(process) ? effect : nil
    }
    return effect
  }

  // MARK: After it

  /// Takes an event into account, and adds to the effect of what came to it.
  mutating func see(_ event: Event, _ effect: inout Effect) {
    let process = event.process
    switch event.kind {
    case .call, .callReturn:
      if event[call: CallEvent.number] == .uptime { dependsOnTime = true }
    case .wake:
      if event[WakeEvent.waker] == .none { dependsOnTime = true }
    case .block:
      if event[BlockEvent.reason] == MachineView.threadCode {
        effect.touch(Thing(.thread, UInt64(bitPattern: event[BlockEvent.object])), changes: true)
      }
    case .fork: seeFork(event, &effect)
    case .exit: seeExit(process, &effect)
    case .reap:
      let child = event[ReapEvent.child]
      effect.touch(Thing(.numbers), changes: true)
      let isThread = person(child).leader != child
      let thing = isThread ? Thing(.thread, MachineView.number(child)) : family(process)
      effect.touch(thing, changes: true)
      if isThread { effect.follows = thing }
      people[child] = nil
    case .adopt:
      let (from, to) = (event[AdoptEvent.from], event[AdoptEvent.to])
      effect.touch(family(from), changes: true)
      effect.touch(family(to), changes: true)
      change(process) { $0.parent = to }
    case .kill:
      let target = event[KillEvent.target]
      effect.touch(life(target), changes: true)
      for (pid, person) in people where person.leader == target { people[pid]?.isKilled = true }
      change(target) { $0.isKilled = true }
    case .exec:
      effect.touch(life(process), changes: true)
      effect.touch(Thing(.names), changes: false)
    case .shmCreate, .shmFree, .lockCreate: effect.touch(Thing(.names), changes: true)
    case .lockAcquire, .lockContend, .lockHandOver, .lockRelease, .lockDelete, .lockAbandon,
      .cvWait, .cvSignal, .cvLatch, .cvWake:
      seeLock(event, &effect)
    case .pipe:
      let pipe = UInt64(bitPattern: event[PipeEvent.pipe])
      change(person(process).leader) { $0.pipes.append(pipe) }
    case .output: effect.touch(Thing(.console), changes: true)
    case .socketOpen, .socketBind, .socketListen, .socketConnect, .socketAccept, .socketRefuse,
      .socketSend, .socketReceive, .socketDrop, .socketShutDown, .socketClose:
      effect.touch(Thing(.network), changes: true)
      if process != .none { change(person(process).leader) { $0.hasSockets = true } }
    case .containerCreate, .containerEnter, .containerRoot, .containerBudget, .containerEnd,
      .containerAddress, .mount, .unmount, .priority, .processBudget, .groupMake, .groupRemove,
      .groupEnter, .groupLimit, .throttle, .unthrottle, .refuse:
      effect.touch(Thing(.world), changes: true)
    default: break
    }
  }

  private mutating func change(_ process: ProcessID, _ body: (inout Person) -> Void) {
    var person = person(process)
    body(&person)
    people[process] = person
  }

  private mutating func seeFork(_ event: Event, _ effect: inout Effect) {
    let child = event[ForkEvent.child]
    let leader = event[ForkEvent.leader]
    let parent = person(event.process)
    var person = Person(leader: leader == .none ? child : leader, parent: parent.leader)
    if leader == .none {
      person.pipes = people[parent.leader]?.pipes ?? []
      person.hasSockets = people[parent.leader]?.hasSockets ?? false
    }
    person.isContained = event[ForkEvent.number].raw != 0
    people[child] = person
    effect.touch(Thing(.numbers), changes: true)
    effect.touch(Thing(.list), changes: false)
    // One child's exit and another one's beginning leave the same, whichever was first.
    if leader == .none { effect.touch(family(event.process), changes: false) }
    effect.wakes.append(child)
  }

  private mutating func seeExit(_ process: ProcessID, _ effect: inout Effect) {
    change(process) { $0.hasExited = true }
    let person = person(process)
    effect.touch(Thing(.list), changes: false)
    guard person.leader == process else {
      effect.touch(Thing(.thread, MachineView.number(process)), changes: true)
      return
    }
    // Children who exit one after the other leave the same, whoever was first.
    effect.touch(Thing(.family, MachineView.number(person.parent)), changes: false)
    effect.touch(family(process), changes: true)
    effect.touch(life(process), changes: true)
    effect.touch(Thing(.names), changes: false)
    for pipe in person.pipes { effect.touch(Thing(.pipe, pipe), changes: false) }
    if person.hasSockets { effect.touch(Thing(.network), changes: true) }
  }

  private mutating func seeLock(_ event: Event, _ effect: inout Effect) {
    let mutex = UInt64(bitPattern: event[LockEvent.mutex])
    let thing = Thing(.mutex, mutex)
    let holder = event[LockEvent.holder]
    effect.touch(thing, changes: true)
    holders[mutex] = holder == .none ? nil : holder
    switch event.kind {
    case .lockAcquire, .lockContend:
      // Who is sent back to line up by a signal does nothing itself.
      if isByCall(event, .mutexLock) {
        if event.kind == .lockAcquire { effect.takes = thing } else { effect.wants = thing }
        effect.linesUp = conditioned.contains(mutex)
      }
    case .lockRelease, .lockAbandon: effect.gives.append(thing)
    // Who has it now did not take it.
    case .lockHandOver: effect.gives.removeAll { $0 == thing }
    case .lockDelete: effect.touch(Thing(.names), changes: true)
    case .cvWait, .cvSignal, .cvLatch, .cvWake: conditioned.insert(mutex)
    default: break
    }
  }

  private func isByCall(_ event: Event, _ call: CallNumber) -> Bool {
    event[LockEvent.call] == Int64(call.rawValue)
  }
}
