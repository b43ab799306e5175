// disk.max and inodes.max, and what belongs to them. A file, directory or device counts in the group of the process
// that made it until it is gone, which is when it has no name and nobody has it open; its blocks count there as
// well, whoever writes them. Where that is done is `DiskUse.swift`: here are the files that tell and set it.

extension GroupControlFile {
  static let diskFiles = files(of: .disk) + files(of: .inodes)

  /// What a group might have of a resource, and what it has.
  private static func files(of resource: GroupResource) -> [GroupControlFile] {
    [
      GroupControlFile(
        name: "\(resource.name).max",
        read: { kernel, group, _ in GroupValue.text(kernel.groups[group]?[resource].limit) },
        write: { (kernel, write, _) throws(Refusal) in
          try kernel.limit(resource, of: write.group, to: write.value, by: write.slot)
        }),
      GroupControlFile(
        name: "\(resource.name).current",
        read: { kernel, group, _ in "\(kernel.groups[group]?[resource].held ?? 0)\n" }),
    ]
  }
}

extension Kernel {
  /// Sets what a file says that holds one number, or `max`.
  fileprivate mutating func limit(
    _ resource: GroupResource, of id: GroupID, to value: [UInt8], by slot: Slot
  ) throws(Refusal) {
    let limit = try GroupValue.limit(value)
    groups.update(id) { $0[resource].limit = limit }
    let file = names.intern(Array("\(resource.name).max".utf8))
    emit(.groupLimited(stamp(slot), id, file, to: limit))
  }
}

extension DiskMistakes {
  /// Those of a kernel's that are made there.
  init(_ defects: Defects) {
    self = []
    if defects.contains(.groupLimitUnchecked) { insert(.unchecked) }
    if defects.contains(.writerPays) { insert(.writerPays) }
    if defects.contains(.unnamedFileFree) { insert(.unnamedFree) }
    if defects.contains(.copyUpFree) { insert(.copiesFree) }
    if defects.contains(.tablesFree) { insert(.tablesFree) }
  }
}
