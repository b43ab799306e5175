// The session in plain sentences, in order: who made what, who waited for whom, who was refused and
// why. A sentence that would come again is told once, with how often; a line of the console only if it
// comes again at once. What is between the container manager and its helpers alone is folded.

import Sim

/// The session as a story.
public struct StoryReport: Report, Sendable {
  private enum Subject: Hashable, Sendable {
    case sentence(Event.Kind, [Int64])
    case typed([UInt8])
    case shown([UInt8])
  }

  private struct Entry: Sendable {
    var sequence: Int64
    var time: Int64
    var subject: Subject
    var times: Int64 = 1
    var lastTime: Int64
  }

  /// How many sentences are told.
  private let limit: Int
  /// Whether what the container manager and its helpers do among themselves is told as well.
  private let includesPlumbing: Bool
  private var entries: [Entry] = []
  private var places: [Subject: Int] = [:]
  private var leftOut: Int64 = 0
  /// Children that have not done anything worth telling yet, by their numbers.
  private var newborn = PIDTable<Int>()
  /// Who was refused another process by which call that has not come back yet.
  private var refused = (pid: Int32(0), call: Int64(0))
  /// The last path that was followed by a call that has not come back yet.
  private var followed = (pid: Int32(0), call: Int64(0), path: Int64(0))
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
    case .boot: tell(event, sequence, [event.a1])
    case .input: collect(event, sequence, \.typed) { .typed($0) }
    case .output: collect(event, sequence, \.shown) { .shown($0) }
    case .call, .callReturn:
      defer {
        refused.pid = 0
        followed.pid = 0
      }
      // A refusal of processes has an event of its own.
      guard event.a5 > 0, refused != (event.process.raw, event.a0) else { return }
      let isPath = (followed.pid, followed.call) == (event.process.raw, event.a0)
      tell(event, sequence, as: .call, [event.a0, event.a5, isPath ? followed.path : 0])
    case .resolve: followed = (event.process.raw, event.a5, event.a0)
    case .fork:
      newborn[Int32(truncatingIfNeeded: event.a0)] = tell(event, sequence, [event.a0])
    case .exec:
      if let place = newborn[event.process.raw] {
        newborn[event.process.raw] = nil
        if case .sentence(.fork, let words) = entries[place].subject {
          entries[place].subject = .sentence(.exec, words)
        }
      } else {
        tell(event, sequence, [Int64(event.process.raw), event.a0])
      }
    case .exit: tell(event, sequence, [event.a0, event.a1])
    case .lockContend: tell(event, sequence, [event.a1, event.a2])
    case .lockAbandon, .lockCreate, .shmCreate, .shmMap, .shmFree, .shmExhausted:
      tell(event, sequence, [event.kind.family == .lock ? event.a1 : event.a0])
    case .refuse:
      tell(event, sequence, [event.a0, event.a1, event.a2, event.a3])
      refused = (event.process.raw, event.a0)
    case .processBudget: tell(event, sequence, [event.a0, event.a1])
    case .priority, .kill, .adopt, .containerCreate, .containerRoot, .containerBudget,
      .containerEnter, .containerEnd, .fault, .deadlock, .end:
      tell(event, sequence, [event.a0, event.a1, event.a2, event.a3])
    default: break
    }
  }

  /// Adds an event's sentence.
  ///
  /// - Returns: the entry that tells it; nil if it is left out.
  @discardableResult
  private mutating func tell(
    _ event: Event, _ sequence: Int64, as kind: Event.Kind? = nil, _ words: [Int64]
  ) -> Int? {
    newborn[event.process.raw] = nil
    return add(
      .sentence(
        kind ?? event.kind, [Int64(event.process.raw), Int64(event.container.raw)] + words),
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
      var text = sentence(entry.subject, session)
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
    guard !plumbing.isEmpty, case .sentence(let kind, let numbers) = subject else { return false }
    let words = numbers.dropFirst(2)
    let others: [Int64] =
      switch kind {
      case .fork, .kill: Array(words.prefix(1))
      // Who starts another is told as an exec of one word.
      case .exec: words.count == 1 ? Array(words) : []
      // To whom it goes is no matter of the machine's init, which only takes it.
      case .adopt: Array(words.prefix(1))
      case .lockContend: Array(words.dropFirst().prefix(1))
      case .priority, .deadlock: Array(words.dropFirst(2).prefix(1))
      default: []
      }
    return ([numbers[0]] + others).allSatisfy {
      plumbing.contains(Int32(truncatingIfNeeded: $0))
    }
  }

  private func sentence(_ subject: Subject, _ session: SessionFacts) -> String {
    switch subject {
    case .typed(let bytes): return "Somebody types \"\(printable(bytes))\"."
    case .shown(let bytes): return "The console shows \"\(printable(bytes))\"."
    case .sentence(let kind, let numbers):
      return sentence(
        kind, Int32(truncatingIfNeeded: numbers[0]), numbers[1], Array(numbers.dropFirst(2)),
        session)
    }
  }

  private func sentence(
    _ kind: Event.Kind, _ pid: Int32, _ cid: Int64, _ words: [Int64], _ session: SessionFacts
  ) -> String {
    let who = session.who(pid)
    func other(_ index: Int) -> String {
      session.who(Int32(truncatingIfNeeded: words[index]))
    }
    func text(_ index: Int) -> String { "\"\(session.text(words[index]))\"" }
    switch kind {
    case .boot: return "The machine starts, with \(words[0]) hart\(words[0] == 1 ? "" : "s")."
    case .call:
      let (call, why) = (EventText.callName(words[0]), EventText.refusalName(words[1]))
      return "\(who) is refused \(call)\(words[2] == 0 ? "" : " of \(text(2))"): \(why)."
    case .fork: return "\(who) forks \(other(0))."
    case .exec:
      return words.count == 1 ? "\(who) starts \(other(0))." : "\(who) turns into \(text(1))."
    case .exit:
      let how =
        switch words[1] {
        case 1: "ends by a fault"
        case 2: "ends, killed"
        case 3: "ends with its container"
        default: words[0] == 0 ? "ends" : "ends with status \(words[0])"
        }
      return "\(who) \(how)."
    case .kill: return "\(pid == 0 ? "Ctrl-C" : who) kills \(other(0))."
    case .adopt: return "\(who), a child of \(other(0)), is now a child of \(other(1))."
    case .refuse:
      let held = "\(words[3]) of \(words[2])"
      if words[1] != Int64(Refusal.budget.rawValue) {
        return "\(who) cannot make another process: \(held) slots of the machine are in use."
      }
      return words[0] == Int64(CallNumber.containerJoin.rawValue)
        ? "\(who) may not join a container: \(held) of its processes are in use."
        : "\(who) may make no more processes: \(held) are in use."
    case .processBudget:
      return "\(who), with all below it, may have \(words[0]) processes; they are \(words[1])."
    case .fault:
      let cause =
        UInt8(exactly: words[0]).flatMap(Fault.Cause.init(rawValue:))?.name ?? "\(words[0])"
      return "\(who) faults: \(cause) at \(hexadecimal(words[2])), in \(hexadecimal(words[1]))."
    case .priority:
      let isItself = pid == Int32(truncatingIfNeeded: words[2])
      return "\(other(2)) changes \(isItself ? "its own priority" : "the priority of \(who)") "
        + "from \(words[0]) to \(words[1])."
    case .containerCreate: return "\(who) makes container \(words[0])."
    case .containerEnter:
      return words[1] == Int64(pid)
        ? "\(who) is the init of container \(words[0])." : "\(who) joins container \(words[0])."
    case .containerRoot: return "Container \(words[0]) has its root at \(text(1)) from now on."
    case .containerBudget:
      return "Container \(words[0]) may have \(words[1]) processes; it has \(words[2])."
    case .containerEnd:
      let left =
        words[2] == 0 && words[3] == 0
        ? "" : ", and leaves \(words[2]) inodes and \(words[3]) blocks of its on the disk"
      return "Container \(words[0]) ends with status \(words[1])\(left)."
    case .lockCreate: return "\(who) makes the mutex \(text(0))."
    case .lockContend:
      return "\(who) has to wait for the mutex \(text(0)), which \(other(1)) holds."
    case .lockAbandon: return "\(who) dies holding the mutex \(text(0))."
    case .shmCreate: return "\(who) makes the shared page \(text(0))."
    case .shmMap: return "\(who) maps the shared page \(text(0))."
    case .shmFree: return "Nobody maps the shared page \(text(0)) any more; it is freed."
    case .shmExhausted: return "\(who) cannot have the shared page \(text(0))."
    case .deadlock:
      let reason =
        WaitReason.names.indices.contains(Int(truncatingIfNeeded: words[0] &- 1))
        ? WaitReason.names[Int(truncatingIfNeeded: words[0] &- 1)] : "\(words[0])"
      let holder = words[2] == 0 ? "" : ", which \(other(2)) holds"
      return "\(who) waits for a \(reason)\(holder), and nobody will ever wake it."
    case .end:
      let index = Int(truncatingIfNeeded: words[0] &- 1)
      let how = EndReason.names.indices.contains(index) ? EndReason.names[index] : "\(words[0])"
      return "The session is over: \(how)."
    default: return "\(kind.name)"
    }
  }

  private func hexadecimal(_ number: Int64) -> String {
    "0x" + String(UInt64(bitPattern: number), radix: 16)
  }
}
