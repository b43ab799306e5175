// Every limit of the machine in one place; a scenario can set each.

/// How much of everything there is.
public struct Limits: Equatable, Sendable {
  /// Slots, of which a zombie still has one.
  public var processes = 64
  /// Of one process.
  public var descriptors = 16
  /// Of all processes together; those that were inherited count once.
  public var openFiles = 100
  /// Words of a command line, the program's name included.
  public var execArguments = 31
  /// In bytes, the terminating NUL included.
  public var pathLength = 128
  /// Blocks of 1 KiB on the disk.
  public var blocks = 2000
  public var inodes = 200
  /// Blocks of the largest file; more than 268 take a layout of inodes that reaches further.
  public var fileBlocks = 268
  /// In bytes.
  public var pipeCapacity = 512
  /// Frames of 4 KiB.
  public var frames = 32_768
  /// Pages of 4 KiB that have a name.
  public var sharedPages = 32
  /// Of all containers together.
  public var mutexes = 64
  /// Of one process.
  public var mutexHandles = 16
  /// At a time.
  public var containers = 16

  /// What `frames` can be.
  public static let framesRange = 64...1_048_576

  public init() {}

  /// One limit: its name in scenarios and traces, where it is, and what it can be.
  public struct Entry {
    public var name: String
    public var path: WritableKeyPath<Limits, Int>
    public var range: ClosedRange<Int>

    fileprivate init(
      _ name: String, _ path: WritableKeyPath<Limits, Int>, _ range: ClosedRange<Int>
    ) {
      (self.name, self.path, self.range) = (name, path, range)
    }
  }

  /// Every limit, in a fixed order.
  public static var all: [Entry] {
    [
      Entry("processes", \.processes, 2...65_536),
      Entry("descriptors", \.descriptors, 3...1024),
      Entry("openFiles", \.openFiles, 3...32_767),
      Entry("execArguments", \.execArguments, 1...255),
      Entry("pathLength", \.pathLength, 16...4096),
      Entry("blocks", \.blocks, 64...1_048_576),
      Entry("inodes", \.inodes, 2...65_535),
      Entry("fileBlocks", \.fileBlocks, 16...FileLayout.mostBlocks),
      Entry("pipeCapacity", \.pipeCapacity, 1...1_048_576),
      Entry("frames", \.frames, framesRange),
      Entry("sharedPages", \.sharedPages, 0...4096),
      Entry("mutexes", \.mutexes, 0...65_536),
      Entry("mutexHandles", \.mutexHandles, 0...1024),
      Entry("containers", \.containers, 0...65_536),
    ]
  }
}
