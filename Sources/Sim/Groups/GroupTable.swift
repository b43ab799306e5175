// The tree of groups. Numbers are never used again, so that what was kept of a group that is gone names no other.
// A resource is taken and given back here along the path from a group to the root, in all groups or in none.

/// The machine's groups, in order of their numbers; the root is the first.
package struct GroupTable: Sendable {
  /// How many groups can be made below the root, apart from those of containers, and as many below each of these.
  package static let madeAtMost = 64

  package private(set) var groups = [
    Group(
      id: .root, parent: .none, name: Name("/"), owner: .outside, isContainers: false, budget: nil)
  ]
  private var lastID = GroupID.root.raw
  /// Whether giving back more than was taken is ignored instead of being our own bug, so that a kernel with defects
  /// survives to show them.
  var isForgiving = false
  /// Whether any group has ever had a limit of file data.
  package internal(set) var hasDataLimits = false
  /// Whether what some group has of something has changed since that was told.
  private(set) var hasUntold = false
  /// Whether what falls is told as well; not so is a defect.
  var tellsFalls = true
  /// Those that have quotas of time.
  var limited: [GroupID] = []
  /// How many inode numbers a group has in /cgroup (`GroupVolume`), which have 32 bits.
  package static let inodesEach: UInt32 = 64
  /// The last number that a group can have.
  static let lastPossible = Int32(UInt32.max / inodesEach) - 1

  /// The group of this number; one that was removed is gone, though something may still count in it.
  package subscript(_ id: GroupID) -> Group? {
    guard let index = index(of: id), !groups[index].isRemoved else { return nil }
    return groups[index]
  }

  package var isEmpty: Bool { groups.count == 1 }

  private func index(of id: GroupID) -> Int? {
    if id == .root { return 0 }
    let index = groups.partitioningIndex { $0.id >= id }
    return index < groups.count && groups[index].id == id ? index : nil
  }

  mutating func update(_ id: GroupID, _ change: (inout Group) -> Void) {
    guard let index = index(of: id) else { return }
    change(&groups[index])
  }

  // MARK: The tree

  /// The groups from right below the root down to this one, itself the last; none for the root.
  package func path(to id: GroupID) -> [GroupID] {
    var path: [GroupID] = []
    var here = id
    while here != .root, let group = self[here] {
      path.append(here)
      here = group.parent
    }
    return path.reversed()
  }

  /// Whether a group is `top` or below it.
  package func isInside(_ top: GroupID, _ id: GroupID) -> Bool {
    if top == .root { return self[id] != nil }
    var here = id
    while here != .root, let group = self[here] {
      if here == top { return true }
      here = group.parent
    }
    return false
  }

  /// The groups right below one, in order of their numbers.
  package func children(of id: GroupID) -> [Group] {
    groups.filter { $0.parent == id && !$0.isRemoved }
  }

  package func child(_ name: Name, of id: GroupID) -> Group? {
    groups.first { $0.parent == id && $0.name == name && !$0.isRemoved }
  }

  /// A group and all below it, each after the one that it is in.
  package func subtree(of id: GroupID) -> [GroupID] {
    var found: [GroupID] = []
    // A group's number is higher than that of the one in which it was made.
    for group in groups where !group.isRemoved {
      if group.id == id || found.contains(group.parent) { found.append(group.id) }
    }
    return found
  }

  /// How many groups a tree has besides the root, or the container's own.
  func madeCount(for owner: ContainerID) -> Int {
    groups.count { $0.owner == owner && !$0.isContainers && $0.id != .root && !$0.isRemoved }
  }

  /// The number that the next group gets; nil when there is none left.
  var nextID: GroupID? {
    lastID < GroupTable.lastPossible ? GroupID(raw: lastID + 1) : nil
  }

  mutating func insert(_ group: Group) {
    precondition(group.id.raw == lastID + 1, "groups are made in order of their numbers")
    lastID = group.id.raw
    groups.append(group)
    update(group.parent) { $0.children += 1 }
  }

  /// Removes a group in which nobody is any more.
  mutating func remove(_ id: GroupID) {
    guard let group = self[id], id != .root else { return }
    update(group.parent) { $0.children -= 1 }
    limited.removeAll { $0 == id }
    update(id) { $0.isRemoved = true }
    groups.removeAll { !$0.isKept }
  }

  // MARK: On the way to the root

  /// Changes a group and all above it, but for the root.
  mutating func change(around id: GroupID, _ body: (inout Group) -> Void) {
    var here = index(of: id)
    while let index = here, groups[index].id != .root {
      body(&groups[index])
      here = self.index(of: groups[index].parent)
    }
  }

  /// Looks at a group and all above it, but for the root.
  func forEach(around id: GroupID, _ body: (borrowing Group) -> Void) {
    var here = index(of: id)
    while let index = here, groups[index].id != .root {
      body(groups[index])
      here = self.index(of: groups[index].parent)
    }
  }

  /// The uppermost group on the way to this one of which something is so, if there is one.
  func uppermost(around id: GroupID, where isSo: (borrowing Group) -> Bool) -> GroupID? {
    var found: GroupID?
    forEach(around: id) { if isSo($0) { found = $0.id } }
    return found
  }

  /// The uppermost group on the way to this one that is frozen, if any is.
  package func frozenGroup(around id: GroupID) -> GroupID? {
    uppermost(around: id) { $0.isFrozen }
  }

  // MARK: Resources

  /// Takes so much of a resource in a group and in all above it, or in none of them.
  ///
  /// - Parameter checking: false where limits are not looked at, which takes a defect.
  mutating func take(
    _ resource: GroupResource, _ amount: Int, in id: GroupID, checking: Bool = true
  ) throws(FullGroup) {
    if id == .root { return }
    var here = checking ? index(of: id) : nil
    while let index = here, groups[index].id != .root {
      let use = groups[index][resource]
      if let limit = use.limit, use.held + amount > limit {
        groups[index][resource].refusals += 1
        throw FullGroup(group: groups[index].id, limit: limit, held: use.held)
      }
      here = self.index(of: groups[index].parent)
    }
    change(resource, by: amount, in: id)
  }

  /// Gives so much back that was taken in this group, which may have been removed since.
  mutating func giveBack(_ resource: GroupResource, _ amount: Int, in id: GroupID) {
    if id == .root { return }
    change(resource, by: -amount, in: id)
    dropUnused(id)
  }

  /// Forgets a group that was removed, if nothing counts in it any more.
  private mutating func dropUnused(_ id: GroupID) {
    if let index = index(of: id), groups[index].isRemoved { groups.removeAll { !$0.isKept } }
  }

  /// Counts in another group what was taken in one, which may have been removed since; or leaves it where it is.
  mutating func move(
    _ resource: GroupResource, _ amount: Int, from old: GroupID, to new: GroupID
  ) throws(FullGroup) {
    if old == new { return }
    // Where both are below, there is no more than before.
    if old != .root { change(resource, by: -amount, in: old) }
    do throws(FullGroup) {
      try take(resource, amount, in: new)
    } catch {
      if old != .root { change(resource, by: amount, in: old) }
      throw error
    }
    dropUnused(old)
  }

  /// How much of a resource is taken in a group itself, and not in one below it.
  func takenItself(_ resource: GroupResource, in id: GroupID) -> Int {
    guard let index = index(of: id), id != .root else { return 0 }
    var taken = groups[index][resource].held
    for group in groups where group.parent == id { taken -= group[resource].held }
    return taken
  }

  private mutating func change(_ resource: GroupResource, by amount: Int, in id: GroupID) {
    var here = index(of: id)
    while let index = here, groups[index].id != .root {
      let held = groups[index][resource].held + amount
      precondition(
        held >= 0 || isForgiving, "a group's count of \(resource.name) fell below zero")
      groups[index][resource].held = max(held, 0)
      groups[index][resource].peak = max(groups[index][resource].peak, held)
      groups[index][resource].most = max(groups[index][resource].most, held)
      if amount > 0 || tellsFalls {
        groups[index].isUntold = true
        hasUntold = true
      }
      here = self.index(of: groups[index].parent)
    }
  }

  // MARK: Telling

  /// Hands over what groups have of each resource of which that has changed since the last time, in their order.
  mutating func takeUntold(_ tell: (GroupID, GroupResource, ResourceUse) -> Void) {
    guard hasUntold else { return }
    hasUntold = false
    for index in groups.indices where groups[index].isUntold {
      groups[index].isUntold = false
      for resource in GroupResource.allCases {
        let use = groups[index][resource]
        if use.held == use.told, use.most == use.told { continue }
        groups[index][resource].told = use.held
        groups[index][resource].most = use.held
        if !groups[index].isRemoved { tell(groups[index].id, resource, use) }
      }
    }
  }
}

extension GroupTable: Digestible {
  func combine(into digest: inout Digest) {
    if isEmpty { return }
    digest.combine(lastID)
    digest.combine(hasDataLimits)
    digest.combine(hasUntold)
    digest.combine(groups)
  }
}
