// That the vocabulary of events is one table without holes, and that whoever reads a column by its name
// gets that column.

import Foundation
import Sim
import Testing

@Suite("The columns of events")
struct EventColumnTests {
  private static func event(_ kind: Event.Kind) -> Event {
    Event(
      time: .zero, hart: HartID(raw: 0), kind: kind, process: .initial, container: .outside, 10, 11,
      12, 13, 14, 15)
  }

  @Test("A kind's columns are in order")
  func columnsAreInOrder() {
    for kind in Event.Kind.allCases {
      let columns = kind.columns
      #expect(columns.map(\.position) == Array(columns.indices), "\(kind)")
    }
  }

  /// The list is what SQL, dumps and documents go by; Swift goes by the declarations.
  @Test("Every column that is declared is in its kind's list")
  func everyColumnIsListed() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Sim/Boundary/Event+Columns.swift")
    let text = try String(contentsOf: file, encoding: .utf8)
    let forms = text.split(separator: "public enum ").dropFirst()
    #expect(forms.count > 30)
    for form in forms {
      let declared = form.matches(of: /static var (\w+): Column</).map(\.1)
      let list = try #require(form.firstMatch(of: /static let all[^\n]*(?:list\(([^)]*)\)|\[\])/))
      let listed = (list.1 ?? "").split { ", \n".contains($0) }
      #expect(declared == listed, "\(form.prefix(40))")
    }
  }

  @Test("A column is read and written by its name, and no other changes")
  func columnsByName() {
    var event = Self.event(.containerEnd)
    #expect(event[ContainerEndEvent.cid] == ContainerID(raw: 10))
    #expect(event[ContainerEndEvent.blocks] == 13)
    event[ContainerEndEvent.inodes] = 7
    #expect(EventColumn.six.map { event[$0] } == [10, 11, 7, 13, 14, 15])
    for column in event.kind.columns { event[column] += 1 }
    #expect(EventColumn.six.map { event[$0] } == [11, 12, 8, 14, 15, 15])
    let words = event.words
    #expect([words.0, words.1, words.2, words.3, words.4, words.5] == [11, 12, 8, 14, 15, 15])
  }

  @Test("A number that the column's type cannot hold is there as it stands")
  func wordsAsTheyStand() {
    var event = Self.event(.lockContend)
    event[word: LockEvent.name] = 1 << 32 | 5
    #expect(event[LockEvent.name] == NameID(raw: 5))
    #expect(event[word: LockEvent.name] == 1 << 32 | 5)
    event = Self.event(.resolve)
    event[word: ResolveEvent.inside] = 2
    #expect(event[ResolveEvent.inside])
  }

  @Test("Reading a column that the kind does not have is caught in a debug build")
  func wrongKindIsCaught() async {
    #if DEBUG
    await #expect(processExitsWith: .failure) {
      _ = EventColumnTests.event(.fork)[ExitEvent.status]
    }
    await #expect(processExitsWith: .failure) {
      var event = EventColumnTests.event(.fork)
      event[ExitEvent.status] = 1
    }
    #endif
    await #expect(processExitsWith: .success) {
      _ = EventColumnTests.event(.fork)[ForkEvent.child]
      _ = EventColumnTests.event(.cvWake)[LockEvent.other]
    }
  }
}
