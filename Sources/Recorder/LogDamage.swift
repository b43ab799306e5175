// What of a write-ahead log SQLite passes over. It reads a log up to the first frame whose check does
// not hold, and takes the rest for one that was never finished: so a bit that has changed makes a session
// that was cut short look as if it had been cut earlier. Here that is told, by the log's own checks
// (sqlite.org/fileformat2.html, "The Write-Ahead Log").

import Foundation

/// A log of which a part that was committed cannot be used.
struct LogDamage: Equatable {
  /// Where the first frame is that is not as it was written, in bytes; 0 for the log's header.
  var place: Int
  /// Pages that are not used from the last good commit on, and their bytes in the log.
  var frames: Int
  var bytes: Int

  private static let headerSize = 32
  private static let frameHeaderSize = 24

  /// What is wrong with the log; nil if all that was committed can be used.
  init?(log path: String) {
    let descriptor = path.withFileName { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { return nil }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    func read(_ count: Int) -> [UInt8]? {
      guard let piece = try? file.read(upToCount: count), piece.count == count else { return nil }
      return Array(piece)
    }
    guard let header = read(LogDamage.headerSize) else { return nil }
    let pageSize = Int(LogDamage.word(header, 8))
    guard header.starts(with: [0x37, 0x7f, 0x06]), (512...65_536).contains(pageSize) else {
      return nil
    }
    let isBigEndian = header[3] & 1 == 1
    var check = LogCheck(isBigEndian: isBigEndian)
    check.add(header[..<24])
    var isGood = check.isEqual(to: header[24...])
    var salts: ArraySlice<UInt8>? = isGood ? header[16..<24] : nil
    var place = isGood ? nil : 0
    var unused = 0
    var (frame, lostCommit, badFrames) = (0, false, 0)
    let size = LogDamage.frameHeaderSize + pageSize
    while let bytes = read(size) {
      defer { frame += 1 }
      if salts == nil { salts = bytes[8..<16] }
      // What lies behind is left over from before the log was begun anew; but one of its own frames may
      // have changed just there.
      guard let own = salts, bytes[8..<16].elementsEqual(own) else {
        if isGood { (isGood, place) = (false, LogDamage.headerSize + frame * size) }
        continue
      }
      if isGood {
        check.add(bytes[..<8])
        check.add(bytes[LogDamage.frameHeaderSize...])
        if !check.isEqual(to: bytes[16..<24]) {
          (isGood, place) = (false, LogDamage.headerSize + frame * size)
        }
      }
      unused += 1
      let isCommit = bytes[4..<8].contains { $0 != 0 }
      if isGood {
        if isCommit { unused = 0 }
      } else {
        badFrames += 1
        lostCommit = lostCommit || isCommit
      }
    }
    // The last frame of one that was being written may be half there.
    guard let place, lostCommit || badFrames > 1 else { return nil }
    (self.place, frames, bytes) = (place, unused, unused * size)
  }

  /// A number in the order of the network.
  fileprivate static func word(_ bytes: some Collection<UInt8>, _ offset: Int) -> UInt32 {
    bytes.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// The running check of a log: over words of 32 bits, two at a time.
private struct LogCheck {
  let isBigEndian: Bool
  private var first: UInt32 = 0
  private var second: UInt32 = 0

  init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

  mutating func add(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { bytes in
      for offset in stride(from: 0, to: bytes.count - 7, by: 8) {
        first = first &+ word(bytes, offset) &+ second
        second = second &+ word(bytes, offset + 4) &+ first
      }
    }
  }

  @inline(__always)
  private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
    let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
  }

  /// Checks are kept in the order of the network, whatever they are made over.
  func isEqual(to bytes: ArraySlice<UInt8>) -> Bool {
    LogDamage.word(bytes, 0) == first
      && LogDamage.word(bytes, 4) == second
  }
}
