// The session in plain sentences, in order: who made what, who waited for whom, who was refused and
// why. A repeated sentence is told once, with how often it came; a line of the console only if it
// comes again at once. What is between the container manager and its helpers alone is folded.

import Sim

/// The session as a story.
public struct StoryReport: Report, Sendable {
  private enum Subject: Hashable, Sendable {
    case sentence(Told)
    case typed([UInt8])
    case shown([UInt8])
  }

  /// An event without what makes no difference to its sentence: when, where, and most columns.
  private struct Told: Hashable, Sendable {
    var event: Event
    /// The path that a call was refused.
    var path: Int64 = 0
    /// Whether it is a fork whose child's first doing is to execute a program.
    var isStart = false
  }

  private struct Entry: Sendable {
    var sequence: Int64
    var time: Int64
    var subject: Subject
    var times: Int64 = 1
    var lastTime: Int64
  }

  /// How many sentences there are at most.
  private let limit: Int
  /// Whether internal events of the container manager and its helpers are included.
  private let includesPlumbing: Bool
  private var entries: [Entry] = []
  private var places: [Subject: Int] = [:]
  private var leftOut: Int64 = 0
  /// Children that have not done anything worth telling yet, by their numbers.
  private var newborn = PIDTable<Int>()
  /// Processes whose fork was refused, with the call that has not returned yet.
  private var refused = (pid: Int32(0), call: Int64(0))
  /// The last path that was followed by a call that has not come back yet.
  private var followed = (pid: Int32(0), call: Int64(0), path: Int64(0))
  /// Where sockets listen, by their numbers.
  private var listeners: [Int64: Endpoint] = [:]
  private var typed = Line()
  private var shown = Line()

  /// The bytes of a line that has not ended.
  private struct Line: Sendable {
    var bytes: [UInt8] = []
    /// The event that brought the last of them.
    var time: Int64 = 0
    var sequence: Int64 = 0
    /// The entry of the line before.
    var place: Int?
  }

  public init(limit: Int = 100_000, includingPlumbing: Bool = false) {
    self.limit = limit
    includesPlumbing = includingPlumbing
  }

  public mutating func receive(_ event: Event, _ sequence: Int64) {
    switch event.kind {
    case .boot: tell(event, sequence, BootEvent.harts)
    case .input: collect(event, sequence, \.typed) { .typed($0) }
    case .output: collect(event, sequence, \.shown) { .shown($0) }
    case .call, .callReturn:
      defer {
        refused.pid = 0
        followed.pid = 0
      }
      // A refusal of processes has an event of its own.
      let call = (event.process.raw, event[CallEvent.number])
      guard event[CallEvent.why] > 0, refused != call else { return }
      let isPath = (followed.pid, followed.call) == call
      tell(
        event, sequence, path: isPath ? followed.path : 0, CallEvent.number, CallEvent.why)
    case .resolve:
      followed = (event.process.raw, event[ResolveEvent.call], event[word: ResolveEvent.path])
    case .fork: newborn[event[ForkEvent.child].raw] = tell(event, sequence, ForkEvent.child)
    case .exec:
      if let place = newborn[event.process.raw] {
        newborn[event.process.raw] = nil
        if case .sentence(var told) = entries[place].subject, told.event.kind == .fork {
          told.isStart = true
          entries[place].subject = .sentence(told)
        }
      } else {
        tell(event, sequence, ExecEvent.path)
      }
    case .exit: tell(event, sequence, ExitEvent.status, ExitEvent.how)
    case .lockContend: tell(event, sequence, LockEvent.name, LockEvent.holder)
    case .lockAbandon, .lockCreate: tell(event, sequence, LockEvent.name)
    case .shmCreate, .shmMap, .shmFree: tell(event, sequence, SharedPageEvent.name)
    case .shmExhausted: tell(event, sequence, SharedPagesExhaustedEvent.name)
    case .refuse:
      tell(
        event, sequence, RefuseEvent.call, RefuseEvent.why, RefuseEvent.limit, RefuseEvent.held,
        RefuseEvent.group, RefuseEvent.resource)
      refused = (event.process.raw, event[RefuseEvent.call])
    case .processBudget:
      tell(event, sequence, ProcessBudgetEvent.limit, ProcessBudgetEvent.held)
    case .priority:
      tell(event, sequence, PriorityEvent.old, PriorityEvent.new, PriorityEvent.by)
    case .inherit:
      tell(event, sequence, InheritEvent.new, InheritEvent.name, InheritEvent.donor)
    case .kill: tell(event, sequence, KillEvent.target)
    case .adopt: tell(event, sequence, AdoptEvent.from, AdoptEvent.to)
    case .containerCreate: tell(event, sequence, ContainerEvent.cid, ContainerEvent.initial)
    case .containerEnter:
      tell(event, sequence, ContainerEnterEvent.cid, ContainerEnterEvent.initial)
    case .containerRoot: tell(event, sequence, ContainerRootEvent.cid, ContainerRootEvent.path)
    case .containerBudget:
      tell(
        event, sequence, ContainerBudgetEvent.cid, ContainerBudgetEvent.limit,
        ContainerBudgetEvent.held)
    case .containerEnd:
      tell(
        event, sequence, ContainerEndEvent.cid, ContainerEndEvent.status,
        ContainerEndEvent.inodes, ContainerEndEvent.blocks)
    case .mount: tell(event, sequence, MountEvent.target, MountEvent.source, MountEvent.inode)
    case .unmount: tell(event, sequence, UnmountEvent.target)
    case .copyUp: tell(event, sequence, CopyUpEvent.name)
    case .whiteout: tell(event, sequence, WhiteoutEvent.name)
    case .fault: tell(event, sequence, FaultEvent.cause, FaultEvent.pc, FaultEvent.address)
    case .containerAddress:
      tell(event, sequence, ContainerAddressEvent.cid, ContainerAddressEvent.address)
    case .socketListen:
      listeners[event[SocketListenEvent.socket].raw] = event[SocketListenEvent.local]
      tell(event, sequence, SocketListenEvent.local)
    case .socketConnect where event[SocketConnectEvent.flow] != .none:
      tell(event, sequence, SocketConnectEvent.remote)
    case .socketAccept: tell(event, sequence, SocketAcceptEvent.listener)
    // On its way, it is the call's own refusal that is told.
    case .socketRefuse where event.process != .none:
      tell(event, sequence, SocketRefuseEvent.remote, SocketRefuseEvent.why)
      refused = (event.process.raw, event[SocketRefuseEvent.call])
    case .socketDrop: tell(event, sequence, SocketDropEvent.to, SocketDropEvent.why)
    case .deadlock: tell(event, sequence, DeadlockEvent.reason, DeadlockEvent.holder)
    case .end: tell(event, sequence, EndEvent.how)
    default: break
    }
  }

  /// Adds an event's sentence, which says what these of its columns hold.
  ///
  /// - Returns: the entry that tells it; nil if it is left out.
  @discardableResult
  private mutating func tell<Columns, each Value>(
    _ event: Event, _ sequence: Int64, path: Int64 = 0,
    _ columns: repeat ColumnKey<Columns, each Value>
  ) -> Int? {
    newborn[event.process.raw] = nil
    // A refusal reads the same whether the call came back at once or later.
    var told = Event(
      time: .zero, hart: HartID(raw: 0), kind: event.kind == .callReturn ? .call : event.kind,
      process: event.process, container: event.container)
    for column in repeat each columns { told[word: column] = event[word: column] }
    return add(
      .sentence(Told(event: told, path: path)),
      at: Int64(bitPattern: event.time.instructions), sequence)
  }

  @discardableResult
  private mutating func add(_ subject: Subject, at time: Int64, _ sequence: Int64) -> Int? {
    if let place = places[subject] {
      addAgain(place, at: time)
      return place
    }
    let place = append(subject, at: time, sequence)
    places[subject] = place
    return place
  }

  private mutating func addAgain(_ place: Int, at time: Int64) {
    entries[place].times += 1
    entries[place].lastTime = time
  }

  private mutating func append(_ subject: Subject, at time: Int64, _ sequence: Int64) -> Int? {
    guard entries.count < limit else {
      leftOut += 1
      return nil
    }
    entries.append(Entry(sequence: sequence, time: time, subject: subject, lastTime: time))
    return entries.count - 1
  }

  /// Puts bytes together to lines.
  private mutating func collect(
    _ event: Event, _ sequence: Int64, _ line: WritableKeyPath<StoryReport, Line>,
    _ subject: ([UInt8]) -> Subject
  ) {
    self[keyPath: line].time = Int64(bitPattern: event.time.instructions)
    self[keyPath: line].sequence = sequence
    for byte in event.packedBytes {
      // A terminal's key for the end of a line is another one than a file's.
      let isEnd = byte == 10 || byte == 13
      if isEnd || self[keyPath: line].bytes.count >= 400 { end(line, subject) }
      if !isEnd { self[keyPath: line].bytes.append(byte) }
    }
  }

  private mutating func end(
    _ line: WritableKeyPath<StoryReport, Line>, _ subject: ([UInt8]) -> Subject
  ) {
    let ended = self[keyPath: line]
    self[keyPath: line].bytes = []
    guard !ended.bytes.isEmpty else { return }
    let subject = subject(ended.bytes)
    if let place = ended.place, entries[place].subject == subject {
      addAgain(place, at: ended.time)
    } else {
      self[keyPath: line].place = append(subject, at: ended.time, ended.sequence)
    }
  }

  public mutating func finish(_ session: SessionFacts) -> [ReportTable] {
    end(\.typed) { .typed($0) }
    end(\.shown) { .shown($0) }
    entries.sort { $0.sequence < $1.sequence }
    var rows: [[QueryResult.Value]] = session.defects.map { defect in
      let text = "The kernel is told to make a mistake, \(defect.name): \(defect.sentence)"
      return [.integer(1), .integer(0), .text(text)]
    }
    let plumbing = includesPlumbing ? .none : Plumbing(session)
    let told = entries.filter { !StoryReport.isFolded($0.subject, plumbing) }
    rows += told.map { entry in
      var text = sentence(entry.subject, session, entry.sequence)
      if entry.times > 1 {
        text += " (\(entry.times) times, the last at \(entry.lastTime))"
      }
      return [.integer(entry.sequence), .integer(entry.time), .text(text)]
    }
    if told.count < entries.count {
      let folded = entries.count - told.count
      let text =
        "\(folded) sentence\(folded == 1 ? "" : "s") of the container manager and its helpers "
        + "\(folded == 1 ? "is" : "are") folded (--all tells them)."
      rows.append([.null, .null, .text(text)])
    }
    if leftOut > 0 {
      rows.append([.null, .null, .text("\(leftOut) more sentences are left out.")])
    }
    return [
      ReportTable("story", "What happened", ["seq", "time", "what"], rows)
    ]
  }

  /// Whether all whom a sentence is about belong to the manager's plumbing.
  private static func isFolded(_ subject: Subject, _ plumbing: Plumbing) -> Bool {
    guard !plumbing.isEmpty, case .sentence(let told) = subject else { return false }
    let event = told.event
    let other: ProcessID? =
      switch event.kind {
      case .fork: event[ForkEvent.child]
      case .kill: event[KillEvent.target]
      // To whom it goes is no matter of the machine's init, which only takes it.
      case .adopt: event[AdoptEvent.from]
      case .lockContend: event[LockEvent.holder]
      case .priority: event[PriorityEvent.by]
      case .inherit: event[InheritEvent.donor]
      case .deadlock: event[DeadlockEvent.holder]
      default: nil
      }
    return plumbing.contains(event.process.raw) && other.map { plumbing.contains($0.raw) } ?? true
  }

  private func sentence(_ subject: Subject, _ session: SessionFacts, _ sequence: Int64) -> String {
    switch subject {
    case .typed(let bytes): return "Somebody types \"\(printable(bytes))\"."
    case .shown(let bytes): return "The console shows \"\(printable(bytes))\"."
    case .sentence(let told): return sentence(told, session, sequence)
    }
  }

  private func sentence(_ told: Told, _ session: SessionFacts, _ sequence: Int64) -> String {
    let event = told.event
    let who = session.who(event.process.raw)
    func other<Columns>(_ column: ColumnKey<Columns, ProcessID>) -> String {
      session.who(event[column].raw)
    }
    func text<Columns>(_ column: ColumnKey<Columns, NameID>) -> String {
      "\"\(session.text(event[word: column]))\""
    }
    switch event.kind {
    case .boot:
      let harts = event[BootEvent.harts]
      return "The machine starts, with \(harts) hart\(harts == 1 ? "" : "s")."
    case .call:
      let call = EventText.callName(event[CallEvent.number])
      let path = told.path == 0 ? "" : " of \"\(session.text(told.path))\""
      return "\(who) is refused \(call)\(path): \(EventText.refusalName(event[CallEvent.why]))."
    case .fork:
      let isThread = event[ForkEvent.leader] != .none
      let verb = isThread ? "makes the thread" : told.isStart ? "starts" : "forks"
      return "\(who) \(verb) \(other(ForkEvent.child))."
    case .exec: return "\(who) turns into \(text(ExecEvent.path))."
    case .exit:
      let status = event[ExitEvent.status]
      let how =
        switch event[ExitEvent.how] {
        case 1: "ends by a fault"
        case 2: "ends, killed"
        case 3: "ends with its container"
        default: status == 0 ? "ends" : "ends with status \(status)"
        }
      return "\(who) \(how)."
    case .kill:
      return "\(event.process == .none ? "Ctrl-C" : who) kills \(other(KillEvent.target))."
    case .adopt:
      return "\(who), a child of \(other(AdoptEvent.from)), is now a child of "
        + "\(other(AdoptEvent.to))."
    case .refuse:
      let held = "\(event[RefuseEvent.held]) of \(event[RefuseEvent.limit])"
      let what = session.text(event[word: RefuseEvent.resource])
      if event[RefuseEvent.why] == Int64(Refusal.reserved.rawValue) {
        return "\(who) gets no more \(what): \(held) are in use, and what is left is kept for "
          + "processes outside containers."
      }
      if event[RefuseEvent.group] != .none, what != "pids" {
        return "\(who) gets no more \(what): group \(event[RefuseEvent.group].raw) has \(held)."
      }
      if event[RefuseEvent.why] != Int64(Refusal.budget.rawValue) {
        return "\(who) cannot make another process: \(held) slots of the machine are in use."
      }
      return event[call: RefuseEvent.call] == .containerJoin
        ? "\(who) may not join a container: \(held) of its processes are in use."
        : "\(who) may make no more processes: \(held) are in use."
    case .processBudget:
      return "\(who), with all below it, may have \(event[ProcessBudgetEvent.limit]) processes; "
        + "they are \(event[ProcessBudgetEvent.held])."
    case .fault:
      let number = event[FaultEvent.cause]
      let cause = UInt8(exactly: number).flatMap(Fault.Cause.init(rawValue:))?.name ?? "\(number)"
      return "\(who) faults: \(cause) at \(hexadecimal(event[FaultEvent.address])), "
        + "in \(hexadecimal(event[FaultEvent.pc]))"
        + (session.sources?.place(of: event, sequence).map { ", at \($0)." } ?? ".")
    case .priority:
      let whose = event.process == event[PriorityEvent.by] ? "its own" : "the"
      return "\(other(PriorityEvent.by)) changes \(whose) priority"
        + (whose == "the" ? " of \(who)" : "")
        + " from \(event[PriorityEvent.old]) to \(event[PriorityEvent.new])."
    case .inherit:
      return event[InheritEvent.donor] == .none
        ? "\(who) has its own priority again, \(event[InheritEvent.new])."
        : "\(who) inherits priority \(event[InheritEvent.new]) from \(other(InheritEvent.donor)), "
          + "which waits for \(text(InheritEvent.name))."
    case .containerCreate: return "\(who) makes container \(event[ContainerEvent.cid].raw)."
    case .containerEnter:
      let cid = event[ContainerEnterEvent.cid].raw
      return event[ContainerEnterEvent.initial] == event.process
        ? "\(who) is the init of container \(cid)." : "\(who) joins container \(cid)."
    case .containerRoot:
      return "Container \(event[ContainerRootEvent.cid].raw) has its root at "
        + "\(text(ContainerRootEvent.path)) from now on."
    case .containerBudget:
      return "Container \(event[ContainerBudgetEvent.cid].raw) may have "
        + "\(event[ContainerBudgetEvent.limit]) processes; it has "
        + "\(event[ContainerBudgetEvent.held])."
    case .containerEnd:
      let inodes = event[ContainerEndEvent.inodes]
      let blocks = event[ContainerEndEvent.blocks]
      let left =
        inodes == 0 && blocks == 0
        ? "" : ", and leaves \(inodes) inodes and \(blocks) blocks of its on the disk"
      return "Container \(event[ContainerEndEvent.cid].raw) ends with status "
        + "\(event[ContainerEndEvent.status])\(left)."
    case .mount:
      let flags = UInt32(truncatingIfNeeded: event[MountEvent.flags])
      if MountFlags(rawValue: flags).contains(.remount) {
        return "\(who) changes how \(text(MountEvent.target)) is mounted."
      }
      let type = MountType(volume: event[MountEvent.inode].volume).name
      return "\(who) mounts \(text(MountEvent.source)) (\(type)) at \(text(MountEvent.target))."
    case .unmount: return "\(who) unmounts \(text(UnmountEvent.target))."
    case .copyUp:
      return "\(who) changes \(text(CopyUpEvent.name)) of a lower layer, which is copied up."
    case .whiteout:
      return "\(who) removes \(text(WhiteoutEvent.name)), which a lower layer still has."
    case .lockCreate: return "\(who) makes the mutex \(text(LockEvent.name))."
    case .lockContend:
      return "\(who) has to wait for the mutex \(text(LockEvent.name)), which "
        + "\(other(LockEvent.holder)) holds."
    case .lockAbandon: return "\(who) dies holding the mutex \(text(LockEvent.name))."
    case .shmCreate: return "\(who) makes the shared page \(text(SharedPageEvent.name))."
    case .shmMap: return "\(who) maps the shared page \(text(SharedPageEvent.name))."
    case .shmFree:
      return "Nobody maps the shared page \(text(SharedPageEvent.name)) any more; it is freed."
    case .shmExhausted:
      return "\(who) cannot have the shared page \(text(SharedPagesExhaustedEvent.name))."
    case .containerAddress:
      return "Container \(event[ContainerAddressEvent.cid].raw) has the address "
        + "\(event[ContainerAddressEvent.address]) from now on."
    case .socketListen: return "\(who) listens at \(event[SocketListenEvent.local])."
    case .socketConnect:
      // No process does that: it came by a published port.
      let client = event.process == .none ? "The host" : who
      return "\(client) connects to \(event[SocketConnectEvent.remote])."
    case .socketAccept:
      let place = listeners[event[SocketAcceptEvent.listener].raw].map { " at \($0)" } ?? ""
      return "\(who) accepts a connection\(place)."
    case .socketRefuse:
      return "\(who) is refused a connection to \(event[SocketRefuseEvent.remote]): "
        + "\(EventText.refusalName(event[SocketRefuseEvent.why]))."
    case .socketDrop:
      return "A datagram to \(event[SocketDropEvent.to]) does not arrive: "
        + "\(EventText.refusalName(event[SocketDropEvent.why]))."
    case .deadlock:
      let reason = StoryReport.word(WaitReason.names, event[DeadlockEvent.reason])
      let holder =
        event[DeadlockEvent.holder] == .none
        ? "" : ", which \(other(DeadlockEvent.holder)) holds"
      return "\(who) waits for a \(reason)\(holder), and nobody will ever wake it."
    case .end:
      return "The session is over: \(StoryReport.word(EndReason.names, event[EndEvent.how]))."
    default: return event.kind.name
    }
  }

  /// The word of a code counted from 1, or the number where there is none.
  private static func word(_ names: [String], _ code: Int64) -> String {
    let index = Int(truncatingIfNeeded: code &- 1)
    return names.indices.contains(index) ? names[index] : "\(code)"
  }
}
