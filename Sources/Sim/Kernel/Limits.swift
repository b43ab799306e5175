// Every limit of the machine in one place; a scenario can set each.

/// How much of everything there is.
public struct Limits: Equatable, Sendable {
  public var processes = 64
  public var descriptors = 16
  public var openFiles = 100
  public var execArguments = 31
  /// In bytes, the terminating NUL included.
  public var pathLength = 128
  /// Blocks of 1 KiB on the disk.
  public var blocks = 2000
  public var inodes = 200
  /// In bytes.
  public var pipeCapacity = 512
  /// Frames of 4 KiB.
  public var frames = 32_768
  public var sharedPages = 32
  public var mutexes = 64
  public var mutexHandles = 16
  public var containers = 16

  public init() {}
}
