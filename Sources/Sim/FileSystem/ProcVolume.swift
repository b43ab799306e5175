// /proc: a file system that takes nothing of the disk. An inode's number says what it is, so that none is
// kept anywhere: the files of the machine come first, and then so many numbers for each process, in the
// order of their pids. Which of them somebody sees, and what is in them, the kernel says when a name is
// looked up and when a file is opened (`Kernel+Proc.swift`).

/// What an inode of /proc is.
package enum ProcNode: Equatable, Sendable {
  case root
  case machine(MachineText)
  /// The directory `net`, and what is in it.
  case network
  case networkText(NetworkText)
  case process(ProcessID)
  case text(ProcessText, of: ProcessID)
  /// The directory `fd`, and what is in it.
  case descriptors(of: ProcessID)
  case descriptor(Int, of: ProcessID)

  /// Whose it is; nil for what is the machine's.
  package var process: ProcessID? {
    switch self {
    case .root, .machine, .network, .networkText: nil
    case .process(let process), .text(_, let process), .descriptors(let process),
      .descriptor(_, let process):
      process
    }
  }

  var isDirectory: Bool {
    switch self {
    case .root, .network, .process, .descriptors: true
    case .machine, .networkText, .text, .descriptor: false
    }
  }
}

/// The files in /proc itself.
package enum MachineText: String, CaseIterable, Sendable {
  case meminfo, uptime, mounts, stat, loadavg, schedstat, disk
}

/// The files in /proc/net.
package enum NetworkText: String, CaseIterable, Sendable {
  case dev, route, tcp, udp
}

/// The files in a process's directory.
package enum ProcessText: String, CaseIterable, Sendable {
  case status, cmdline, stat, limits, mounts, cgroup
}

/// What is below /proc.
package struct ProcVolume: Sendable {
  /// The directory that is mounted.
  static let root: InodeNumber = 1
  private static let firstMachineText: InodeNumber = 2
  private static let network = firstMachineText + InodeNumber(MachineText.allCases.count)
  private static let firstNetworkText = network + 1
  private static let firstProcessText: InodeNumber = 1
  private static let descriptors: InodeNumber = 15
  package static let firstDescriptor: InodeNumber = 16
  /// How many numbers a process has. The lowest pid is 1, so that what is below the first of them is the
  /// machine's.
  private let stride: InodeNumber

  init(descriptors: Int) {
    stride = ProcVolume.firstDescriptor + InodeNumber(descriptors)
    let machines = ProcVolume.firstNetworkText + InodeNumber(NetworkText.allCases.count)
    precondition(machines <= stride, "the machine's files reach into a process's")
  }

  /// The inode of this node; nil for a process beyond the hundred million or so that the numbers reach.
  func inode(of node: ProcNode) -> InodeNumber? {
    switch node {
    case .root: ProcVolume.root
    case .machine(let text):
      ProcVolume.firstMachineText + InodeNumber(text.place)
    case .network: ProcVolume.network
    case .networkText(let text): ProcVolume.firstNetworkText + InodeNumber(text.place)
    case .process(let process): number(process, 0)
    case .text(let text, let process):
      number(process, ProcVolume.firstProcessText + InodeNumber(text.place))
    case .descriptors(let process): number(process, ProcVolume.descriptors)
    case .descriptor(let descriptor, let process):
      number(process, ProcVolume.firstDescriptor + InodeNumber(descriptor))
    }
  }

  private func number(_ process: ProcessID, _ within: InodeNumber) -> InodeNumber? {
    let (first, overflow) = InodeNumber(process.raw).multipliedReportingOverflow(by: stride)
    return overflow || first > InodeNumber.max - stride ? nil : first + within
  }

  /// What an inode that was looked up is.
  package func node(_ inode: InodeNumber) -> ProcNode {
    let process = ProcessID(raw: Int32(inode / stride))
    let within = inode % stride
    if process == .none {
      if within == ProcVolume.root { return .root }
      if within == ProcVolume.network { return .network }
      if within >= ProcVolume.firstNetworkText {
        return .networkText(NetworkText.allCases[Int(within - ProcVolume.firstNetworkText)])
      }
      return .machine(MachineText.allCases[Int(within - ProcVolume.firstMachineText)])
    }
    if within == 0 { return .process(process) }
    if within == ProcVolume.descriptors { return .descriptors(of: process) }
    if within >= ProcVolume.firstDescriptor {
      return .descriptor(Int(within - ProcVolume.firstDescriptor), of: process)
    }
    let text = ProcessText.allCases[Int(within - ProcVolume.firstProcessText)]
    return .text(text, of: process)
  }

  /// As Linux has it, nothing here has a size before it is read.
  func facts(of inode: InodeNumber) -> FileFacts {
    FileFacts(kind: node(inode).isDirectory ? .directory : .file, links: 1, size: 0)
  }

  /// Where `..` leads; a mount's top is left before anybody asks.
  func parent(of inode: InodeNumber) -> InodeNumber {
    let node = node(inode)
    if case .networkText = node { return ProcVolume.network }
    guard let process = node.process, node != .process(process) else { return ProcVolume.root }
    let isDescriptor = if case .descriptor = node { true } else { false }
    return number(process, isDescriptor ? ProcVolume.descriptors : 0) ?? ProcVolume.root
  }
}

extension CaseIterable where Self: Equatable, AllCases == [Self] {
  /// Its place among all.
  fileprivate var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What a file or directory held when it was opened; the open file keeps it.
package struct MadeText: Sendable {
  package var bytes: [UInt8]
  /// Whose it is; none if it is the machine's.
  package var process: ProcessID
  /// Whether that one had exited already.
  var hadExited: Bool
}

extension MadeText: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(bytes)
    digest.combine(process.raw)
    digest.combine(hadExited)
  }
}
