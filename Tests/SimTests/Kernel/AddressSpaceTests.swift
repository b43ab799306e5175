// An address space is apart from who runs in it: processes count as its users, and its pages go with the
// last of them.

import Testing

@testable import Sim

@Suite struct AddressSpaceTests {
  private var kernel: Kernel
  private let initial: Slot

  init() throws { (kernel, initial) = try Kernel.atWork() }

  private mutating func exit(_ slot: Slot) {
    kernel.enter(at: kernel.now, on: HartID(raw: 0), as: slot)
    var effects = Effects.none
    kernel.exit(slot, status: 0, cause: .call, &effects)
  }

  @Test("fork makes another with the same pages, and exit lets go of it")
  mutating func forkMakesAnother() throws {
    let users = kernel.memory.useCount
    let child = try kernel.child(of: initial)
    let (own, other) = (kernel.space(of: initial), kernel.space(of: child))
    #expect(own != other && kernel.addressSpaces.useCount == 2)
    let pages = kernel.addressSpaces[own].table.mappedCount
    #expect(kernel.addressSpaces[other].table.mappedCount == pages && pages > 0)
    #expect(kernel.memory.useCount == users + pages)
    exit(child)
    #expect(kernel.processes[child].addressSpace == nil && kernel.addressSpaces.useCount == 1)
    #expect(kernel.memory.useCount == users)
    let next = try kernel.child(of: initial)
    #expect(kernel.space(of: next) == other, "its index is used again")
  }

  @Test("Its pages, and what of them is shared by name, stay until the last of its users has gone")
  mutating func pagesGoWithTheLast() throws {
    let (first, second) = (try kernel.child(of: initial), try kernel.child(of: initial))
    let shared = kernel.space(of: first)
    kernel.leaveAddressSpace(second)
    kernel.addressSpaces.retain(shared)
    kernel.processes[second].addressSpace = shared

    let allocated = kernel.memory.allocate()
    let frame = try #require(allocated)
    let name = SharedName(container: .outside, text: [65])
    let made = kernel.sharedPages.insert(SharedPage(frame: frame, mappers: 1), named: name)
    let page = try #require(made)
    kernel.memory.retain(frame)
    let number = kernel.addressSpaces[shared].table.count
    kernel.addressSpaces[shared].table.append(
      PageEntry(frame: frame, permissions: [.read, .write, .shared]))
    kernel.addressSpaces[shared].sharedMappings = [SharedMapping(shared: page, page: number)]

    let users = kernel.memory.useCount
    exit(first)
    #expect(kernel.memory.useCount == users && kernel.sharedPages[page].mappers == 1)
    #expect(kernel.addressSpaces[shared].sharedMappings.count == 1)
    let pages = kernel.addressSpaces[shared].table.mappedCount
    exit(second)
    // The page that has a name loses its mapper, and with it the name's own use of the frame.
    #expect(!kernel.sharedPages.isUsed(page) && kernel.memory.useCount == users - pages - 1)
    #expect(kernel.addressSpaces.useCount == 1)
  }

  @Test("One that is shared has one table: what either user maps, both have")
  mutating func usersShareTheTable() throws {
    let (first, second) = (try kernel.child(of: initial), try kernel.child(of: initial))
    kernel.leaveAddressSpace(second)
    kernel.addressSpaces.retain(kernel.space(of: first))
    kernel.processes[second].addressSpace = kernel.space(of: first)
    let end = kernel.addressSpaces[kernel.space(of: first)].size
    let outcome = kernel.call(.sbrk, 4096, 1, as: first).outcome
    #expect(outcome == .value(Int64(end)))
    let isWritten = kernel.copyOut(second, end, [7])
    let read = kernel.copyIn(first, end, count: 1)
    #expect(isWritten && read == [7])
  }
}
