// What the columns of the views of groups mean, for `docs/schema.md`.

extension TraceSchema {
  static var groupEventWords: Relation {
    Relation(
      "group_event",
      "Groups: made, removed, entered, limited, throttled; what they have of resources.",
      [
        "name": "The group's name in the group above.",
        "container": "In whose part of the tree it is; 0 for the machine's own.",
        "by": "The process that moved it.",
        "resource": "What of.",
        "held": "How much of it the group has, with all below it.",
        "most": "The most that it had since that was last told.",
        "allowed": "How much of it the group may have; -1 for `max`.",
        "used": "What the group has used since the period began, with what was owed from before.",
        "quota": "How much it may use in each period; -1 if that is no longer limited.",
        "period": "How long a period is.",
        "value": "The value that the file has from then on, -1 for `max`.",
      ])
  }

  static var groupWords: [Relation] {
    [
      Relation(
        "cgroup", "Every group but the root. (GROUP alone is a word of SQL's.)",
        [
          "name": "Its name in the group above.",
          "path": "Its path below /cgroup, as the machine sees it.",
          "container": "In whose part of the tree it is; 0 for the machine's own.",
          "pid": "The process that made it.",
          "start_ts": "When it was made.",
          "end_ts": "When it was removed; NULL if it was not.",
        ]),
      Relation(
        "group_usage",
        "What each group has of a resource, with all below it: of `pids` and `cpu` at every change, of all others as ticks find it.",
        [
          "seq": "The number of the event that changed it.",
          "event": "What changed it.",
          "resource":
            "What of: `pids` are slots of processes, `cpu` is time; `memory` and `disk` are bytes.",
          "held":
            "How much it has from then on; a zombie holds its slot until it is reaped. Of `cpu`, what it has used in all; the last call of a turn is not in it.",
          "peak": "The most that it had so far.",
          "allowed": "How much it may have; NULL if there is no limit.",
        ]),
      Relation(
        "group_refusal",
        "What a group's limit refused, or the reserve for processes outside containers.",
        [
          "group_id": "The group whose limit it was; NULL if it was the reserve.",
          "held": "How much of it the group had, or the whole machine.",
          "allowed": "How much it may have, or how much there is without the reserve.",
        ]),
      Relation(
        "throttle", "Every interval in which a group had used its quota, and nobody in it ran.",
        [
          "seq": "The number of the event that began it.",
          "group_id": "The group whose quota it was.",
          "used": "What it had used since the period began, with what was owed from before.",
          "quota": "How much it may use in each period.",
          "period": "How long a period is.",
        ]),
    ]
  }
}
