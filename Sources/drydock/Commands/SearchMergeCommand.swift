import ArgumentParser
import Foundation
import Recorder
import Scenarios
import Search

/// `drydock search merge`: the shards of a search as one.
struct SearchMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Bring the folders of a search's shards together.",
    discussion: """
      All shards of one search are expected (--shard). The new folder has all runs, and each distinct failure once, as \
      the lowest run has it.
      """)

  @Argument(help: "The folders of the shards.", completion: .directory)
  var folders: [String]

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The folder for all; there must be none.", valueName: "folder"),
    completion: .directory)
  var output = "search"

  func run() throws {
    do {
      var merged = try MergedSearch(folders)
      let folder = try SearchFolder(output, resuming: false)
      do {
        try merged.write(to: output)
      } catch {
        folder.abandon()
        throw error
      }
      let progress = merged.progress
      let output = OutputBuffer(STDOUT_FILENO)
      output.line(
        "\(progress.runs) runs, \(progress.novelty.distinct) behaviours, "
          + "\(progress.failures.count) failures in \(self.output)")
      for failure in progress.failures.sorted(by: { $0.run < $1.run }) {
        output.line(
          "failed in \(failure.count) runs, first in run \(failure.run): "
            + terminalText(failure.outcome))
      }
      output.finish()
      if !progress.failures.isEmpty { throw ExitCode.different }
    } catch let error as SearchError {
      throw ToolError(error.description)
    }
  }
}
