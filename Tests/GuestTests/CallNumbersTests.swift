// Scenarios say which calls there are, and programs that may mean others are told of.

import Sim
import TestGuests
import TestSupport
import Testing

@Suite struct CallNumbersTests {
  private func run(_ words: String, marked: Bool = true, _ adjust: (inout Scenario) -> Void)
    throws -> GuestRun
  {
    let program = words.split(separator: " ").map(String.init)
    let run = try GuestRun(program) { scenario in
      if !marked {
        let bytes = TestGuests.image(program[0])?.bytes ?? []
        scenario.files.append(
          GuestFile(path: "/\(program[0])", content: .file(withoutMark(bytes))))
      }
      adjust(&scenario)
    }
    #expect(run.status == 0, "\(run.console)")
    return run
  }

  /// A program whose note says something else.
  private func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    let mark = Array("Drydock\0".utf8)
    for start in 0...bytes.count - mark.count
    where Array(bytes[start..<start + mark.count]) == mark {
      bytes[start] = UInt8(ascii: "X")
    }
    return bytes
  }

  @Test(
    "On a machine with xv6's calls alone the numbers from 22 up are no calls", arguments: 22...40)
  func xv6Only(number: Int) throws {
    let run = try run("abi_call \(number) 1") { $0.calls.isXv6Only = true }
    #expect(run.console == "2 abi_call: unknown sys call \(number)\n-1\n")
    let call = try #require(
      run.events.last { $0.kind == .call && $0[CallEvent.number] == -Int64(number) })
    #expect(call[CallEvent.why] == Int64(Refusal.unknownCall.rawValue))
  }

  @Test("Those up to 21 are what they were")
  func xv6CallsStay() throws {
    let run = try run("abi_call 11") { $0.calls.isXv6Only = true }
    #expect(run.console == "2\n")
  }

  @Test("A number can stand for another call, which events have by its own number")
  func numbersCanBeChanged() throws {
    let run = try run("abi_call 99 2 5") { $0.calls.set(99, to: .prioritySet) }
    #expect(run.console == "0\n")
    #expect(run.events.contains { $0.kind == .priority && $0[PriorityEvent.new] == 5 })
    let number = Int64(CallNumber.prioritySet.rawValue)
    #expect(
      run.events.contains {
        $0.kind == .call && $0[CallEvent.number] == number && $0[CallEvent.arg1] == 5
      })
  }

  @Test("A number can stand for none, and what is changed counts beside xv6's calls")
  func numbersCanBeTaken() throws {
    let none = try run("abi_call 11") { $0.calls.set(11, to: nil) }
    #expect(none.console == "2 abi_call: unknown sys call 11\n-1\n")
    let beside = try run("abi_call 30 2") {
      $0.calls.isXv6Only = true
      $0.calls.set(30, to: .priorityGet)
    }
    #expect(beside.console == "0\n")
  }

  @Test("A program without a mark that makes one of the machine's own calls is told of once")
  func foreignProgramIsNoted() throws {
    func count(_ run: GuestRun) -> Int { run.events.count { $0.kind == .foreignCall } }
    let foreign = try run("abi_call 37 2", marked: false) { _ in }
    #expect(count(foreign) == 1 && foreign.console == "0\n")
    #expect(count(try run("abi_call 37 2") { _ in }) == 0)
    #expect(count(try run("abi_call 11", marked: false) { _ in }) == 0)
    let changed = try run("abi_call 37 2", marked: false) { $0.calls.set(37, to: .priorityGet) }
    #expect(count(changed) == 0)
    let xv6 = try run("abi_call 37 2", marked: false) { $0.calls.isXv6Only = true }
    #expect(count(xv6) == 0)
  }

  @Test("Settings are texts, and lead back to what they were")
  func settingsLeadBack() {
    var calls = CallNumbers()
    calls.isXv6Only = true
    calls.set(26, to: .fork)
    calls.set(22, to: nil)
    calls.set(26, to: .setroot)
    #expect(calls.settings == ["xv6", "22 none", "26 setroot"])
    var again = CallNumbers()
    let taken = calls.settings.map { again.take($0) }
    #expect(taken == [true, true, true])
    #expect(again == calls)
    for wrong in ["", "22", "0 fork", "1024 fork", "22 nothing", "22 fork x", "-1 none"] {
      let isTaken = again.take(wrong)
      #expect(!isTaken, "\(wrong)")
    }
  }
}
