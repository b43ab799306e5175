// Console. A process in a container has no device: it opens none, makes none, and neither reads nor
// writes one, not even behind a descriptor from before it entered.

import Sim

struct ConsoleInvariant: Sendable {
  func seeDevice(_ event: Event, _ findings: inout Findings) {
    if event.container != .outside {
      findings.report(
        .console,
        "device \(event[DeviceEvent.major]), \(event[DeviceEvent.minor]) opened as descriptor "
          + "\(event[DeviceEvent.descriptor])",
        expected: "no device in a container")
    }
  }

  func seeBlock(_ event: Event, _ findings: inout Findings) {
    if event.container != .outside && event[BlockEvent.reason] == WaitReason.console.code {
      findings.report(.console, "a process that waits for the console", expected: "nobody there")
    }
  }

  func seeCall(
    _ event: Event, _ call: CallNumber, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    if event.container == .outside { return }
    if call == .mknod {
      findings.report(.console, "a device node made", expected: "no device in a container")
      return
    }
    guard let slot = machine.slot(of: event.process) else { return }
    let descriptor = Int(Int32(truncatingIfNeeded: event[CallEvent.arg0]))
    guard machine.kernel.processes[common: slot].descriptors.indices.contains(descriptor) else {
      return
    }
    if let index = machine.kernel.processes[common: slot].descriptors[descriptor],
      case .device = machine.kernel.files[index].target
    {
      findings.report(
        .console, "\(call.name) on descriptor \(descriptor), a device", expected: "a refusal")
    }
  }
}
