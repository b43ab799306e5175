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

  subscript(index: Int) -> UnsafeMutablePointer<record> { place(of: index) }

  /// Once in the program: the disk has little room.
  @inline(never)
  private func place(of index: Int) -> UnsafeMutablePointer<record> {
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

  /// Takes all pages that have a record, for those who look and are not the manager.
  func takeAll() {
    while true {
      let isInUse = (count - Int(RECORDS_PER_PAGE)..<count).contains {
        self[$0].pointee.serial != 0
      }
      guard isInUse, grow() else { return }
    }
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
    if index == old { logs_make(CInt(old), CInt(count)) }
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
      if record_lives(self[index]) == 0 { oldest = index }
    }
    return oldest
  }

  /// Puts down what a container is to be, unless a living one has its name. For one at a time.
  func describe(_ record: UnsafeMutablePointer<record>, _ spec: UnsafePointer<Spec>) -> Bool {
    let spec = spec.pointee
    guard spec.name[0] == 0 || isFree(spec.name, for: record) else { return false }
    record_describe(record, CInt(spec.limit), spec.initPath, spec.rootName, spec.name)
    return true
  }

  /// Whether no other container that lives has the name.
  private func isFree(_ name: CString, for record: UnsafeMutablePointer<record>) -> Bool {
    for index in 0..<count where self[index] != record {
      if record_is_named(self[index], name) != 0, record_lives(self[index]) != 0 { return false }
    }
    return true
  }

  /// Gives a record's container another name, unless a living one has it. For one at a time.
  func rename(_ record: UnsafeMutablePointer<record>, to name: CString) -> Bool {
    guard isFree(name, for: record) else { return false }
    record_rename(record, name)
    return true
  }

  // MARK: Finding a container

  /// The container that a client means: by its number or, since no name is a number, by its name:
  /// the one that lives, else the last that had it. 0 if there is none.
  func container(_ who: CString) -> CInt {
    if isNumber(who) { return strlen(who) < 10 ? present(of: atoi(who)) : 0 }
    var found: CInt = 0
    var latest: UInt32 = 0
    guard who[0] != 0 else { return 0 }
    for index in 0..<count where record_is_named(self[index], who) != 0 {
      let record = self[index].pointee
      guard record_container(self[index]) > 0 else { continue }
      if record_lives(self[index]) != 0 { return record.cid }
      guard record.serial > latest else { continue }
      latest = record.serial
      found = record.cid
    }
    return found
  }

  /// The container that this one has become, when its init was started again in others.
  func present(of id: CInt) -> CInt {
    for index in 0..<count where record_container(self[index]) > 0 && self[index].pointee.home == id
    {
      return self[index].pointee.cid
    }
    return id
  }

  /// The record of this container.
  func find(_ id: CInt) -> Int? {
    for index in 0..<count where record_container(self[index]) == id { return index }
    return nil
  }

  /// The container with the lowest number from this one on that has ended, or waits to be started again.
  func firstEnded(from id: CInt) -> CInt? {
    var lowest: CInt?
    for index in 0..<count {
      let found = record_container(self[index])
      if found >= id, found < lowest ?? CInt.max, record_runs(self[index]) == 0 {
        lowest = found
      }
    }
    return lowest
  }
}
