// The machine in words, for whoever is shown where a session has got to.

extension Simulation {
  /// One line for each process: pid, name, parent, state; in order of pids.
  public func describeProcesses() -> [String] {
    kernel.processes.slotsByPID.map { describe($0) }
  }

  public func describe(_ process: ProcessID) -> String? {
    kernel.processes.slot(of: process).map { describe($0) }
  }

  private func describe(_ slot: Slot) -> String {
    let process = kernel.processes[slot]
    let parent = process.parent.map { kernel.processes[$0].pid.raw } ?? 0
    let name = String(decoding: process.name, as: UTF8.self)
    let family =
      process.leader.map { "thread of \(kernel.processes[$0].pid.raw)" } ?? "parent \(parent)"
    return "pid \(process.pid.raw) \(name) (\(family)): \(describe(process.state))"
  }

  private func describe(_ state: ProcessState) -> String {
    switch state {
    case .runnable: "runnable"
    case .running(let hart): "running on hart \(hart.raw)"
    case .exited(let status): "exited with status \(status)"
    case .blocked(let reason): "waits for \(describe(reason))"
    }
  }

  private func describe(_ reason: WaitReason) -> String {
    switch reason {
    case .child: "a child to exit"
    case .frozen(let group): "group \(group.raw) to be thawed"
    case .fileData(let group): "the next tick, for group \(group.raw) and its io.max"
    case .throttled(let group): "group \(group.raw) to have time again"
    case .sleep(let until): "time \(until.instructions)"
    case .console: "the console"
    case .pipeToFill(let pipe): "data in pipe \(pipe)"
    case .pipeToDrain(let pipe): "room in pipe \(pipe)"
    case .mutex(let mutex): "mutex \(mutex)"
    case .condition(let mutex): "the condition of mutex \(mutex)"
    case .socketToFill(let socket): "something to read at socket \(socket.raw)"
    case .socketToDrain(let socket): "room in the window of socket \(socket.raw)"
    case .connectionToCome(let socket): "a connection to socket \(socket.raw)"
    case .connectionToBeTaken(let socket): "socket \(socket.raw) to be connected"
    case .sending(let group): "the next tick, for group \(group.raw) has sent all that it may"
    case .poll(let until):
      "a descriptor to be ready" + (until.map { ", or time \($0.instructions)" } ?? "")
    case .thread(let thread): "thread \(thread.raw) to exit"
    case .futex(let place, let until):
      "a wake on the int at \(hexadecimal(place.number))"
        + (until.map { ", or time \($0.instructions)" } ?? "")
    }
  }
}
