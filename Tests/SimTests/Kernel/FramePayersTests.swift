// In which groups frames and copies owed of them count.

import Testing

@testable import Sim

@Suite struct FramePayersTests {
  private let a = GroupID(raw: 2)
  private let b = GroupID(raw: 3)
  private let c = GroupID(raw: 4)
  private let frame = PageFrame(raw: 70)

  @Test("A frame counts in one group until it is free, and one of the root's is not kept")
  func frameCounts() {
    var payers = FramePayers()
    payers.insert(frame, payer: .root)
    #expect(payers.isEmpty && payers.payer(of: frame) == .root)
    payers.insert(frame, payer: a)
    #expect(!payers.isEmpty && payers.payer(of: frame) == a)
    #expect(payers.payer(of: PageFrame(raw: 71)) == .root)
    let freed = payers.remove(frame)
    #expect(freed.payer == a && freed.copiers.isEmpty && payers.isEmpty)
    #expect(payers.remove(frame).payer == .root)
  }

  @Test("Of copies owed, one goes first that counts in the group that is asked for")
  func preferredCopyGoes() {
    var payers = FramePayers()
    for payer in [a, b, a, c] { payers.addCopy(of: frame, payer: payer) }
    #expect(payers.copyCount(of: frame) == 4)
    #expect(payers.removeCopy(of: frame, owed: 4, preferring: c) == c)
    #expect(payers.removeCopy(of: frame, owed: 3, preferring: b) == b)
    #expect(payers.removeCopy(of: frame, owed: 2, preferring: b) == a)
    #expect(payers.removeCopy(of: frame, owed: 1, preferring: .root) == a)
    #expect(payers.isEmpty)
    #expect(payers.removeCopy(of: frame, owed: 1, preferring: a) == .root)
  }

  @Test("Copies that count in the root go first for the root, and before those of other groups")
  func rootsCopiesGo() {
    var payers = FramePayers()
    payers.addCopy(of: frame, payer: a)
    #expect(payers.removeCopy(of: frame, owed: 2, preferring: .root) == .root)
    #expect(payers.removeCopy(of: frame, owed: 2, preferring: b) == .root)
    #expect(payers.removeCopy(of: frame, owed: 2, preferring: a) == a)
  }

  @Test("When the first group's last copy goes, those of the others are still there")
  func othersStay() {
    var payers = FramePayers()
    for payer in [a, b, c, b] { payers.addCopy(of: frame, payer: payer) }
    #expect(payers.removeCopy(of: frame, owed: 4, preferring: a) == a)
    #expect(payers.copyCount(of: frame) == 3)
    var seen: [GroupID] = []
    payers.visit { frame, payer, copiers in
      #expect(frame == self.frame && payer == .root)
      seen += copiers
    }
    #expect(seen == [b, b, c])
    #expect(payers.remove(frame).copiers == [b, b, c] && payers.isEmpty)
  }

  @Test("What was taken in one group counts in another only if that has room")
  func moveNeedsRoom() throws {
    var table = GroupTable()
    for (id, parent) in [(2, 1), (3, 2), (4, 2)] as [(Int32, Int32)] {
      table.insert(
        Group(
          id: GroupID(raw: id), parent: GroupID(raw: parent), name: Name("g".utf8), owner: .outside,
          isContainers: false, budget: nil))
    }
    table.update(a) { $0[.memory].limit = 8 }
    table.update(c) { $0[.memory].limit = 4 }
    try table.take(.memory, 8, in: b)
    // Above both there is no more than before, although that is all there may be.
    try table.move(.memory, 4, from: b, to: c)
    #expect(table[b]?[.memory].held == 4 && table[c]?[.memory].held == 4)
    #expect(throws: FullGroup(group: c, limit: 4, held: 4)) {
      try table.move(.memory, 4, from: b, to: c)
    }
    #expect(table[b]?[.memory].held == 4 && table[a]?[.memory].held == 8)
    try table.move(.memory, 4, from: c, to: .root)
    #expect(table[a]?[.memory].held == 4)
  }
}
