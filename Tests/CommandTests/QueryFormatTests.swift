import Foundation
import Recorder
import Sim
import TestSupport
import Testing

/// Nothing is lost between a query and whoever reads its answer.
struct QueryFormatTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func query(_ sql: String, _ format: String) throws -> String {
    let path = folder.file("t.db")
    if !FileManager.default.fileExists(atPath: path) {
      try record(GuestRun.scenario(["true"]), to: path)
    }
    let run = try DrydockTool.run(["query", "t.db", sql, format], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    return run.output
  }

  @Test(arguments: [
    ("x'00ff41'", #"{"$base64": true, "encoded": "AP9B"}"#, "x'00ff41'"),
    ("x''", #"{"$base64": true, "encoded": ""}"#, "x''"),
    (#"'\x00'"#, #""\\x00""#, #"\x00"#), ("'x''00'''", #""x'00'""#, #""x'00'""#),
    // Called a text, and none.
    ("CAST(x'ff41' AS TEXT)", #"{"$base64": true, "encoded": "/0E="}"#, "x'ff41'"),
    ("NULL", "null", ""), ("''", "\"\"", "\"\""), ("'Inf'", "\"Inf\"", "\"Inf\""),
    ("1e400", "1e999", "Inf"), ("-1e400", "-1e999", "-Inf"), ("0.5", "0.5", "0.5"),
    ("'12'", "\"12\"", "\"12\""), ("12", "12", "12"), ("'-'", "\"-\"", "\"-\""),
    ("9007199254740991", "9007199254740991", "9007199254740991"),
    ("9007199254740993", "\"9007199254740993\"", "9007199254740993"),
    ("-9223372036854775808", "\"-9223372036854775808\"", "-9223372036854775808"),
    ("'Grüße, 漢字'", "\"Grüße, 漢字\"", "\"Grüße, 漢字\""),
  ])
  func everyValueCanBeToldFromEveryOther(sql: String, json: String, csv: String) throws {
    #expect(try query("SELECT \(sql) AS v", "--json") == "[\n  {\"v\": \(json)}\n]\n")
    #expect(try query("SELECT \(sql) AS v", "--csv") == "v\n\(csv)\n")
  }
}
