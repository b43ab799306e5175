// What the manager remembers of containers: of each that lives, and of the last that have ended. The
// records lie in pages that the manager shares with its servers; manager.h has their layout.
//
// Who lives is asked of the kernel, not of the record, so that a server that was killed leaves none
// that is taken for ever. Only the manager takes records and adds pages, one request after another.

struct Records {
  /// The pages, and how many there are: on the heap, so that all copies are one.
  private let pages: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let pageCount: UnsafeMutablePointer<Int>

  /// The manager's records; nil if there is no page for them.
  init?() {
    pages = .allocate(capacity: Int(RECORD_PAGES))
    pageCount = .allocate(capacity: 1)
    pageCount.initialize(to: 0)
    guard grow() else { return nil }
  }

  /// How many records there are.
  var count: Int { pageCount.pointee * Int(RECORDS_PER_PAGE) }

  subscript(index: Int) -> UnsafeMutablePointer<record> {
    let place = index % Int(RECORDS_PER_PAGE) * Int(RECORD_BYTES)
    return (pages[index / Int(RECORDS_PER_PAGE)] + place).assumingMemoryBound(to: record.self)
  }

  /// One more page of records: `cm.a`, `cm.b` …
  private func grow() -> Bool {
    guard pageCount.pointee < Int(RECORD_PAGES) else { return false }
    let name = UnsafeMutablePointer<CChar>.allocate(capacity: 8)
    strcpy(name, ("cm.a" as StaticString).path)
    name[3] += CChar(pageCount.pointee)
    let page = shm_get(name)
    name.deallocate()
    guard let page else { return false }
    pages[pageCount.pointee] = UnsafeMutableRawPointer(page)
    pageCount.pointee += 1
    return true
  }

  // MARK: Taking a record

  /// The highest request that has a record: servers of a manager before this one may live.
  var latest: UInt32 {
    var latest: UInt32 = 0
    for index in 0..<count { latest = max(latest, self[index].pointee.serial) }
    return latest
  }

  /// A record for a request: a free one, or that of the container that ended first, or one on a new
  /// page. Its log is empty.
  ///
  /// - Returns: nil if all are of containers that live, and there is no page for more.
  func take(for serial: UInt32) -> Int? {
    let old = count
    guard let index = idle ?? (grow() ? old : nil) else { return nil }
    if index == old { makeLogs(old..<count) }
    let record = self[index]
    memset(record, 0, MemoryLayout<record>.size)
    record.pointee.keeper = getpid()
    record.pointee.status = -1
    record.pointee.serial = serial
    return index
  }

  private var idle: Int? {
    var oldest: Int?
    for index in 0..<count {
      let serial = self[index].pointee.serial
      if serial == 0 { return index }
      if let oldest, self[oldest].pointee.serial < serial { continue }
      if !isLiving(self[index]) { oldest = index }
    }
    return oldest
  }

  /// Whether there is such a container, or somebody is about to make it.
  private func isLiving(_ record: UnsafeMutablePointer<record>) -> Bool {
    guard record.pointee.serial != 0, record.pointee.ended == 0 else { return false }
    let id = record.pointee.cid
    if id == 0 { return record.pointee.keeper > 0 && prio_get(record.pointee.keeper) >= 0 }
    var info = cm_info()
    return cm_info(id, &info) == id
  }

  /// Puts down what a container is to be, unless a living one has its name. For one at a time.
  func describe(_ record: UnsafeMutablePointer<record>, _ spec: Spec) -> Bool {
    if spec.name[0] != 0 {
      for index in 0..<count where self[index] != record {
        if isNamed(self[index], CString(spec.name)), isLiving(self[index]) { return false }
      }
    }
    record.pointee.limit = CInt(spec.limit)
    Records.copy(spec.initPath, to: record_init(record), RECORD_TEXT)
    Records.copy(CString(spec.root), to: record_root(record), RECORD_TEXT)
    Records.copy(CString(spec.name), to: record_name(record), RECORD_NAME)
    return true
  }

  private static func copy(
    _ text: CString, to place: UnsafeMutablePointer<CChar>, _ capacity: CInt
  ) {
    let length = min(strlen(text), Int(capacity) - 1)
    memcpy(place, text, length)
    place[length] = 0
  }

  // MARK: Finding a container

  /// A text out of a record, which others may have written into.
  private func text(_ place: UnsafeMutablePointer<CChar>, _ capacity: CInt) -> CString {
    place[Int(capacity) - 1] = 0
    return CString(place)
  }

  private func isNamed(_ record: UnsafeMutablePointer<record>, _ name: CString) -> Bool {
    strcmp(text(record_name(record), RECORD_NAME), name) == 0
  }

  /// The container that a client means: by its number or, since no name is a number, by its name:
  /// the one that lives, else the last that had it. 0 if there is none.
  func container(_ who: CString) -> CInt {
    if isNumber(who) { return strlen(who) < 10 ? atoi(who) : 0 }
    var found: CInt = 0
    var latest: UInt32 = 0
    guard who[0] != 0 else { return 0 }
    for index in 0..<count where isNamed(self[index], who) {
      let record = self[index].pointee
      guard record.cid > 0 else { continue }
      if isLiving(self[index]) { return record.cid }
      guard record.serial > latest else { continue }
      latest = record.serial
      found = record.cid
    }
    return found
  }

  /// The record of this container.
  private func find(_ id: CInt) -> Int? {
    for index in 0..<count where self[index].pointee.cid == id { return index }
    return nil
  }

  /// The container with the lowest number from this one on that has ended.
  private func firstEnded(from id: CInt) -> CInt? {
    var lowest: CInt?
    for index in 0..<count {
      let found = self[index].pointee.cid
      if found >= id, found < lowest ?? CInt.max, !isLiving(self[index]) { lowest = found }
    }
    return lowest
  }

  // MARK: Telling

  /// Sends a line for each container: those that live, as the kernel says, and the latest of those
  /// that have ended.
  func list(_ channel: Channel) {
    channel.send(
      TELL_OUTPUT, "ID   INIT             ROOT             NOW  MAX  STATE        NAME\n")
    var id: CInt = 1
    while id > 0 {
      var info = cm_info()
      let living = cm_info(id, &info)
      let ended = firstEnded(from: id) ?? CInt.max
      guard living > 0 || ended < CInt.max else { break }
      let isLiving = living > 0 && living <= ended
      id = isLiving ? living : ended
      sendLine(id, isLiving ? info : nil, channel)
      id &+= 1
    }
    channel.finish(0)
  }

  private func sendLine(_ id: CInt, _ living: cm_info?, _ channel: Channel) {
    let record = find(id).map { self[$0] }
    let nothing: CString = ("-" as StaticString).path
    var info = living ?? cm_info()
    let program = record.map { text(record_init($0), RECORD_TEXT) } ?? nothing
    let root = record.map { text(record_root($0), RECORD_TEXT) } ?? Records.root(of: &info)
    let limit = record?.pointee.limit ?? info.limit
    var name = record.map { text(record_name($0), RECORD_NAME) } ?? nothing
    if name[0] == 0 { name = nothing }
    if living != nil {
      channel.send(
        TELL_OUTPUT,
        """
        \(id, width: 4) \(program, width: 16) \(root, width: 16) \(info.processes, width: 4) \
        \(limit, width: 4) running      \(name)\n
        """)
    } else {
      channel.send(
        TELL_OUTPUT,
        """
        \(id, width: 4) \(program, width: 16) \(root, width: 16) 0    \(limit, width: 4) \
        exited \(record?.pointee.status ?? 0, width: 5) \(name)\n
        """)
    }
  }

  /// The root that the kernel knows, of which 15 bytes are shown.
  private static func root(of info: UnsafeMutablePointer<cm_info>) -> CString {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: 16)
    withUnsafeBytes(of: &info.pointee.root) { _ = memcpy(text, $0.baseAddress, 15) }
    text[15] = 0
    return CString(text)
  }

  /// Sends what there is in a container's log: the end of its output, then that of its errors.
  func sendLogs(of id: CInt, _ channel: Channel) {
    guard id > 0, let index = find(id) else { return channel.refuse("no such container") }
    let isWhole =
      sendLog(index, .output, to: channel) && sendLog(index, .errors, to: channel)
      && self[index].pointee.cut == 0
    if !isWhole { channel.send(TELL_ERRORS, "cm: the log is not whole: its file failed\n") }
    channel.finish(isWhole ? 0 : 1)
  }
}
