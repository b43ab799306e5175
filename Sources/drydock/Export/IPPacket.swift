// Packets of IPv4 with TCP or UDP in them, byte for byte as on a wire: RFC 791, 9293 and 768.

import Sim

/// What a packet's head says besides its endpoints.
struct TCPFlags: OptionSet {
  let rawValue: UInt8
  static let end = TCPFlags(rawValue: 1 << 0)
  static let synchronize = TCPFlags(rawValue: 1 << 1)
  static let reset = TCPFlags(rawValue: 1 << 2)
  static let push = TCPFlags(rawValue: 1 << 3)
  static let acknowledge = TCPFlags(rawValue: 1 << 4)
}

/// A segment of a connection.
struct TCPSegment {
  var sequence: UInt32
  var acknowledged: UInt32
  var flags: TCPFlags
  var window: UInt16
}

enum IPPacket {
  private static let tcp: UInt8 = 6
  private static let udp: UInt8 = 17

  static func segment(
    _ segment: TCPSegment, from: Endpoint, to: Endpoint, id: UInt16, _ payload: [UInt8]
  ) -> [UInt8] {
    var head = BigEndianBytes()
    head.append(from.port)
    head.append(to.port)
    head.append(segment.sequence)
    head.append(segment.flags.contains(.acknowledge) ? segment.acknowledged : 0)
    // Five words long, without options.
    head.append(UInt8(5 << 4))
    head.append(segment.flags.rawValue)
    head.append(segment.window)
    head.append(UInt16(0))
    head.append(UInt16(0))
    return packet(tcp, head.bytes, checksumAt: 16, from: from, to: to, id: id, payload)
  }

  static func datagram(from: Endpoint, to: Endpoint, id: UInt16, _ payload: [UInt8]) -> [UInt8] {
    var head = BigEndianBytes()
    head.append(from.port)
    head.append(to.port)
    head.append(UInt16(8 + payload.count))
    head.append(UInt16(0))
    return packet(udp, head.bytes, checksumAt: 6, from: from, to: to, id: id, payload)
  }

  private static func packet(
    _ kind: UInt8, _ head: [UInt8], checksumAt place: Int, from: Endpoint, to: Endpoint, id: UInt16,
    _ payload: [UInt8]
  ) -> [UInt8] {
    var message = head + payload
    var pseudo = BigEndianBytes()
    pseudo.append(from.address.raw)
    pseudo.append(to.address.raw)
    pseudo.append(UInt16(kind))
    pseudo.append(UInt16(message.count))
    var sum = checksum(pseudo.bytes + message)
    // In UDP a sum of 0 says that there is none.
    if kind == udp, sum == 0 { sum = 0xffff }
    message[place] = UInt8(sum >> 8)
    message[place + 1] = UInt8(sum & 255)

    var outer = BigEndianBytes()
    // Version 4, five words.
    outer.append(UInt8(4 << 4 | 5))
    outer.append(UInt8(0))
    outer.append(UInt16(20 + message.count))
    outer.append(id)
    // Not to be taken apart.
    outer.append(UInt16(0x4000))
    outer.append(UInt8(64))
    outer.append(kind)
    outer.append(UInt16(0))
    outer.append(from.address.raw)
    outer.append(to.address.raw)
    let outerSum = checksum(outer.bytes)
    outer.bytes[10] = UInt8(outerSum >> 8)
    outer.bytes[11] = UInt8(outerSum & 255)
    return outer.bytes + message
  }

  /// RFC 1071.
  private static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    var index = 0
    while index < bytes.count {
      let low = index + 1 < bytes.count ? bytes[index + 1] : 0
      sum += UInt32(bytes[index]) << 8 | UInt32(low)
      sum = (sum & 0xffff) + (sum >> 16)
      index += 2
    }
    return ~UInt16(sum)
  }
}

/// Numbers in network order.
struct BigEndianBytes {
  var bytes: [UInt8] = []

  mutating func append(_ number: some FixedWidthInteger & UnsignedInteger) {
    withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
  }
}
