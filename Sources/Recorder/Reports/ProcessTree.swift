// Who forked whom, as a list: parents before their children, each process once. In a file that somebody
// has changed a process may be its own parent, or its grandchild's child; whoever followed that
// upwards would never arrive, so such a circle is opened at its lowest number.

/// A session's processes in the order of a tree.
public struct ProcessTree: Sendable {
  public struct Node: Sendable {
    public var pid: Int32
    /// 0 for one without a parent.
    public var parent: Int32
    /// How many ancestors it has.
    public var depth: Int
  }

  /// Parents before their children, children of one parent by their numbers.
  public private(set) var nodes: [Node] = []
  /// Processes that are their own ancestors, of each circle the one with the lowest number.
  public private(set) var circles: [Int32] = []

  /// In time and memory that grow with the number of processes.
  public init(_ processes: [Int32: SessionFacts.ProcessFacts]) {
    let pids = processes.keys.sorted()
    var children: [Int32: [Int32]] = [:]
    var roots: [Int32] = []
    for pid in pids {
      if let parent = processes[pid]?.parent, processes[parent] != nil {
        children[parent, default: []].append(pid)
      } else {
        roots.append(pid)
      }
    }
    nodes.reserveCapacity(pids.count)
    var seen = Set<Int32>(minimumCapacity: pids.count)
    for root in roots { add(Node(pid: root, parent: 0, depth: 0), children, &seen) }
    for pid in pids where !seen.contains(pid) {
      let start = ProcessTree.circle(from: pid, processes)
      circles.append(start)
      add(Node(pid: start, parent: 0, depth: 0), children, &seen)
    }
  }

  private mutating func add(
    _ root: Node, _ children: [Int32: [Int32]], _ seen: inout Set<Int32>
  ) {
    var stack = [root]
    while let node = stack.popLast() {
      guard seen.insert(node.pid).inserted else { continue }
      nodes.append(node)
      for child in (children[node.pid] ?? []).reversed() where !seen.contains(child) {
        stack.append(Node(pid: child, parent: node.pid, depth: node.depth + 1))
      }
    }
  }

  /// The lowest number in the circle that a process's ancestors come to.
  private static func circle(
    from pid: Int32, _ processes: [Int32: SessionFacts.ProcessFacts]
  ) -> Int32 {
    var passed: Set<Int32> = []
    var here = pid
    while passed.insert(here).inserted { here = processes[here]?.parent ?? here }
    var lowest = here
    var next = processes[here]?.parent ?? here
    while next != here {
      lowest = min(lowest, next)
      next = processes[next]?.parent ?? here
    }
    return lowest
  }
}
