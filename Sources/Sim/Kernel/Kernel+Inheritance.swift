// Priority inheritance for mutexes, where a scenario has it: the holder of a mutex has the priority of the best
// who waits for it, if that is higher than its own, until it gives the mutex up. It hands that on to the
// holder of what it waits for itself, and so on along the chain. (Sha, Rajkumar and Lehoczky, "Priority
// Inheritance Protocols: An Approach to Real-Time Synchronization", IEEE Transactions on Computers
// 39(9), 1990; Linux, kernel/locking/rtmutex.c.)
//
// `Process.priority` is the one in force, and `ownPriority` what prio_set made it. Each process waits for one mutex at
// most, so a chain has no branches on its way up: it ends with somebody who waits for none, or in a circle, a
// deadlock, whose members have the best priority of all who wait for any of them.

extension Kernel {
  /// What those lend who wait for a process's mutexes: the best priority, and who of them has it.
  private struct Loan {
    var priority = Scheduler.priorities
    var mutex: MutexIndex?
    var donor: Slot?
  }

  // MARK: Occasions

  /// A process has come to wait; where that is for a mutex, the chain of holders gets its priority.
  @inline(__always)
  mutating func lendPriority(of slot: Slot, _ effects: inout Effects) {
    if inheritsPriorities { raiseHolders(above: slot, &effects) }
  }

  /// A process gave a mutex up. Who has it now was the best of those who waited, and so inherits nothing.
  @inline(__always)
  mutating func endLoans(to slot: Slot, _ effects: inout Effects) {
    guard inheritsPriorities, processes[slot].coveredPriority != nil,
      !defects.contains(.inheritanceKept)
    else { return }
    settlePriority(of: slot, &effects)
  }

  /// A process waits no longer for what it waited for, without having got it.
  mutating func endLoan(for reason: WaitReason, _ effects: inout Effects) {
    guard inheritsPriorities, case .mutex(let index) = reason, let holder = mutexes[index].holder,
      !defects.contains(.lenderGoneCounts)
    else { return }
    settlePriority(of: holder, &effects)
  }

  /// A process was given a priority of its own.
  mutating func settleOwnPriority(of slot: Slot, _ effects: inout Effects) {
    guard inheritsPriorities else { return }
    settlePriority(of: slot, &effects)
    if let holder = awaited(by: slot) { settlePriority(of: holder, &effects) }
  }

  // MARK: Chains

  /// Whom a process waits for: the holder of the mutex that it wants.
  private func awaited(by slot: Slot) -> Slot? {
    guard case .blocked(.mutex(let index)) = processes[slot].state,
      let holder = mutexes[index].holder, mayInherit(holder)
    else { return nil }
    return holder
  }

  /// With a defect the holder may have ended. A container that ends takes its processes out of line before
  /// they let go of anything, and none of them will run.
  private func mayInherit(_ slot: Slot) -> Bool {
    processes.isUsed(slot) && processes[slot].exitStatus == nil
      && (endingContainer == nil || processes[slot].container != endingContainer)
  }

  /// Gives the holders up the chain the priority of one that has come to wait, as far as theirs is lower. In a
  /// circle somebody has it already.
  private mutating func raiseHolders(above slot: Slot, _ effects: inout Effects) {
    var donor = slot
    while case .blocked(.mutex(let index)) = processes[donor].state,
      let holder = awaited(by: donor), processes[donor].priority < processes[holder].priority
    {
      let loan = Loan(priority: processes[donor].priority, mutex: index, donor: donor)
      inherit(holder, loan, &effects)
      if defects.contains(.chainNotFollowed) { return }
      donor = holder
    }
  }

  /// Works out anew which priority a process has, and what follows from it for those up the chain.
  private mutating func settlePriority(of slot: Slot, _ effects: inout Effects) {
    guard mayInherit(slot) else { return }
    let circle = circle(above: slot)
    var here: Slot? = slot
    while let heir = here {
      if circle.contains(heir) { return settle(circle, &effects) }
      let loan = loan(to: heir)
      let new = min(processes[heir].ownPriority, loan.priority)
      if new == processes[heir].priority { return }
      inherit(heir, loan, &effects)
      if defects.contains(.chainNotFollowed) { return }
      here = awaited(by: heir)
    }
  }

  /// Those who wait for each other, where the chain from a process ends in a circle; otherwise nobody.
  /// (Floyd's way: who goes by two steps meets who goes by one.)
  private mutating func circle(above slot: Slot) -> [Slot] {
    var (slow, fast) = (slot, slot)
    repeat {
      guard let next = awaited(by: slow), let one = awaited(by: fast),
        let two = awaited(by: one)
      else { return [] }
      charge(.heirs)
      (slow, fast) = (next, two)
    } while slow != fast
    var circle = [slow]
    while let next = awaited(by: circle[circle.count - 1]), next != slow { circle.append(next) }
    return circle
  }

  /// Nobody in a circle has less than another: they have the best of their own and of what others lend.
  private mutating func settle(_ circle: [Slot], _ effects: inout Effects) {
    var best = Loan()
    for member in circle {
      let loan = loan(to: member, but: circle)
      if loan.priority < best.priority { best = loan }
      let own = processes[member].ownPriority
      guard own < best.priority, case .blocked(.mutex(let index)) = processes[member].state else {
        continue
      }
      best = Loan(priority: own, mutex: index, donor: member)
    }
    for member in circle where processes[member].priority != best.priority {
      inherit(member, best, &effects)
    }
  }

  private mutating func loan(to holder: Slot, but circle: [Slot] = []) -> Loan {
    var best = Loan()
    for case let index? in processes[common: holder].mutexHandles
    where mutexes[index].holder == holder {
      charge(.places, mutexes[index].waiters.waiting.count)
      for waiter in mutexes[index].waiters.waiting
      where processes[waiter].priority < best.priority && !circle.contains(waiter) {
        best = Loan(priority: processes[waiter].priority, mutex: index, donor: waiter)
      }
    }
    return best
  }

  /// Gives a process the priority that it is lent, or its own where that is as high.
  private mutating func inherit(_ heir: Slot, _ loan: Loan, _ effects: inout Effects) {
    charge(.heirs)
    let own = processes[heir].ownPriority
    let isLent = loan.priority < own
    let new = isLent ? loan.priority : own
    let mutex = isLent ? loan.mutex : nil
    emit(
      .inherited(
        stamp(heir), from: processes[heir].priority, to: new, mutex,
        mutex.map { names.intern(mutexes.name($0).text) } ?? .empty,
        donor: isLent ? pid(of: loan.donor) : .none))
    processes[heir].coveredPriority = isLent ? own : nil
    // mlfq goes by what a process has used, and fifo by nothing: there nobody can be let go first.
    guard scheduler.kind != .mlfq, scheduler.kind != .fifo else {
      processes[heir].priority = new
      return
    }
    changePriority(of: heir, to: new, &effects)
  }

  // MARK: In line

  /// Gives a process a priority, and the place in line that goes with it.
  mutating func changePriority(of slot: Slot, to priority: Int, _ effects: inout Effects) {
    if !scheduler.isStrict {
      processes[slot].priority = priority
      scheduler.setPriority(slot, to: priority, used: processes[slot].instructions)
      effects.changesTurns = true
    } else if processes[slot].state == .runnable {
      scheduler.remove(slot, priority: processes[slot].priority)
      processes[slot].priority = priority
      enqueue(slot, &effects)
    } else {
      settleTime(of: slot)
      processes[slot].priority = priority
      scheduler.setPriority(slot, to: priority, used: processes[slot].instructions)
      effects.changesTurns = true
    }
  }
}
