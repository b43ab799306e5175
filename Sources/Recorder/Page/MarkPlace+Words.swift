// What a mark says: one clause, whose subject is the process in whose row it stands.

import Sim

extension MarkPlace {
  func words(_ text: EventText) -> String {
    let columns = event.kind.columns
    func word(_ column: Int) -> String { text.word(for: event[column], columns[column].meaning) }
    switch event.kind {
    case .call, .callReturn:
      let path = path == 0 ? "" : " of \"\(text.word(for: path, .name))\""
      return "\(word(0))\(path) refused: \(word(5))"
    case .refuse: return "\(word(0)) refused: \(word(1)), limit \(word(2)), held \(word(3))"
    case .shmExhausted: return "shared page \"\(word(0))\" refused: \(word(1))"
    case .fault: return "fault: \(word(0)) at \(word(2)), pc \(word(1))"
    case .kill: return "killed"
    case .deadlock: return "can never go on: it waits for \(word(0)) \(word(1))"
    case .lockAbandon: return "ended while it held mutex \(word(0)) \"\(word(1))\""
    default: return event.kind.name
    }
  }
}
