// Looks at the machine after every step: at what the step's events say has changed at once, and at
// everything from scratch every so many events and at the end. The first kind of look is what names
// the event at which something went wrong; the second finds damage without an event.

import Sim

/// Checks a machine against the invariants while it runs, from its first step on.
public struct InvariantChecker: Sendable {
  public let invariants: [Invariant]
  private var findings: Findings
  private var population = Population()
  private var root = RootInvariant()
  private var budget = BudgetInvariant()
  private var memory = MemoryInvariant()
  private var names = NamesInvariant()
  private var pids = PidsInvariant()
  private var signals = SignalsInvariant()
  private var locks = LocksInvariant()
  private var schedule = ScheduleInvariant()
  private var policy = PolicyInvariant()
  private var inheritance = InheritanceInvariant()
  private var console = ConsoleInvariant()
  private var accounting = AccountingInvariant()
  private var mounts = MountInvariant()
  private var groups = GroupsInvariant()
  private var limits = LimitsInvariant()
  private let reserve = ReserveInvariant()
  private var groupTime = GroupTimeInvariant()
  private var network = NetworkInvariant()
  private var threads = ThreadsInvariant()
  /// Events up to the next audit.
  private var untilAudit = 0
  private var looks = LookAllowance()

  /// Events between two audits, on a machine of the usual size.
  private static let auditEvents = 8192

  public init(_ invariants: [Invariant] = Invariant.allCases) {
    self.invariants = invariants
    findings = Findings(invariants)
    untilAudit = InvariantChecker.auditEvents
  }

  /// What did not hold so far; the first of each family.
  public var violations: [Violation] { findings.violations }
  /// How many events have been looked at.
  public var eventCount: Int64 { findings.sequence }

  /// Looks at the machine after a step.
  ///
  /// - Parameter events: what the step emitted.
  public mutating func check(_ events: [Event], in machine: borrowing Simulation) {
    if let new = memory.seePages(in: machine, &findings) {
      limits.see(new, in: machine, &findings)
    }
    if !events.isEmpty { look(at: events, in: machine) }
    if findings.lacksContainers { findings.fillContainers(from: population) }
  }

  private mutating func look(at events: [Event], in machine: borrowing Simulation) {
    for event in events { look(at: event, in: machine) }
    locks.seeStep(&findings)
    schedule.seeStep(in: machine, &findings)
    inheritance.seeStep(population, in: machine, &looks, &findings)
    accounting.seeStep(in: machine, &findings)
    groups.seeStep(in: machine, &findings)
    limits.seeStep(in: machine, &findings)
    network.seeStep(in: machine, &findings)
    threads.seeStep(in: machine, &findings)
    untilAudit -= events.count
    looks.earn(events.count)
    if untilAudit <= 0 { audit(machine) }
  }

  /// Looks at everything once more when the session is over.
  public mutating func finish(in machine: borrowing Simulation) {
    audit(machine)
    findings.fillContainers(from: population)
  }

  private mutating func look(at event: Event, in machine: borrowing Simulation) {
    findings.sequence += 1
    findings.event = event
    if event.container != .outside { reserve.see(event, in: machine, &findings) }
    switch event.kind {
    case .call, .callReturn:
      limits.seeCall(event, in: machine, &findings)
      look(atCall: event, in: machine)
    case .pipe: limits.see(in: machine, &findings)
    case .transfer: limits.seeTransfer(event, in: machine, &findings)
    case .fault: limits.seeCall(event, in: machine, &findings)
    case .tick, .end: limits.hasTicked = true
    case .groupUse: limits.seeUse(event, in: machine, &findings)
    case .message: mounts.seeMessage()
    case .input, .output, .digest, .boot, .deadlock: break
    case .close: limits.see(in: machine, &findings)
    case .dispatch:
      schedule.seeDispatch(event, &population, in: machine, &findings)
      groups.seeDispatch(event, in: machine, &findings)
    case .wake:
      schedule.hasChanged = true
      inheritance.hasChanged = true
      locks.seeWake(event, &population, in: machine, &findings)
      threads.seeWake(event, population)
    case .block:
      console.seeBlock(event, &findings)
      threads.seeBlock(event, in: machine, &findings)
    case .yield: schedule.seeYield(event, &population)
    case .idle: schedule.hasChanged = true
    case .priority:
      signals.seePriority(event, population, &findings)
      pids.seePriority(event)
      locks.seePriority(event, event[PriorityEvent.new], population)
      schedule.seePriority(event, &population, &findings)
      inheritance.hasChanged = true
    case .inherit:
      locks.seePriority(event, event[InheritEvent.new], population)
      schedule.seeInheritance(event, &population, &findings)
      inheritance.hasChanged = true
    case .shmCreate, .shmMap, .shmInherit, .shmUnmap, .shmFree:
      if event.kind == .shmCreate { limits.seeSharedPages(in: machine, &findings) }
      if event.kind == .shmFree {
        limits.see(in: machine, &findings)
        threads.seePageFreed(event)
      }
      names.seePage(event, in: machine, &findings)
      memory.seePage(event, in: machine, &looks, &findings)
    case .shmExhausted, .shmAccess: break
    case .lockCreate, .lockAcquire, .lockContend, .lockHandOver, .lockRelease, .lockDelete,
      .lockAbandon, .cvWait, .cvSignal, .cvLatch, .cvWake:
      if event.kind == .lockCreate || event.kind == .lockDelete {
        limits.see(in: machine, &findings)
      }
      names.seeLock(event, in: machine, &findings)
      locks.see(event, &population, in: machine, &findings)
      inheritance.hasChanged = true
    case .fork:
      population.fork(event)
      pids.seeFork(event, &findings)
      budget.seeFork(event, &population, in: machine, &findings)
      memory.seeFork(event, in: machine, &findings)
      root.seeFork(event, population, in: machine, &findings)
      groups.seeFork(event, in: machine, &findings)
      limits.see(in: machine, &findings)
      schedule.hasChanged = true
    case .open:
      pids.seeOpen(event, population, in: machine, &findings)
      limits.see(in: machine, &findings)
    case .exec:
      budget.seeUnchanged(event, in: machine, &findings)
      memory.seeExec(event, in: machine, &findings)
      limits.seeExec(event, in: machine, &findings)
      threads.seeEnd(event, population, &findings)
    case .exit:
      locks.seeExit(event, &population, &findings)
      population.exit(event)
      threads.seeEnd(event, population, &findings)
      groups.seeExit(event)
      limits.see(in: machine, &findings)
      budget.seeUnchanged(event, in: machine, &findings)
      accounting.hasEnded = true
    case .reap:
      signals.seeReap(event, population, &findings)
      pids.seeReap(event, population)
      threads.seeReap(event, population)
      budget.seeReap(event, &population, in: machine, &looks, &findings)
      population.reap(event)
      limits.see(in: machine, &findings)
    case .adopt:
      signals.seeAdoption(event, population, &findings)
      population.adopt(event)
    case .kill:
      signals.seeKill(event, population, in: machine, &findings)
      pids.seeKill(event)
    case .foreignCall: break
    case .groupRemove:
      groups.seeRemoval(event)
      limits.seeRemoval(event)
    case .throttle, .unthrottle: groups.seeThrottling(event)
    case .refuse:
      budget.seeRefusal(in: machine, &looks, &findings)
      limits.see(in: machine, &findings)
    case .containerEnter:
      population.enter(event)
      names.seeEntering(event, in: machine, &findings)
      pids.seeEntering(event, &findings)
    case .groupMake:
      budget.seeGroup(event)
      groups.seeMaking(event, &findings)
      limits.seeMaking(event)
    case .groupEnter:
      budget.seeEntering(event, &population, in: machine, &looks, &findings)
      groups.seeEntering(event, in: machine, &findings)
    case .groupLimit:
      budget.seeGroupLimit(event, in: machine, &looks, &findings)
      groups.seeLimit(event, in: machine, &findings)
      limits.seeLimit(event, in: machine)
    case .processBudget, .containerBudget:
      budget.seeLimit(event, &population, in: machine, &looks, &findings)
    case .containerCreate:
      signals.seeCreation(event)
      pids.seeCreation(event)
      mounts.seeContainer(event)
    case .containerRoot, .containerAddress: break
    case .containerEnd:
      signals.seeEnd(event)
      pids.seeEnd(event)
      mounts.seeContainerEnd(event)
      groups.seeEnd(event, in: machine, &findings)
      accounting.seeContainerEnd(event, in: machine, &looks, &findings)
    case .mount: mounts.seeMount(event, in: machine, &findings)
    case .unmount: mounts.seeUnmount(event, in: machine, &findings)
    case .copyUp: mounts.seeCopyUp(event, in: machine, &findings)
    case .whiteout: break
    case .resolve:
      root.seeResolve(event, population, in: machine, &findings)
      mounts.seeResolve(event, in: machine)
    case .device: console.seeDevice(event, &findings)
    case .socketOpen, .socketBind, .socketListen, .socketConnect, .socketAccept, .socketRefuse,
      .socketSend, .socketReceive, .socketDrop, .socketShutDown, .socketClose, .hostOpen,
      .hostOutput:
      if event.kind == .socketOpen { limits.see(in: machine, &findings) }
      if event.kind == .socketSend { limits.seeSend(event, in: machine, &findings) }
      network.see(event, in: machine, &findings)
    }
    groupTime.see(event, population, in: machine, &findings)
    if !machine.kernel.scheduler.isStrict {
      policy.see(event, population, in: machine, &findings)
    }
  }

  private mutating func look(atCall event: Event, in machine: borrowing Simulation) {
    guard let call = event[call: CallEvent.number] else { return }
    if event[CallEvent.why] != 0 {
      mounts.seeFailure(event, call, in: machine)
      // A call that failed must have taken nothing.
      switch call {
      case .fork, .clone: budget.seeRefusal(in: machine, &looks, &findings)
      case .pipe, .exec: accounting.hasEnded = true
      default: break
      }
      return
    }
    mounts.seeCall(event, call, in: machine, &findings)
    switch call {
    case .read, .mknod: console.seeCall(event, call, in: machine, &findings)
    case .write:
      console.seeCall(event, call, in: machine, &findings)
      limits.seeDisk(in: machine, &looks, &findings)
    case .chdir, .setroot, .containerSetRoot, .containerJoin:
      root.seeChange(event, call, &population, in: machine, &looks, &findings)
    case .unlink:
      accounting.hasEnded = true
      limits.see(in: machine, &findings)
      limits.seeDisk(in: machine, &looks, &findings)
    case .mkdir, .link: limits.seeDisk(in: machine, &looks, &findings)
    case .sbrk:
      memory.seeGrowth(event, in: machine, &findings)
      limits.see(in: machine, &findings)
    case .mutexCreate: names.seeMember(event.process, in: machine, &findings)
    case .processStatus:
      names.seeList(event, in: machine, &findings)
      pids.seeCall(event, call, population, in: machine, &findings)
    case .containerInfo:
      names.seeDescription(event, &findings)
      pids.seeCall(event, call, population, in: machine, &findings)
    case .join, .futex, .close, .mutexDelete:
      threads.seeCall(event, call, population, in: machine, &findings)
    case .fork, .wait, .kill, .getpid, .prioritySet, .priorityGet, .clone, .gettid:
      pids.seeCall(event, call, population, in: machine, &findings)
    case .exit, .pipe, .exec, .fstat, .dup, .sleep, .uptime, .open,
      .maxproc, .containerMaxProc, .containerCreateAndEnter, .getcid,
      .sharedPageGet, .sharedPageRemove, .mutexLock, .mutexUnlock, .conditionWait,
      .conditionSignal, .mount, .unmount, .socket, .bind, .listen, .accept, .connect, .sendTo,
      .receiveFrom, .shutDown, .socketName, .peerName, .poll, .containerNetwork:
      break
    }
  }

  private mutating func audit(_ machine: borrowing Simulation) {
    // What an audit costs grows with the machine; how often there is one shrinks with it.
    let size = machine.kernel.processes.slotCount * 16 + machine.kernel.memory.frameCount / 8
    untilAudit = max(InvariantChecker.auditEvents, size)
    root.audit(population, in: machine, &findings)
    budget.audit(in: machine, &findings)
    memory.audit(in: machine, &findings)
    names.audit(in: machine, &findings)
    pids.audit(population, in: machine, &findings)
    locks.audit(in: machine, &findings)
    schedule.audit(population, in: machine, &findings)
    inheritance.audit(population, in: machine, &findings)
    accounting.audit(in: machine, &findings)
    mounts.audit(in: machine, &findings)
    groups.audit(in: machine, &findings)
    limits.audit(in: machine, &findings)
    groupTime.audit(in: machine, &findings)
    network.audit(in: machine, &findings)
    threads.audit(in: machine, &findings)
  }
}
