// Which processes are the container manager's own: the manager, its clients and their helpers. They
// carry what the containers say and are told, and are not what a session is about.

extension SessionFacts {
  /// The processes outside of containers that run the manager or its client, and those that such a
  /// process has forked.
  public var managerProcesses: Set<Int32> {
    func isOutside(_ process: ProcessFacts) -> Bool { process.cid == 0 }
    var found = Set(
      processes.values.filter { process in
        let name = process.name.split(separator: "/").last.map(String.init) ?? ""
        return isOutside(process) && ["cm", "dockv6"].contains(name)
      }.map(\.pid))
    // A child has a larger pid than its parent.
    for process in processes.values.sorted(by: { $0.pid < $1.pid }) {
      if isOutside(process), let parent = process.parent, found.contains(parent) {
        found.insert(process.pid)
      }
    }
    return found
  }
}
