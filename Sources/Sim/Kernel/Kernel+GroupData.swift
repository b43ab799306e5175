// io.max: how many bytes of file data a group may move in each tick. Whoever has used that up waits for the next tick,
// in a line with its fellows: a process that has got something goes to the end of it, one that has got nothing keeps its
// place. So a read or a write of more is done in parts, a tick after the other, and comes back when all of it is done.
//
// File data is what read and write move to and from files of the disk, through unions as well. Not counted are
// directories, pipes, devices, /proc and /cgroup, the programs that exec loads, and what a union copies up.

extension GroupControlFile {
  static let dataFiles: [GroupControlFile] = [
    GroupControlFile(
      name: "io.max",
      read: { kernel, group, _ in kernel.dataLimitsText(of: group) },
      write: { (kernel, write, _) throws(Refusal) in
        try kernel.limitData(of: write.group, to: write.value, by: write.slot)
      })
  ]
}

/// A read or write of a file, or what is sent over the network, under way: groups count its bytes.
struct DataMove: Equatable, Sendable {
  let direction: DataDirection
  /// Bytes moved in all, those still to be moved, and those moved since the kernel was last entered.
  var done = 0
  var left: Int
  var moved = 0
  /// In the line of those who wait; 0 for none.
  var place: UInt64 = 0

  init(_ direction: DataDirection, _ count: Int) {
    self.direction = direction
    left = count
  }

  /// So much of it was moved before.
  mutating func noteDone(_ bytes: Int) {
    done += bytes
    left -= bytes
  }
}

/// What waits of these, by slot: of processes whose call is `PendingCall.moving`. Beside the processes, so that
/// what a call comes to stays small.
struct DataMoveTable: Sendable {
  private var moves: [DataMove?] = []

  subscript(_ slot: Slot) -> DataMove {
    get {
      guard Int(slot) < moves.count, let move = moves[Int(slot)] else {
        preconditionFailure("only who moves data waits for the next tick")
      }
      return move
    }
    set {
      while moves.count <= Int(slot) { moves.append(nil) }
      moves[Int(slot)] = newValue
    }
  }
}

extension DataMoveTable: Digestible {
  func combine(into digest: inout Digest) { for move in moves { digest.combine(move) } }
}

extension DataMove: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(direction.rawValue)
    digest.combine(done)
    digest.combine(left)
    digest.combine(place)
  }
}

extension Kernel {
  // MARK: The file

  private static let order: [DataDirection] = [.write, .read]

  fileprivate func dataLimitsText(of group: GroupID) -> String {
    guard let group = groups[group] else { return "" }
    let words = Kernel.order.map { direction in
      let limit = group.dataRates[direction.rawValue].limit
      return "\(direction.key)=\(limit.map { "\($0)" } ?? "max")"
    }
    return words.joined(separator: " ") + "\n"
  }

  /// Sets one of the limits or both, or takes both away by `max`.
  fileprivate mutating func limitData(of id: GroupID, to value: [UInt8], by slot: Slot)
    throws(Refusal)
  {
    var limits: [(direction: DataDirection, limit: Int?)] = []
    if value == GroupValue.none {
      limits = Kernel.order.map { ($0, nil) }
    } else {
      for word in value.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false) {
        guard let equals = word.firstIndex(of: UInt8(ascii: "=")),
          let direction = Kernel.order.first(where: { $0.key.utf8.elementsEqual(word[..<equals]) }),
          !limits.contains(where: { $0.direction == direction })
        else { throw .badValue }
        let limit = try GroupValue.limit(Array(word[(equals + 1)...]))
        // Who may move nothing would wait for ever.
        if limit == 0 { throw .badValue }
        limits.append((direction, limit))
      }
    }
    for (direction, limit) in limits {
      groups.limitData(direction, of: id, to: limit)
      let file = names.intern(Array("io.max \(direction.key)".utf8))
      emit(.groupLimited(stamp(slot), id, file, to: limit))
    }
  }

  // MARK: Moving

  /// A read or write that begins, or goes on.
  func dataMove(_ direction: DataDirection, _ count: Int, of slot: Slot) -> DataMove {
    processes[slot].pending == .moving ? moves[slot] : DataMove(direction, count)
  }

  /// Whether what a process moves may count: it is in a group, or has begun when it was in one.
  func countsData(_ slot: Slot) -> Bool {
    processes[slot].group != .root || processes[slot].pending != nil
  }

  /// Cuts what is to be moved next down to what there is room for in this tick; if there is none, the process has to
  /// wait.
  ///
  /// - Parameter whole: whether all has to go at once, so that too little room is none.
  mutating func limit(
    _ bytes: inout Int, _ move: DataMove, for slot: Slot, whole: Bool = false
  ) -> CallOutcome? {
    if defects.contains(.dataWaitForgotten) { return nil }
    guard
      let room = groups.dataRoom(
        move.direction, in: processes[slot].group, at: ticks,
        ownOnly: defects.contains(.dataOwnOnly))
    else { return nil }
    let free = room.bytes - (room.bytes > 0 ? awaited(before: move, of: slot, in: room.group) : 0)
    if free <= 0 || whole && free < bytes {
      var waiting = move
      if move.moved > 0 { waiting.place = 0 }
      waiting.moved = 0
      moves[slot] = waiting
      let reason: WaitReason =
        move.direction == .network ? .sending(room.group) : .fileData(room.group)
      return .blocked(on: reason, .moving)
    }
    bytes = min(bytes, free)
    return nil
  }

  /// Bytes that those in a group want who stand before a process in line, and will have a hart no later than it. Did
  /// they not go first, one that never waits could take all that there is in every tick. Whoever is at its turn stays at
  /// it until it has to wait again.
  private mutating func awaited(before move: DataMove, of slot: Slot, in group: GroupID) -> Int {
    charge(.processes, processes.usedCount)
    var bytes = 0
    for other in processes.slotsByPID where other != slot {
      guard processes[other].pending == .moving else { continue }
      let before = moves[other]
      guard before.direction == move.direction,
        move.place == 0 || before.place < move.place,
        groups.isInside(group, processes[other].group)
      else { continue }
      switch processes[other].state {
      case .running: bytes += before.left
      case .runnable where processes[other].priority <= processes[slot].priority:
        bytes += before.left
      case .runnable, .blocked, .exited: break
      }
    }
    return bytes
  }

  /// Counts what has been moved.
  mutating func note(_ bytes: Int, in move: inout DataMove, of slot: Slot) {
    groups.countData(move.direction, bytes, in: processes[slot].group, at: ticks)
    move.done += bytes
    move.left -= bytes
    move.moved += bytes
  }

  /// Tells what this entry of the kernel has moved of a file.
  mutating func finish(_ move: DataMove, of slot: Slot, _ file: FileID) {
    if move.moved == 0 || processes[slot].group == .root { return }
    emit(
      .movedData(
        stamp(slot), file, count: move.moved, isWrite: move.direction == .write,
        in: processes[slot].group))
  }

  /// Has a process wait for the next tick, in its place in line.
  mutating func waitForTick(_ slot: Slot) {
    let next = Instant(instructions: (ticks + 1) * tick)
    moves[slot].place = timers.insert(
      slot, processes[slot].pid, at: next, keeping: moves[slot].place)
  }
}
