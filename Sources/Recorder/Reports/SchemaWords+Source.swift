// What the tables and views of programs' sources mean.

extension TraceSchema {
  static var programTables: [Relation] {
    [
      Relation(
        "program", "Every program that was run and whose file may have symbols.",
        [
          "id": "Its number, from 1 up in the order of their first runs.",
          "path": "The path by which it was first run.",
          "image": "What tells its file from others, as in `exec`.",
          "problem": "Why its symbols or lines are missing, or some of them; NULL if none are.",
        ]),
      Relation(
        "program_run", "Which of these programs a process ran, from an event on.",
        [
          "place": "The pid times 2^32 and the event's number: to look up by.",
          "pid": "The process.",
          "seq": "The event by which it came to run it: its `exec` or the `fork` that made it.",
          "program": "The program's number; 0 if it is none of them.",
        ]),
      Relation(
        "symbol", "Functions and objects of these programs.",
        [
          "place": "The program's number times 2^39 and the address: to look up by.",
          "program": "The program's number.",
          "address": "Where it begins.",
          "size": "How many bytes it takes.",
          "name": "Its name.",
          "kind": "`function` or `object`.",
        ]),
      Relation(
        "source_line", "From which line of which file the instructions of these programs came.",
        [
          "place": "The program's number times 2^39 and the address: to look up by.",
          "program": "The program's number.",
          "address": "Where the instructions begin.",
          "size": "How many bytes they take.",
          "file": "The source file, as it was named to the compiler.",
          "line": "The line, from 1.",
        ]),
    ]
  }

  static var sourceWords: [Relation] {
    let place = [
      "pc": "Where the instruction was.",
      "function": "The function that it is in; NULL where the program's file does not say.",
      "source": "The file and the line that it came from, such as `counter.c:17`; NULL likewise.",
    ]
    return [
      Relation(
        "fault", "Faults, and where in the source.",
        [
          "cause": "What kind of fault.", "address": "The address that faulted.",
        ].merging(place) { own, _ in own }),
      Relation(
        "shared_access",
        "Loads from and stores to shared pages, and where in the source.",
        [
          "address": "Where it was.", "size": "How many bytes.",
          "value": "What was read or written.",
          "store": "1 for a write, 0 for a read.",
        ].merging(place) { own, _ in own }),
    ]
  }
}
