// dockps: what dockv6 asks the kernel and the manager's records about containers, without the manager: ps, top and
// logs, wait for a container's end, and kill.

func run(_ arguments: Arguments) -> ExitStatus {
  let verb = arguments.count > 1 ? arguments[1] : ("" as StaticString).path
  let count = arguments.count - 2
  guard verb == "ps" ? count == 0 : verb == "wait" ? count >= 1 : count == 1 else { return usage() }
  guard let region = RequestRegion(), region.isManaged, let records = Records() else {
    complain("dockv6: there is no manager; start it with `cm &`\n")
    return 1
  }
  records.takeAll()
  if verb == "ps" { return listContainers(records) }
  var status: ExitStatus = 0
  arguments.forEach(from: 2) { who in
    let known = KnownContainer(records, who)
    guard known.exists else {
      complain("dockv6: no such container: \(who)\n")
      status = 1
      return
    }
    let isDone =
      verb == "top"
      ? known.showProcesses()
      : verb == "logs" ? known.showLog() : verb == "wait" ? known.awaitEnd() : known.end()
    if !isDone { status = 1 }
  }
  return status
}

func usage() -> ExitStatus {
  complain("usage: dockv6 ps | top ID | logs ID | kill ID | wait ID...\n")
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
  text_number(Int(record?.pointee.limit ?? living?.limit ?? 0), 4)
  text_pad(1)
  if living == nil, let record, record_lives(record) != 0 {
    text_string(("restarting" as StaticString).path, 12)
  } else if living == nil {
    text_string(("exited" as StaticString).path, 7)
    text_number(Int(record?.pointee.status ?? 0), 5)
  } else {
    text_string(("running" as StaticString).path, 12)
  }
  text_pad(1)
  text_string(numbers, 16)
  text_pad(1)
  text_string(name, 0)
  text_bytes(("\n" as StaticString).utf8Start, 1)
  _ = text_write(1)
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
