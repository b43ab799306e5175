// Runs the real `drydock` binary, which lies beside the test bundle.

import Foundation

/// What a run of the tool came to.
public struct ToolRun: Sendable {
  public var status: Int32
  public var output: String
  public var errors: String

  /// The lines on standard error.
  public var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
}

public enum DrydockTool {
  /// Where the binary is.
  public static var path: String { path(of: "drydock") }

  /// Where something else is that this package builds.
  public static func path(of tool: String) -> String {
    let bundle =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (bundle as NSString).deletingLastPathComponent + "/\(tool)"
  }

  /// Runs the tool to its end.
  ///
  /// - Parameters:
  ///   - arguments: what comes after `drydock`.
  ///   - input: what is piped into it.
  ///   - folder: where it runs.
  ///   - tool: the binary, if it is another one of this package.
  public static func run(
    _ arguments: [String], input: String = "", in folder: String? = nil, tool: String = "drydock"
  ) throws -> ToolRun {
    try finish(start(arguments, input: input, in: folder, tool: tool))
  }

  /// The same under a shell, which can set limits and build pipelines; `$DRYDOCK` is the tool.
  public static func shell(_ command: String, in folder: String) throws -> ToolRun {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.environment = ProcessInfo.processInfo.environment.merging(["DRYDOCK": path]) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    return try finish(start(process, input: ""))
  }

  /// A tool that is running, and where its output goes.
  public struct Running {
    public let process: Process
    let output: Pipe
    let errors: Pipe

    /// The next line on standard output, as soon as it is there; what is there at its end.
    public func firstLine() -> String { Running.line(of: output) }

    /// The same on standard error.
    public func firstErrorLine() -> String { Running.line(of: errors) }

    private static func line(of output: Pipe) -> String {
      var bytes: [UInt8] = []
      while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 {
        bytes.append(byte)
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  public static func start(
    _ arguments: [String], input: String = "", in folder: String? = nil, tool: String = "drydock"
  ) throws -> Running {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path(of: tool))
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    return try start(process, input: input)
  }

  private static func start(_ process: Process, input: String) throws -> Running {
    let running = Running(process: process, output: Pipe(), errors: Pipe())
    let source = Pipe()
    process.standardInput = source
    process.standardOutput = running.output
    process.standardError = running.errors
    try process.run()
    try source.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try source.fileHandleForWriting.close()
    return running
  }

  /// Waits for the tool's end.
  public static func finish(_ running: Running) throws -> ToolRun {
    // Both pipes have to be emptied, or the tool may wait for one of them for ever.
    let errors = Reading(running.errors)
    let output = try running.output.fileHandleForReading.readToEnd() ?? Data()
    running.process.waitUntilExit()
    let status =
      running.process.terminationReason == .uncaughtSignal
      ? 128 + running.process.terminationStatus : running.process.terminationStatus
    return ToolRun(
      status: status, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors.wait(), as: UTF8.self))
  }

  /// Reads a pipe to its end on another thread.
  private final class Reading: @unchecked Sendable {
    private var data = Data()
    private let done = DispatchSemaphore(value: 0)

    init(_ pipe: Pipe) {
      Thread.detachNewThread { [self] in
        data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
        done.signal()
      }
    }

    func wait() -> Data {
      done.wait()
      return data
    }
  }
}
