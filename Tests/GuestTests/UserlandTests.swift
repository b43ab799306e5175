// The programs as files, and programs that somebody else compiles.

import Foundation
import Sim
import TestGuests
import TestSupport
import Testing
import Userland

@Suite struct UserlandTests {
  @Test("Every program of the userland is there by its name")
  func programsAreThere() {
    let names = Userland.all.map(\.name)
    for name in [
      "cat", "cp", "crash", "df", "du", "echo", "false", "find", "forkbomb", "get", "grep", "head",
      "httpd", "ifconfig", "init", "inversion", "kill", "ln", "ls", "mkdir", "mount", "mv", "nc",
      "netstat", "ping", "pingpong", "primes", "ps", "resolve", "rm", "sh", "sleep", "sort", "spin",
      "tail", "test", "touch", "true", "umount", "wc", "xargs",
    ] {
      #expect(names.contains(name))
      #expect(Userland.image(name)?.name == name)
    }
    #expect(names == names.sorted())
    #expect(Userland.image("nosuch") == nil)
  }

  @Test(
    "A name fits into a directory entry", arguments: (Userland.all + TestGuests.all).map(\.name))
  func nameFits(name: String) {
    #expect(name.utf8.count <= 14)
  }

  @Test("A program is an RV64 ELF file", arguments: Userland.all.map(\.name))
  func programIsELF(name: String) throws {
    let bytes = try #require(Userland.image(name)).bytes
    #expect(bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]))
    #expect(bytes[18] == 243)
  }

  @Test("The userland leaves room on the disk: 24 KiB at most for a program, 500 for all")
  func programsAreSmall() {
    for image in Userland.all { #expect(image.bytes.count <= 24 * 1024, "\(image.name)") }
    // The programs of the network take 43 of these.
    #expect(Userland.all.reduce(0) { $0 + $1.bytes.count } <= 500 * 1024)
  }

  @Test("A C program compiled by one clang command, as the README has it, runs")
  func ownProgramRuns() throws {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = try TemporaryFolder()
    let output = folder.file("hello")
    let clang = Process()
    clang.executableURL = URL(filePath: "/usr/bin/env")
    clang.currentDirectoryURL = package
    clang.arguments = [
      "clang", "--config=Sources/Userland/Runtime/guest.cfg", "Examples/hello.c",
      "-o", output,
    ]
    try clang.run()
    clang.waitUntilExit()
    try #require(clang.terminationStatus == 0)

    let bytes = [UInt8](try Data(contentsOf: URL(filePath: output)))
    let run = try GuestRun(["hello", "a", "b c"]) { scenario in
      scenario.files.append(GuestFile(path: "/hello", content: .file(bytes)))
    }
    #expect(
      run.console == """
        hello from process 2 at tick 0
        argument 1: a
        argument 2: b c
        child 3 ended with 42

        """)
    #expect(run.status == 0)
  }
}
