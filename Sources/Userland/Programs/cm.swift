// cm: the container manager. It makes the region through which clients reach it and waits there; for
// each request it starts processes of its own and turns to the next one, so that no client and no
// container can hold it up. For a container that a client stays attached to these are:
//
//     server   holds the way into the container's input, and waits for the client's knock or end
//     output   the parent of the container's init: passes its output on, then its exit status
//     errors   passes its errors on
//     input    passes the client's input on; only from when there is some
//
// One more program in a container may leave others behind that hold its pipes; so that its client
// need not wait for those, there is another process besides: `output` is then the program's parent,
// and `passer` passes its output on.
//
// An init that is to be started again has a server that stays, and does that.
//
// The server ends last. When the client is gone, however that came, it ends all the others and, if
// that is still running, the container. It works at the manager's priority, the others at the
// container's. Clients need not be trusted: what they send is checked here again, and what they
// share with a server can confuse no more than that.

func run(_ arguments: Arguments) -> ExitStatus {
  guard var region = RequestRegion(), let records = Records() else {
    complain("cm: no shared page or mutex left\n")
    return 1
  }
  guard !region.isManaged else {
    complain("cm: already running\n")
    return 1
  }
  logs_make(0, CInt(records.count))
  let reserve = Reserve()
  region.manage()
  let headSize = MemoryLayout<request_head>.size
  let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: headSize + Int(REQUEST_MAX))
  memset(buffer, 0, headSize + Int(REQUEST_MAX))
  say("cm: ready\n")
  for descriptor in CInt(3)..<16 { _ = close(descriptor) }

  var serial = records.latest
  while true {
    let head = region.receive(buffer)
    serial = serial == UInt32.max ? 1 : serial + 1
    let isForNew = head.ask == ASK_RUN || head.ask == ASK_CREATE
    let request = Request(
      head: head, bytes: buffer + headSize, region: region, records: records, reserve: reserve,
      record: isForNew ? records.take(for: serial) : nil)
    if isForNew, request.record == nil {
      request.refuse("too many containers are running")
    } else if !forkServer(request) {
      request.forgetRecord()
      request.refuse("no process or memory left")
    }
    region.release()
  }
}

/// Channels for clients that get no page or mutex of their own; each server inherits them, and drops
/// those that it has no use for.
struct Reserve {
  private let channels = UnsafeMutablePointer<Channel>.allocate(
    capacity: Int(CHANNELS_IN_RESERVE))
  private let count: CInt

  /// As many as there are pages and mutexes for, and handles: the manager needs two for an answer.
  init() {
    var made: CInt = 0
    while made < CHANNELS_IN_RESERVE, let channel = Channel(reserved: made + 1) {
      guard Mutex.areTwoFree else {
        channel.close()
        break
      }
      (channels + Int(made)).initialize(to: channel)
      made += 1
    }
    count = made
  }

  /// The channel of this number, from 1.
  subscript(number: CInt) -> Channel? {
    number > 0 && number <= count ? channels[Int(number) - 1] : nil
  }

  /// Lets go of all channels but that of this number.
  func keepOnly(_ number: CInt) {
    var index: CInt = 0
    while index < count {
      index += 1
      if index != number { channels[Int(index) - 1].close() }
    }
  }
}

/// Forks a process for a request in such a way that it is no child of the manager, which has no time
/// to wait for it.
func forkServer(_ request: Request) -> Bool {
  let child = fork()
  if child == 0 {
    let server = fork()
    if server == 0 {
      var server = Server(request)
      server.run()
    }
    if server > 0 { request.keep(by: server) }
    exit(server < 0 ? 1 : 0)
  }
  var status: CInt = 1
  return child > 0 && wait(&status) == child && status == 0
}

/// What a client has asked for.
struct Request {
  let head: request_head
  let bytes: UnsafeMutablePointer<UInt8>
  let region: RequestRegion
  let records: Records
  let reserve: Reserve
  /// The record that has been taken for a new container.
  let record: Int?

  /// Says who sees to the record from now on.
  func keep(by process: CInt) {
    if let record { records[record].pointee.keeper = process }
  }

  /// There will be no container for the record.
  func forgetRecord() {
    if let record { records[record].pointee.serial = 0 }
  }

  /// The client's channel of the reserve, if it uses one.
  private var reserved: Channel? { reserve[head.channel] }

  /// A server's way to the client; nil if there is none at the other end.
  func openChannel() -> Channel? {
    reserve.keepOnly(head.channel)
    if reserved != nil, !region.serveChannel(head.channel, of: head.client) { return nil }
    guard let channel = reserved ?? Channel(client: head.client) else { return nil }
    if channel.hasClient { return channel }
    channel.close()
    return nil
  }

  /// The manager's own answer, when there is nobody else to give it.
  func refuse(_ why: StaticString) {
    guard let channel = reserved ?? Channel(answering: head.client) else { return }
    if channel.hasClient { channel.refuse(why) }
    if reserved == nil { channel.close() }
  }

  /// The request's words after the first, which says which container is meant, and their end; nil if
  /// they are none.
  func words() -> (who: CString, others: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>)? {
    let count = Int(head.count)
    guard count > 1, count <= Int(PGSIZE), bytes[count - 1] == 0 else { return nil }
    let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
      capacity: Int(MAXARG) + 2)
    var words = 0
    var at = 0
    let bytes = UnsafeMutableRawPointer(bytes).assumingMemoryBound(to: CChar.self)
    while at < count {
      guard words <= Int(MAXARG) else { return nil }
      vector[words] = bytes + at
      at += strlen(bytes + at) + 1
      words += 1
    }
    vector[words] = nil
    return (CString(bytes), vector + 1)
  }
}

// MARK: - The server of one request

struct Server {
  private let request: Request
  private let channel: Channel
  /// The processes that serve the client, and the one that is being served; 0 for none.
  private var output: CInt = 0
  private var errors: CInt = 0
  private var input: CInt = 0
  private var passer: CInt = 0
  private var program: CInt = 0
  /// The client's process that reads its input, as the client has said in time.
  private var reader: CInt = 0

  init(_ request: Request) {
    guard let channel = request.openChannel() else { exit(0) }
    self.request = request
    self.channel = channel
  }

  mutating func run() -> Never {
    switch request.head.ask {
    case ASK_RUN, ASK_CREATE: serveSpec()
    case ASK_EXEC: serveContainer()
    default: channel.refuse("no such request")
    }
    exit(0)
  }

  /// Runs one more program in a container that there is.
  private mutating func serveContainer() {
    guard let (who, others) = request.words() else { return channel.refuse("no such request") }
    let container = request.records.container(who)
    var info = cm_info()
    guard container > 0, cm_info(container, &info) == container else {
      return channel.refuse("no such container")
    }
    guard others[0] != nil else { return channel.refuse("no program") }
    start(
      Start(
        vector: others, priority: prio_get(info.`init`), spec: nil, container: container,
        record: nil, isAttached: true))
  }

  /// Stays until the client is gone, lets its input in when it knocks, and ends what is left over.
  private mutating func stay(_ inputPipe: CInt) {
    if channel.watch() {
      reader = channel.reader
      if !channel.inputIsOver {
        input = fork()
        if input == 0 { pumpInput(to: inputPipe) }
      }
      _ = close(inputPipe)
      while channel.watch() {}
    }
    channel.isOver = true
    killReader()
    end(program)
    awaitReaping()
    end(output)
    end(errors)
    end(passer)
    end(input)
    while wait(nil) > 0 {}
  }

  /// Waits until a program that was run in a container has been reaped by its parent: left to the
  /// container's init, which may never do that, it would keep its slot.
  private func awaitReaping() {
    guard passer > 0, program > 0 else { return }
    _ = prio_set(output, prio_get(getpid()))
    var found = proc_info()
    while process_find(program, &found) > 0, found.parent == output { _ = sleep(1) }
  }

  /// Kills a process, and lets it die at once: what it holds should not wait for a quiet moment.
  private func end(_ process: CInt) {
    guard process > 0 else { return }
    _ = prio_set(process, prio_get(getpid()))
    _ = kill(process)
  }

  /// Ends the client's process that reads its input, if the client could not do that itself. Its pid
  /// is the client's word: nothing but an orphan called dockv6 is ended.
  private func killReader() {
    process_end_orphan(reader > 0 ? reader : channel.reader, ("dockv6" as StaticString).path)
  }
}

// MARK: - Programs in containers

extension Server {
  /// Makes a composed root, enters it and becomes the container's init.
  private static var rootMaker: StaticString { "/cmroot" }

  private mutating func serveSpec() {
    var json = JsonReader(request.bytes, Int(request.head.count))
    do throws(JsonError) {
      let place = UnsafeMutablePointer<Spec>.allocate(capacity: 1)
      place.initialize(to: try Spec.read(&json))
      let spec = UnsafePointer(place).pointee
      guard spec.priority >= Int(prio_get(getpid())) else {
        throw JsonError(index: spec.priorityIndex, expected: "no priority above the manager's")
      }
      var status = stat()
      guard stat(spec.root, &status) == 0, CInt(status.type) == T_DIR else {
        throw JsonError(index: spec.rootIndex, expected: "a directory that there is")
      }
      guard let record = request.record else { return }
      let isOnlyOne = request.region.whileLocked {
        request.records.describe(request.records[record], place)
      }
      guard isOnlyOne else {
        throw JsonError(
          index: spec.nameIndex, expected: "a name that no running container has")
      }
      var vector = spec.vector
      if spec.isComposed {
        guard let path = spec_keep(CInt(record), request.bytes, CInt(request.head.count)) else {
          request.forgetRecord()
          return channel.refuse("no room on the disk")
        }
        vector = .allocate(capacity: 3)
        vector[0] = UnsafeMutablePointer(mutating: Server.rootMaker.path)
        vector[1] = path
        vector[2] = nil
      }
      if spec.hasNetwork { start_service(("/cmnames" as StaticString).path) }
      say(
        """
        cm: init \(spec.initPath), root \(spec.rootName), at most \(spec.limit) processes\n
        """)
      start(
        Start(
          vector: vector, priority: CInt(spec.priority), spec: place, container: 0,
          record: record, isAttached: request.head.ask == ASK_RUN))
    } catch {
      refuse(error)
      channel.finish(1)
    }
  }

  /// There will be no container: its spec has something that cannot be.
  private func refuse(_ error: JsonError) {
    request.forgetRecord()
    let json = JsonReader(request.bytes, Int(request.head.count))
    let place = json.position(of: error.index)
    let found = UnsafeMutablePointer<CChar>.allocate(capacity: 32)
    json.copyFound(at: error.index, to: found)
    channel.send(
      TELL_ERRORS,
      """
      cm: request:\(place.line):\(place.column): expected \(error.expected.text), \
      found \(CString(found))\n
      """)
  }

  /// Starts a program and stays with it as long as the client does, or as long as it is to be started again.
  private mutating func start(_ start: Start) {
    guard let input = launch(start) else { return }
    if start.isAttached { return stay(input) }
    channel.close()
    request.region.forgetChannel(request.head.channel)
    if start.isKept, let spec = start.spec, let record = start.record {
      keepRunning(start, spec, request.records[record])
    }
    exit(0)
  }

  /// Starts the init of a container again, in another container, when it has ended, as its spec says; each time it
  /// waits twice as long, unless the init has run for a while.
  private mutating func keepRunning(
    _ start: Start, _ spec: UnsafePointer<Spec>, _ record: UnsafeMutablePointer<record>
  ) {
    var again = start
    again.isAgain = true
    var pause: CInt = 1
    var restarts = 0
    while true {
      let began = uptime()
      while wait(nil) > 0 {}
      let isWanted = spec.pointee.restartsAlways || record.pointee.status != 0
      guard isWanted, record.pointee.stopped == 0, restarts < spec.pointee.restartsMost else {
        break
      }
      if uptime() - began > 100 { pause = 1 }
      for _ in 0..<pause where record.pointee.stopped == 0 { _ = sleep(1) }
      pause = min(pause * 2, 64)
      if record.pointee.stopped != 0 { break }
      if spec.pointee.isComposed, restarts == 0 {
        // Its place on the disk stays the first container's.
        again.vector[1] = numbered_path(
          ContainerPlace.beginning.path, record.pointee.home, ("spec" as StaticString).path)
      }
      restarts += 1
      record.pointee.restarts = UInt8(truncatingIfNeeded: min(restarts, 255))
      if let input = launch(again) { _ = close(input) }
    }
    record.pointee.ended = 1
  }

  /// There is no way to start it: says so, or tries again later.
  private func giveUp(_ start: Start, _ why: StaticString) -> CInt? {
    if start.isAgain { return nil }
    request.forgetRecord()
    channel.refuse(why)
    return nil
  }

  /// Starts a program, with processes that pass on what it writes.
  ///
  /// - Returns: where its input comes from, if a client is attached to it, else -1; nil if it cannot be started.
  private mutating func launch(_ start: Start) -> CInt? {
    guard let pipes = Pipes() else { return giveUp(start, "no pipe left") }
    errors = fork()
    if errors == 0 { serveErrors(start, pipes) }
    if start.spec == nil {
      passer = fork()
      if passer == 0 { serveProgram(start, pipes) }
    }
    if errors > 0, passer >= 0 { output = fork() }
    if errors > 0, passer >= 0, output == 0 {
      if start.spec == nil { awaitProgram(start, pipes) }
      serveOutput(start, pipes)
    }
    guard errors > 0, passer >= 0, output > 0 else {
      end(errors)
      end(passer)
      return giveUp(start, "no process or memory left")
    }
    pipes.closeAll(but: start.isAttached ? pipes.input.output : -1, pipes.report.input)
    var report = Report()
    if read(pipes.report.input, &report, CInt(MemoryLayout<Report>.size)) > 0, start.isAttached {
      program = report.pid
    }
    _ = close(pipes.report.input)
    return start.isAttached ? pipes.input.output : -1
  }

  /// Puts the program on its pipes and into its container, and becomes it.
  private func become(_ start: Start, _ pipes: Pipes) -> Never {
    move(pipes.input.input, to: 0)
    move(pipes.output.output, to: 1)
    move(pipes.errors.output, to: 2)
    pipes.closeAll(but: pipes.report.output)
    // Whatever this process shares with others outside, it leaves behind by entering.
    // And by which number it is known out here: inside it has another one.
    var report = Report(id: 0, pid: getpid())
    report.id = enter(start)
    _ = write(1, &report.id, CInt(MemoryLayout<CInt>.size))
    guard report.id > 0, isLetGo(start) else { exit(1) }
    _ = write(pipes.report.output, &report, CInt(MemoryLayout<Report>.size))
    _ = close(pipes.report.output)
    _ = prio_set(getpid(), start.priority)
    _ = exec(start.vector[0], start.vector)
    complain("cm: cannot run \(CString(start.vector[0].unsafelyUnwrapped))\n")
    exit(127)
  }

  /// Waits until its limits are set, which is done from outside, and said by the first byte of its input.
  private func isLetGo(_ start: Start) -> Bool {
    var word: UInt8 = 1
    return !start.isLimited || read(0, &word, 1) == 1 && word == 1
  }

  /// Sets the limits of a new container, and lets its first process go on, or end.
  private func limit(_ container: CInt, _ start: Start, _ pipes: Pipes) -> Bool {
    guard start.isLimited, let limits = start.spec?.pointee.limits else { return true }
    let refused = group_limit_all(container, limits)
    var word: UInt8 = refused > 0 ? 0 : 1
    _ = write(pipes.input.output, &word, 1)
    _ = close(pipes.input.output)
    if refused > 0, !start.isAgain {
      refuse(
        JsonError(
          index: Int(limit_place(limits, refused)), expected: "a limit that the machine takes"))
    }
    return refused == 0
  }

  private func move(_ descriptor: CInt, to target: CInt) {
    _ = close(target)
    _ = dup(descriptor)
  }

  /// The id of the container that the caller now is in, or which step failed.
  private func enter(_ start: Start) -> CInt {
    guard let spec = start.spec?.pointee else {
      return cm_join(start.container) == 0 ? start.container : -4
    }
    guard cm_create_and_enter() == 0 else { return -1 }
    guard spec.isComposed || cm_setroot(spec.root, CInt(strlen(spec.root))) == 0 else { return -2 }
    guard cm_maxproc(CInt(spec.limit)) == 0 else { return -3 }
    return getcid()
  }

  private func reason(_ failure: CInt) -> StaticString {
    switch failure {
    case -1: "no container left"
    case -2: "the root is no directory"
    case -3: "the process limit was refused"
    case -4: "the container has ended, or has no slot left"
    default: "no process or memory left"
    }
  }

  /// Tells the client that the program has begun, or why it has not, once its output says which.
  private func tellStart(_ start: Start, _ pipes: Pipes) -> Bool {
    var id: CInt = 0
    let reported = read(pipes.output.input, &id, CInt(MemoryLayout<CInt>.size))
    var isStarted = reported > 0 && id > 0
    if isStarted {
      // Before its first process goes on, where that waits.
      if let record = start.record, start.spec?.pointee.hasNetwork == true {
        group_name(id, record_name(request.records[record]))
      }
      isStarted = limit(id, start, pipes)
    } else if !start.isAgain {
      request.forgetRecord()
      channel.send(TELL_ERRORS, "cm: \(reason(id), width: 0)\n")
    }
    if isStarted, let record = start.record.map({ request.records[$0] }) {
      if record.pointee.home == 0 { record.pointee.home = id }
      record.pointee.cid = id
    }
    if start.isAgain { return isStarted }
    if isStarted {
      channel.send(TELL_STARTED, number: id)
    } else if !start.isAttached {
      channel.finish(1)
    }
    if !start.isAttached { channel.close() }
    return isStarted
  }

  /// Starts a container's init, and passes on its output and at last its status.
  private func serveOutput(_ start: Start, _ pipes: Pipes) -> Never {
    if !start.isKept { request.keep(by: getpid()) }
    let program = fork()
    if program == 0 { become(start, pipes) }
    pipes.closeAll(but: pipes.output.input, start.isLimited ? pipes.input.output : -1)
    _ = prio_set(getpid(), start.priority)
    let isStarted = tellStart(start, pipes)
    if isStarted { pump(pipes.output.input, start, .output) }
    var status: CInt = 1
    _ = wait(&status)
    if isStarted || start.isAgain, let record = start.record {
      request.records[record].pointee.status = status
      if !start.isKept { request.records[record].pointee.ended = 1 }
    }
    if start.isAttached { channel.send(TELL_ENDED, number: status) }
    exit(0)
  }

  /// Starts one more program in a container and waits for it, not for whoever else holds its pipes.
  private func awaitProgram(_ start: Start, _ pipes: Pipes) -> Never {
    let program = fork()
    if program == 0 { become(start, pipes) }
    pipes.closeAll(but: -1)
    _ = prio_set(getpid(), start.priority)
    var status: CInt = 1
    if program > 0 { _ = wait(&status) }
    channel.finishPassing(output: passer, errors: errors)
    channel.finish(status)
    exit(0)
  }

  /// Passes on the output of a program that another process has started.
  private func serveProgram(_ start: Start, _ pipes: Pipes) -> Never {
    pipes.closeAll(but: pipes.output.input)
    _ = prio_set(getpid(), start.priority)
    _ = tellStart(start, pipes)
    channel.pass(pipes.output.input, .output)
    exit(0)
  }

  private func serveErrors(_ start: Start, _ pipes: Pipes) -> Never {
    pipes.closeAll(but: pipes.errors.input)
    _ = prio_set(getpid(), start.priority)
    if start.spec == nil {
      channel.pass(pipes.errors.input, .errors)
      exit(0)
    }
    if !start.isAttached { channel.close() }
    pump(pipes.errors.input, start, .errors)
    if start.isAttached { channel.send(TELL_ERRORS_END, 0) }
    exit(0)
  }

  /// Passes on what comes through a container's pipe, to its end, and logs it.
  private func pump(_ pipe: CInt, _ start: Start, _ stream: Stream) {
    guard let record = start.record else { return }
    var log = log_writer_for(request.records[record], CInt(record), stream.rawValue)
    while true {
      let count = read(pipe, channel.bytes, FRAME_MAX)
      guard count > 0 else { return }
      log_append(&log, channel.bytes, count)
      if start.isAttached { channel.send(stream.kind, Int(count)) }
    }
  }

  private func pumpInput(to pipe: CInt) -> Never {
    _ = prio_set(getpid(), prio_get(output))
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: Int(FRAME_MAX))
    while true {
      let count = channel.takeInput(buffer, atMost: Int(FRAME_MAX))
      guard count > 0, write(pipe, buffer, CInt(count)) == CInt(count) else { exit(0) }
    }
  }
}
