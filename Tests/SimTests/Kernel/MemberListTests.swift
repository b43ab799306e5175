// The numbers that a container gives.

import Testing

@testable import Sim

@Suite("A container's numbers") struct MemberListTests {
  @Test("Rise from 1, and none is given twice, whoever goes in between")
  func rise() {
    var list = MemberList()
    #expect(list.add(30).raw == 1)
    #expect(list.add(10).raw == 2)
    #expect(list.add(20).raw == 3)
    list.remove(GuestPID(raw: 3))
    #expect(list.add(40).raw == 4)
    #expect(list.slots == [30, 10, 40])
    #expect(list.newest.raw == 4)
  }

  @Test("Lead to the process that has one, and to nobody once it has gone")
  func lead() {
    var list = MemberList()
    for slot in [7, 5, 9] { _ = list.add(slot) }
    #expect((0..<5).map { list[GuestPID(raw: $0)] } == [nil, 7, 5, 9, nil])
    list.remove(GuestPID(raw: 2))
    list.remove(GuestPID(raw: 2))
    list.remove(.none)
    #expect((0..<5).map { list[GuestPID(raw: $0)] } == [nil, 7, nil, 9, nil])
    #expect(list.count == 2)
  }

  @Test("Are given again only by the mistake of that name")
  func again() {
    var list = MemberList()
    for slot in 0..<4 { #expect(list.addAgain(slot).raw == Int32(slot) + 1) }
    list.remove(GuestPID(raw: 2))
    #expect(list.addAgain(9).raw == 2)
    #expect(list[GuestPID(raw: 2)] == 9 && list[GuestPID(raw: 3)] == 2)
  }
}
