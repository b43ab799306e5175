// What the columns of the views of the network mean, for `docs/schema.md`.

extension TraceSchema {
  static var socketWords: Relation {
    Relation(
      "socket",
      "Sockets: opened, bound, listening, connected, accepted, refused, shut down and closed; what was sent, received and dropped.",
      [
        "how": "What an end does no more: 0 read, 1 write, 2 neither.",
        "type": "1 for streams, 2 for datagrams.",
        "why": "Why a connection was refused or a datagram dropped.",
        "sent": "How many bytes of its connection it had sent.",
        "received": "How many bytes of its connection it had read.",
      ])
  }

  static var networkWords: [Relation] {
    [
      Relation(
        "thread_life", "Every thread that was not the first of its process.",
        [
          "leader": "The first thread of its process, whose pid is the process's.",
          "maker": "The thread that made it.",
          "start_ts": "When it was made.",
          "end_ts": "When it exited; NULL if it had not at the end.",
          "status": "What it exited with; NULL if it has not.",
          "joiner": "Who joined it; NULL if nobody has.",
          "join_ts": "When it was joined; NULL if it was not.",
        ]),
      Relation(
        "connection", "Every connection that got a place in a backlog.",
        [
          "seq": "The number of the event by which it was asked for.",
          "pid": "The process that connected.",
          "start_ts": "When it was asked for.",
          "accept_ts": "When it was accepted; NULL if it was not.",
          "sent": "How many bytes the one who connected has sent.",
          "received": "How many bytes the other has sent.",
          "end_ts": "When the last of its ends was closed; NULL if one was open at the end.",
          "why": "Why it was refused on its way; NULL if it was not.",
        ]),
      Relation(
        "packet", "Every datagram.",
        [
          "pid": "The process that sent it.",
          "start_ts": "When it was sent.",
          "end_ts": "When it was read or dropped; NULL if neither.",
          "fate": "`received`, or why it was dropped; NULL if it was not read up to the end.",
        ]),
    ]
  }
}
