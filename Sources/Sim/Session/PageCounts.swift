// What the machine has done to pages, of which no event tells: whoever checks it compares these counts
// with those before the step, and looks closer where they differ.

/// How often something was done to a page.
package struct PageCounts: Equatable, Sendable {
  /// A process got its own copy of one; `Kernel.lastCopy` says which.
  package var copies = 0
  /// A load or store brought one; `Kernel.lastTouch` says which.
  package var touches = 0
  /// Bytes of a frame with several users were handed out for writing; `Memory.lastSharedWrite` says which.
  package var sharedWrites = 0

  package init() {}

  fileprivate init(_ kernel: borrowing Kernel) {
    copies = kernel.copies
    touches = kernel.touches
    sharedWrites = kernel.memory.sharedWrites
  }
}

extension Simulation {
  /// The counts as they are now, by one question for each step: to ask the kernel for each would copy
  /// parts of it into the other module.
  package var pageCounts: PageCounts { PageCounts(kernel) }
}
