// cmnames: the name service. Who asks by a datagram to port 53 of the machine outside, with a query for an A record as RFC
// 1035 has it, gets the address of the container of that name, if it runs and has one. The manager starts it with the
// first container whose spec says something of a network; it goes on by itself from then on.
//
// It keeps nothing: what each answer says the manager's records and the kernel say at that time. It works at the priority
// that containers usually have, so that who asks much takes no time from anybody but those who would wait anyway.

func run(_ arguments: Arguments) -> ExitStatus {
  guard getcid() == 0, let records = Records() else {
    complain("cmnames: the container manager runs it\n")
    return 1
  }
  let service = socket(AF_INET, SOCK_DGRAM, 0)
  var own = sockaddr_in()
  own.sin_family = UInt16(AF_INET)
  own.sin_port = htons(NameService.port)
  let isBound = withUnsafePointer(to: own) {
    bind(service, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), NameService.length)
  }
  // Somebody else answers, or there is no room for one more socket.
  guard isBound == 0 else { return 1 }
  let child = fork()
  guard child == 0 else { return child < 0 ? 1 : 0 }
  for descriptor in CInt(0)..<16 where descriptor != service { _ = close(descriptor) }
  _ = prio_set(getpid(), CInt(Spec.usualPriority))
  NameService(records: records, socket: service).serve()
}

struct NameService {
  static var port: UInt16 { 53 }
  /// The length of an address and of a name with its NUL.
  static var length: socklen_t { socklen_t(MemoryLayout<sockaddr_in>.size) }
  private static var nameCapacity: Int { 256 }
  /// The longest query and answer, without EDNS.
  private static var messageCapacity: Int { 512 }

  private let records: Records
  private let socket: CInt
  private let message = UnsafeMutablePointer<UInt8>.allocate(capacity: messageCapacity)
  private let name = UnsafeMutablePointer<CChar>.allocate(capacity: nameCapacity)

  init(records: Records, socket: CInt) {
    self.records = records
    self.socket = socket
  }

  func serve() -> Never {
    let asker = UnsafeMutablePointer<sockaddr>.allocate(capacity: 1)
    while true {
      var length = NameService.length
      let count = recvfrom(socket, message, CInt(NameService.messageCapacity), 0, asker, &length)
      if count < 0 { exit(1) }
      let answer = answer(Int(count))
      if answer > 0 { _ = sendto(socket, message, CInt(answer), 0, asker, length) }
    }
  }

  // MARK: Messages

  private static var headSize: Int { 12 }
  /// What comes of a query, in the head's fourth byte.
  private enum Outcome {
    static var malformed: UInt8 { 1 }
    static var unknownName: UInt8 { 3 }
    static var notImplemented: UInt8 { 4 }
  }

  /// Makes of a query the answer; how long it is, and 0 where there is to be none.
  private func answer(_ count: Int) -> Int {
    let head = NameService.headSize
    // Who answered answers would talk for ever.
    guard count >= head, message[2] & 0x80 == 0 else { return 0 }
    message[2] = message[2] & 0x79 | 0x84
    message[3] = 0
    for index in 6..<head { message[index] = 0 }
    let isQuery = message[2] & 0x78 == 0
    guard isQuery, number(at: 4) == 1, let end = readName(count), end + 4 <= count else {
      message[3] = isQuery ? Outcome.malformed : Outcome.notImplemented
      message[5] = 0
      message[4] = 0
      return head
    }
    guard let address else {
      message[3] = Outcome.unknownName
      return end + 4
    }
    // Of what is asked besides addresses there is nothing.
    guard number(at: end) == 1, number(at: end + 2) == 1 else { return end + 4 }
    message[7] = 1
    // The name is the question's; of type A, class IN; not to be kept; four bytes.
    let record: StaticString = "\u{c}\0\u{1}\0\u{1}\0\0\0\0\0\u{4}"
    message[end + 4] = 0xc0
    memcpy(message + end + 5, record.utf8Start, record.utf8CodeUnitCount)
    let place = end + 5 + record.utf8CodeUnitCount
    for index in 0..<4 {
      message[place + index] = UInt8(truncatingIfNeeded: address >> (24 - 8 * UInt32(index)))
    }
    return place + 4
  }

  private func number(at index: Int) -> Int { Int(message[index]) << 8 | Int(message[index + 1]) }

  /// Reads the question's name, with dots between its labels; where it ends, nil if it is none.
  private func readName(_ count: Int) -> Int? {
    var at = NameService.headSize
    var used = 0
    while at < count, message[at] != 0 {
      let length = Int(message[at])
      guard length < 64, at + 1 + length < count, used + length + 1 < NameService.nameCapacity
      else { return nil }
      if used > 0 {
        name[used] = CChar(ascii: ".")
        used += 1
      }
      for index in 1...length {
        name[used] = CChar(bitPattern: message[at + index])
        used += 1
      }
      at += 1 + length
    }
    name[used] = 0
    return at < count ? at + 1 : nil
  }

  // MARK: Names

  /// The address of the container of that name.
  private var address: UInt32? {
    guard name[0] != 0 else { return nil }
    records.takeAll()
    for index in 0..<records.count where record_is_named(records[index], name) != 0 {
      let record = records[index]
      guard record_runs(record) != 0,
        let text = GroupFiles(record.pointee.cid).read(("net.address" as StaticString).path)
      else { continue }
      defer { free_block(UnsafeMutableRawPointer(mutating: text)) }
      var address: UInt32 = 0
      if address_read(text, &address) != 0 { return address }
    }
    return nil
  }
}
