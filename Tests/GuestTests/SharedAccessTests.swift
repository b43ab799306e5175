// What `--shm-accesses` records: every load and store of a page shared by name, and no other.

import Sim
import TestSupport
import Testing

/// A load or store, by its place in the shared page.
private struct Access: Equatable, CustomTestStringConvertible {
  var offset: Int64
  var size: Int64
  var value: UInt64
  var isStore: Bool

  init(_ offset: Int64, _ size: Int64, _ value: UInt64, isStore: Bool = false) {
    (self.offset, self.size, self.value, self.isStore) = (offset, size, value, isStore)
  }

  var testDescription: String {
    "\(isStore ? "store" : "load") of \(size) bytes at \(offset): \(String(value, radix: 16))"
  }
}

@Suite struct SharedAccessTests {
  /// As `shm_accesses.c` makes them.
  private static let accesses = [
    Access(1, 1, 0x91, isStore: true), Access(2, 2, 0x9222, isStore: true),
    Access(4, 4, 0x9444_4444, isStore: true),
    Access(8, 8, 0x9888_8888_8888_8888, isStore: true),
    Access(1, 1, 0xffff_ffff_ffff_ff91), Access(1, 1, 0x91), Access(2, 2, 0x9222),
    Access(4, 4, 0xffff_ffff_9444_4444),
    Access(-4, 8, 0x1122_3344_5566_7788, isStore: true), Access(16, 4, 5, isStore: true),
    Access(-4, 8, 0x1122_3344_5566_7788), Access(16, 4, 5),
    Access(16, 4, 2, isStore: true), Access(16, 4, 7), Access(16, 4, 8, isStore: true),
    Access(24, 1, 4, isStore: true), Access(24, 1, 4),
    Access(32, 4, 9, isStore: true), Access(32, 4, 9),
  ]

  @Test(arguments: [1, 2])
  func `each access is an event, in order, of the process that made it`(harts: Int) throws {
    let run = try GuestRun(["shm_accesses"]) {
      $0.recordsSharedAccesses = true
      $0.harts = harts
    }
    #expect(run.status == 0, "\(run.console)")
    let page = try #require(run.events.first { $0.kind == .shmMap })[
      word: SharedPageEvent.address]
    let events = run.events.filter { $0.kind == .shmAccess }
    let found = events.map {
      Access(
        $0[word: SharedAccessEvent.address] - page, $0[SharedAccessEvent.size],
        UInt64(bitPattern: $0[SharedAccessEvent.value]), isStore: $0[SharedAccessEvent.store])
    }
    #expect(found == Self.accesses)
    let processes = events.map(\.process)
    #expect(processes.dropLast(2).allSatisfy { $0 == processes.last })
    #expect(processes.dropLast().last != processes.last)
  }

  @Test(arguments: [1, 2, 4], [0, 3, 8] as [UInt64])
  func `order and time agree, and each load sees the store before it`(harts: Int, seed: UInt64)
    throws
  {
    for program in ["lost_update", "call_cv"] {
      let run = try GuestRun([program]) {
        $0.recordsSharedAccesses = true
        $0.harts = harts
        $0.seed = seed
      }
      #expect(run.status == 0, "\(run.console)")
      let accesses = run.events.filter { $0.kind == .shmAccess }
      #expect(accesses.count > 400)
      // Both programs have pages one after the other, and use one at a time; a fresh one is zero.
      var number: Int64?
      var last = Instant.zero
      for event in run.events {
        if event.kind == .shmCreate { number = nil }
        guard event.kind == .shmAccess else { continue }
        #expect(event.time >= last)
        last = event.time
        guard program == "lost_update" else { continue }
        let value = event[SharedAccessEvent.value]
        if event[SharedAccessEvent.store] { number = value } else { #expect(value == number ?? 0) }
      }
    }
  }

  @Test func `with accesses recorded, no event of any kind is earlier than one before it`() throws {
    for harts in [2, 4] {
      let run = try GuestRun(["lost_update"]) {
        $0.recordsSharedAccesses = true
        $0.harts = harts
        $0.seed = 5
      }
      for (event, next) in zip(run.events, run.events.dropFirst()) {
        #expect(event.time <= next.time)
      }
    }
  }

  @Test func `nothing of it is an event where nobody asks`() throws {
    let run = try GuestRun(["shm_accesses"])
    #expect(run.status == 0 && !run.events.contains { $0.kind == .shmAccess })
  }
}
