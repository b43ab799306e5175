// dockps: what dockv6 does with containers that there are by asking the kernel and the manager's records, without the
// manager: ps, top, stats and logs, network and port, wait for a container's end, kill, pause and resume, and new limits
// by update.

func run(_ arguments: Arguments) -> ExitStatus {
  let verb = arguments.count > 1 ? arguments[1] : ("" as StaticString).path
  let count = arguments.count - 2
  if verb == "update", count < 2 { return usage() }
  let isOfOne = !(verb == "wait" || verb == "stats" || verb == "update")
  let isOfAll = verb == "ps" || verb == "network"
  guard isOfAll ? count == 0 : isOfOne ? count == 1 : verb == "stats" || count > 0 else {
    return usage()
  }
  guard let region = RequestRegion(), region.isManaged, let records = Records() else {
    complain("dockv6: there is no manager; start it with `cm &`\n")
    return 1
  }
  records.takeAll()
  if verb == "ps" { return listContainers(records) }
  if verb == "network" { return listAddresses(records) }
  if verb == "stats" { return showStatistics(records, arguments) }
  if verb == "update" {
    let known = KnownContainer(records, arguments[2])
    guard known.exists else { return notKnown(arguments[2]) }
    return known.update(arguments) ? 0 : 1
  }
  var status: ExitStatus = 0
  arguments.forEach(from: 2) { who in
    let known = KnownContainer(records, who)
    guard known.exists else {
      status = notKnown(who)
      return
    }
    let isDone: Bool
    if verb == "top" {
      isDone = known.showProcesses()
    } else if verb == "logs" {
      isDone = known.showLog()
    } else if verb == "port" {
      isDone = known.showPorts()
    } else if verb == "wait" {
      isDone = known.awaitEnd()
    } else if verb == "kill" {
      isDone = known.end()
    } else {
      isDone = known.freeze(verb == "pause")
    }
    if !isDone { status = 1 }
  }
  return status
}

func notKnown(_ who: CString) -> ExitStatus {
  complain("dockv6: no such container: \(who)\n")
  return 1
}

func usage() -> ExitStatus {
  complain(
    """
    usage: dockv6 ps | top ID | logs ID | kill ID | wait ID... | pause ID | resume ID
           dockv6 network | port ID | stats [-n TIMES] [ID...] | update ID NAME=VALUE...\n
    """)
  return 1
}

// MARK: - All containers

/// A line for each container: those that live, as the kernel says, and the latest of those that have ended.
func listContainers(_ records: Records) -> ExitStatus {
  guard let list = ProcessList() else {
    complain("dockv6: no memory left\n")
    return 1
  }
  say("ID   INIT             ROOT             NOW  MAX  STATE        PIDS             NAME\n")
  var id: CInt = 1
  while id > 0 {
    var info = cm_info()
    let living = cm_info(id, &info)
    let ended = records.firstEnded(from: id) ?? CInt.max
    guard living > 0 || ended < CInt.max else { break }
    let isLiving = living > 0 && living <= ended
    id = isLiving ? living : ended
    show(id, records.find(id).map { records[$0] }, isLiving ? info : nil, list)
    id &+= 1
  }
  return 0
}

func show(
  _ id: CInt, _ record: UnsafeMutablePointer<record>?, _ living: cm_info?, _ list: ProcessList
) {
  let none = ("-" as StaticString).path
  // What comes from /proc is put together in the same place as the line.
  let numbers = living == nil ? none : numbers(of: id, list)
  let isPaused = living != nil && GroupFiles(id).number("cgroup.freeze") == 1
  if let record { record_terminate(record) }
  let name = record.flatMap { $0.pointee.name.0 == 0 ? nil : record_name($0) } ?? none
  text_begin()
  text_number(Int(id), 4)
  text_pad(1)
  text_string(record.map { CString(record_init($0)) } ?? none, 16)
  text_pad(1)
  text_string(record.map { CString(record_root($0)) } ?? living.map { text(of: $0) } ?? none, 16)
  text_pad(1)
  text_number(Int(living?.processes ?? 0), 4)
  text_pad(1)
  // As the kernel has it now, which may have been changed since.
  text_number(Int(living?.limit ?? record?.pointee.limit ?? 0), 4)
  text_pad(1)
  if living == nil, let record, record_lives(record) != 0 {
    text_string(("restarting" as StaticString).path, 12)
  } else if living == nil {
    text_string(("exited" as StaticString).path, 7)
    text_number(Int(record?.pointee.status ?? 0), 5)
  } else {
    text_string(((isPaused ? "paused" : "running") as StaticString).path, 12)
  }
  text_pad(1)
  text_string(numbers, 16)
  text_pad(1)
  text_string(name, 0)
  text_bytes(("\n" as StaticString).utf8Start, 1)
  _ = text_write(1)
}

/// Who has which address at the switch: the machine outside and the containers that run.
func listAddresses(_ records: Records) -> ExitStatus {
  say("ADDRESS          ID   NAME\n10.0.0.1         -    -\n")
  var info = cm_info()
  var id: CInt = 1
  while true {
    id = cm_info(id, &info)
    guard id > 0 else { return 0 }
    if let address = GroupFiles(id).read(("net.address" as StaticString).path),
      address[0] <= CChar(ascii: "9")
    {
      let record = records.find(id).map { records[$0] }
      if let record { record_terminate(record) }
      let name = record.flatMap { $0.pointee.name.0 == 0 ? nil : record_name($0) }
      say("\(address, width: 16) \(id, width: 4) \(name ?? ("-" as StaticString).path)\n")
    }
    id &+= 1
  }
}

/// The root of a container that the manager knows nothing of, as the kernel has it.
func text(of info: cm_info) -> CString {
  var info = info
  let size = MemoryLayout.size(ofValue: info.root)
  let text = UnsafeMutablePointer<CChar>.allocate(capacity: size + 1)
  memcpy(text, &info.root, size)
  text[size] = 0
  return CString(text)
}

/// The container's processes by both numbers, the machine's and its own: `17:1,19:2`. The first three of them: `top`
/// has all.
func numbers(of id: CInt, _ list: ProcessList) -> CString {
  let most = 3
  var count = 0
  let text = UnsafeMutablePointer<UInt8>.allocate(capacity: 128)
  var used = 0
  for index in 0..<list.count where list.table[index].cid == id && count <= most {
    let own = count < most ? list.ownNumber(index) : 0
    text_begin()
    if count > 0 { text_string(("," as StaticString).path, 0) }
    if count == most {
      text_string(("..." as StaticString).path, 0)
    } else {
      text_number(Int(list.table[index].pid), 0)
      text_string((":" as StaticString).path, 0)
      if own > 0 { text_number(own, 0) } else { text_string(("?" as StaticString).path, 0) }
    }
    used += Int(text_take(text + used))
    count += 1
  }
  text[used] = 0
  return UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self)
}

// MARK: - One container

struct KnownContainer {
  private let records: Records
  private let named: CInt
  private let index: Int?

  /// Its number now: when its init is started again, it gets another one.
  private var id: CInt { index.map { records[$0].pointee.cid } ?? named }

  init(_ records: Records, _ who: CString) {
    self.records = records
    named = records.container(who)
    index = named > 0 ? records.find(named) : nil
  }

  /// Whether it lives, or has left a record.
  var exists: Bool { named > 0 && (index != nil || initPID != nil) }

  /// The number of its init here; nil when it has ended.
  private var initPID: CInt? {
    var info = cm_info()
    return cm_info(id, &info) == id ? info.`init` : nil
  }

  private func failed(_ why: StaticString) -> Bool {
    complain("dockv6: container \(id) \(why, width: 0)\n")
    return false
  }

  // MARK: top

  /// Its processes, as `ps -f` has them: by the machine's numbers and by its own.
  func showProcesses() -> Bool {
    guard initPID != nil else { return failed("does not run") }
    guard let list = ProcessList() else { return failed("cannot be looked at: no memory left") }
    ProcessList.sayFullHead()
    for index in 0..<list.count where list.table[index].cid == id { list.showFully(index) }
    return true
  }

  // MARK: logs

  /// What there is in its log: the end of its output, then that of its errors.
  func showLog() -> Bool {
    guard let index else { return failed("has no log: the manager knows nothing of it") }
    let record = records[index]
    let isWhole =
      log_show(record, CInt(index), 0) == 0 && log_show(record, CInt(index), 1) == 0
      && record.pointee.cut == 0
    return isWhole || failed("has a log that is not whole: its file failed")
  }

  // MARK: port

  /// Which of its ports are the host's, as its spec has it: `80 -> 127.0.0.1:8080`.
  func showPorts() -> Bool {
    let home = index.map { records[$0].pointee.home } ?? 0
    var file = open(ContainerPlace(home > 0 ? home : id).spec, O_RDONLY)
    // Before it has come so far, it is where the manager has put it.
    if file < 0, let index {
      let kept = ("/var/cm/spec." as StaticString).path
      file = open(numbered_path(kept, CInt(index), ("" as StaticString).path), O_RDONLY)
    }
    // A spec without ports need not be anywhere.
    guard file >= 0 else { return true }
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: Spec.bytesMax + 1)
    let count = read(file, text, CInt(Spec.bytesMax + 1))
    _ = close(file)
    var json = JsonReader(text, Int(count))
    let word = UnsafeMutablePointer<CChar>.allocate(capacity: 64)
    do throws(JsonError) {
      try json.beginObject()
      while try json.member(word, capacity: 64) {
        guard CString(word) == "ports" else {
          try json.skipValue()
          continue
        }
        try json.beginArray()
        while try json.element() {
          _ = try json.string(word, capacity: 64)
          var port = publication()
          guard publication_read(word, &port) != 0 else { continue }
          say("\(port.inside) -> \(address: port.address):\(port.outside)\n")
        }
      }
      return true
    } catch {
      return failed("has a spec that cannot be read")
    }
  }

  // MARK: wait

  /// Waits until it has ended, and prints its status.
  func awaitEnd() -> Bool {
    guard let index else { return failed("has no status: the manager knows nothing of it") }
    let record = records[index]
    let serial = record.pointee.serial
    if let initPID {
      // Whoever looks at every tick must not keep those from the hart that it waits for.
      let own = getpid()
      _ = prio_set(own, max(prio_get(own), prio_get(initPID)))
    }
    while record.pointee.serial == serial, record_lives(record) != 0 { _ = sleep(1) }
    guard record.pointee.serial == serial else { return failed("has ended, and is forgotten") }
    return say("\(record.pointee.status)\n")
  }

  // MARK: pause, resume and update

  /// Lets none of its processes run, or all of them again.
  func freeze(_ isFrozen: Bool) -> Bool {
    guard initPID != nil else { return failed("does not run") }
    let value: StaticString = isFrozen ? "1" : "0"
    return GroupFiles(id).write(("cgroup.freeze" as StaticString).path, value.path)
      || failed("has no group in /cgroup, which may not be mounted")
  }

  /// Sets limits, all or none of them: files of its group by their names, or short names for them.
  func update(_ arguments: Arguments) -> Bool {
    guard initPID != nil else { return failed("does not run") }
    let files = GroupFiles(id)
    let before = UnsafeMutablePointer<CString?>.allocate(capacity: arguments.count)
    var done = 3
    while done < arguments.count {
      guard let limit = Limit(arguments[done]) else {
        complain("dockv6: found \(arguments[done]), expected NAME=VALUE with a limit's name\n")
        break
      }
      guard let value = limit.value else {
        complain("dockv6: found \(arguments[done]), expected \(limit.expected)\n")
        break
      }
      before[done] = files.read(limit.file)
      guard before[done] != nil, files.write(limit.file, value) else {
        complain("dockv6: found \(arguments[done]), which the machine does not take as a limit\n")
        break
      }
      done += 1
    }
    if done == arguments.count { return true }
    while done > 3 {
      done -= 1
      if let limit = Limit(arguments[done]), let old = before[done] {
        _ = files.write(limit.file, old)
      }
    }
    return false
  }

  // MARK: kill

  /// Ends it, and waits until it is gone, since its name is free again then, but not for long: what is killed dies
  /// when it next runs, and others of higher priority can keep it from that.
  func end() -> Bool {
    let record = index.map { records[$0] }
    func lives() -> Bool { initPID != nil || record.map { record_lives($0) != 0 } ?? false }
    guard lives() else { return failed("does not run") }
    record?.pointee.stopped = 1
    for ticks in CInt(1)...4 {
      if let initPID { _ = kill(initPID) }
      _ = sleep(ticks)
      if !lives() { break }
    }
    return true
  }
}

// MARK: - Limits

/// A limit as somebody gives it: `memory=8M`, `cpu.max=20000/100000`, `io.read=4096`, `pids.max=max`.
struct Limit {
  let file: CString
  /// Nil if it cannot be that.
  let value: CString?
  let expected: CString

  /// - Returns: nil if it has not the name of a limit.
  init?(_ text: CString) {
    guard let equals = strchr(text, CInt(UInt8(ascii: "="))) else { return nil }
    let length = equals - UnsafeMutablePointer(mutating: text)
    let name = UnsafeMutablePointer<CChar>.allocate(capacity: length + 1)
    memcpy(name, text, length)
    name[length] = 0
    let rest = CString(equals + 1)
    guard rest[0] != 0 else { return nil }
    if let known = Limit.known(name) {
      let limits = UnsafeMutablePointer<limits>.allocate(capacity: 1)
      memset(limits, 0, MemoryLayout<limits>.size)
      let words = UnsafeMutablePointer<CChar>.allocate(capacity: 64)
      value = limit_take_text(limits, known, rest) != 0 ? CString(words) : nil
      limit_text(limits, known, words)
      file = limit_file(known)
      expected = limit_expected(known)
      return
    }
    // A group's files that are no limits are not for this.
    guard length > 4, strcmp(name + (length - 4), (".max" as StaticString).path) == 0 else {
      return nil
    }
    let words = UnsafeMutablePointer<CChar>.allocate(capacity: strlen(rest) + 1)
    strcpy(words, rest)
    var end = words
    while end[0] != 0 {
      if end[0] == CChar(ascii: "/") { end[0] = CChar(ascii: " ") }
      end += 1
    }
    file = CString(name)
    value = CString(words)
    expected = ("a limit that the machine takes" as StaticString).path
  }

  /// By its name in a spec, by that of its file, or by a shorter one.
  private static func known(_ name: CString) -> CInt? {
    let place = name_place(name)
    if place >= 0, place < LIMITS_WITH_FILE { return place }
    if name == "pids" { return CInt(LIMIT_NPROC) }
    if name == "weight" { return CInt(LIMIT_WEIGHT) }
    if name == "cpu" { return CInt(LIMIT_PROCESSOR) }
    for limit in CInt(LIMIT_NPROC)...CInt(LIMIT_INODES)
    where strcmp(limit_file(limit), name) == 0 {
      return limit
    }
    return nil
  }
}

// MARK: - Statistics

/// What containers use, again at every tick, as `top` does it: all that run, or those that are named.
func showStatistics(_ records: Records, _ arguments: Arguments) -> ExitStatus {
  var times: CInt = -1
  var first = 2
  if arguments.count > 2, arguments[2] == "-n" {
    guard arguments.count > 3, isNumber(arguments[3]), strlen(arguments[3]) < 10 else {
      return usage()
    }
    times = atoi(arguments[3])
    first = 4
  }
  var before = UsedTimes()
  // A share is one of the time since the last look, so that the first is for nothing else.
  var isShown = false
  while times != 0 {
    var now = UsedTimes()
    if isShown {
      say(
        "ID   NAME             CPU%    PIDS         MEMORY              DISK                READ     WRITE\n"
      )
    }
    if arguments.count == first {
      var info = cm_info()
      var id: CInt = 1
      while true {
        let living = cm_info(id, &info)
        guard living > 0 else { break }
        let used = UsedTime(of: living)
        now.add(used)
        if isShown { show(living, records, before.permille(of: used)) }
        id = living + 1
      }
    } else {
      for index in first..<arguments.count {
        let id = records.container(arguments[index])
        var info = cm_info()
        guard id > 0, cm_info(id, &info) == id else {
          complain("dockv6: no container of that name runs: \(arguments[index])\n")
          return 1
        }
        let used = UsedTime(of: id)
        now.add(used)
        if isShown { show(id, records, before.permille(of: used)) }
      }
    }
    before.free()
    before = now
    if isShown, times > 0 { times -= 1 }
    if times != 0 {
      if isShown { say("\n") }
      isShown = true
      if sleep(1) < 0 { return 1 }
    }
  }
  return 0
}

/// How much time a container had used, and when that was.
struct UsedTime {
  var id: CInt
  var used: Int
  var time: Int

  /// As it is now. Of a machine that does not count a group's time, what those have run that are there.
  init(of id: CInt) {
    self.id = id
    var used = GroupFiles(id).number("cpu.stat", "usage")
    if used == nil, let list = ProcessList() {
      var sum = 0
      for index in 0..<list.count where list.table[index].cid == id {
        sum += Int(list.table[index].instructions)
      }
      list.free()
      used = sum
    }
    self.used = used ?? 0
    time = Int(time_now())
  }
}

/// The times of all that were looked at.
struct UsedTimes {
  private static var most: Int { 64 }
  private let entries = UnsafeMutablePointer<UsedTime>.allocate(capacity: UsedTimes.most)
  private var count = 0

  mutating func add(_ entry: UsedTime) {
    guard count < UsedTimes.most else { return }
    entries[count] = entry
    count += 1
  }

  /// What part of the time since then a container has had, in thousandths; nil of one that was not there.
  func permille(of now: UsedTime) -> Int? {
    for index in 0..<count where entries[index].id == now.id && entries[index].time < now.time {
      return max(0, now.used - entries[index].used) * 1000 / (now.time - entries[index].time)
    }
    return nil
  }

  func free() { entries.deallocate() }
}

func show(_ id: CInt, _ records: Records, _ permille: Int?) {
  let files = GroupFiles(id)
  let pids = files.number("pids.current")
  let pidsMost = files.number("pids.max")
  let memory = files.number("memory.current")
  let memoryMost = files.number("memory.max")
  let disk = files.number("disk.current")
  let diskMost = files.number("disk.max")
  // There is no count of this: what each tick has room for.
  let read = files.number("io.max", "rbps=")
  let write = files.number("io.max", "wbps=")
  let record = records.find(id).map { records[$0] }
  if let record { record_terminate(record) }
  let name = record.flatMap { $0.pointee.name.0 == 0 ? nil : record_name($0) }
  text_begin()
  text_number(Int(id), 4)
  text_pad(1)
  text_string(name.map { CString($0) } ?? ("-" as StaticString).path, 16)
  text_pad(1)
  if let permille {
    text_number(permille / 10, 0)
    text_string(("." as StaticString).path, 0)
    text_number(permille % 10, permille < 100 ? 4 : permille < 1000 ? 3 : 2)
  } else {
    text_string(("-" as StaticString).path, 6)
  }
  text_pad(2)
  put(pids, of: pidsMost, width: 5)
  put(memory, of: memoryMost, width: 9)
  put(disk, of: diskMost, width: 9)
  put(read, width: 8)
  text_pad(1)
  put(write, width: 0)
  text_bytes(("\n" as StaticString).utf8Start, 1)
  _ = text_write(1)
}

/// `3 / 8     `, with a `-` for what there is none of.
func put(_ number: Int?, of most: Int?, width: CInt) {
  put(number, width: width - 1)
  text_string(("/ " as StaticString).path, 0)
  put(most, width: width)
  text_pad(1)
}

func put(_ number: Int?, width: CInt) {
  if let number {
    text_number(number, width)
  } else {
    text_string(("-" as StaticString).path, width)
  }
}
