// A container's processes by the numbers that it has given them: 1 to its init, then to each in the order in
// which it comes, by fork or by joining, and none twice. Numbers only rise, so the list is in their order.

/// The processes of a container, zombies included, until they are reaped.
package struct MemberList: Sendable {
  private var numbers: [GuestPID] = []
  /// In the order of their numbers.
  package private(set) var slots: [Slot] = []
  /// The number that was given last.
  package private(set) var newest = GuestPID.none

  package var count: Int { slots.count }

  /// The process of this number; nil if there is none, or none any more.
  package subscript(_ number: GuestPID) -> Slot? {
    let place = place(of: number)
    return place < numbers.count && numbers[place] == number ? slots[place] : nil
  }

  /// A new member, under the next number.
  mutating func add(_ slot: Slot) -> GuestPID {
    newest = newest.next
    insert(slot, under: newest)
    return newest
  }

  /// A new member under the lowest number that nobody has now, which takes a defect.
  mutating func addAgain(_ slot: Slot) -> GuestPID {
    var number = GuestPID.initial
    for taken in numbers where taken == number { number = number.next }
    newest = max(newest, number)
    insert(slot, under: number)
    return number
  }

  private mutating func insert(_ slot: Slot, under number: GuestPID) {
    let place = place(of: number)
    numbers.insert(number, at: place)
    slots.insert(slot, at: place)
  }

  mutating func remove(_ number: GuestPID) {
    let place = place(of: number)
    guard place < numbers.count, numbers[place] == number else { return }
    numbers.remove(at: place)
    slots.remove(at: place)
  }

  /// The first place whose number is not below this one.
  private func place(of number: GuestPID) -> Int {
    numbers.partitioningIndex { $0 >= number }
  }
}

extension MemberList: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(numbers)
    digest.combine(slots)
    digest.combine(newest)
  }
}
