// Names: texts that events mention by number, and what processes share by a name that is private to their
// container.

import Testing

@testable import Sim

@Suite struct NameTableTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test("A text keeps its number, and the empty one is 0")
  func keepsNumbers() {
    var names = NameTable()
    let empty = names.intern([])
    #expect(empty == .empty && names.count == 1)
    let first = names.intern(bytes("init"))
    let second = names.intern(bytes("in"))
    #expect(first.raw == 1 && second.raw == 2)
    let again = names.intern(bytes("init"))
    #expect(again == first && names.count == 3)
    #expect(names[first] == bytes("init") && names.string(second) == "in" && names[.empty] == [])
  }

  @Test("Thousands of texts, each of any bytes, are told apart and found again")
  func growsAndFinds() {
    var names = NameTable()
    var texts: [[UInt8]] = []
    for number in 0..<5000 {
      // Some begin alike, some hold NULs, some are no UTF-8.
      texts.append([0xff, UInt8(number & 255), 0, UInt8(number >> 8)])
      let name = names.intern(texts[number])
      #expect(name.raw == Int32(number + 1))
    }
    for (number, text) in texts.enumerated() {
      let name = names.intern(text)
      #expect(name.raw == Int32(number + 1) && names[name] == text)
    }
    #expect(names.count == 5001)
  }
}

@Suite struct NamedTableTests {
  private typealias Table = NamedTable<MutexIndex, Int>

  private func name(_ text: String, in container: Int32 = 1) -> SharedName {
    SharedName(container: ContainerID(raw: container), text: Array(text.utf8))
  }

  @Test("One name in two containers is two names")
  func namesArePrivate() {
    var table = Table(capacity: 4)
    let ours = table.insert(1, named: name("m"))
    let theirs = table.insert(2, named: name("m", in: 2))
    #expect(ours != theirs && table.find(name("m")) == ours)
    #expect(table.find(name("m", in: 2)) == theirs && table.find(name("m", in: 3)) == nil)
  }

  @Test("A full table takes nothing, and a place that was left is used again")
  func placesAreUsedAgain() throws {
    var table = Table(capacity: 2)
    let inserted = (table.insert(1, named: name("a")), table.insert(2, named: name("b")))
    let first = try #require(inserted.0)
    let second = try #require(inserted.1)
    let third = table.insert(3, named: name("c"))
    #expect(third == nil && table.isFull && table.usedCount == 2)
    table.remove(first)
    #expect(!table.isUsed(first) && table.find(name("a")) == nil && !table.isFull)
    let again = table.insert(4, named: name("c"))
    #expect(again == first)
    #expect(table[first] == 4 && table[second] == 2 && table.name(first) == name("c"))
    table[second] += 5
    #expect(table[second] == 7 && table.slotCount == 2)
    #expect(!table.isUsed(MutexIndex(rawValue: 9)) && !table.isUsed(MutexIndex(rawValue: -1)))
  }
}

@Suite struct IndexListTests {
  @Test("A number without a place is nil, and the lowest one is given out first")
  func vacantNumbers() {
    var list = IndexList<FileIndex>(count: 3)
    #expect(list.count == 3 && list[0] == nil && list.firstVacant == 0)
    list[0] = FileIndex(rawValue: 7)
    list[2] = FileIndex(rawValue: 7)
    #expect(
      list.firstVacant == 1 && Array(list) == [FileIndex(rawValue: 7), nil, FileIndex(rawValue: 7)])
    #expect(list.firstIndex(of: FileIndex(rawValue: 7)) == 0)
    #expect(list.contains(FileIndex(rawValue: 7)) && !list.contains(FileIndex(rawValue: 0)))
    list[1] = FileIndex(rawValue: 0)
    #expect(list.firstVacant == nil)
    list[0] = nil
    #expect(list.firstVacant == 0 && list.firstIndex(of: FileIndex(rawValue: 7)) == 2)
    list.append(FileIndex(rawValue: 1))
    #expect(list.count == 4 && list.compactMap { $0 }.count == 3)
  }

  @Test("Places take no more room than their numbers")
  func takeNoMoreRoom() {
    #expect(MemoryLayout<FileIndex>.size == 2 && MemoryLayout<MutexIndex>.size == 4)
  }
}
