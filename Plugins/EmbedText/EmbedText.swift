import Foundation
import PackagePlugin

/// Puts a target's scripts and styles, every `.js` and `.css` file in it, into the executable as texts,
/// which then is one file that can be copied anywhere.
@main struct EmbedText: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) async throws -> [Command] {
    let root = target.directoryURL
    let files = try FileManager.default.subpathsOfDirectory(atPath: root.path)
      .map { root.appending(path: $0) }
      .filter { ["js", "css"].contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedText.swift")
    return [
      .buildCommand(
        displayName: "Scripts and styles", executable: try context.tool(named: "embed").url,
        arguments: ["--root", root.path, "--output", output.path] + files.map(\.path),
        inputFiles: files, outputFiles: [output])
    ]
  }
}
