// What the page draws of a group's use of a resource: the names of what was told, of the files that limit it and of what
// was refused are put together here, for a resource has another name in each.

import Sim

extension PageData {
  /// What a group had of something, over time, and how much it might have.
  public struct GroupUse: Sendable {
    /// Its group, as /cgroup shows it to the machine outside, and the container that it belongs to, or 0.
    public var path: String
    public var owner: Int32
    /// `pids`, `cpu`, or what else can be limited.
    public var resource: String
    /// From when on, how much from then on, and the most that there was in the tick before. Of `cpu` thousandths of a
    /// hart, in each part of the window.
    public var times: [Int64] = []
    public var held: [Int64] = []
    public var most: [Int64] = []
    /// From when on how much there might be, -1 for any; of `cpu` again in thousandths of a hart.
    public var limitTimes: [Int64] = []
    public var limits: [Int64] = []
    /// When more was refused, and how often near that.
    public var refusalTimes: [Int64] = []
    public var refusals: [Int64] = []
    /// From when on, and how long, the group had used its quota.
    public var throttledTimes: [Int64] = []
    public var throttled: [Int64] = []
    /// When the group was removed.
    public var end: Int64?

    public init(path: String, owner: Int32, resource: String) {
      self.path = path
      self.owner = owner
      self.resource = resource
    }
  }

  /// Gives the uses of groups their names.
  mutating func addUses(_ reader: TraceReader) {
    usesLeftOut = seenGroups.leftOut
    uses = seenGroups.groups.flatMap { uses(of: $0, reader) }
  }

  private func uses(of group: GroupUses.Seen.Group, _ reader: TraceReader) -> [GroupUse] {
    let path = group.path.map { "/" + reader.text(of: $0) }.joined()
    var found: [GroupUse] = []
    func change(_ resource: String, _ body: (inout GroupUse) -> Void) {
      let index = found.firstIndex { $0.resource == resource } ?? found.count
      if index == found.count {
        found.append(GroupUse(path: path, owner: group.owner, resource: resource))
      }
      body(&found[index])
    }
    func fill(_ resource: String, _ entries: [ThinnedList<GroupUses.Amount>.Entry]) {
      change(resource) {
        $0.times = entries.map(\.time)
        $0.held = entries.map(\.value.held)
        $0.most = entries.map(\.value.most)
      }
    }
    fill("pids", group.slots)
    change("cpu") {
      $0.times = group.used.indices.map { seenGroups.from &+ Int64($0) &* seenGroups.width }
      ($0.held, $0.most) = (group.used, group.used)
      $0.throttledTimes = group.throttled.map(\.time)
      $0.throttled = group.throttled.map(\.value)
    }
    for (name, entries) in group.amounts { fill(reader.text(of: name), entries) }
    // What the call has set is what the file has, until that is written.
    var limits = [("pids", group.budget)]
    for (name, entries) in group.limits {
      if let resource = GroupLimits.resource(ofFile: reader.text(of: name)) {
        limits.append((resource, entries))
      }
    }
    for (resource, entries) in limits where !entries.isEmpty {
      change(resource) {
        $0.limitTimes = entries.map(\.time)
        $0.limits = entries.map {
          resource != "cpu" || $0.value.value < 0
            ? $0.value.value : $0.value.value &* 1000 / max(1, $0.value.more)
        }
      }
    }
    for (name, entries) in group.refusals where !entries.isEmpty {
      change(reader.text(of: name)) {
        $0.refusalTimes = entries.map(\.time)
        $0.refusals = entries.map(\.value)
      }
    }
    return found.map {
      var use = $0
      use.end = group.end
      return use
    }
  }
}

/// What the files of a group limit.
enum GroupLimits {
  /// What a file's limit is of, by the name that refusals have for it; nil for a file without one. `misc.max` has several,
  /// and says which.
  static func resource(ofFile name: String) -> String? {
    if name.hasPrefix("misc.max ") { return String(name.dropFirst("misc.max ".count)) }
    return name.hasSuffix(".max") ? String(name.dropLast(".max".count)) : nil
  }
}
