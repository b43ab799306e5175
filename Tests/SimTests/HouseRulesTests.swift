// What a formatter cannot hold: what Sim may use, and that no test is switched off.

import Foundation
import Testing

@Suite("The house rules")
struct HouseRulesTests {
  /// The package's folder.
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func sources(_ folder: String) throws -> [(name: String, lines: [String])] {
    let files = FileManager.default.enumerator(
      at: root.appending(path: folder), includingPropertiesForKeys: nil)
    var found: [(String, [String])] = []
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      found.append((file.lastPathComponent, text.components(separatedBy: "\n")))
    }
    try #require(!found.isEmpty, "there are sources in \(folder)")
    return found
  }

  /// The code of a line, without comments and texts.
  private static func code(_ line: String) -> Substring {
    var code = line.replacing(/"(?:[^"\\]|\\.)*"/, with: "\"\"")[...]
    if let comment = code.range(of: "//") { code = code[..<comment.lowerBound] }
    return code
  }

  private static func lines(in folder: String, containing pattern: Regex<Substring>) throws
    -> [String]
  {
    try sources(folder).flatMap { file in
      file.lines.enumerated().filter { code($0.element).contains(pattern) }.map {
        "\(file.name):\($0.offset + 1): \($0.element)"
      }
    }
  }

  @Test("Sim imports nothing")
  func simImportsNothing() throws {
    #expect(try Self.lines(in: "Sources/Sim", containing: /^\s*(?:@\w+\s+)*import\s/) == [])
  }

  @Test("The command line's files stand in rooms that ARCHITECTURE.md describes")
  func theCommandLineHasRooms() throws {
    let architecture = try String(
      contentsOf: Self.root.appending(path: "ARCHITECTURE.md"), encoding: .utf8)
    let table = try #require(architecture.firstRange(of: "| in `drydock` |"))
    let rows = architecture[table.upperBound...].prefix { $0 != "#" }
    let described = rows.matches(of: /(?m)^\| `(\w+)` \|/).map { String($0.1) }
    let found = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appending(path: "Sources/drydock").path)
    #expect(Set(found) == Set(described + ["Drydock.swift"]))
  }

  /// In the order of ARCHITECTURE.md.
  private static let rooms = [
    "Basics", "Boundary", "ABI", "Machine", "Groups", "FileSystem", "Sharing", "Network",
    "Container",
    "Scheduling", "Kernel", "Session",
  ]

  @Test("A room of Sim uses only the rooms before it")
  func roomsAreInOrder() throws {
    let architecture = try String(
      contentsOf: Self.root.appending(path: "ARCHITECTURE.md"), encoding: .utf8)
    let described = architecture.matches(of: /(?m)^\| `(\w+)\/` \|/).map { String($0.1) }
    try #require(described == Self.rooms)
    let declaration =
      /^(?:(?:public|package|indirect|final) )*(?:struct|enum|class|protocol|typealias) (\w+)/
    var rooms: [String: Int] = [:]
    for (room, name) in Self.rooms.enumerated() {
      for line in try Self.sources("Sources/Sim/\(name)").flatMap(\.lines) {
        if let type = line.firstMatch(of: declaration)?.1 { rooms[String(type)] = room }
      }
    }
    #expect(rooms.count > 80)
    for (room, name) in Self.rooms.enumerated() {
      for file in try Self.sources("Sources/Sim/\(name)") {
        for (index, line) in file.lines.enumerated() {
          let later = Self.code(line).matches(of: /\b[A-Z]\w*/).map { String($0.0) }
            .filter { rooms[$0, default: 0] > room }
          #expect(later.isEmpty, "\(name)/\(file.name):\(index + 1): \(later)")
        }
      }
    }
  }

  @Test("Sim and Replay hold no unordered collections")
  func noUnorderedCollections() throws {
    let unordered = /\b(?:Set|Dictionary)\s*[<(]|\[\s*[A-Z]\w*\s*:\s*|\.hashValue\b/
    for folder in ["Sources/Sim", "Sources/Replay"] {
      #expect(try Self.lines(in: folder, containing: unordered) == [])
    }
  }

  @Test("Sim has no floating point, clock, thread or random source of the host's")
  func simIsDeterministic() throws {
    let forbidden =
      /\b(?:Float|Double|CGFloat|ContinuousClock|SuspendingClock|Task|SystemRandomNumberGenerator)\b|\.random\(|\.shuffled\(|\basync\b|\bawait\b|\b[0-9][0-9_]*\.[0-9]/
    #expect(try Self.lines(in: "Sources/Sim", containing: forbidden) == [])
  }

  /// In statements as well, so texts count; the tests that alter a file as a stranger would may name
  /// them there. Within Sim, only the event itself knows them.
  @Test("the six columns of an event are reached by their names")
  func columnsHaveNames() throws {
    let outside = ["Sources/Recorder", "Sources/Replay", "Sources/Scenarios", "Sources/drydock"]
    let rules =
      outside.map { ($0, /\ba[0-5]\b/) } + ["Sources/Sim", "Tests"].map { ($0, /\.a[0-5]\b/) }
    for (folder, place) in rules {
      for file in try Self.sources(folder)
      where !["Event.swift", "TraceSchema.swift"].contains(file.name) {
        for (index, line) in file.lines.enumerated() {
          let comment = line.firstRange(of: /(?:^|\s)\/\/.*$/)
          let written = comment.map { line[..<$0.lowerBound] } ?? line[...]
          #expect(!written.contains(place), "\(file.name):\(index + 1): \(line)")
        }
      }
    }
  }

  /// Inside a container a process has another number: who forgets to translate would look through its wall.
  @Test("A number for a guest is made of a process in one place only")
  func pidsAreTranslatedInOnePlace() throws {
    let makers = [
      // The type itself, what a guest gives, what a guest was given, and the one that translates.
      "GuestPID.swift", "EventColumn.swift", "CallTable.swift", "Layouts.swift",
      "Kernel+Pids.swift", "Kernel+Proc.swift",
    ]
    let made = try Self.lines(in: "Sources/Sim", containing: /\bGuestPID\(raw:/)
    #expect(made.filter { line in !makers.contains { line.hasPrefix("\($0):") } } == [])
    let bare = try Self.lines(in: "Sources/Sim/Kernel", containing: /\b(?:pid|initial)\.raw\b/)
    #expect(bare.filter { $0.hasPrefix("Calls+") } == [])
  }

  @Test("no test is disabled")
  func noDisabledTests() throws {
    let disabled = /\.disabled\(|withKnownIssue|\.enabled\(if:\s*false/
    let found = try Self.lines(in: "Tests", containing: disabled)
    #expect(found.filter { !$0.hasPrefix("HouseRulesTests.swift") } == [])
  }

  /// A test that cannot run somewhere says why, which `Scripts/test` counts; one that returns early
  /// would have passed.
  @Test("what is missing makes a test skipped and not passed")
  func nothingIsLeftOutSilently() throws {
    let conditions = try Self.lines(in: "Tests", containing: /isInstalled|isExecutableFile/)
    let meant = /\.enabled\(if:|static var isInstalled|isExecutableFile\(atPath: (?:\$0|"\/bin)/
    #expect(conditions.filter { !$0.contains(meant) && !$0.hasPrefix("HouseRulesTests") } == [])
  }

  /// What a moment of the clock is enough for on one machine fails on another, or takes too long.
  @Test("tests wait for facts and not for the clock")
  func testsWaitForFacts() throws {
    let sleeps = try Self.lines(in: "Tests", containing: /\b(?:Thread\.sleep|usleep|Task\.sleep)\b/)
    // `waitFor` itself, a recorder that is killed at whatever moment, and who watches over fuzzers.
    let meant = ["Waiting.swift", "KilledRecorderTests.swift", "FuzzRun.swift"]
    #expect(
      sleeps.filter { line in
        !line.hasPrefix("HouseRulesTests") && !meant.contains { line.hasPrefix($0) }
      } == [])
  }

  @Test("no source file is longer than 600 lines")
  func filesStaySmall() throws {
    for folder in ["Sources", "Tests"] {
      for file in try Self.sources(folder) {
        #expect(file.lines.count <= 600, "\(file.name) has \(file.lines.count) lines")
      }
    }
  }
}
