// What is mounted where. Each table is a container's own, the first the machine's. A mount shows a file,
// its top, at a point in the tree, and hides what is there. The same directory can be shown twice, so
// a file's place in the tree is the mount through which it was reached, and the file.

/// A mount's number in its table; 0 is the disk at `/`.
package struct MountID: TableIndex {
  package let rawValue: Int16
  package init(rawValue: Int16) { self.rawValue = rawValue }

  package static let disk = MountID(0)
}

/// A file as it was reached: through which mount.
package struct Location: Equatable, Sendable, CustomStringConvertible {
  package internal(set) var mount: MountID
  package internal(set) var file: FileID

  package init(mount: MountID, _ file: FileID) {
    self.mount = mount
    self.file = file
  }

  /// The root that the machine starts with.
  package static let machineRoot = Location(mount: .disk, FileSystem.rootFile)

  package var description: String {
    mount == .disk ? "\(file)" : "\(file) (mount \(mount))"
  }
}

/// What a mount is of.
package enum MountType: UInt8, Sendable, CaseIterable {
  case disk, bind, proc, overlay, cgroup

  package var name: String {
    switch self {
    case .disk: "disk"
    case .bind: "bind"
    case .proc: "proc"
    case .overlay: "overlay"
    case .cgroup: "cgroup2"
    }
  }
}

extension MountType {
  /// The likely type of a mount whose top is in this file system; a bind's may be in any. The file system
  /// comes from a trace: there may never have been one of that number.
  package init(volume: VolumeID) {
    self =
      switch volume {
      case .proc: .proc
      case .groups: .cgroup
      default: volume.raw >= VolumeID.firstUnion ? .overlay : .bind
      }
  }
}

/// A file shown at a point in the tree.
package struct Mount: Sendable {
  package let type: MountType
  /// What is shown.
  package fileprivate(set) var top: FileID
  /// Where; of the disk at `/`, its own top.
  package let point: Location
  package internal(set) var flags: MountFlags
  /// The point's path from the machine's root, and what was mounted, in the caller's words.
  package let target: [UInt8]
  package let source: [UInt8]
  package let options: [UInt8]

  /// References to files of the disk that it holds: to what it shows, and to what it hides.
  fileprivate var diskReferences: Int {
    if type == .disk { return 0 }
    return (top.volume == .disk ? 1 : 0) + (point.file.volume == .disk ? 1 : 0)
  }

  /// The disk at `/`.
  fileprivate static let disk = Mount(
    type: .disk, top: FileSystem.rootFile, point: .machineRoot, flags: [],
    target: [UInt8(ascii: "/")], source: Array("disk".utf8), options: [])
}

/// The mounts that a container's processes see, or those outside.
package struct MountTable: Sendable {
  /// How many there can be besides the disk at `/`.
  package static let capacity = 32

  package let owner: ContainerID
  /// By number; nil where one was removed.
  private var places: [Mount?] = [Mount.disk]

  fileprivate init(owner: ContainerID) { self.owner = owner }

  fileprivate init(copyOf other: MountTable, for owner: ContainerID) {
    self.owner = owner
    places = other.places
  }

  package subscript(_ id: MountID) -> Mount? {
    places.indices.contains(id.index) ? places[id.index] : nil
  }

  /// All of them in order of their numbers, the disk at `/` first.
  package var mounts: [(id: MountID, mount: Mount)] {
    places.indices.compactMap { index in places[index].map { (MountID(index), $0) } }
  }

  var count: Int { places.count { $0 != nil } - 1 }

  /// The mount that hides a place.
  package func mount(at point: Location) -> MountID? {
    for index in places.indices.dropFirst() where places[index]?.point == point {
      return MountID(index)
    }
    return nil
  }

  /// Whether a place is a mount's top, and so its `..` is not the file system's.
  package func isTop(_ place: Location) -> Bool {
    place.mount != .disk && self[place.mount]?.top == place.file
  }

  fileprivate mutating func insert(_ mount: Mount) throws(Refusal) -> MountID {
    guard count < MountTable.capacity else { throw .noMountRoom }
    let index = places.firstIndex(where: { $0 == nil }) ?? places.count
    if index == places.count { places.append(nil) }
    places[index] = mount
    return MountID(index)
  }

  fileprivate mutating func remove(_ id: MountID) {
    places[id.index] = nil
    while places.count > 1, places[places.count - 1] == nil { places.removeLast() }
  }

  fileprivate mutating func showGroup(_ top: FileID, unless isInSight: (FileID) -> Bool) {
    for index in places.indices {
      guard let old = places[index]?.top, old.volume == .groups, !isInSight(old) else { continue }
      places[index]?.top = top
    }
  }

  fileprivate mutating func setFlags(_ id: MountID, _ flags: MountFlags) {
    places[id.index]?.flags = flags
  }
}

/// The tables of the machine and of its containers, in order of the containers' numbers.
package struct MountTables: Sendable {
  package private(set) var tables = [MountTable(owner: .outside)]
  /// References to files of the disk that the mounts of all tables hold.
  package private(set) var diskReferences = 0

  /// What the processes of a container see. One that has ended, which takes a defect, is seen from
  /// outside.
  package subscript(_ owner: ContainerID) -> MountTable {
    tables[index(of: owner) ?? 0]
  }

  private func index(of owner: ContainerID) -> Int? {
    let index = tables.partitioningIndex { $0.owner >= owner }
    return index < tables.count && tables[index].owner == owner ? index : nil
  }

  mutating func insert(_ mount: Mount, for owner: ContainerID) throws(Refusal) -> MountID {
    let id = try tables[index(of: owner) ?? 0].insert(mount)
    diskReferences += mount.diskReferences
    return id
  }

  mutating func remove(_ id: MountID, of owner: ContainerID) {
    diskReferences -= self[owner][id]?.diskReferences ?? 0
    tables[index(of: owner) ?? 0].remove(id)
  }

  mutating func setFlags(_ id: MountID, of owner: ContainerID, _ flags: MountFlags) {
    tables[index(of: owner) ?? 0].setFlags(id, flags)
  }

  /// Gives a new container, whose number is the highest, what is seen outside.
  mutating func copy(for owner: ContainerID) -> MountTable {
    let copy = MountTable(copyOf: tables[0], for: owner)
    tables.append(copy)
    for (_, mount) in copy.mounts { diskReferences += mount.diskReferences }
    return copy
  }

  /// Shows something else at a container's mounts of groups: its own group, where the tops are not in sight.
  mutating func showGroup(_ top: FileID, to owner: ContainerID, unless isInSight: (FileID) -> Bool)
  {
    guard let index = index(of: owner) else { return }
    tables[index].showGroup(top, unless: isInSight)
  }

  mutating func remove(_ owner: ContainerID) {
    guard let index = index(of: owner) else { return }
    for (_, mount) in tables[index].mounts { diskReferences -= mount.diskReferences }
    tables.remove(at: index)
  }

  /// Whether nothing can be changed through a mount.
  func isReadOnly(_ id: MountID, of owner: ContainerID) -> Bool {
    self[owner][id]?.flags.contains(.readOnly) ?? false
  }
}

extension MountID: Digestible {}

extension Location: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(mount)
    digest.combine(file)
  }
}

extension Mount: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(type.rawValue)
    digest.combine(top)
    digest.combine(point)
    digest.combine(flags.rawValue)
    digest.combine(target)
    digest.combine(source)
    digest.combine(options)
  }
}

extension MountTable: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(owner.raw)
    digest.combine(places)
  }
}

extension MountTables: Digestible {
  func combine(into digest: inout Digest) { digest.combine(tables) }
}
