// The logs of containers: for each record a file in /var/cm, all of which the manager makes before it
// is ready, so that no container can take the room. A file holds the end of what its container has
// written, output and errors apart; each is a ring with one writer, which comes to its beginning again
// by opening the file anew, for there is no seeking. What was written is counted in the record. A
// container gets there only if its root is `/` or `/var`.

/// One of a program's two streams.
enum Stream: CInt {
  case output, errors

  /// Where its ring begins in the file, and how long it is.
  var place: Int { self == .output ? 0 : Int(LOG_OUTPUT_BYTES) }
  var capacity: Int { Int(self == .output ? LOG_OUTPUT_BYTES : LOG_ERRORS_BYTES) }
  /// What a frame of it is.
  var kind: CInt { self == .output ? TELL_OUTPUT : TELL_ERRORS }
}

/// The path of a record's log: `/var/cm/log.7`.
private func logPath(_ index: Int) -> CString {
  let path = UnsafeMutablePointer<CChar>.allocate(capacity: 32)
  text_begin()
  text_string(("/var/cm/log." as StaticString).path, 0)
  text_number(index, 0)
  path.withMemoryRebound(to: UInt8.self, capacity: 32) { $0[Int(text_take($0))] = 0 }
  return CString(path)
}

/// Opens a log at the beginning of a ring; below 0 if there is no such file, or it has been cut.
private func openLog(_ index: Int, _ stream: Stream, _ flags: CInt) -> CInt {
  let path = logPath(index)
  let file = open(path, flags)
  path.deallocate()
  guard file >= 0, stream.place > 0 else { return file }
  // What is in front has to be read to get behind it.
  let skipped = UnsafeMutablePointer<UInt8>.allocate(capacity: stream.place)
  defer { skipped.deallocate() }
  if read(file, skipped, CInt(stream.place)) == CInt(stream.place) { return file }
  _ = close(file)
  return -1
}

extension Records {
  /// Makes the logs of these records. If the disk has no room for all, it makes fewer and leaves as
  /// much to others as it takes.
  func makeLogs(_ indices: Range<Int>) {
    _ = mkdir(("/var" as StaticString).path)
    _ = mkdir(("/var/cm" as StaticString).path)
    let zeros = UnsafeMutablePointer<UInt8>.allocate(capacity: Int(LOG_BYTES))
    defer { zeros.deallocate() }
    memset(zeros, 0, Int(LOG_BYTES))
    for index in indices where !makeLog(index, zeros) {
      for spare in indices.lowerBound + (index - indices.lowerBound) / 2...index {
        let path = logPath(spare)
        _ = unlink(path)
        path.deallocate()
      }
      return
    }
  }

  private func makeLog(_ index: Int, _ zeros: UnsafeMutablePointer<UInt8>) -> Bool {
    let path = logPath(index)
    defer { path.deallocate() }
    let file = open(path, O_CREATE | O_RDWR)
    guard file >= 0 else { return false }
    defer { _ = close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, CInt(status.type) == T_FILE else { return false }
    // A manager before this one has made it, and servers of that one may be at work.
    return status.size == UInt64(LOG_BYTES) || write(file, zeros, LOG_BYTES) == LOG_BYTES
  }

  /// Sends what a ring holds; false if it cannot be read.
  func sendLog(_ index: Int, _ stream: Stream, to channel: Channel) -> Bool {
    let total = Int(record_written(self[index], stream.rawValue).pointee)
    guard total > 0 else { return true }
    let file = openLog(index, stream, O_RDONLY)
    guard file >= 0 else { return false }
    let ring = UnsafeMutablePointer<UInt8>.allocate(capacity: stream.capacity)
    defer {
      ring.deallocate()
      _ = close(file)
    }
    guard read(file, ring, CInt(stream.capacity)) == CInt(stream.capacity) else { return false }
    var from = max(0, total - stream.capacity)
    while from < total {
      let at = from % stream.capacity
      let count = min(total - from, stream.capacity - at, Int(FRAME_MAX))
      memcpy(channel.bytes, ring + at, count)
      channel.send(stream.kind, count)
      from += count
    }
    return true
  }
}

/// The one who writes a stream into a container's log.
struct LogWriter {
  private let record: UnsafeMutablePointer<record>
  private let index: Int
  private let serial: UInt32
  private let stream: Stream
  /// The open file, once there is something to write; and how far it is in the ring.
  private var file: CInt = -1
  private var at: Int

  init(_ records: Records, _ index: Int, _ stream: Stream) {
    record = records[index]
    serial = record.pointee.serial
    self.index = index
    self.stream = stream
    at = stream.capacity
  }

  /// Adds bytes, over the oldest when the ring is full. What fails is told by the record, and the
  /// stream goes on without its log.
  mutating func append(_ bytes: UnsafeRawPointer, _ count: Int) {
    guard record.pointee.serial == serial, record.pointee.cut == 0 else { return }
    var done = 0
    while done < count {
      if at == stream.capacity {
        if file >= 0 { _ = close(file) }
        file = openLog(index, stream, O_RDWR)
        at = 0
      }
      let part = min(count - done, stream.capacity - at)
      guard file >= 0, write(file, bytes + done, CInt(part)) == CInt(part) else {
        record.pointee.cut = 1
        return
      }
      at += part
      done += part
      let written = record_written(record, stream.rawValue).unsafelyUnwrapped
      written.pointee &+= UInt32(part)
      // Kept below what a number holds, at the same place in the ring.
      if written.pointee >= 1 << 30 { written.pointee -= 1 << 29 }
    }
  }
}
