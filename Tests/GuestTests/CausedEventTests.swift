// Which call an event says that it was caused by, so that nobody who reads it has to guess.

import Sim
import TestSupport
import Testing

@Suite struct CausedEventTests {
  /// The calls that can cause an event of this kind, and whether it can come about without one; nil
  /// for a kind that tells of no call.
  private static func causes(of kind: Event.Kind) -> (calls: [CallNumber], orNone: Bool)? {
    let ends: [CallNumber] = [.exit]
    switch kind {
    case .call, .callReturn, .tick, .fault, .input, .dispatch, .yield, .idle, .shmAccess, .digest,
      .boot, .deadlock, .end, .groupUse, .hostOpen, .hostOutput:
      return nil
    case .wake:
      return (
        ends + [
          .wait, .pipe, .read, .kill, .exec, .dup, .write, .close, .containerCreateAndEnter,
          .mutexDelete, .mutexUnlock, .conditionWait, .conditionSignal, .containerJoin, .accept,
          .connect, .sendTo, .receiveFrom, .shutDown, .poll,
        ], true
      )
    case .block:
      // Who is in a frozen group waits on for that when it is woken.
      return (
        [.sleep, .mutexLock] + (causes(of: .wake)?.calls ?? []), true
      )
    case .priority: return ([.prioritySet], false)
    case .inherit:
      return (
        ends + [
          .mutexLock, .mutexUnlock, .mutexDelete, .conditionWait, .conditionSignal, .prioritySet,
          .kill, .write, .exec, .containerCreateAndEnter, .containerJoin,
        ], true
      )
    case .shmCreate, .shmExhausted, .shmMap: return ([.sharedPageGet], false)
    case .shmInherit: return ([.fork], false)
    case .shmUnmap, .shmFree:
      return (
        ends + [.sharedPageRemove, .exec, .containerCreateAndEnter, .containerJoin], true
      )
    case .lockCreate: return ([.mutexCreate], false)
    case .lockAcquire: return ([.mutexLock, .conditionSignal], false)
    case .lockContend: return ([.mutexLock, .conditionWait, .conditionSignal], false)
    case .lockHandOver, .lockRelease, .lockDelete:
      return (
        ends + [
          .mutexUnlock, .mutexDelete, .conditionWait, .exec, .containerCreateAndEnter,
          .containerJoin,
        ], true
      )
    case .lockAbandon: return (ends, true)
    case .cvWait: return ([.conditionWait], false)
    case .cvSignal, .cvLatch: return ([.conditionSignal], false)
    case .cvWake: return ([.conditionWait, .conditionSignal], false)
    case .fork: return ([.fork], false)
    case .exec: return ([.exec], false)
    case .exit: return (ends, true)
    case .reap: return (ends + [.wait], true)
    case .adopt: return (ends + [.containerCreateAndEnter, .containerJoin], true)
    case .kill: return ([.kill, .write], true)
    case .refuse:
      // A store of the process's own may need a page as well.
      return (
        [
          .fork, .exec, .sbrk, .containerJoin, .read, .write, .open, .mkdir, .mknod, .link, .unlink,
          .pipe, .sharedPageGet, .mutexCreate,
        ], true
      )
    case .transfer: return ([.read, .write], false)
    case .groupMake: return ([.mkdir, .containerCreateAndEnter], false)
    case .groupRemove: return (ends + [.unlink], true)
    case .groupEnter: return ([.write, .containerCreateAndEnter, .containerJoin], false)
    case .groupLimit: return ([.write], false)
    case .throttle: return ([], true)
    case .unthrottle: return ([.write], true)
    case .foreignCall: return (CallNumber.allCases.filter { $0.rawValue >= 22 }, false)
    case .processBudget: return ([.maxproc], false)
    case .containerCreate: return ([.containerCreateAndEnter], false)
    case .containerEnter: return ([.containerCreateAndEnter, .containerJoin], false)
    case .containerRoot: return ([.containerSetRoot], false)
    case .containerBudget: return ([.containerMaxProc], false)
    case .containerEnd: return (ends, true)
    case .containerAddress: return ([.containerNetwork], false)
    case .socketOpen: return ([.socket], false)
    case .socketBind: return ([.bind, .listen, .connect, .sendTo, .write], false)
    case .socketListen: return ([.listen], false)
    case .socketConnect: return ([.connect], false)
    case .socketAccept: return ([.accept], false)
    case .socketRefuse: return ([.connect], true)
    // The echo service answers on its own, and at once on lo.
    case .socketSend: return ([.sendTo, .write], true)
    case .socketReceive: return ([.receiveFrom, .read, .sendTo, .write], true)
    case .socketDrop: return ([.sendTo, .write], true)
    case .socketShutDown: return ([.shutDown], false)
    case .socketClose: return (ends + [.close], true)
    case .resolve:
      return (
        [
          .exec, .chdir, .open, .mknod, .unlink, .link, .mkdir, .setroot, .containerSetRoot, .mount,
          .unmount,
        ], false
      )
    case .mount: return ([.mount], false)
    case .unmount: return ([.unmount], false)
    case .copyUp: return ([.open, .write, .mknod, .unlink, .link, .mkdir], false)
    case .whiteout: return ([.unlink], false)
    case .open: return ([.open, .dup], false)
    case .close: return (ends + [.close], true)
    case .device: return ([.open], false)
    case .pipe: return ([.pipe], false)
    // Of an unknown call, of any that finds the disk full, or of a fault.
    case .message: return (CallNumber.allCases, true)
    // The kernel's own words are by no call, whatever it is in.
    case .output: return ([.write], true)
    }
  }

  @Test(
    "An event that a call causes names that call",
    arguments: [
      "call_cv", "call_mutex", "call_shm", "call_exec", "call_link", "call_maxproc", "cm_walls",
      "cm_dies", "cm_join_limit", "call_pipe", "call_prio", "limit_procs", "exit_orphans",
      "call_mount", "net_stream", "net_datagram", "net_switch",
    ])
  func namesTheCall(program: String) throws {
    let run = try GuestRun([program])
    #expect(run.status == 0, "\(run.console)")
    var named = 0
    for event in run.events {
      let column = event.kind.columns.first { $0.meaning == .source }
      guard let causes = Self.causes(of: event.kind) else {
        #expect(column == nil, "\(event.kind.name)")
        continue
      }
      let number = event[try #require(column)]
      if number == 0 {
        #expect(causes.orNone, "\(event.kind.name) of pid \(event.process.raw) by no call")
      } else {
        let call = try #require(CallNumber(rawValue: Int32(number)))
        #expect(causes.calls.contains(call), "\(event.kind.name) by \(call.name)")
        named += 1
      }
    }
    #expect(named > 20)
  }

  @Test("A path says by which call it was followed, and whether to its end")
  func pathsSayHowFar() throws {
    let run = try GuestRun(["call_link"])
    var links: [Bool] = []
    for event in run.events where event.kind == .resolve {
      let isParents = event[ResolveEvent.parentOnly]
      switch event[call: ResolveEvent.call] {
      case .link: links.append(isParents)
      case .unlink: #expect(isParents)
      case .exec: #expect(!isParents)
      default: break
      }
    }
    #expect(links.starts(with: [false, true]))
  }

  @Test("What a program writes is told apart from what the kernel says")
  func wordsHaveASpeaker() throws {
    let run = try GuestRun(["fault_report"])
    var programs: [UInt8] = []
    var kernels: [UInt8] = []
    for event in run.events where event.kind == .output {
      let isKernels = event[OutputEvent.call] == 0
      if isKernels { kernels += event.packedBytes } else { programs += event.packedBytes }
    }
    #expect(String(decoding: kernels, as: UTF8.self).contains("usertrap(): unexpected scause"))
    #expect(!String(decoding: programs, as: UTF8.self).contains("usertrap()"))
    #expect(
      try GuestRun(["echo", "hi"]).events.contains {
        $0.kind == .output && $0[call: OutputEvent.call] == .write
      })
  }

  @Test("Who is signalled while the mutex is held blocks again, on the mutex")
  func whoIsMovedBlocksAgain() throws {
    let run = try GuestRun(["call_cv"])
    var moved = 0
    for (index, event) in run.events.enumerated()
    where event.kind == .lockContend && event[call: LockEvent.call] == .conditionSignal {
      let next = run.events[index + 1]
      #expect(next.kind == .block && next.process == event.process)
      #expect(next[BlockEvent.reason] == WaitReason.mutexCode)
      #expect(next[BlockEvent.object] == event[LockEvent.mutex])
      moved += 1
    }
    #expect(moved > 0)
  }

  @Test("maxproc has an event with the limit and how many count in it")
  func maxprocIsTold() throws {
    let run = try GuestRun(["call_maxproc"])
    #expect(run.status == 0, "\(run.console)")
    let calls = run.events.filter {
      $0.kind == .call && $0[call: CallEvent.number] == .maxproc && $0[CallEvent.why] == 0
    }
    let told = run.events.filter { $0.kind == .processBudget }
    #expect(told.count > 5)
    #expect(told.map(\.process) == calls.map(\.process))
    #expect(
      told.map { $0[ProcessBudgetEvent.limit] }
        == calls.map { Int64(Int32(truncatingIfNeeded: $0[CallEvent.arg0])) })
    for event in told {
      #expect((1...event[ProcessBudgetEvent.limit]).contains(event[ProcessBudgetEvent.held]))
    }
  }
}
