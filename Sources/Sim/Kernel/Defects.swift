// Mistakes that student kernels really made, each to be switched on by name. The kernel asks
// `defects.contains(…)` at the one place where the mistake is made; with none switched on that is
// the test of a bit. They exist so that every invariant has been seen to fail.

/// A mistake that the kernel can be told to make. The raw values are places in a set of bits.
public enum Defect: UInt8, CaseIterable, Sendable {
  // root
  case dotDotLiteral, dotDotMachine, slashIsWorkingDirectory, workingDirectoryOutside
  case setrootOfParent, openDirectoryKept, joinKeepsRoot
  // budget
  case checkThenTake, forkFailureKeepsSlot, initReapLeaksSlot, limitUnchecked, limitOffByOne
  case zombiesUncounted, execResetsBudget, joinUncounted
  // signals
  case killAcross, killLeavesAsleep, orphansToInit, priorityOfAnyone
  // memory
  case pageNotZeroed, mappersMiscounted, heapNotZeroed, forkLeavesWritable, writeWithoutCopy
  case staleMapping, callWritesShared, imageNotZeroed
  // names
  case nameAcross, handleAcross, handlesKeptOnEntering, listAcross, infoAcross
  // pids
  case pidAcross, pidGivenAgain, forkGivesMachinePID, procListsAll
  // locks
  case unlockByAnyone, deadHolder, lostWakeup, signalWakesNobody, lockNotAtomic
  case waitWithoutSignal, waitKeepsMutex
  // schedule
  case priorityDecays, priorityAboveOwn, lowestFirst, noPreemption, restOfTick
  case inheritanceKept, chainNotFollowed, lenderGoneCounts, forkInherits
  // console
  case consoleDescriptor, deviceOpens
  // accounting
  case pipeFailureKeepsFiles, execFailureKeepsPages, exitKeepsPages, unlinkKeepsInode
  case exitKeepsDirectory, containerOutlivesInit
  // mounts
  case lowerWritten, whiteoutForgotten, opaqueIgnored, namesParted, mountAcross
  case dotDotOfMount
  // groups
  case groupsInSight, ownLimitWritable, freezeForgotten
  case freezeOwnOnly, childInRoot, moveKeepsCount, groupsOutlive
  // policies
  case fifoNewestFirst, fifoSlices, boostForgotten, allotmentRenewed, ticketsEqual, ticketsStale
  case strideEqual, passKeptAsleep, eligibilityIgnored, virtualTimeKept
  // limits of groups
  case closerRepaid, refusedPipeCounts, groupLimitUnchecked
  case lastUserRepaid, refusedForkCounts, sharedPageUncounted, copyUncounted
  case writerPays, unnamedFileFree, copyUpFree, tablesFree
  case dataWaitForgotten, dataOwnOnly
  case reserveForgotten
  // time of groups
  case quotaForgotten, quotaPerHart, debtForgotten, weightIgnored, timeSavedUp
  // use of groups, as it is told
  case fallUntold
  // network
  case portsShared, sourceForged, loopbackAcross, fullWindowLosesByte, endDropsTail
  case backlogCountsClosed, crashKeepsPort, queueHeld, echoForged, publishedOutside
  // threads
  case joinEarly, futexBlind, futexAcross, futexNewestFirst, execKeepsThreads
  case closeLeavesWaiting, threadUncounted

  /// As `--defect` and traces spell it.
  public var name: String { words.name }
  /// What the kernel does wrong, in a sentence.
  public var sentence: String { words.sentence }

  /// The defect of this name.
  public init?(name: String) {
    guard let found = Defect.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  private var words: (name: String, sentence: String) {
    switch self {
    case .dotDotLiteral:
      ("dotdot-literal", "Only the path .. itself stops at a root; ./.. and a/../.. go on.")
    case .dotDotMachine:
      ("dotdot-machine", "Only the machine's root stops .., a process's own does not.")
    case .slashIsWorkingDirectory:
      ("slash-is-cwd", "A path from / starts in the working directory.")
    case .workingDirectoryOutside:
      ("cwd-outside", "setroot leaves the working directory where it was.")
    case .setrootOfParent:
      ("setroot-parent", "setroot changes the parent's root as well.")
    case .openDirectoryKept:
      ("directory-kept", "A new root leaves the descriptors of directories outside it open.")
    case .joinKeepsRoot:
      ("join-keeps-root", "cm_join leaves the process in the root that it had.")
    case .checkThenTake:
      ("check-then-take", "fork checks for room, lets other processes run, then takes the slot.")
    case .forkFailureKeepsSlot:
      ("fork-keeps-slot", "A fork that fails for memory does not give its slot back.")
    case .initReapLeaksSlot:
      ("orphan-keeps-slot", "An orphan that init reaps keeps its slot in the budget.")
    case .limitUnchecked:
      ("limit-unchecked", "maxproc stores the limit and fork does not check it.")
    case .limitOffByOne:
      ("limit-off-by-one", "fork allows one process more than the limit.")
    case .zombiesUncounted:
      ("zombies-uncounted", "A process counts in its budget up to its exit, not to its reaping.")
    case .execResetsBudget:
      ("exec-resets-budget", "exec takes the process out of its budget.")
    case .joinUncounted:
      ("join-uncounted", "cm_join takes no slot in the container's budget.")
    case .killAcross:
      ("kill-across", "kill does not check the container of its target.")
    case .killLeavesAsleep:
      ("kill-leaves-asleep", "kill marks its target and leaves it asleep if it sleeps.")
    case .orphansToInit:
      ("orphans-to-init", "Orphans in a container are adopted by the machine's init.")
    case .priorityOfAnyone:
      ("priority-of-anyone", "prio_set works on every process of the machine.")
    case .pageNotZeroed:
      ("page-not-zeroed", "A shared page begins with what its frame held before.")
    case .mappersMiscounted:
      ("mappers-miscounted", "fork does not count the child as a mapper of shared pages.")
    case .heapNotZeroed:
      ("heap-not-zeroed", "sbrk hands out pages with what their frames held before.")
    case .forkLeavesWritable:
      ("fork-leaves-writable", "fork lets parent and child write the same pages.")
    case .writeWithoutCopy:
      ("write-without-copy", "The first store to a page shared by fork does not copy it.")
    case .staleMapping:
      ("stale-mapping", "shm_rem leaves the page in the page table.")
    case .callWritesShared:
      ("call-writes-shared", "A call that stores to a page shared by fork does not copy it.")
    case .imageNotZeroed:
      ("image-not-zeroed", "exec hands out pages with what their frames held before.")
    case .nameAcross:
      ("name-across", "Names of pages and mutexes are looked up over all containers.")
    case .handleAcross:
      ("handle-across", "A handle that is not the caller's is taken for another's mutex.")
    case .handlesKeptOnEntering:
      (
        "handles-kept",
        "A process that enters a container keeps its shared pages and mutexes from outside."
      )
    case .listAcross:
      ("list-across", "ps lists the processes of all containers.")
    case .infoAcross:
      ("info-across", "cm_info describes any container, from inside one as well.")
    case .pidAcross:
      (
        "pid-across",
        "A pid that no process of the container has is looked up in the whole machine."
      )
    case .pidGivenAgain:
      ("pid-given-again", "A container reuses the number of a process that has been reaped.")
    case .forkGivesMachinePID:
      ("fork-gives-machine-pid", "fork in a container gives the child's machine-wide pid.")
    case .procListsAll:
      ("proc-lists-all", "/proc shows a reader in a container every process of the machine.")
    case .unlockByAnyone:
      ("unlock-by-anyone", "mutex_unlock does not check the holder.")
    case .deadHolder:
      ("dead-holder", "A process that is killed or crashes keeps its mutexes.")
    case .lostWakeup:
      ("lost-wakeup", "cv_wait lets others run between its unlock and its sleep.")
    case .signalWakesNobody:
      ("signal-wakes-nobody", "cv_signal wakes no process, although one waits.")
    case .lockNotAtomic:
      ("lock-not-atomic", "mutex_lock gives the mutex to every caller, held or not.")
    case .waitWithoutSignal:
      ("wait-without-signal", "cv_wait returns without a signal.")
    case .waitKeepsMutex:
      ("wait-keeps-mutex", "cv_wait with a kept signal does not release the mutex.")
    case .priorityDecays:
      ("priority-decays", "The scheduler takes a process down a priority after each full turn.")
    case .priorityAboveOwn:
      ("priority-above-own", "prio_set gives more than the caller's own priority.")
    case .lowestFirst:
      ("lowest-first", "The scheduler takes the waiting process of the lowest priority.")
    case .noPreemption:
      ("no-preemption", "A process that wakes waits for the tick, whatever its priority.")
    case .restOfTick:
      ("rest-of-tick", "A process has a hart until the next tick, not for a slice of its own.")
    case .inheritanceKept:
      ("inheritance-kept", "A process keeps an inherited priority when it unlocks the mutex.")
    case .chainNotFollowed:
      ("chain-not-followed", "An inherited priority is not handed on to who the heir waits for.")
    case .lenderGoneCounts:
      ("lender-gone-counts", "A process that is killed while it waits still lends its priority.")
    case .forkInherits:
      ("fork-inherits", "A child begins with the priority that its parent inherits.")
    case .consoleDescriptor:
      ("console-descriptor", "A console descriptor from before works inside a container.")
    case .deviceOpens:
      ("device-opens", "A process in a container can open a device node.")
    case .pipeFailureKeepsFiles:
      ("pipe-keeps-files", "A pipe call that fails leaves its two open files behind.")
    case .execFailureKeepsPages:
      ("exec-keeps-pages", "An exec that fails leaves the pages it had loaded behind.")
    case .exitKeepsPages:
      ("exit-keeps-pages", "exit does not release the address space.")
    case .unlinkKeepsInode:
      ("unlink-keeps-inode", "unlink does not release the inode.")
    case .exitKeepsDirectory:
      ("exit-keeps-directory", "exit does not release the working directory.")
    case .containerOutlivesInit:
      ("container-outlives-init", "The processes of a container live on when its init ends.")
    case .lowerWritten:
      ("lower-written", "A union writes a file of a lower layer where it is.")
    case .whiteoutForgotten:
      ("whiteout-forgotten", "A union does not hide what was removed and a lower layer has.")
    case .opaqueIgnored:
      ("opaque-ignored", "A directory made where one was removed shows what that one had.")
    case .namesParted:
      ("names-parted", "A file that is copied up keeps one of its names alone.")
    case .mountAcross:
      ("mount-across", "What a container mounts is mounted outside as well.")
    case .groupsInSight:
      ("groups-in-sight", "A container sees and changes the groups of everybody.")
    case .ownLimitWritable:
      ("own-limit-writable", "A container can write the limits of its own group.")
    case .freezeForgotten:
      ("freeze-forgotten", "Processes of a group that is frozen run on until they next wait.")
    case .freezeOwnOnly:
      ("freeze-own-only", "Freezing a group does not freeze those below it.")
    case .childInRoot:
      ("child-in-root", "A forked child starts in the root of the groups.")
    case .moveKeepsCount:
      ("move-keeps-count", "A process that is moved counts on in the group that it left.")
    case .groupsOutlive:
      ("groups-outlive", "The groups of a container stay when it ends.")
    case .closerRepaid:
      ("closer-repaid", "A closed file no longer counts in the group of whoever closes it.")
    case .refusedPipeCounts:
      ("refused-pipe-counts", "A pipe that there was no open file for counts in its group.")
    case .groupLimitUnchecked:
      ("group-limit-unchecked", "A group's limits of a resource are set, and not looked at.")
    case .lastUserRepaid:
      ("last-user-repaid", "A free frame is given back to the group of whoever used it last.")
    case .refusedForkCounts:
      ("refused-fork-counts", "A fork that a group's memory refuses counts as kept by the kernel.")
    case .sharedPageUncounted:
      ("shared-page-uncounted", "A shared page does not count as memory of its group.")
    case .copyUncounted:
      ("copy-uncounted", "The copy of a page that was shared by fork counts in no group.")
    case .writerPays:
      ("writer-pays", "A block counts in the group of whoever writes it, not with its file.")
    case .unnamedFileFree:
      ("unnamed-file-free", "A file counts up to its last name's removal, open or not.")
    case .copyUpFree:
      ("copy-up-free", "What a union copies into its upper layer counts nowhere.")
    case .dataWaitForgotten:
      ("io-wait-forgotten", "Nobody waits who has moved as much file data as its group may.")
    case .dataOwnOnly:
      ("io-own-only", "A limit of file data does not hold for the groups below.")
    case .tablesFree:
      ("tables-free", "A file's blocks of block numbers count nowhere.")
    case .reserveForgotten:
      ("reserve-forgotten", "Containers can take what is kept for processes outside them.")
    case .quotaForgotten:
      ("quota-forgotten", "A group's quota is told of, and nobody is held to it.")
    case .quotaPerHart:
      ("quota-per-hart", "Each hart gives a group all that is left of its quota.")
    case .debtForgotten:
      ("debt-forgotten", "What a group used beyond its quota is forgotten with the period.")
    case .weightIgnored:
      ("weight-ignored", "A group's weight is set, and harts are shared out as before.")
    case .timeSavedUp:
      ("time-saved-up", "A group that did not want to run has the time of a hart later.")
    case .fallUntold:
      ("fall-untold", "What a group gives back is not told until it takes something again.")
    case .portsShared:
      ("ports-shared", "All containers share one space of ports.")
    case .sourceForged:
      ("source-forged", "bind takes any address, and what is sent comes from there.")
    case .loopbackAcross:
      ("loopback-across", "A port that nobody has on lo is looked up outside the container.")
    case .fullWindowLosesByte:
      ("full-window-loses-byte", "The byte that fills a connection's window is lost.")
    case .endDropsTail:
      ("end-drops-tail", "The end of a connection drops what was not read yet.")
    case .backlogCountsClosed:
      ("backlog-counts-closed", "A connection keeps its place in the backlog once accepted.")
    case .crashKeepsPort:
      ("crash-keeps-port", "A process that is killed or crashes does not give its ports back.")
    case .queueHeld:
      ("queue-held", "A full queue of datagrams takes no more, whoever has filled it.")
    case .echoForged:
      ("echo-forged", "The echo service answers from the address of who asks.")
    case .publishedOutside:
      (
        "published-outside",
        "A port published for a container that does not listen there leads to the machine outside."
      )
    case .joinEarly:
      ("join-early", "join comes back at once, whether its thread has exited or not.")
    case .futexBlind:
      ("futex-blind", "futex sleeps without a look at the int.")
    case .futexAcross:
      ("futex-across", "futex looks for sleepers by the address alone, in whoever's memory.")
    case .futexNewestFirst:
      ("futex-newest-first", "futex wakes whoever came last.")
    case .execKeepsThreads:
      ("exec-keeps-threads", "exec leaves the other threads of its process running.")
    case .closeLeavesWaiting:
      ("close-leaves-waiting", "close leaves other threads waiting by the descriptor.")
    case .threadUncounted:
      ("thread-uncounted", "A thread takes no slot in the budgets of its process.")
    case .dotDotOfMount:
      ("dotdot-mount", "At a mount's top, .. is the parent that the directory has elsewhere.")
    case .fifoNewestFirst:
      ("fifo-newest-first", "fifo takes the process that came last.")
    case .fifoSlices:
      ("fifo-slices", "fifo takes a process off its hart at the end of a slice.")
    case .boostForgotten:
      ("boost-forgotten", "mlfq never moves all processes up.")
    case .allotmentRenewed:
      ("allotment-renewed", "mlfq gives a process a new allotment whenever it blocks.")
    case .ticketsEqual:
      ("tickets-equal", "lottery gives each process one ticket, whatever its priority.")
    case .ticketsStale:
      ("tickets-stale", "lottery leaves a waiting process its tickets when its priority changes.")
    case .strideEqual:
      ("stride-equal", "stride gives all processes the same stride.")
    case .passKeptAsleep:
      ("pass-kept-asleep", "stride gives a process that was away its old pass back.")
    case .eligibilityIgnored:
      ("eligibility-ignored", "fair takes the earliest deadline, whoever is owed nothing too.")
    case .virtualTimeKept:
      ("virtual-time-kept", "fair gives a process that was away its old virtual time back.")
    }
  }
}

/// The defects that are switched on.
public struct Defects: Equatable, Sendable {
  /// The first 64 of the list, and those after them.
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  public init(_ defects: [Defect] = []) {
    for defect in defects { insert(defect) }
  }

  @inline(__always)
  public func contains(_ defect: Defect) -> Bool {
    (defect.rawValue < 64 ? low : high) >> UInt64(defect.rawValue % 64) & 1 != 0
  }

  public mutating func insert(_ defect: Defect) {
    let bit: UInt64 = 1 << UInt64(defect.rawValue % 64)
    if defect.rawValue < 64 { low |= bit } else { high |= bit }
  }

  public var isEmpty: Bool { low | high == 0 }

  /// Those that are switched on, in the order of the list.
  public var all: [Defect] { Defect.allCases.filter { contains($0) } }
}

extension SchedulerMistakes {
  /// Those that the policies know.
  init(_ defects: Defects) {
    self = []
    let known: [(Defect, SchedulerMistakes)] = [
      (.lowestFirst, .lowestFirst), (.fifoNewestFirst, .newestFirst), (.fifoSlices, .fifoSlices),
      (.boostForgotten, .boostForgotten), (.allotmentRenewed, .allotmentRenewed),
      (.ticketsEqual, .ticketsEqual), (.ticketsStale, .ticketsStale),
      (.strideEqual, .strideEqual), (.passKeptAsleep, .passKeptAsleep),
      (.eligibilityIgnored, .eligibilityIgnored), (.virtualTimeKept, .lagUnbounded),
      (.weightIgnored, .weightIgnored), (.timeSavedUp, .timeSavedUp),
    ]
    for (defect, mistake) in known where defects.contains(defect) { insert(mistake) }
  }
}

extension NetworkMistakes {
  /// Those that the network knows.
  init(_ defects: Defects) {
    self = []
    if defects.contains(.portsShared) { insert(.portsShared) }
    if defects.contains(.sourceForged) { insert(.addressUnchecked) }
    if defects.contains(.loopbackAcross) { insert(.loopbackAcross) }
  }
}
