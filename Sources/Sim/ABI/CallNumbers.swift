// Which calls a machine has, by the numbers that guests put into `a7`. Courses give the numbers from
// 22 up to calls of their own, so a scenario can take them away or give them other meanings. Events
// have the number that this machine's page gives to a call, whatever number the guest used.

/// A scenario's table of calls.
public struct CallNumbers: Equatable, Sendable {
  /// A number that means something else than usual: another call, or none.
  public struct Change: Equatable, Sendable {
    public var number: Int32
    public var call: CallNumber?
  }

  /// The numbers that can be given a meaning.
  public static let range: ClosedRange<Int32> = 1...1023
  /// The numbers that xv6 has.
  private static let xv6: ClosedRange<Int32> = 1...21

  /// Whether only xv6's calls exist, but for what `changes` says.
  public var isXv6Only = false
  /// In order of their numbers, each once.
  public private(set) var changes: [Change] = []

  public init() {}

  /// Gives a number a meaning.
  public mutating func set(_ number: Int32, to call: CallNumber?) {
    let place = changes.firstIndex { $0.number >= number } ?? changes.count
    let change = Change(number: number, call: call)
    if place < changes.count, changes[place].number == number {
      changes[place] = change
    } else {
      changes.insert(change, at: place)
    }
  }

  /// Whether every number means what the page says.
  public var isUsual: Bool { !isXv6Only && changes.isEmpty }

  /// The call that a guest means by a number.
  @inline(__always)
  func call(_ number: Int32) -> CallNumber? {
    isUsual ? CallNumber(rawValue: number) : changedCall(number)
  }

  private func changedCall(_ number: Int32) -> CallNumber? {
    if let change = change(of: number) { return change.call }
    if isXv6Only && !CallNumbers.xv6.contains(number) { return nil }
    return CallNumber(rawValue: number)
  }

  /// Whether the scenario itself says what a number means.
  func isChanged(_ number: Int32) -> Bool { change(of: number) != nil }

  private func change(of number: Int32) -> Change? { changes.first { $0.number == number } }

  // MARK: As texts

  /// What is changed, as scenarios and traces have it: `xv6`, then `26 fork`, `22 none`.
  public var settings: [String] {
    (isXv6Only ? ["xv6"] : [])
      + changes.map { "\($0.number) \($0.call?.name ?? CallNumbers.none)" }
  }

  /// The word for no call.
  public static let none = "none"

  /// Takes over one of `settings`; false if it is none.
  public mutating func take(_ setting: String) -> Bool {
    if setting == "xv6" {
      isXv6Only = true
      return true
    }
    let words = setting.split(separator: " ")
    guard words.count == 2, let number = Int32(words[0]), CallNumbers.range.contains(number) else {
      return false
    }
    let call = CallNumber(name: String(words[1]))
    guard call != nil || words[1] == CallNumbers.none else { return false }
    set(number, to: call)
    return true
  }
}

extension CallNumber {
  /// The call of this name.
  public init?(name: String) {
    guard let found = CallNumber.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// Whether it is one of the machine's own, which xv6 does not have.
  var isOwn: Bool { rawValue >= CallNumber.setroot.rawValue }
}
