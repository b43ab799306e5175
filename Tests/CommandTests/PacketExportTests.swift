// Captures of what sessions sent: decoded here byte for byte, and read by tshark where that is installed.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct PacketExportTests {
  let folder: TemporaryFolder
  var session: String { folder.file("s.db") }
  var capture: String { folder.file("s.pcap") }

  init() throws { folder = try TemporaryFolder() }

  private func export(_ program: [String], adjust: (inout Scenario) -> Void = { _ in }) throws
    -> Capture
  {
    var scenario = GuestRun.scenario(program)
    adjust(&scenario)
    try? FileManager.default.removeItem(atPath: session)
    try record(scenario, to: session)
    let run = try DrydockTool.run(["export", session, "--format", "pcap", "-o", capture])
    #expect(run.status == 0, "\(run.errors)")
    return try Capture(Array(Data(contentsOf: URL(filePath: capture))))
  }

  private func numbers(_ sql: String) throws -> [[Int64]] {
    try TraceQuery.run(sql, on: session).rows.map { row in
      row.map { if case .integer(let number) = $0 { number } else { -1 } }
    }
  }

  @Test(arguments: ["net_stream", "net_switch", "net_datagram", "net_poll", "net_limits"])
  func packetsAreWholeAndInOrder(_ program: String) throws {
    let capture = try export([program])
    #expect(capture.packets.count > 10)
    #expect(capture.packets.map(\.time) == capture.packets.map(\.time).sorted())
    for packet in capture.packets {
      #expect(packet.isSound, "\(packet)")
    }
    // Everything that was sent is in it, and nothing else.
    let sent = try numbers(
      "SELECT count(*), sum(count) FROM socket WHERE event = 'socket_send'")[0]
    let payloads = capture.packets.filter { !$0.payload.isEmpty }
    #expect(payloads.reduce(0) { $0 + $1.payload.count } == Int(sent[1]))
    #expect(
      payloads.count
        == Int(
          try numbers(
            "SELECT count(*) FROM socket WHERE event = 'socket_send' AND count > 0")[0][0]))
  }

  /// Numbers go on from segment to segment, and what is acknowledged was sent.
  @Test(arguments: ["net_stream", "net_switch"])
  func connectionsAreNumberedAsTheyAre(_ program: String) throws {
    let capture = try export([program])
    var next: [Capture.Direction: UInt32] = [:]
    var begun = 0
    for packet in capture.packets where packet.isTCP {
      let direction = packet.direction
      if packet.flags & 0x02 != 0 {
        next[direction] = packet.sequence &+ 1
        begun += packet.flags & 0x10 == 0 ? 1 : 0
        continue
      }
      // Refused at once.
      if packet.flags & 0x04 != 0, next[direction] == nil { continue }
      #expect(packet.sequence == next[direction], "\(packet)")
      next[direction] =
        packet.sequence &+ UInt32(packet.payload.count) &+ (packet.flags & 0x01 != 0 ? 1 : 0)
      if packet.flags & 0x10 != 0, let other = next[direction.turned] {
        // At most what the other has sent so far.
        #expect(other &- packet.acknowledged < 1 << 20, "\(packet)")
      }
    }
    let asked = try numbers(
      """
      SELECT (SELECT count(*) FROM connection)
        + (SELECT count(*) FROM socket WHERE event = 'socket_refuse' AND pid > 0)
      """)[0][0]
    #expect(begun == Int(asked) && begun > 3)
  }

  @Test func theClockIsVirtualTime() throws {
    let capture = try export(["net_switch"])
    let times = try numbers("SELECT time FROM socket WHERE event = 'socket_send' AND count > 0")
    let packets = capture.packets.filter { !$0.payload.isEmpty }.map { Int64($0.time) }
    #expect(packets == times.map { $0[0] })
  }

  @Test func whatIsLostWasSent() throws {
    let capture = try export(["net_burst"]) {
      $0.network.lossPerThousand = 300
      $0.seed = 5
    }
    let sent = try numbers("SELECT count(*), sum(fate LIKE 'lost%') FROM packet")[0]
    #expect(capture.packets.count { !$0.isTCP } == Int(sent[0]) && sent[1] > 0)
  }

  /// It has no socket, and sends all the same.
  @Test func theEchoServiceAnswersWhatItGot() throws {
    let packets = try export(["ping", "-c", "3", "127.0.0.1"]).packets
    #expect(packets.count == 6 && packets.allSatisfy { $0.isSound && !$0.isTCP })
    for index in stride(from: 0, to: packets.count - 1, by: 2) {
      #expect(packets[index].payload == packets[index + 1].payload)
      #expect(packets[index].direction == packets[index + 1].direction.turned)
    }
  }

  @Test func aSessionWithoutANetworkIsAnEmptyCapture() throws {
    #expect(try export(["pingpong", "3"]).packets.isEmpty)
  }

  /// What the session was recorded with is what it is replayed with, or nothing is written.
  @Test func aSessionThatIsAlteredIsNotExported() throws {
    try record(GuestRun.scenario(["net_stream"]), to: session)
    try TraceSurgery.execute("UPDATE event SET a4 = a4 + 1 WHERE kind = 126", on: session)
    let run = try DrydockTool.run(["export", session, "--format", "pcap", "-o", capture])
    #expect(run.status == 2 && !FileManager.default.fileExists(atPath: capture), "\(run.errors)")
  }

  @Test(.enabled(if: Tshark.isInstalled, "tshark is not installed; make capture-test installs it"))
  func tsharkReadsIt() throws {
    for program in ["net_stream", "net_switch", "net_datagram"] {
      let packets = try export([program]).packets
      let all = try Tshark.run(capture, ["-T", "fields", "-e", "frame.number"])
      #expect(all.split(separator: "\n").count == packets.count)
      // What a test sends to the port of names is no question.
      let wrong = try Tshark.run(
        capture,
        [
          "-Y",
          """
          _ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 \
          || udp.checksum.status == 0 || tcp.analysis.lost_segment || tcp.analysis.out_of_order \
          || tcp.analysis.retransmission || tcp.analysis.ack_lost_segment
          """,
        ])
      #expect(wrong.isEmpty, "\(program): \(wrong)")
    }
  }
}

private enum Tshark {
  static let path = ["/usr/bin/tshark", "/usr/local/bin/tshark"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  static var isInstalled: Bool { path != nil }

  static func run(_ file: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: path ?? "")
    process.arguments =
      [
        "-n", "-r", file, "--disable-protocol", "dns", "-o", "ip.check_checksum:TRUE", "-o",
        "tcp.check_checksum:TRUE", "-o",
        "udp.check_checksum:TRUE",
      ] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = Pipe()
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A pcap file, taken apart.
struct Capture {
  struct Direction: Hashable {
    var from: UInt64
    var to: UInt64
    var turned: Direction { Direction(from: to, to: from) }
  }

  struct Packet: CustomStringConvertible {
    var time: UInt64
    var bytes: [UInt8]

    private func number(_ place: Int, _ count: Int) -> UInt32 {
      bytes[place..<place + count].reduce(0) { $0 << 8 | UInt32($1) }
    }

    var isTCP: Bool { bytes[9] == 6 }
    var direction: Direction {
      Direction(
        from: UInt64(number(12, 4)) << 16 | UInt64(number(20, 2)),
        to: UInt64(number(16, 4)) << 16 | UInt64(number(22, 2)))
    }
    var sequence: UInt32 { number(24, 4) }
    var acknowledged: UInt32 { number(28, 4) }
    var flags: UInt8 { bytes[33] }
    var payload: ArraySlice<UInt8> { bytes[(isTCP ? 40 : 28)...] }

    /// Lengths and sums, as RFC 791, 768 and 9293 have them.
    var isSound: Bool {
      guard bytes.count >= 28, bytes[0] == 0x45, Int(number(2, 2)) == bytes.count else {
        return false
      }
      if !isTCP, Int(number(24, 2)) != bytes.count - 20 { return false }
      let length = UInt8((bytes.count - 20) >> 8)
      let pseudo =
        Array(bytes[12..<20]) + [0, bytes[9], length, UInt8((bytes.count - 20) & 255)]
      return Packet.sum(Array(bytes[..<20])) == 0xffff
        && Packet.sum(pseudo + bytes[20...]) == 0xffff
    }

    private static func sum(_ bytes: [UInt8]) -> UInt32 {
      var sum: UInt32 = 0
      for (index, byte) in bytes.enumerated() { sum += UInt32(byte) << (index % 2 == 0 ? 8 : 0) }
      while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
      return sum
    }

    var description: String {
      "at \(time): \(bytes.prefix(40).map { String($0, radix: 16) }.joined(separator: " "))"
    }
  }

  private(set) var packets: [Packet] = []

  init(_ bytes: [UInt8]) throws {
    func number(_ place: Int, _ count: Int = 4) -> UInt64 {
      bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    try #require(bytes.count >= 24)
    #expect(number(0) == 0xa1b2_3c4d && number(4, 2) == 2 && number(6, 2) == 4)
    #expect(number(20) == 101)
    var place = 24
    while place < bytes.count {
      let length = Int(number(place + 8))
      #expect(number(place + 12) == UInt64(length))
      packets.append(
        Packet(
          time: number(place) * 1_000_000_000 + number(place + 4),
          bytes: Array(bytes[place + 16..<place + 16 + length])))
      place += 16 + length
    }
  }
}
