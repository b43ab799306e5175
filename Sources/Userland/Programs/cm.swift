// cm: the container manager. It makes the region through which clients reach it and waits there; for
// each request it starts processes of its own and turns to the next one, so that no client and no
// container can hold it up. For a container that a client stays attached to these are:
//
//     server   holds the way into the container's input, and waits for the client's knock or end
//     output   the parent of the container's init: passes its output on, then its exit status
//     errors   passes its errors on
//     input    passes the client's input on; only from when there is some
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
  region.manage()
  let headSize = MemoryLayout<request_head>.size
  let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: headSize + Int(REQUEST_MAX))
  memset(buffer, 0, headSize + Int(REQUEST_MAX))
  say("cm: ready\n")
  for descriptor in CInt(3)..<16 { _ = close(descriptor) }

  var serial: UInt32 = 0
  while true {
    let head = region.receive(buffer)
    serial &+= 1
    let request = Request(
      head: head, bytes: buffer + headSize, serial: serial, records: records)
    if !forkServer(request) { request.refuse("no process left") }
    region.release()
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
    exit(server < 0 ? 1 : 0)
  }
  var status: CInt = 1
  return child > 0 && wait(&status) == child && status == 0
}

/// What a client has asked for.
struct Request {
  let head: request_head
  let bytes: UnsafeMutablePointer<UInt8>
  /// The manager's count of requests.
  let serial: UInt32
  let records: Records

  /// The way to the client; nil if there is none at the other end.
  func openChannel() -> Channel? {
    guard let channel = Channel(client: head.client) else { return nil }
    if channel.hasClient { return channel }
    channel.close()
    return nil
  }

  func refuse(_ why: StaticString) {
    guard let channel = openChannel() else { return }
    channel.refuse(why)
    channel.close()
  }
}

extension Channel {
  /// The last frames: nothing comes after them.
  func finish(_ status: CInt) {
    send(TELL_ERRORS_END, 0)
    send(TELL_ENDED, number: status)
  }

  /// Tells the client why there is nothing else to tell. Sent first and alone, it always has room.
  func refuse(_ why: StaticString) {
    send(TELL_ERRORS, "cm: \(why, width: 0)\n")
    finish(1)
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
  private var program: CInt = 0
  /// The client's process that reads its input, as the client has said in time.
  private var reader: CInt = 0

  init(_ request: Request) {
    guard let channel = request.openChannel() else { exit(0) }
    self.request = request
    self.channel = channel
  }

  mutating func run() -> Never {
    let container = request.head.container
    switch request.head.ask {
    case ASK_RUN, ASK_CREATE: serveSpec()
    case ASK_EXEC: serveExec()
    case ASK_LIST: answer { $0.list($1) }
    case ASK_LOGS: answer { $0.sendLogs(of: container, $1) }
    case ASK_KILL:
      var info = cm_info()
      guard cm_info(container, &info) == container, kill(info.`init`) == 0 else {
        channel.refuse("no such container")
        break
      }
      channel.finish(0)
    default: channel.refuse("no such request")
    }
    exit(0)
  }

  /// Answers in another process, in case the client dies before it has read everything.
  private mutating func answer(_ body: (Records, Channel) -> Void) {
    output = fork()
    if output == 0 {
      body(request.records, channel)
      exit(0)
    }
    if output < 0 { channel.refuse("no process left") }
    stay(-1)
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
    end(output)
    end(errors)
    end(input)
    while wait(nil) > 0 {}
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
    let reader = reader > 0 ? reader : channel.reader
    guard reader > 0 else { return }
    var capacity = 64
    while true {
      let table = UnsafeMutablePointer<proc_info>.allocate(capacity: capacity)
      let count = Int(ps(table, CInt(capacity)))
      for index in 0..<max(count, 0) where table[index].pid == reader && table[index].parent == 1 {
        let isClient = withUnsafePointer(to: &table[index].name.0) { CString($0) == "dockv6" }
        if isClient { _ = kill(reader) }
      }
      if count < capacity { return }
      table.deallocate()
      capacity *= 2
    }
  }
}

// MARK: - Programs in containers

/// What is to run, and where.
struct Start {
  let vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  let priority: CInt
  /// A container to be made; else one that there is.
  let spec: Spec?
  let container: CInt
  /// What the manager remembers of a container that it makes.
  let record: UnsafeMutablePointer<record>?
  /// Whether the client stays.
  let isAttached: Bool
}

/// A program's pipes, and one on which it reports how it began.
struct Pipes {
  let input: PipeEnds
  let output: PipeEnds
  let errors: PipeEnds
  let report: PipeEnds

  /// The pipes; nil if there are not as many to be had.
  init?() {
    guard let input = PipeEnds(), let output = PipeEnds(), let errors = PipeEnds(),
      let report = PipeEnds()
    else { return nil }
    self.input = input
    self.output = output
    self.errors = errors
    self.report = report
  }

  /// Closes all ends but these two.
  func closeAll(but first: CInt, _ second: CInt = -1) {
    for descriptor in input.input...report.output
    where descriptor != first && descriptor != second {
      _ = close(descriptor)
    }
  }
}

/// How a program began: its container's id, or the step that failed, below 0; and its pid.
struct Report {
  var id: CInt = 0
  var pid: CInt = 0
}

extension Server {
  private mutating func serveSpec() {
    var json = JsonReader(request.bytes, Int(request.head.count))
    do throws(JsonError) {
      let spec = try Spec.read(&json, title: ("" as StaticString).path, warns: false)
      guard spec.priority >= Int(prio_get(getpid())) else {
        throw JsonError(index: spec.priorityIndex, expected: "no priority above the manager's")
      }
      var status = stat()
      guard stat(spec.root, &status) == 0, CInt(status.type) == T_DIR else {
        throw JsonError(index: spec.rootIndex, expected: "a directory that there is")
      }
      say(
        """
        cm: init \(spec.initPath), root \(CString(spec.root)), at most \(spec.limit) processes\n
        """)
      start(
        Start(
          vector: spec.vector, priority: CInt(spec.priority), spec: spec, container: 0,
          record: request.records.begin(request.serial, spec),
          isAttached: request.head.ask == ASK_RUN))
    } catch {
      let place = json.position(of: error.index)
      let found = UnsafeMutablePointer<CChar>.allocate(capacity: 32)
      json.copyFound(at: error.index, to: found)
      channel.send(
        TELL_ERRORS,
        """
        cm: request:\(place.line):\(place.column): expected \(error.expected, width: 0), \
        found \(CString(found))\n
        """)
      channel.finish(1)
    }
  }

  private mutating func serveExec() {
    var info = cm_info()
    let container = request.head.container
    guard container > 0, cm_info(container, &info) == container else {
      return channel.refuse("no such container")
    }
    guard let vector = words() else { return channel.refuse("no program") }
    start(
      Start(
        vector: vector, priority: prio_get(info.`init`), spec: nil, container: container,
        record: nil, isAttached: true))
  }

  /// The request's bytes as a program and its arguments; nil if they are none.
  private func words() -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    let count = Int(request.head.count)
    guard count > 1, count <= Int(PGSIZE), request.bytes[count - 1] == 0 else { return nil }
    let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
      capacity: Int(MAXARG) + 1)
    var words = 0
    var at = 0
    let bytes = UnsafeMutableRawPointer(request.bytes).assumingMemoryBound(to: CChar.self)
    while at < count {
      guard words < Int(MAXARG) else { return nil }
      vector[words] = bytes + at
      at += strlen(bytes + at) + 1
      words += 1
    }
    vector[words] = nil
    return vector
  }

  /// Starts a program and stays with it as long as the client does.
  private mutating func start(_ start: Start) {
    guard let pipes = Pipes() else { return channel.refuse("no pipe left") }
    errors = fork()
    if errors == 0 { serveErrors(start, pipes) }
    output = fork()
    if output == 0 { serveOutput(start, pipes) }
    guard errors > 0, output > 0 else {
      end(errors)
      end(output)
      return channel.refuse("no process left")
    }
    pipes.closeAll(but: start.isAttached ? pipes.input.output : -1, pipes.report.input)
    var report = Report()
    if read(pipes.report.input, &report, CInt(MemoryLayout<Report>.size)) > 0, start.isAttached {
      program = report.pid
    }
    _ = close(pipes.report.input)
    guard start.isAttached else { exit(0) }
    stay(pipes.input.output)
  }

  /// Puts the program on its pipes and into its container, and becomes it.
  private func become(_ start: Start, _ pipes: Pipes) -> Never {
    move(pipes.input.input, to: 0)
    move(pipes.output.output, to: 1)
    move(pipes.errors.output, to: 2)
    pipes.closeAll(but: pipes.report.output)
    // Whatever this process shares with others outside, it leaves behind by entering.
    var report = Report(id: enter(start), pid: getpid())
    _ = write(1, &report.id, CInt(MemoryLayout<CInt>.size))
    _ = write(pipes.report.output, &report, CInt(MemoryLayout<Report>.size))
    _ = close(pipes.report.output)
    guard report.id > 0 else { exit(1) }
    _ = prio_set(report.pid, start.priority)
    _ = exec(start.vector[0], start.vector)
    complain("cm: cannot run \(CString(start.vector[0].unsafelyUnwrapped))\n")
    exit(127)
  }

  private func move(_ descriptor: CInt, to target: CInt) {
    _ = close(target)
    _ = dup(descriptor)
  }

  /// The id of the container that the caller now is in, or which step failed.
  private func enter(_ start: Start) -> CInt {
    guard let spec = start.spec else {
      return cm_join(start.container) == 0 ? start.container : -4
    }
    guard cm_create_and_enter() == 0 else { return -1 }
    guard cm_setroot(spec.root, CInt(strlen(spec.root))) == 0 else { return -2 }
    guard cm_maxproc(CInt(spec.limit)) == 0 else { return -3 }
    return getcid()
  }

  private func reason(_ failure: CInt) -> StaticString {
    switch failure {
    case -1: "no container left"
    case -2: "the root is no directory"
    case -3: "the process limit was refused"
    case -4: "the container has ended, or its processes are all in use"
    default: "no process left"
    }
  }

  /// Starts the program, and passes on its output and at last its status.
  private func serveOutput(_ start: Start, _ pipes: Pipes) -> Never {
    let program = fork()
    if program == 0 { become(start, pipes) }
    pipes.closeAll(but: pipes.output.input)
    _ = prio_set(getpid(), start.priority)

    var id: CInt = 0
    let reported = program > 0 ? read(pipes.output.input, &id, CInt(MemoryLayout<CInt>.size)) : 0
    if reported > 0, id > 0 {
      start.record?.pointee.cid = id
      channel.send(TELL_STARTED, number: id)
    } else {
      channel.send(TELL_ERRORS, "cm: \(reason(id), width: 0)\n")
      if !start.isAttached { channel.finish(1) }
    }
    if !start.isAttached { channel.close() }
    pump(pipes.output.input, start, TELL_OUTPUT, start.record?.output)
    var status: CInt = 1
    _ = wait(&status)
    request.records.finish(request.serial, status)
    if start.isAttached { channel.send(TELL_ENDED, number: status) }
    exit(0)
  }

  private func serveErrors(_ start: Start, _ pipes: Pipes) -> Never {
    pipes.closeAll(but: pipes.errors.input)
    _ = prio_set(getpid(), start.priority)
    if !start.isAttached { channel.close() }
    pump(pipes.errors.input, start, TELL_ERRORS, start.record?.errors)
    if start.isAttached { channel.send(TELL_ERRORS_END, 0) }
    exit(0)
  }

  /// Passes on what comes through a pipe, to its end.
  private func pump(
    _ pipe: CInt, _ start: Start, _ kind: CInt, _ tail: UnsafeMutablePointer<tail>?
  ) {
    while true {
      let count = read(pipe, channel.bytes, FRAME_MAX)
      guard count > 0 else { return }
      if let tail, start.record?.pointee.serial == request.serial {
        tail.append(channel.bytes, Int(count))
      }
      if start.isAttached { channel.send(kind, Int(count)) }
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

// MARK: - What the manager remembers

/// The latest containers, in pages that the manager shares with its servers.
struct Records {
  private let pages: UnsafeMutablePointer<UnsafeMutableRawPointer>

  private static var pageCount: Int { Int(RECORDS * RECORD_BYTES / PGSIZE) }

  init?() {
    pages = .allocate(capacity: Records.pageCount)
    for index in 0..<Records.pageCount {
      guard let page = shm_get(Records.name(index)) else { return nil }
      pages[index] = UnsafeMutableRawPointer(page)
    }
  }

  /// `cm.a`, `cm.b` …
  private static func name(_ index: Int) -> CString {
    let name = UnsafeMutablePointer<CChar>.allocate(capacity: 8)
    strcpy(name, ("cm.a" as StaticString).path)
    name[3] += CChar(index)
    return CString(name)
  }

  private subscript(serial: UInt32) -> UnsafeMutablePointer<record> {
    let index = Int(serial) % Int(RECORDS)
    let perPage = Int(PGSIZE / RECORD_BYTES)
    return (pages[index / perPage] + index % perPage * Int(RECORD_BYTES))
      .assumingMemoryBound(to: record.self)
  }

  /// A new record in place of the oldest one.
  func begin(_ serial: UInt32, _ spec: Spec) -> UnsafeMutablePointer<record> {
    let new = self[serial]
    new.pointee.serial = serial
    new.pointee.cid = 0
    new.pointee.ended = 0
    new.pointee.limit = CInt(spec.limit)
    new.pointee.output.total = 0
    new.pointee.errors.total = 0
    copy(spec.initPath, to: &new.pointee.`init`.0)
    copy(spec.root, to: &new.pointee.root.0)
    return new
  }

  func finish(_ serial: UInt32, _ status: CInt) {
    let record = self[serial]
    guard record.pointee.serial == serial else { return }
    record.pointee.status = status
    record.pointee.ended = 1
  }

  private func copy(_ text: CString, to place: UnsafeMutablePointer<CChar>) {
    let length = min(strlen(text), Int(RECORD_TEXT) - 1)
    memcpy(place, text, length)
    place[length] = 0
  }

  /// A text out of a record, which others may have written into.
  /// The root that the kernel knows, of which 15 bytes are shown.
  private func root(of info: UnsafeMutablePointer<cm_info>) -> CString {
    withUnsafeMutablePointer(to: &info.pointee.root) { root in
      let bytes = UnsafeMutableRawPointer(root).assumingMemoryBound(to: CChar.self)
      bytes[15] = 0
      return CString(bytes)
    }
  }

  private func text(_ place: UnsafeMutablePointer<CChar>) -> CString {
    place[Int(RECORD_TEXT) - 1] = 0
    return CString(place)
  }

  /// The record of this container.
  private func find(_ id: CInt) -> UnsafeMutablePointer<record>? {
    for serial in 0..<UInt32(RECORDS) where self[serial].pointee.cid == id { return self[serial] }
    return nil
  }

  /// The ended container with the lowest id from this one on.
  private func firstEnded(from id: CInt) -> CInt? {
    var lowest: CInt?
    for serial in 0..<UInt32(RECORDS) where self[serial].pointee.ended != 0 {
      let found = self[serial].pointee.cid
      if found >= id, found < lowest ?? CInt.max { lowest = found }
    }
    return lowest
  }

  /// Sends a line for each container: those that live, as the kernel says, and the latest of those
  /// that have ended.
  func list(_ channel: Channel) {
    channel.send(TELL_OUTPUT, "ID   INIT             ROOT             NOW  MAX  STATE\n")
    var id: CInt = 1
    while id > 0 {
      var info = cm_info()
      let living = cm_info(id, &info)
      let ended = firstEnded(from: id) ?? CInt.max
      guard living > 0 || ended < CInt.max else { break }
      let isLiving = living > 0 && living <= ended
      id = isLiving ? living : ended
      let record = find(id)
      let program = record.map { text(&$0.pointee.`init`.0) } ?? ("-" as StaticString).path
      let root = record.map { text(&$0.pointee.root.0) } ?? root(of: &info)
      let limit = record?.pointee.limit ?? info.limit
      if isLiving {
        channel.send(
          TELL_OUTPUT,
          """
          \(id, width: 4) \(program, width: 16) \(root, width: 16) \(info.processes, width: 4) \
          \(limit, width: 4) running\n
          """)
      } else {
        channel.send(
          TELL_OUTPUT,
          """
          \(id, width: 4) \(program, width: 16) \(root, width: 16) 0    \(limit, width: 4) \
          exited \(record?.pointee.status ?? 0)\n
          """)
      }
      id &+= 1
    }
    channel.finish(0)
  }

  /// Sends the end of what a container has written, as output and errors.
  func sendLogs(of id: CInt, _ channel: Channel) {
    guard id > 0, let record = find(id) else { return channel.refuse("no such container") }
    record.output.send(TELL_OUTPUT, to: channel)
    record.errors.send(TELL_ERRORS, to: channel)
    channel.finish(0)
  }
}

// MARK: - Tails

extension UnsafeMutablePointer<record> {
  var output: UnsafeMutablePointer<tail> { output_tail(self) }
  var errors: UnsafeMutablePointer<tail> { errors_tail(self) }
}

extension UnsafeMutablePointer<tail> {
  private var bytes: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(self) + MemoryLayout<UInt32>.size
  }

  /// Adds bytes, of which the oldest go when there is no room.
  func append(_ new: UnsafeRawPointer, _ count: Int) {
    let at = Int(pointee.total) % Int(TAIL_BYTES)
    let straight = min(count, Int(TAIL_BYTES) - at)
    memcpy(bytes + at, new, straight)
    memcpy(bytes, new + straight, count - straight)
    pointee.total &+= UInt32(count)
  }

  /// Sends what is there.
  func send(_ kind: CInt, to channel: Channel) {
    let total = Int(pointee.total)
    var from = max(0, total - Int(TAIL_BYTES))
    while from < total {
      let at = from % Int(TAIL_BYTES)
      let count = min(total - from, Int(TAIL_BYTES) - at, Int(FRAME_MAX))
      memcpy(channel.bytes, bytes + at, count)
      channel.send(kind, count)
      from += count
    }
  }
}
