// What every table, view and column of a trace means, in a sentence each: `docs/schema.md` is made of
// these, and a test holds that none is missing and none is too many.

extension TraceSchema {
  /// Tables and views that belong together.
  struct Chapter {
    var title: String
    var relations: [Relation]
  }

  /// A table or view, and what is said of its columns where `commonWords` would not do.
  struct Relation {
    var name: String
    var sentence: String
    var columns: [String: String]

    init(_ name: String, _ sentence: String, _ columns: [String: String] = [:]) {
      self.name = name
      self.sentence = sentence
      self.columns = columns
    }

    /// What a column of this name holds; nil if none is defined.
    func words(for column: String) -> String? { columns[column] ?? commonWords[column] }
  }

  static var chapters: [Chapter] {
    [
      Chapter(title: "The session", relations: sessionTables),
      Chapter(title: "Words for numbers", relations: wordTables),
      Chapter(title: "What happened, by family", relations: familyWords),
      Chapter(
        title: "What it came to",
        relations: intervalWords + sourceWords + groupWords + networkWords),
      Chapter(title: "What was wrong", relations: violationWords),
      Chapter(title: "Perfetto's names", relations: perfettoWords),
    ]
  }

  /// A sentence for each of the columns that mean something else for each kind.
  private static func eachKindColumn(
    _ sentence: (_ place: String, _ column: String) -> String
  ) -> [String: String] {
    let places = ["first", "second", "third", "fourth", "fifth", "sixth"]
    return Dictionary(
      uniqueKeysWithValues: zip(places, kindColumns).map { ($1, sentence($0, $1)) })
  }

  private static var sessionTables: [Relation] {
    [
      Relation(
        "meta", "What is known of the session as a whole, as keys and values.",
        [
          "key":
            "What is said: `state` (`recording` or `complete`), `events`, `end`, `instructions`, `seal.…`, and others.",
          "value": "What is said of it, a number or a text.",
        ]),
      Relation(
        "scenario", "What the machine was set up with.",
        [
          "ordinal": "The row's place.",
          "key":
            "The name of a setting or limit, `program` for each word of the program, `client` for each client "
            + "from the host and `clientStep` for what it does.",
          "value": "Its value.",
        ]),
      Relation(
        "script", "What was to be typed.",
        [
          "ordinal": "The line's place.",
          "at_tick": "The tick at which it is typed; NULL when a process waits for a line.",
          "bytes": "The bytes typed.",
        ]),
      Relation(
        "file", "What was on the guest's disk at the beginning.",
        [
          "ordinal": "The file's place.",
          "path": "Its path on the guest's disk.",
          "kind": "`file`, `directory` or `device`.",
          "content": "A file's bytes.",
          "major": "A device's major number.",
          "minor": "A device's minor number.",
        ]),
      Relation(
        "input", "What arrived from outside.",
        [
          "ordinal": "Counted from 1.",
          "time": "When it arrived.",
          "channel": "Where it arrived: 0 at the console, 1 through a published port.",
          "bytes": "The bytes that arrived.",
        ]),
      Relation(
        "choice", "Every choice that was not the first option; what is not here was option 0.",
        [
          "ordinal": "Which of the session's choices it was, counted from 1.",
          "point":
            "What was chosen: 1 which process is dispatched, 2 how long a hart's slices are, 3 is reserved for injected faults, 4 how long a turn is, 5 whether a process is preempted. The view `decision` has words.",
          "hart": "The hart it was chosen for.",
          "options": "How many there were to choose from.",
          "chosen": "The one taken, counted from 0.",
          "seq": "The number of the event before which it was made.",
          "candidate":
            "What was taken: of points 1 and 5 a process, the one that gets the hart, or the first of those who get it; of points 2, 4 and 7 a number of instructions; of point 6 the datagram that is lost.",
        ]),
      Relation(
        "name", "Texts that events mention by number.",
        [
          "id": "The number.",
          "text": "The text, with everything that does not print as an escape.",
          "bytes": "The bytes, where the text is not exactly them.",
        ]),
      Relation(
        "event",
        "Everything that happened, in one order. What `\(kindColumns[0])` to `\(kindColumns[5])` hold is in the table `kind`.",
        [
          "seq": "The event's place in the session's one order, from 1.",
          "time": "When it happened.",
          "hart": "The hart on which it happened.",
          "kind": "What happened, a number of the table `kind`.",
          "pid": "The process it happened to; 0 for the machine itself.",
          "cid": "That process's container; 0 outside any.",
        ].merging(eachKindColumn { place, _ in "The kind's \(place) column." }) { own, _ in own }),
      Relation(
        "mark", "A milestone every 4096 events, to get from a time to the events around it.",
        [
          "seq": "The number of the event at the mark.",
          "time": "That event's time.",
        ]),
      Relation(
        "process", "Every process, as Perfetto's table of that name has it.",
        [
          "upid": "The process's number, unique in the session; the same as `pid`.",
          "pid": "Its number, unique in the machine.",
          "container_pid":
            "Its number in the container that it was in last, as guests in there see it (`NSpid` in Linux's `/proc`); NULL outside any.",
          "name": "The path that it executed last, or its parent's name.",
          "start_ts": "When it was forked.",
          "end_ts": "When it exited; NULL if it did not.",
          "parent_upid": "The process that forked it.",
          "cid": "The container it was in last; 0 outside any.",
          "status": "What it exited with.",
        ]),
      Relation(
        "container", "Every container.",
        [
          "cid": "Its number.",
          "init": "The process that made it and whose end is its end.",
          "root": "The path of its own root directory; NULL if it set none.",
          "allowed": "How many processes it may hold; NULL if it set no limit.",
          "start_ts": "When it was made.",
          "end_ts": "When it ended; NULL if it did not.",
          "status": "The status its init exited with.",
        ]),
    ] + programTables
  }

  private static var wordTables: [Relation] {
    [
      Relation(
        "kind", "The kinds of events and what their columns hold.",
        [
          "id": "The number in `event.kind`.",
          "name": "The kind's name.",
          "family": "The family it belongs to.",
        ].merging(
          eachKindColumn { _, column in "What `\(column)` holds for this kind; NULL if nothing." }
        ) { own, _ in own }),
      Relation(
        "call", "System calls.",
        [
          "id": "The call's number.",
          "name": "Its name.",
        ]),
      Relation(
        "refusal", "Why a call can be refused.",
        [
          "id": "The reason's number.",
          "name": "The reason in words.",
        ]),
      Relation(
        "wait_reason", "What a process can wait for.",
        [
          "id": "The reason's number.",
          "name": "The reason in words.",
        ]),
      Relation(
        "fault_cause", "What a fault can be.",
        [
          "id": "The cause's number in the RISC-V manual.",
          "name": "The cause in words.",
        ]),
      Relation(
        "yield_reason", "Why a process that could go on gives up its hart.",
        [
          "id": "The reason's number.",
          "name": "`tick`: others of its priority wait; `preempted`: one of higher priority woke.",
        ]),
      Relation(
        "end_reason", "How a session can end.",
        [
          "id": "The reason's number.",
          "name": "The reason in words.",
        ]),
    ]
  }

  private static var familyWords: [Relation] {
    [
      Relation("trap", "Calls, returns, ticks, faults and input."),
      Relation(
        "sched_event", "Dispatches, wakeups, blocks, yields, changes of priority, idle harts.",
        [
          "mutex":
            "The mutex for which the donor waits; -1 if the process has its own priority again.",
          "name": "That mutex's name.",
        ]),
      Relation(
        "shm", "Shared pages: made, mapped, inherited, unmapped, freed, and read and written.",
        [
          "address": "Where the process has it; for an access, where it was.",
          "name": "The page's name in its container.",
        ]),
      Relation(
        "lock", "Mutexes and their condition variables.",
        [
          "name": "The mutex's name in its container.",
          "other": "To whom, or by whom, it was done.",
          "holder": "The pid of the mutex's holder; 0 for none.",
          "waiters":
            "How many wait for it now; of a `lock_contend`, how many waited before it, without its own.",
        ]),
      Relation(
        "process_event",
        "Processes: forks, execs, exits, reaps, adoptions, kills (by 0: Ctrl-C), limits, refusals, and programs built "
          + "for another kernel that make one of the machine's own calls.",
        [
          "name": "The name that the child begins with."
        ]),
      Relation(
        "container_event", "Containers: made, entered, given a root, a budget, an address, ended.",
        [
          "address": "The address that it got.",
          "path": "The path of its root.",
          "inodes": "How many inodes that it has made are still in use at its end.",
          "blocks": "How many disk blocks that it has taken are still in use at its end.",
        ]),
      Relation(
        "path",
        "Every path that was looked up, what was mounted, and what unions copied and hid.",
        [
          "path": "The path as it was given.",
          "layer":
            "In a union, the layer in which it was found: 0 the upper one, 1 the topmost lower one.",
          "root_dev": "In which file system that root is.",
          "mount": "The mount's number in its table; 0 is the disk at `/`.",
          "target": "Where it is mounted.",
          "source": "What was mounted: a path, or a union's layers.",
          "flags": "How it is mounted, in bits: 1 read-only, 32 for a change of what is mounted.",
          "name": "The name of what was copied up or removed.",
          "lower_inode": "The disk's inode that was copied.",
          "upper_inode": "The disk's inode that is the copy.",
          "size": "How many bytes were copied.",
          "parent_only":
            "1 if it was followed only up to its last name, and `inode` is the directory of that.",
        ]),
      Relation("file_event", "Descriptors: opened and closed."),
      Relation(
        "output", "Bytes that left for the console, up to 32 in an event.",
        [
          "call": "`write` for what a program wrote, NULL for the kernel's own words."
        ]),
      Relation("state_event", "The machine: booted, digested, deadlocked, ended."),
      groupEventWords,
      socketWords,
    ]
  }

  static let sliceWords: [String: String] = [
    "id": "The number of the call.",
    "track_id": "The thread's track.",
    "category": "Always `syscall`.",
    "name": "The call's name, with `sys_` before it.",
    "depth": "Always 0.",
    "parent_id": "Always NULL: no call is inside another.",
    "slice_id": "The same as `id`.",
  ]

  /// What columns of these names hold wherever nothing else is said.
  private static let commonWords: [String: String] = [
    "seal": "A check of this row and all before it.",
    "seq": "The event's number.",
    "time": "When it happened or began.",
    "duration": "How long it lasted.",
    "hart": "The hart it happened on.",
    "event": "What happened.",
    "pid": "The process it happened to; 0 for the machine itself.",
    "cid": "The process's container; 0 outside any.",
    "ts": "When it began.",
    "dur": "How long it lasted; -1 if it still does at the session's end.",
    "cpu": "The hart.",
    "ucpu": "The hart; Perfetto tells the processors of several machines apart by it.",
    "utid": "The thread, which has its process's number.",
    "number": "The call.",
    "call": "By which call; NULL if by none.",
    "arg0": "The call's first argument.",
    "arg1": "The call's second argument.",
    "arg2": "The call's third argument.",
    "value": "What the call returned; for an access, what was read or written.",
    "why": "Why it was refused, or why the hart was given up.",
    "tick": "Which tick it was.",
    "pc": "Where the program was.",
    "cause": "What kind of fault.",
    "address": "The address that faulted.",
    "count": "How many bytes.",
    "bytes": "The bytes, as a BLOB.",
    "previous": "The process that had the hart before; 0 for none.",
    "options": "How many processes were equally entitled.",
    "priority": "The process's priority; 0 is the highest, 15 the lowest.",
    "rank":
      "What the scheduler took it by: its level (mlfq), tickets (lottery), pass (stride), deadline (fair) or number in order of arrival (fifo); 0 under strict priorities.",
    "measure":
      "What that is held against: the used part of its allotment (mlfq), all tickets (lottery), the global pass (stride), its lag (fair) or how many waited (fifo); 0 under strict priorities.",
    "chosen": "Which of those entitled was taken, counted from 0.",
    "waker": "The process that woke it; 0 for the machine.",
    "reason": "What is or was waited for.",
    "object": "Which pipe or mutex, or the time slept until.",
    "old": "The priority before.",
    "new": "The priority after.",
    "by": "The process that set it.",
    "donor": "The process whose priority is inherited; 0 if the process has its own again.",
    "frame": "The page frame.",
    "mappers": "How many processes map it now.",
    "size": "How many bytes were accessed.",
    "store": "1 for a write, 0 for a read.",
    "mutex": "The mutex's number; numbers are used again after a mutex is deleted.",
    "name": "The name.",
    "holder": "The holder of the mutex waited for; 0 for none.",
    "waiters":
      "How many wait after the event; of a `lock_contend`, how many waited before it.",
    "other": "To whom, or by whom.",
    "child": "The child.",
    "path": "The path that was executed.",
    "argc": "How many arguments it was given.",
    "image": "What tells the program's file from others, where it may have symbols; else NULL.",
    "inode": "The inode found.",
    "dev": "In which file system the inode is, as `stat` shows it: 1 is the disk.",
    "root_dev": "In which file system the root is.",
    "status": "The status it ended with.",
    "how":
      "How it ended: for a process 0 by its own call, 1 by a fault, 2 killed, 3 with its container.",
    "from_pid": "Whose child it was.",
    "to_pid": "Whose child it is now.",
    "target": "Whom it killed.",
    "allowed": "How many are allowed.",
    "held": "How many were held.",
    "container": "The container.",
    "container_pid": "The process's number in its container; 0 outside any.",
    "leader": "Of a new thread, the first one of its process; 0 for a new process.",
    "init": "The container's init.",
    "root": "The inode of the root that the process sees.",
    "inside": "Whether what was found is below that root.",
    "fd": "The descriptor.",
    "flags": "How it was opened, in bits.",
    "major": "The device's major number.",
    "minor": "The device's minor number.",
    "write": "1 for a write, 0 for a read.",
    "read_fd": "The descriptor to read from.",
    "write_fd": "The descriptor to write to.",
    "pipe": "The pipe's number.",
    "hash": "A hash of the machine's state.",
    "pages": "How many pages were written since the last digest; at boot, how many there are.",
    "scenario": "A hash of the scenario.",
    "harts": "How many harts there are.",
    "blocks": "How many disk blocks there are.",
    "inodes": "How many inodes are in use.",
    "group_id": "The group, 1 for the root; of a refusal, whose limit it was.",
    "parent_group": "The group that it is in.",
    "from_group": "The group that the process left.",
    "control": "The file of the group that was written.",
    "more": "What else it holds, such as a period.",
    "socket": "The socket's number, which is no other's.",
    "host_connection": "By which number `input` knows a connection of the host's.",
    "published": "Which of the scenario's `port` rows it came by, counted from 0.",
    "flow": "The number of the connection or datagram, which is no other's; 0 for none.",
    "local": "The socket's own address and port.",
    "remote": "Those of the other end.",
    "type": "The type.",
    "network": "In whose network it is: a container, or 0 for the machine outside.",
    "backlog": "How many connections may wait to be accepted.",
    "listener": "The socket that listens there.",
    "from_endpoint": "Where it was sent from.",
    "to_endpoint": "Where it was sent to.",
    "server_pid": "The process at the other end; NULL if it came to none.",
    "server_cid": "That process's container; 0 outside any.",
    "resource": "What of; NULL where it was a slot of the machine's or of maxproc.",
  ]
}
