// What a mark says: one clause, whose subject is the process in whose row it stands.

import Sim

extension MarkPlace {
  func words(_ text: EventText) -> String {
    func word<Columns, Value>(_ column: ColumnKey<Columns, Value>) -> String {
      text.word(for: event[word: column], column.meaning)
    }
    switch event.kind {
    case .call, .callReturn:
      let path = path == 0 ? "" : " of \"\(text.word(for: path, .name))\""
      return "\(word(CallEvent.number))\(path) refused: \(word(CallEvent.why))"
    case .refuse:
      return "\(word(RefuseEvent.call)) refused: \(word(RefuseEvent.why)), "
        + "limit \(word(RefuseEvent.limit)), held \(word(RefuseEvent.held))"
    case .shmExhausted:
      return "shared page \"\(word(SharedPagesExhaustedEvent.name))\" refused: "
        + word(SharedPagesExhaustedEvent.why)
    case .fault:
      return "fault: \(word(FaultEvent.cause)) at \(word(FaultEvent.address)), "
        + "pc \(word(FaultEvent.pc))" + (text.place(of: event, sequence).map { ", \($0)" } ?? "")
    case .kill: return "killed"
    case .deadlock:
      return "can never go on: it waits for \(word(DeadlockEvent.reason)) "
        + word(DeadlockEvent.object)
    case .lockAbandon:
      return "ended while it held mutex \(word(LockEvent.mutex)) \"\(word(LockEvent.name))\""
    default: return event.kind.name
    }
  }
}
