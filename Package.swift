// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// How LLVM lays out the interpreter's loop, whose speed must not hang on how many cases it has or
/// which address it gets. LLVM merges the equal ends of a switch's cases, unless there are more than
/// 150; it lets all of them go on from one jump, unless there are few, and each of its own is guessed
/// better; and a function begins at any multiple of 16 bytes, a line of the cache has 64.
let layout: SwiftSetting = .unsafeFlags(
  [
    "enable-tail-merge=false", "tail-dup-pred-size=1024", "tail-dup-succ-size=1024",
    "align-all-functions=6",
  ].flatMap { ["-Xllvm", "-\($0)"] }, .when(configuration: .release))

let package = Package(
  name: "drydock",
  products: [
    .executable(name: "drydock", targets: ["drydock"]),
    .library(name: "Sim", targets: ["Sim"]),
    .library(name: "Recorder", targets: ["Recorder"]),
    .library(name: "Replay", targets: ["Replay"]),
    .library(name: "Search", targets: ["Search"]),
    .library(name: "Userland", targets: ["Userland"]),
    .library(name: "KillAt", type: .dynamic, targets: ["KillAt"]),
  ],
  // Each in exactly the version that the tests were run with.
  dependencies: [
    .package(url: "https://github.com/apple/swift-algorithms", exact: "1.2.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // The emulator imports nothing: what it computes depends on its input alone.
    .target(name: "Sim", swiftSettings: strict + [layout]),
    // What a guest program's file says of its source.
    .target(name: "Symbols", swiftSettings: strict),
    .target(
      name: "Recorder",
      dependencies: [
        "Sim", "Symbols", .product(name: "Algorithms", package: "swift-algorithms"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(
      name: "Replay",
      dependencies: [
        "Recorder", "Sim", .product(name: "Algorithms", package: "swift-algorithms"),
      ],
      swiftSettings: strict),

    // Looks for the schedule with which a program fails.
    .target(
      name: "Search",
      dependencies: [
        "Recorder", "Replay", "Sim", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),

    // Scenario files, and what is brought from the host onto the guest's disk.
    .target(
      name: "Scenarios", dependencies: ["Recorder", "Sim", "Userland", "Yams"],
      swiftSettings: strict),

    // Guest programs travel inside the tool, as bytes made by a plugin during the build.
    .executableTarget(name: "guestc", swiftSettings: strict),
    .plugin(name: "UserlandImage", capability: .buildTool(), dependencies: ["guestc"]),
    .target(
      name: "Userland", exclude: ["Runtime", "Programs"], swiftSettings: strict,
      plugins: ["UserlandImage"]),

    .target(
      name: "TestGuests", dependencies: ["Userland"], path: "Tests/TestGuests",
      exclude: ["Programs"], swiftSettings: strict, plugins: ["UserlandImage"]),

    // The page's scripts and styles travel inside it too, as texts.
    .executableTarget(name: "embed", swiftSettings: strict),
    .plugin(name: "EmbedText", capability: .buildTool(), dependencies: ["embed"]),
    .executableTarget(
      name: "drydock",
      dependencies: [
        "Replay", "Recorder", "Scenarios", "Search", "Sim", "Userland",
        .product(name: "Algorithms", package: "swift-algorithms"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "DequeModule", package: "swift-collections"),
      ],
      exclude: ["Page/Script", "Page/Style"], swiftSettings: strict, plugins: ["EmbedText"]),

    .target(
      name: "TestSupport",
      dependencies: [
        "Sim", "Userland", "TestGuests", "Recorder", "Replay",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      path: "Tests/TestSupport", swiftSettings: strict),
    // The guest's reader of container specs, compiled for the host.
    .target(name: "GuestText", path: "Tests/GuestText"),
    .target(
      name: "GuestJSON", dependencies: ["GuestText"], path: "Tests/GuestJSON",
      swiftSettings: strict),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "GuestJSON", "Recorder", "Replay", "Scenarios", "Sim", "Symbols", "TestGuests",
        "TestSupport", "Userland",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      path: "Tests/Fuzz", swiftSettings: strict),
    // Preloaded into a recorder, it kills that at any change to a file.
    .target(
      name: "KillAt", path: "Tests/KillAt", linkerSettings: [.linkedLibrary("dl")]),
    .testTarget(
      name: "SimTests", dependencies: ["Sim", "TestSupport", "Userland"], swiftSettings: strict),
    .testTarget(
      name: "SymbolsTests", dependencies: ["Symbols", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "RecorderTests", dependencies: ["Recorder", "Replay", "Symbols", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ReplayTests",
      dependencies: [
        "Replay", "Recorder", "Scenarios", "Sim", "TestGuests", "TestSupport", "Userland",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SearchTests",
      dependencies: ["Search", "Recorder", "Replay", "Sim", "TestGuests", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "drydock", "fuzz", "Recorder", "Replay", "Scenarios", "Sim", "TestGuests", "TestSupport",
        "Userland",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GuestTests",
      dependencies: ["GuestJSON", "Sim", "TestGuests", "TestSupport", "Userland"],
      swiftSettings: strict),
    .testTarget(
      name: "InvariantTests",
      dependencies: ["Replay", "Recorder", "Scenarios", "Sim", "TestSupport", "Userland"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
