// What a run tells a search: what each process saw, as a hash; the first fault; what the console showed,
// where that matters.

import Sim

/// Listens to a run.
struct RunSink: EventSink {
  private struct View {
    var process: ProcessID
    var hash: UInt64
    var program: NameID?
  }

  /// The first fault: whose, in which program, why and where.
  private(set) var fault: (process: ProcessID, program: NameID?, cause: Int64, pc: UInt64)?
  /// The last bytes on the console.
  private(set) var console: [UInt8] = []
  /// The events of a step, where they are kept.
  var step: [Event] = []
  /// The console's text is kept for this text's sake.
  let text: [UInt8]?
  private(set) var showsText = false
  private let keepsSteps: Bool
  private let isChecked: Bool
  private var views: [View] = []

  /// - Parameter keepsSteps: whether somebody wants to see the events of each step.
  init(_ rules: FailureRules, keepsSteps: Bool = false) {
    text = rules.text.map { Array($0.utf8) }
    isChecked = rules.checksInvariants
    self.keepsSteps = keepsSteps || isChecked
  }

  var interest: EventInterest { isChecked ? .everything : .undigested }

  /// The same however the processes' events lay among one another.
  var behaviour: UInt64 {
    var sum: UInt64 = 0
    for view in views {
      sum &+= RunSink.mixed(view.hash, UInt64(UInt32(bitPattern: view.process.raw)))
    }
    return sum
  }

  mutating func receive(_ event: Event) {
    if keepsSteps { step.append(event) }
    switch event.kind {
    case .call, .callReturn: seeCall(event)
    case .shmAccess:
      see(
        event, event[SharedAccessEvent.pc],
        UInt64(bitPattern: event[SharedAccessEvent.value]))
    case .exec: views[place(of: event.process)].program = event[ExecEvent.path]
    case .fork:
      let program = views[place(of: event.process)].program
      views[place(of: event[ForkEvent.child])].program = program
    case .fault:
      see(event, event[FaultEvent.pc], UInt64(bitPattern: event[FaultEvent.cause]))
      if fault == nil {
        fault = (
          event.process, views[place(of: event.process)].program, event[FaultEvent.cause],
          event[FaultEvent.pc]
        )
      }
    case .exit: see(event, 1, UInt64(bitPattern: event[ExitEvent.status]))
    case .output: if text != nil { take(event.packedBytes) }
    default: break
    }
  }

  private mutating func seeCall(_ event: Event) {
    // Whether it had to wait it cannot tell; what came of it is seen when it comes back, or in its exit.
    if event[CallEvent.why] == Event.unreturned { return }
    // When it is asked what time it is, every run differs.
    let tellsTime = event[call: CallEvent.number] == .uptime
    see(
      event, UInt64(bitPattern: event[CallEvent.number]),
      tellsTime ? 0 : UInt64(bitPattern: event[CallEvent.value]))
  }

  private mutating func see(_ event: Event, _ first: UInt64, _ second: UInt64) {
    let place = place(of: event.process)
    views[place].hash = RunSink.mixed(RunSink.mixed(views[place].hash, first), second)
  }

  private mutating func take(_ bytes: [UInt8]) {
    guard let text, !showsText else { return }
    console += bytes
    if !text.isEmpty, console.count >= text.count,
      console.indices.dropLast(text.count - 1).contains(where: {
        console[$0..<$0 + text.count].elementsEqual(text)
      })
    {
      showsText = true
    }
    if console.count > text.count { console.removeFirst(console.count - text.count) }
  }

  private mutating func place(of process: ProcessID) -> Int {
    if let place = views.lastIndex(where: { $0.process == process }) { return place }
    views.append(View(process: process, hash: 0))
    return views.count - 1
  }

  private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    var mixed = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
    mixed ^= mixed >> 29
    return mixed &* 0xbf58_476d_1ce4_e5b9 &+ 1
  }
}
