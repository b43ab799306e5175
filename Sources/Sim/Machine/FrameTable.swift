// The frames of physical memory as a value: what each holds and how many use it. Copying a table
// shares everything; what one of the copies then changes, it copies first, by groups of frames and by
// pages. A group exists once one of its frames was handed out, so a table costs what is used of it.

/// The host's storage for one frame.
final class HostPage: @unchecked Sendable {
  // Written only through a `FrameTable` that is its sole owner, so sharing it is safe.
  let bytes: UnsafeMutableRawPointer

  init() {
    bytes = .allocate(byteCount: pageSize, alignment: pageSize)
  }

  deinit { bytes.deallocate() }
}

/// A group of frames with consecutive numbers.
private final class FrameGroup: @unchecked Sendable {
  // Changed only through a `FrameTable` that is its sole owner, so sharing it is safe.
  static let bits = 6
  static let length = 1 << bits

  // In bounds: all three are indexed by a frame's number within its group.
  let pages: UnsafeMutablePointer<HostPage?>
  let users: UnsafeMutablePointer<UInt32>
  /// One bit for each frame that was written since the last `takeWritten`; one word.
  let written: UnsafeMutablePointer<UInt64>

  init() {
    pages = .allocate(capacity: FrameGroup.length)
    pages.initialize(repeating: nil, count: FrameGroup.length)
    users = .allocate(capacity: FrameGroup.length)
    users.initialize(repeating: 0, count: FrameGroup.length)
    written = .allocate(capacity: 1)
    written.initialize(to: 0)
  }

  init(copying other: FrameGroup) {
    pages = .allocate(capacity: FrameGroup.length)
    pages.initialize(from: other.pages, count: FrameGroup.length)
    users = .allocate(capacity: FrameGroup.length)
    users.initialize(from: other.users, count: FrameGroup.length)
    written = .allocate(capacity: 1)
    written.initialize(to: other.written.pointee)
  }

  deinit {
    pages.deinitialize(count: FrameGroup.length)
    pages.deallocate()
    users.deallocate()
    written.deallocate()
  }
}

/// What the frames of a memory hold, and how many use each.
struct FrameTable: Sendable {
  private var groups: [FrameGroup] = []
  /// Frames written since `takeWritten`, each once.
  private var written: [UInt32] = []

  @inline(__always)
  private static func place(_ frame: PageFrame) -> (group: Int, within: Int) {
    (Int(frame.raw) >> FrameGroup.bits, Int(frame.raw) & (FrameGroup.length - 1))
  }

  /// Makes room for the frame's group, which no frame had before; groups come in order.
  private mutating func reach(_ frame: PageFrame) {
    let (group, _) = FrameTable.place(frame)
    while groups.count <= group { groups.append(FrameGroup()) }
  }

  /// Sees to it that no other table has the group: it is going to be changed. (To return it would cost
  /// a retain and a release each time.)
  @inline(__always)
  private mutating func own(_ group: Int) {
    if !isKnownUniquelyReferenced(&groups[group]) { copyGroup(group) }
  }

  @inline(never)
  private mutating func copyGroup(_ group: Int) {
    groups[group] = FrameGroup(copying: groups[group])
  }

  /// How many use the frame; 0 for one that was never handed out.
  @inline(__always)
  func users(_ frame: PageFrame) -> UInt32 {
    let (group, within) = FrameTable.place(frame)
    return group < groups.count ? groups[group].users[within] : 0
  }

  /// One user more of a frame that was handed out before; whether it had any.
  @inline(__always)
  mutating func retain(_ frame: PageFrame) -> Bool {
    let (group, within) = FrameTable.place(frame)
    guard group < groups.count else { return false }
    own(group)
    let users = groups[group].users + within
    if users.pointee == 0 { return false }
    users.pointee += 1
    return true
  }

  /// One user less; how many are left, or nil if there was none.
  @inline(__always)
  mutating func release(_ frame: PageFrame) -> UInt32? {
    let (group, within) = FrameTable.place(frame)
    guard group < groups.count else { return nil }
    own(group)
    let users = groups[group].users + within
    if users.pointee == 0 { return nil }
    users.pointee -= 1
    return users.pointee
  }

  /// A group whose users one pass over many frames changes, of which most follow each other: whether the
  /// group is this table's own is asked once and not for each frame. It must not outlive the pass.
  struct OwnGroup {
    fileprivate var number = -1
    // In bounds: indexed by a frame's number within its group.
    fileprivate var users: UnsafeMutablePointer<UInt32>?
  }

  /// Where the users of a frame are counted, to be changed; nil for one that was never handed out.
  @inline(__always)
  mutating func users(of frame: PageFrame, _ known: inout OwnGroup) -> UnsafeMutablePointer<UInt32>?
  {
    let (group, within) = FrameTable.place(frame)
    if group != known.number {
      guard group < groups.count else { return nil }
      own(group)
      known = OwnGroup(number: group, users: groups[group].users)
    }
    return known.users.map { $0 + within }
  }

  /// The first user of a frame; whether it had none.
  mutating func take(_ frame: PageFrame) -> Bool {
    reach(frame)
    let (group, within) = FrameTable.place(frame)
    own(group)
    let users = groups[group].users + within
    if users.pointee != 0 { return false }
    users.pointee = 1
    return true
  }

  /// Whether the frame has bytes already.
  func hasPage(_ frame: PageFrame) -> Bool {
    let (group, within) = FrameTable.place(frame)
    return group < groups.count && groups[group].pages[within] != nil
  }

  /// The frame's bytes, to read; nil when it was never written.
  @inline(__always)
  func bytes(of frame: PageFrame) -> UnsafeRawPointer? {
    let (group, within) = FrameTable.place(frame)
    guard group < groups.count else { return nil }
    return groups[group].pages[within].map { UnsafeRawPointer($0.bytes) }
  }

  /// The frame's bytes, to write: no other table sees them, and they count as written.
  ///
  /// - Parameter keepsContents: false for who overwrites all of them.
  /// - Returns: the bytes, and whether they are elsewhere than they were.
  @inline(__always)
  mutating func writableBytes(of frame: PageFrame, keepsContents: Bool)
    -> (bytes: UnsafeMutableRawPointer, moved: Bool)
  {
    let (group, within) = FrameTable.place(frame)
    own(group)
    let written = groups[group].written
    let bit = UInt64(1) << UInt64(within)
    if written.pointee & bit == 0 {
      written.pointee |= bit
      self.written.append(frame.raw)
    }
    let page = groups[group].pages + within
    var moved = false
    if page.pointee == nil {
      page.pointee = HostPage()
    } else if !isKnownUniquelyReferenced(&page.pointee) {
      let copy = HostPage()
      if keepsContents, let old = page.pointee {
        copy.bytes.copyMemory(from: old.bytes, byteCount: pageSize)
      }
      page.pointee = copy
      moved = true
    }
    guard let bytes = page.pointee?.bytes else { preconditionFailure("a page was just stored") }
    return (bytes, moved)
  }

  /// Whether the frame's bytes are the same storage in both tables, and so the same bytes.
  func shares(_ frame: PageFrame, with other: FrameTable) -> Bool {
    let (group, within) = FrameTable.place(frame)
    guard group < groups.count, group < other.groups.count else { return false }
    return groups[group] === other.groups[group]
      || groups[group].pages[within] === other.groups[group].pages[within]
  }

  /// Visits the frames written since the last call, each once, in the order of their first writes.
  mutating func takeWritten(_ body: (PageFrame, _ users: UInt32, UnsafeRawPointer) -> Void) -> Int {
    for raw in written {
      let (group, within) = FrameTable.place(PageFrame(raw: raw))
      own(group)
      groups[group].written.pointee &= ~(UInt64(1) << UInt64(within))
      guard let bytes = groups[group].pages[within]?.bytes else {
        preconditionFailure("it was written")
      }
      body(PageFrame(raw: raw), groups[group].users[within], UnsafeRawPointer(bytes))
    }
    let count = written.count
    written.removeAll(keepingCapacity: true)
    return count
  }
}
