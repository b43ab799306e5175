// In which group each frame counts, and each copy that is owed of one: of n address spaces that share a page by fork,
// n - 1 may have to copy it, and for each of them a frame is set aside. Kept beside the counts of users, and only of
// what counts in another group than the root, so that the machine itself pays nothing for it.

/// Who pays for frames and for copies owed.
package struct FramePayers: Sendable {
  private struct Entry: Sendable {
    var payer = GroupID.root
    /// Copies owed of the frame that count in one group; none if this is 0, in another either.
    var copies = 0
    var copier = GroupID.root

    var isVacant: Bool { payer == .root && copies == 0 }
  }

  /// Copies owed of a frame that count in a second group, or a third: one of those who share it was moved.
  private struct More: Equatable, Sendable {
    var frame: PageFrame
    var copier: GroupID
    var copies: Int
  }

  private static let bits = 6
  /// By the upper bits of a frame's number, then the lower; empty where nothing is kept.
  private var pieces: [[Entry]] = []
  private var more: [More] = []
  /// How much is kept: frames and copies.
  private var count = 0

  package var isEmpty: Bool { count == 0 }

  private func entry(of frame: PageFrame) -> Entry? {
    let piece = Int(frame.raw) >> FramePayers.bits
    guard piece < pieces.count, !pieces[piece].isEmpty else { return nil }
    return pieces[piece][Int(frame.raw) & (1 << FramePayers.bits - 1)]
  }

  private mutating func update<Result>(_ frame: PageFrame, _ change: (inout Entry) -> Result)
    -> Result
  {
    let piece = Int(frame.raw) >> FramePayers.bits
    while pieces.count <= piece { pieces.append([]) }
    if pieces[piece].isEmpty {
      pieces[piece] = [Entry](repeating: Entry(), count: 1 << FramePayers.bits)
    }
    return change(&pieces[piece][Int(frame.raw) & (1 << FramePayers.bits - 1)])
  }

  // MARK: Frames

  /// The group in which a frame counts: the root also of one that nobody uses.
  package func payer(of frame: PageFrame) -> GroupID { entry(of: frame)?.payer ?? .root }

  /// A frame that was just handed out counts in this group.
  mutating func insert(_ frame: PageFrame, payer: GroupID) {
    if payer == .root { return }
    count += 1
    update(frame) { $0.payer = payer }
  }

  /// A frame has become free.
  ///
  /// - Returns: the groups in which it, and copies of it, counted, each as often as it did.
  mutating func remove(_ frame: PageFrame) -> (payer: GroupID, copiers: [GroupID]) {
    guard let entry = entry(of: frame), !entry.isVacant else { return (.root, []) }
    var copiers = [GroupID](repeating: entry.copier, count: entry.copies)
    if entry.copies > 0, !more.isEmpty {
      for place in places(of: frame) {
        copiers += repeatElement(more[place].copier, count: more[place].copies)
      }
      more.removeSubrange(places(of: frame))
    }
    count -= copiers.count
    if entry.payer != .root { count -= 1 }
    update(frame) { $0 = Entry() }
    return (entry.payer, copiers)
  }

  // MARK: Copies

  /// The places in `more` of a frame.
  private func places(of frame: PageFrame) -> Range<Int> {
    let first = more.partitioningIndex { $0.frame.raw >= frame.raw }
    let end = more.partitioningIndex { $0.frame.raw > frame.raw }
    return first..<end
  }

  /// How many copies owed of a frame count in groups other than the root.
  package func copyCount(of frame: PageFrame) -> Int {
    guard let entry = entry(of: frame), entry.copies > 0 else { return 0 }
    if more.isEmpty { return entry.copies }
    return places(of: frame).reduce(entry.copies) { $0 + more[$1].copies }
  }

  /// One more copy of a frame is owed, which counts in this group.
  mutating func addCopy(of frame: PageFrame, payer: GroupID) {
    if payer == .root { return }
    count += 1
    let isKept = update(frame) { entry in
      guard entry.copies == 0 || entry.copier == payer else { return false }
      entry.copier = payer
      entry.copies += 1
      return true
    }
    if isKept { return }
    let places = places(of: frame)
    if let place = places.first(where: { more[$0].copier == payer }) {
      more[place].copies += 1
    } else {
      more.insert(More(frame: frame, copier: payer, copies: 1), at: places.upperBound)
    }
  }

  /// One copy of a frame less is owed: if there is one, one that counts in the group that is asked for.
  ///
  /// - Parameter owed: how many there are, those that count in the root among them.
  /// - Returns: the group in which it counted.
  mutating func removeCopy(of frame: PageFrame, owed: Int, preferring group: GroupID) -> GroupID {
    guard let entry = entry(of: frame), entry.copies > 0 else { return .root }
    let places = more.isEmpty ? 0..<0 : places(of: frame)
    let rootHasSome = owed > copyCount(of: frame)
    if group == .root, rootHasSome { return .root }
    if entry.copier != group, let place = places.first(where: { more[$0].copier == group }) {
      count -= 1
      more[place].copies -= 1
      if more[place].copies == 0 { more.remove(at: place) }
      return group
    }
    if entry.copier != group, rootHasSome { return .root }
    count -= 1
    if entry.copies > 1 || places.isEmpty {
      update(frame) { $0.copies -= 1 }
    } else {
      let next = more.remove(at: places.lowerBound)
      update(frame) { ($0.copier, $0.copies) = (next.copier, next.copies) }
    }
    return entry.copier
  }

  // MARK: All

  /// Visits each frame that is kept here, in order, with the group in which it counts and those in which copies owed of
  /// it do.
  package func visit(_ body: (PageFrame, GroupID, [GroupID]) -> Void) {
    for (piece, entries) in pieces.enumerated() {
      for (within, entry) in entries.enumerated() where !entry.isVacant {
        let frame = PageFrame(raw: UInt32(piece << FramePayers.bits | within))
        var copiers = [GroupID](repeating: entry.copier, count: entry.copies)
        for place in places(of: frame) {
          copiers += repeatElement(more[place].copier, count: more[place].copies)
        }
        body(frame, entry.payer, copiers)
      }
    }
  }
}

extension FramePayers: Digestible {
  func combine(into digest: inout Digest) {
    if isEmpty { return }
    visit { frame, payer, copiers in
      digest.combine(frame.raw)
      digest.combine(payer.raw)
      for copier in copiers { digest.combine(copier.raw) }
    }
  }
}
