import Foundation
import Recorder
import Testing

struct SchemaPageTests {
  @Test func everyTableViewAndColumnHasASentence() throws {
    #expect(try SchemaPage.gaps(in: AskedSession.inversion.path) == [])
  }

  @Test func thePageInDocsIsTheOneThatWouldBeMadeNow() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/schema.md").standardized
    let now = try SchemaPage.markdown(of: AskedSession.inversion.path)
    #expect(
      try String(contentsOf: page, encoding: .utf8) == now, "docs/schema.md is old: make docs")
  }
}
