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

  /// A limit by its name in scenarios, and what it can be.
  struct Entry {
    var name: String
    var value: Int
    var range: ClosedRange<Int>
  }

  /// Every limit, in a fixed order.
  var all: [Entry] {
    [
      Entry(name: "processes", value: processes, range: 2...65_536),
      Entry(name: "descriptors", value: descriptors, range: 3...1024),
      Entry(name: "openFiles", value: openFiles, range: 3...32_767),
      Entry(name: "execArguments", value: execArguments, range: 1...255),
      Entry(name: "pathLength", value: pathLength, range: 16...4096),
      Entry(name: "blocks", value: blocks, range: 64...1_048_576),
      Entry(name: "inodes", value: inodes, range: 2...65_535),
      Entry(name: "pipeCapacity", value: pipeCapacity, range: 1...1_048_576),
      Entry(name: "memory", value: frames, range: Limits.framesRange),
      Entry(name: "sharedPages", value: sharedPages, range: 0...4096),
      Entry(name: "mutexes", value: mutexes, range: 0...65_536),
      Entry(name: "mutexHandles", value: mutexHandles, range: 0...1024),
      Entry(name: "containers", value: containers, range: 0...65_536),
    ]
  }
}
