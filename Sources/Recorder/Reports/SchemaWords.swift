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
      Chapter(title: "What it came to", relations: intervalWords + groupWords),
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
          "key": "The name of a setting or limit, or `program` for each word of the program.",
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
          "channel": "Where it arrived: 0 at the console.",
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
            "What was taken: of points 1 and 5 a process, the one that gets the hart, or the first of those who get it; of points 2 and 4 a number of instructions.",
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
    ]
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
        "sched_event", "Dispatches, wakeups, blocks, yields, changes of priority, idle harts."),
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
        "container_event", "Containers: made, entered, given a root and a budget, ended.",
        [
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
    ]
  }

  private static var intervalWords: [Relation] {
    [
      Relation(
        "decision", "Every choice that was not the first option, in words.",
        [
          "ordinal": "Which of the session's choices it was, counted from 1.",
          "seq": "The number of the event before which it was made.",
          "time": "That event's time; NULL where none followed.",
          "hart": "The hart it was chosen for.",
          "point": "What was chosen: `dispatch`, `slice`, `turn` or `preempt`.",
          "chosen": "The option that was taken, counted from 0.",
          "options": "How many there were to choose from.",
          "pid":
            "The process that gets the hart, or the first of those that do; NULL where a length was chosen.",
          "name": "That process's name.",
          "decided": "What was decided, in words.",
        ]),
      Relation(
        "console", "What was typed and what was shown.",
        [
          "direction": "`in` or `out`.",
          "text":
            "The characters that begin with this event, each whole, though its last bytes may have come with later ones. Line ends and tabs are as they are; other controls, what is no UTF-8, and a backslash are escapes.",
          "bytes": "The bytes, 32 or 40 at most, exactly as they were typed or printed.",
        ]),
      Relation(
        "run_slice", "Every interval in which a process had a hart.",
        [
          "seq": "The number of the dispatch.",
          "name": "The process's name.",
          "priority": "The process's priority; 0 is the highest, 15 the lowest.",
          "options": "How many processes were equally entitled to the hart.",
          "ended_by": "`block`, `yield` or `exit`; NULL if it ran to the session's end.",
          "why": "What it blocked on, or why it yielded.",
          "end_seq": "The number of the event that ended it.",
        ]),
      Relation(
        "hart_state", "All of every hart's time, without a gap.",
        [
          "seq": "The number of the event that began it.",
          "state": "`run`, `idle`, or `switch`: the kernel's time between two processes.",
          "pid": "The process that runs.",
          "cid": "The container of that process.",
        ]),
      Relation(
        "process_state", "All of every process's life, without a gap.",
        [
          "seq": "The number of the event that began it.",
          "state": "`runnable`, `running`, `blocked`, or `zombie`: exited, and not yet reaped.",
          "hart": "On which hart it runs.",
          "waits_for": "What it is blocked on.",
          "object":
            "The object it is blocked on: a pipe's or mutex's number, or the time to sleep until.",
          "waker": "The process that woke or forked it; 0 for the machine.",
          "why": "Why it gave up its hart though it could have gone on: `tick` or `preempted`.",
          "is_over": "0 if it lasts to the session's end.",
        ]),
      Relation(
        "wakeup", "Every wakeup, from the block to the run.",
        [
          "seq": "The number of the wake.",
          "pid": "The process that was woken.",
          "waker": "By whom; 0 for the machine.",
          "reason": "What it had waited for.",
          "object": "Which pipe or mutex, or the time slept until.",
          "waited": "How long it had been blocked.",
          "latency": "How long it took from the wakeup to a hart; NULL if it got none.",
        ]),
      Relation(
        "syscall", "Every call, with its return.",
        [
          "seq": "The number of the call.",
          "duration":
            "How long it took to come back: 0 if it did so at once. Every call costs its process another 100.",
          "blocked_time": "How much of that the process was blocked.",
          "name": "The call's name.",
          "value": "What it returned; NULL if it did not.",
          "why": "Why it was refused; NULL if it was not.",
          "return_seq": "The number of the event with the value; NULL if it did not come back.",
        ]),
      Relation(
        "lock_hold", "Every interval in which a process held a mutex.",
        [
          "seq": "The number of the event that gave it.",
          "name": "The mutex's name.",
          "pid": "The holder.",
          "handed_over_by": "The process that released it to this one; NULL if it was free.",
          "ended_by":
            "`lock_release`, or `lock_abandon` if the holder died; NULL if it held to the end.",
          "waiters": "How many waited when it ended.",
        ]),
      Relation(
        "lock_wait", "Every wait for a mutex.",
        [
          "seq": "The number of the event that began it.",
          "name": "The mutex's name.",
          "pid": "The waiting process.",
          "priority": "The waiter's priority.",
          "holder": "The holder of the mutex at that time.",
          "holder_priority": "The holder's priority.",
          "waiters_before": "How many were waiting already.",
          "granted": "Whether it got the mutex; 0 if it was killed, or waits to the end.",
          "inverted":
            "Whether the holder's priority was lower than the waiter's, whoever else ran meanwhile.",
        ]),
      Relation(
        "container_usage", "A container's processes, at every change.",
        [
          "seq": "The number of the event that changed it.",
          "event": "What changed it.",
          "processes": "How many processes live in it.",
          "slots": "How many slots they hold: a zombie holds its own until it is reaped.",
          "allowed": "How many it may hold; NULL if there is no limit.",
        ]),
      Relation(
        "process_tree", "Processes below the process that forked them, as an indented list.",
        [
          "pid": "The process.",
          "container_pid": "Its number in its container; NULL outside any.",
          "parent": "The process that forked it; NULL for the first.",
          "depth": "How many forks from the first.",
          "line": "Its name, indented.",
          "path": "The names from the first down to it; a long one has an ellipsis in the middle.",
          "start_ts": "When it was forked.",
          "end_ts": "When it exited; NULL if it did not.",
        ]),
    ]
  }

  /// The sentences of `violation_…`; each is empty on a session in which nothing was wrong.
  private static var violationWords: [Relation] {
    let sentences = [
      ("root", "Paths that led out of their process's root."),
      ("budget", "Moments at which more processes were under a limit than it says."),
      (
        "memory",
        "Counts of a shared page's mappers that are not the number of address spaces that map it."
      ),
      ("names", "Uses of a page or mutex that another container made."),
      (
        "pids",
        "Numbers that a container gave twice; pids passed to or from a process in a container that belong to no process of the container."
      ),
      ("signals", "Kills, reapings, priorities and adoptions across a container's wall."),
      ("locks", "Mutexes with two holders, released by others, kept by the dead; signals lost."),
      (
        "schedule",
        "Dispatches while a process of higher priority waited; priorities without a call that set them."
      ),
      ("console", "Devices reached from within a container."),
      ("accounting", "Processes that outlived their container."),
      (
        "groups",
        "Processes beyond a group's limit or in another's part of the tree; limits set from inside; frozen processes that ran."
      ),
      ("limits", "Refusals that name another limit than their group had."),
    ]
    return sentences.map { family, sentence in
      Relation(
        "violation_\(family)", sentence,
        [
          "seq": "The number of the event that shows it.",
          "pid": "The process that it is about.",
          "cid": "That process's container.",
          "found": "What was found.",
          "expected": "What should have been.",
        ])
    }
  }

  private static var perfettoWords: [Relation] {
    [
      Relation(
        "sched", "Run slices as Perfetto has them.",
        [
          "id": "The number of the dispatch.",
          "priority": "The priority; 0 is the highest, 15 the lowest.",
          "end_state": "Why it ended: `S` blocked, `R+` still runnable, `Z` exited.",
        ]),
      Relation(
        "sched_slice", "The same as `sched`; Perfetto has both names.",
        [
          "id": "The number of the dispatch.",
          "priority": "The priority; 0 is the highest, 15 the lowest.",
          "end_state": "Why it ended, as in `sched`.",
        ]),
      Relation(
        "thread", "Every process's one thread.",
        [
          "tid": "The process's number.",
          "container_pid": "Its number in its container; NULL outside any.",
          "name": "The process's name.",
          "start_ts": "When it was forked.",
          "end_ts": "When it exited; NULL if it did not.",
          "is_main_thread": "Always 1.",
          "upid": "Its process.",
        ]),
      Relation(
        "thread_state", "The states of threads as Perfetto has them.",
        [
          "id": "The number of the event that began it.",
          "state":
            "`Running`, `R` runnable, `R+` runnable after it had to give up its hart, `S` blocked, `Z` exited.",
          "io_wait":
            "Whether it is blocked on the console, 1 or 0; NULL in any other state than `S`.",
          "blocked_function": "What it is blocked on.",
          "waker_utid": "The thread that woke it; NULL for the machine.",
        ]),
      Relation("slice", "Calls as slices on a thread's track.", sliceWords),
      Relation("slices", "The same as `slice`; Perfetto has both names.", sliceWords),
      Relation(
        "thread_track", "One track for every thread.",
        [
          "id": "The track's number, the same as `utid`.",
          "name": "The thread's name.",
        ]),
      Relation(
        "trace_bounds", "From when to when the session is.",
        [
          "start_ts": "Always 0.",
          "end_ts": "The time of the last event.",
        ]),
    ]
  }

  private static let sliceWords: [String: String] = [
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
    "init": "The container's init.",
    "root": "The inode of the root that the process sees.",
    "inside": "Whether what was found is below that root.",
    "fd": "The descriptor.",
    "flags": "How it was opened, in bits.",
    "major": "The device's major number.",
    "minor": "The device's minor number.",
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
    "resource": "What of; NULL where it was a slot of the machine's or of maxproc.",
  ]
}
