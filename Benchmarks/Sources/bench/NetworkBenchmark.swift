// The network: a stream from process to process, and a web server that is published to the host.

import Foundation

let streamBenchmark = Benchmark(
  verb: "stream",
  summary: "a stream within the machine: payload in a second of the host's time",
  run: measureStream)

let webBenchmark = Benchmark(
  verb: "web",
  summary: "httpd, published to the host and asked by wrk: run, recorded and replayed",
  run: measureWeb)

private let rounds = 5

private func measureStream() throws {
  let program = try GuestCompiler.compileForDrydock("stream")
  defer { try? FileManager.default.removeItem(at: program) }
  let megabytes = 200
  func seconds(_ amount: Int) throws -> Double {
    var fastest = Double.infinity
    for _ in 0..<rounds {
      fastest = min(
        fastest,
        try toolSeconds(["run", "--file", "\(program.path):/stream", "--", "stream", "\(amount)"]))
    }
    return fastest
  }
  let spent = try seconds(megabytes) - seconds(0)
  print(
    String(
      format: "%d MiB in %.3f s: %.0f MB of payload in a second   (at least 200)", megabytes, spent,
      Double(megabytes) * 1.048576 / spent))
}

/// Keep-alive connections for five seconds; `httpd -e` has one process for all of them.
private func measureWeb() throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "drydock-bench-web-\(ProcessInfo.processInfo.processIdentifier)")
  let root = folder.appendingPathComponent("www")
  try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try Data("<h1>A page</h1>\n".utf8).write(to: root.appendingPathComponent("index.html"))
  let scenario = folder.appendingPathComponent("s.yaml")
  try Data("descriptors: 300\n".utf8).write(to: scenario)
  let trace = folder.appendingPathComponent("web.db").path
  for (verb, least) in [("run", 5000), ("record", 3000)] {
    let answer = try ask(
      [verb] + (verb == "record" ? ["-o", trace] : []) + [
        "--scenario", scenario.path, "--publish", "127.0.0.1:0:80", "--file", "\(root.path):/www",
        "--", "httpd", "-e", "/www",
      ])
    print("\(verb), at least \(least) a second and 99 % within 20 ms:")
    for line in answer.split(separator: "\n")
    where ["99%", "requests in", "Requests/sec", "errors"].contains(where: line.contains) {
      print("  " + line.trimmingCharacters(in: .whitespaces))
    }
  }
  let start = DispatchTime.now().uptimeNanoseconds
  let replayed = try toolOutput(["replay", trace])
  let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  print(String(format: "replay in %.2f s: ", seconds) + String(decoding: replayed, as: UTF8.self))
}

/// What wrk says of a server that the tool runs with these arguments.
private func ask(_ arguments: [String]) throws -> String {
  let server = Process()
  server.executableURL = tool
  server.arguments = arguments
  let errors = Pipe()
  (server.standardInput, server.standardOutput) = (FileHandle.nullDevice, FileHandle.nullDevice)
  server.standardError = errors
  try server.run()
  defer { server.waitUntilExit() }
  defer { server.terminate() }
  // It says which port it has got as soon as it listens.
  var said = ""
  while !said.contains("leads to") {
    let more = errors.fileHandleForReading.availableData
    if more.isEmpty { throw BenchmarkError(description: "no server: \(said)") }
    said += String(decoding: more, as: UTF8.self)
  }
  guard let port = said.firstMatch(of: /127\.0\.0\.1:(\d+) leads to/)?.1 else {
    throw BenchmarkError(description: "no port in \(said)")
  }
  // Until the guest listens as well.
  Thread.sleep(forTimeInterval: 1)
  return String(
    decoding: try Subprocess.run(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["wrk", "-t1", "-c8", "-d5", "--latency", "http://127.0.0.1:\(port)/"]), as: UTF8.self)
}
