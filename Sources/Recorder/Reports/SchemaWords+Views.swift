// What the views mean that say what a session came to, and what was wrong in it.

extension TraceSchema {
  static var intervalWords: [Relation] {
    [
      Relation(
        "decision", "Every choice that was not the first option, in words.",
        [
          "ordinal": "Which of the session's choices it was, counted from 1.",
          "seq": "The number of the event before which it was made.",
          "time": "That event's time; NULL where none followed.",
          "hart": "The hart it was chosen for.",
          "point": "What was chosen: `dispatch`, `slice`, `turn`, `preempt`, `loss` or `delay`.",
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
          "state":
            "`runnable`, `running`, `blocked`, `frozen` or `throttled` with its group, or `zombie`: exited, and not yet reaped.",
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
        "inheritance",
        "Every interval for which a process had the priority of one that waited for its mutex.",
        [
          "seq": "The number of the event that began it.",
          "time": "When it began.",
          "old": "The priority before: its own, or one that it inherited from another.",
          "priority": "The inherited priority.",
          "donor": "The process that lent it, by waiting.",
          "mutex":
            "The mutex for which that waits; numbers are used again after a mutex is deleted.",
          "name": "The mutex's name.",
          "ended_by":
            "`inherit` where it got another priority or its own again, `priority` where one was set, `exit`; NULL if it lasts to the session's end.",
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
  static var violationWords: [Relation] {
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

  static var perfettoWords: [Relation] {
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
            "`Running`, `R` runnable, `R+` runnable after it had to give up its hart, `S` blocked, `T` frozen with its group, `P` throttled with it, `Z` exited.",
          "io_wait":
            "Whether it is blocked on the console or waits for `io.max`, 1 or 0; NULL in any other state than `S`.",
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
}
