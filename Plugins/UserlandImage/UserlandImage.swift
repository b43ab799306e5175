import Foundation
import PackagePlugin

/// Compiles the guest programs of a target: every Swift and C file in its `Programs` folder, with
/// the runtime in `Sources/Userland/Runtime`.
@main struct UserlandImage: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) async throws -> [Command] {
    let package = context.package.directoryURL
    let tool = try context.tool(named: "guestc")
    let toolchain = try context.tool(named: "swiftc").url.deletingLastPathComponent()
    let runtimeFolder = package.appending(path: "Sources/Userland/Runtime")
    let runtime = try files(in: runtimeFolder, ["S", "c", "h", "ld", "swift"])
    let programsFolder = target.directoryURL.appending(path: "Programs")
    let programs = try files(in: programsFolder, ["swift", "c"])
    let headers = try files(in: programsFolder, ["h"])
    // A program's build key holds the contents of the tool's sources, not of its binary, which is
    // linked anew more often than it changes.
    let toolSources = try files(in: package.appending(path: "Sources/guestc"), ["swift"])

    let work = context.pluginWorkDirectoryURL
    let common = [
      "--module", target.name, "--toolchain", toolchain.path, "--runtime", runtimeFolder.path,
      "--work", work.path, "--tool-sources", package.appending(path: "Sources/guestc").path,
    ]
    func command(_ name: String, _ arguments: [String], _ inputs: [URL], _ output: URL) -> Command {
      .buildCommand(
        displayName: name, executable: tool.url,
        arguments: arguments + common + ["--output", output.path], inputFiles: inputs,
        outputFiles: [output])
    }

    // Only Swift files are declared as outputs: anything else would become a resource.
    let runtimeStamp = work.appending(path: "GuestRuntime.swift")
    var commands = [
      command("Guest runtime", ["runtime"], runtime + toolSources, runtimeStamp)
    ]
    var names: [String] = []
    for program in programs {
      let name = program.deletingPathExtension().lastPathComponent
      names.append(name)
      commands.append(
        command(
          "Guest program \(program.lastPathComponent)", ["program", program.path],
          [program, runtimeStamp] + headers + runtime + toolSources,
          work.appending(path: "Guest+\(name).swift")))
    }
    commands.append(
      command("Guest index", ["index"] + names, [], work.appending(path: "GuestIndex.swift")))
    return commands
  }

  /// The files with one of these extensions in a folder and the folders in it, in order of path.
  private func files(in folder: URL, _ extensions: Set<String>) throws -> [URL] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .map { folder.appending(path: $0) }
      .filter { extensions.contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
  }
}
