// Whom ^C ends. The ABI has no process groups, so the kernel goes by what shells do: a shell gets a
// line from the console, forks for it, and waits. The last one that did so and lives has the
// terminal; in the foreground is what it has forked since it last read the console, with all below.
// What was forked before that goes on in the background, and so does what init has adopted.

extension Kernel {
  /// The processes that ^C ends, parents first; none while the shell is at its prompt.
  var foreground: [Slot] {
    if let shell = lastShell {
      let since = foregroundDescendants(of: shell)
      // With nobody else there, it waits for those in the background.
      guard since.isEmpty, processes[shell].state == .blocked(.child) else { return since }
      return foregroundDescendants(of: shell, withOlder: true)
    }
    // What init runs in a shell's place is in the foreground itself.
    guard runsProgram, let leader = processes.slot(of: newestChildOfInit),
      processes[leader].exitStatus == nil
    else { return [] }
    return [leader] + foregroundDescendants(of: leader)
  }

  /// Of the processes that got something from the console and forked after it, the one that got
  /// something last.
  private var lastShell: Slot? {
    var last: Slot?
    for slot in processes.slotsByPID where processes[slot].isShell {
      guard processes[slot].exitStatus == nil else { continue }
      if let found = last, processes[found].lastConsoleRead > processes[slot].lastConsoleRead {
        continue
      }
      last = slot
    }
    return last
  }

  private func foregroundDescendants(of slot: Slot, withOlder: Bool = false) -> [Slot] {
    var found: [Slot] = []
    var above = [slot]
    while let parent = above.popLast() {
      var child = processes[parent].children.first
      while let here = child {
        child = processes[here].nextSibling
        guard processes[here].exitStatus == nil,
          withOlder || processes[here].pid.raw > processes[parent].consoleReadPID
        else { continue }
        found.append(here)
        above.append(here)
      }
    }
    return found
  }

  /// Kills processes in the name of the person at the console.
  mutating func interrupt(_ slots: [Slot], _ effects: inout Effects) {
    for slot in slots where processes.isUsed(slot) && processes[slot].exitStatus == nil {
      emit(.killed(machineStamp, processes[slot].pid))
      kill(slot, &effects)
    }
  }
}
