// A container: a number that is never used again, the process that is its init, and what a
// process that joins it gets. Its walls stand where calls name other processes
// (`Kernel.target`) and in the tables of shared pages and mutexes, whose names are per container.

/// A group of processes with its own root, names and budget.
package struct Container: Sendable {
  package let id: ContainerID
  /// Whose end ends the container.
  package let initial: ProcessID
  /// Where processes that join it have their root; the container holds a reference.
  package internal(set) var root: Location
  /// As it was given to cm_setroot; "/" before.
  var rootPath: [UInt8] = [UInt8(ascii: "/")]
  package internal(set) var hasOwnRoot = false
  /// The group in which its processes are, or below which.
  package internal(set) var group = GroupID.none
  /// Its group's limit of processes, 0 for none.
  package internal(set) var limit: Int32 = 0
  /// Whether that was ever set.
  var isLimited = false
  /// The name by which published ports find it; empty for none.
  package internal(set) var networkName: [UInt8] = []
  /// Its processes, by their numbers in it.
  package internal(set) var members = MemberList()
}

/// The machine's containers, in order of their ids.
package struct ContainerTable: Sendable {
  package private(set) var containers: [Container] = []
  private let capacity: Int
  private var lastID: Int32 = 0

  init(capacity: Int) { self.capacity = capacity }

  package subscript(_ id: ContainerID) -> Container? {
    index(of: id).map { containers[$0] }
  }

  /// A new container, or nil when there are as many as there can be.
  mutating func create(initial: ProcessID, root: Location) -> ContainerID? {
    guard containers.count < capacity, lastID < Int32.max else { return nil }
    lastID += 1
    let id = ContainerID(raw: lastID)
    containers.append(Container(id: id, initial: initial, root: root))
    return id
  }

  mutating func update(_ id: ContainerID, _ change: (inout Container) -> Void) {
    guard let index = index(of: id) else { preconditionFailure("the container is gone") }
    change(&containers[index])
  }

  /// Makes a process a member of a container.
  ///
  /// - Parameter again: whether a number may be one that is free again, which takes a defect.
  /// - Returns: the number that it has there; none if there is no such container.
  mutating func admit(_ slot: Slot, to id: ContainerID, again: Bool) -> GuestPID {
    guard let index = index(of: id) else { return .none }
    return again
      ? containers[index].members.addAgain(slot) : containers[index].members.add(slot)
  }

  /// A member has been reaped; its container may have ended before.
  mutating func dismiss(_ number: GuestPID, from id: ContainerID) {
    guard let index = index(of: id) else { return }
    containers[index].members.remove(number)
  }

  mutating func remove(_ id: ContainerID) { containers.removeAll { $0.id == id } }

  private func index(of id: ContainerID) -> Int? {
    containers.firstIndex { $0.id == id }
  }
}

extension Container: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(id.raw)
    digest.combine(initial.raw)
    digest.combine(root)
    digest.combine(rootPath)
    digest.combine(hasOwnRoot)
    digest.combine(group.raw)
    digest.combine(limit)
    digest.combine(isLimited)
    if !networkName.isEmpty { digest.combine(networkName) }
    digest.combine(members)
  }
}

extension ContainerTable: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(containers)
    digest.combine(lastID)
  }
}
