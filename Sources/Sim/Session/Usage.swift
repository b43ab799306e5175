// What a session has taken of the machine: what is compared to see that nothing was lost.

/// How much of everything is in use.
package struct Usage: Equatable, Sendable {
  package var frames, inodes, blocks, openFiles, pipes: Int
  package var processes, containers, budgets, sharedPages, mutexes: Int
}

extension Simulation {
  /// What is in use between two steps.
  package var usage: Usage {
    Usage(
      frames: kernel.memory.frameCount - kernel.memory.freeCount,
      inodes: kernel.fileSystem.inodes.count - kernel.fileSystem.freeInodeCount,
      blocks: kernel.limits.blocks - kernel.fileSystem.disk.freeCount,
      openFiles: kernel.files.usedCount, pipes: kernel.pipes.usedCount,
      processes: kernel.processes.usedCount, containers: kernel.containers.containers.count,
      budgets: kernel.budgets.usedCount, sharedPages: kernel.sharedPages.usedCount,
      mutexes: kernel.mutexes.usedCount)
  }
}
