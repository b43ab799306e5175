// Counting slots under several limits at once: all or none, back to nothing, places used again.

import Testing

@testable import Sim

@Suite struct BudgetTableTests {
  private let owner = ProcessID(raw: 7)

  @Test("A slot is taken under every limit, or under none")
  func allOrNone() throws {
    var table = BudgetTable()
    let wide = table.insert(owner: owner, limit: 10, held: 1)
    let narrow = table.insert(owner: owner, limit: 2, held: 1)
    try table.takeSlot(in: [wide, narrow])
    #expect(table[wide].held == 2 && table[narrow].held == 2)
    var refusal: FullBudget?
    do { try table.takeSlot(in: [wide, narrow]) } catch { refusal = error }
    #expect(refusal == FullBudget(index: narrow, limit: 2, held: 2))
    #expect(table[wide].held == 2 && table[narrow].held == 2)
    try table.takeSlot(in: [wide])
    table.releaseSlot(in: [wide, narrow])
    #expect(table[wide].held == 2 && table[narrow].held == 1)
  }

  @Test("Who is in no budget is never refused")
  func nobodysLimit() throws {
    var table = BudgetTable()
    try table.takeSlot(in: [])
    table.releaseSlot(in: [])
    #expect(table.usedCount == 0)
  }

  @Test("A limit that is tightened never grows")
  func tightens() {
    var table = BudgetTable()
    let budget = table.insert(owner: owner, limit: 5, held: 1)
    table.tighten(budget, to: 9)
    #expect(table[budget].limit == 5)
    table.tighten(budget, to: 3)
    #expect(table[budget].limit == 3)
  }

  @Test("A group's budget has no limit at first, takes any later, and keeps its peak and refusals")
  func groupsLimit() throws {
    var table = BudgetTable()
    let budget = table.insert(for: .root, owner: owner)
    for _ in 0..<3 { try table.takeSlot(in: [budget], beyond: 1) }
    table.setLimit(budget, to: 1)
    var refusal: FullBudget?
    do { try table.takeSlot(in: [budget]) } catch { refusal = error }
    #expect(refusal == FullBudget(index: budget, limit: 1, held: 3))
    table.noteRefusal(budget)
    table.releaseSlot(in: [budget])
    #expect(table[budget].held == 2 && table[budget].peak == 3 && table[budget].refusals == 1)
    table.setLimit(budget, to: ProcessBudget.unlimited)
    try table.takeSlot(in: [budget])
  }

  @Test(
    "With the last slot a budget's place is free for another; a group's stays as long as the group")
  func placesAreUsedAgain() throws {
    var table = BudgetTable()
    let first = table.insert(owner: owner, limit: 5, held: 1)
    let pinned = table.insert(for: .root, owner: owner)
    try table.takeSlot(in: [pinned])
    table.releaseSlot(in: [first, pinned])
    #expect(table.usedCount == 1)
    let second = table.insert(owner: owner, limit: 4, held: 2)
    #expect(second == first)
    try table.takeSlot(in: [pinned])
    table.releaseSlot(in: [pinned])
    table.unpin(pinned)
    #expect(table.usedCount == 1)
    let third = table.insert(owner: owner, limit: 6, held: 1)
    #expect(third == pinned)
    #expect(table[pinned].limit == 6 && table[pinned].held == 1)
  }

  @Test("A group that is gone before its processes are reaped keeps its budget for them")
  func unpinnedWhileInUse() throws {
    var table = BudgetTable()
    let budget = table.insert(for: .root, owner: owner)
    try table.takeSlot(in: [budget])
    try table.takeSlot(in: [budget])
    table.unpin(budget)
    #expect(table.usedCount == 1)
    table.releaseSlot(in: [budget])
    table.releaseSlot(in: [budget])
    #expect(table.usedCount == 0)
  }
}
