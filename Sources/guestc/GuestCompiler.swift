// From a guest program's source to an RV64 executable, by the Swift toolchain's own compilers and
// linker. Every flag is here, and every flag is part of the build key.

import Foundation

struct GuestCompiler {
  let toolchain: URL
  let runtime: URL
  let work: URL
  let module: String

  private static let machine = ["-march=rv64imac", "-mabi=lp64"]

  /// `-fno-builtin` keeps the compiler from turning `memcpy`'s own loop into a call of `memcpy`.
  private static let cFlags =
    ["--target=riscv64-unknown-elf"] + machine + [
      "-std=c17", "-Oz", "-mcmodel=medany", "-ffreestanding", "-fno-builtin",
      "-ffunction-sections", "-fdata-sections", "-fno-stack-protector", "-femulated-tls", "-Wall",
      "-Wextra", "-Werror",
    ]

  private static let swiftFlags =
    [
      "-target", "riscv64-none-none-eabi", "-enable-experimental-feature", "Embedded", "-wmo",
      "-Osize", "-swift-version", "6", "-parse-as-library", "-warnings-as-errors",
      "-Xfrontend", "-function-sections", "-Xfrontend", "-disable-stack-protector",
    ] + (machine + ["-ffreestanding"]).flatMap { ["-Xcc", $0] }

  /// `-n`: a segment need not start on a page in the file, only in memory.
  private static let linkFlags = ["-m", "elf64lriscv", "--gc-sections", "-s", "-n"]

  /// All that decides what comes out, apart from the contents of files.
  static var flags: [String] { cFlags + swiftFlags + linkFlags }

  private var objects: URL { work.appending(path: "objects") }

  private func runtimeObject(_ source: URL) -> URL {
    objects.appending(path: "runtime-\(source.lastPathComponent).o")
  }

  /// The C library, of which the linker takes only the files that a program needs: it must not stand in the
  /// way of a program's own functions.
  private var library: URL { runtime.appending(path: "libc") }

  private func librarySources() throws -> [URL] { try files(in: library, ["S", "c"]) }

  private func runtimeSources() throws -> [URL] {
    let inLibrary = try librarySources()
    return try files(in: runtime, ["S", "c"]).filter { !inLibrary.contains($0) }
  }

  func compileRuntime() throws {
    try FileManager.default.createDirectory(at: objects, withIntermediateDirectories: true)
    for source in try runtimeSources() + librarySources() {
      try compileC(source, to: runtimeObject(source))
    }
  }

  /// Compiles and links one program and returns the executable's bytes.
  func compileProgram(_ source: URL) throws -> [UInt8] {
    let name = source.deletingPathExtension().lastPathComponent
    let object = objects.appending(path: "\(name).o")
    if source.pathExtension == "c" {
      try compileC(source, to: object)
    } else {
      try compileSwift(source, module: "guest_\(name)", to: object)
    }
    let executable = objects.appending(path: name)
    let script = runtime.appending(path: "guest.ld")
    let unicode = toolchain.deletingLastPathComponent().appending(
      path: "lib/swift/embedded/riscv64-none-none-eabi/libswiftUnicodeDataTables.a")
    try run(
      "ld.lld",
      Self.linkFlags + ["-T", script.path] + runtimeSources().map { runtimeObject($0).path }
        + [object.path, unicode.path, "--start-lib"]
        + librarySources().map { runtimeObject($0).path } + ["--end-lib", "-o", executable.path])
    // Nobody on the machine reads the table of sections, and it would be a tenth of many a program.
    try run("llvm-objcopy", ["--strip-sections", executable.path])
    return [UInt8](try Data(contentsOf: executable))
  }

  private func compileC(_ source: URL, to object: URL) throws {
    let headers = library.appending(path: "include")
    try run(
      "clang",
      Self.cFlags + ["-I", runtime.path, "-isystem", headers.path]
        + ["-c", source.path, "-o", object.path])
  }

  /// A program is compiled together with the runtime's Swift side. Its name may be a word of the
  /// language (`init`, `true`), so its module is called otherwise.
  private func compileSwift(_ source: URL, module: String, to object: URL) throws {
    try run(
      "swiftc",
      Self.swiftFlags + [
        "-module-name", module,
        "-import-objc-header", runtime.appending(path: "swift.h").path,
        "-module-cache-path", work.appending(path: "modules").path,
        "-c", source.path,
      ] + files(in: runtime, ["swift"]).map(\.path) + ["-o", object.path])
  }

  private func run(_ tool: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = toolchain.appending(path: tool)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw GuestcError("\(tool) failed: \(tool) \(arguments.joined(separator: " "))")
    }
  }
}

struct GuestcError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// The files with one of these extensions in a folder and the folders in it, in order of path.
func files(in folder: URL, _ extensions: Set<String>) throws -> [URL] {
  try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    .map { folder.appending(path: $0) }
    .filter { extensions.contains($0.pathExtension) }
    .sorted { $0.path < $1.path }
}
