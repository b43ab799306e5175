// Which processes and containers of two sessions are the same ones. Numbers say little: whoever comes
// first gets the lower one. So they are paired by what they are, and in their order among equals.

import Sim

/// A process or container of a session.
struct Subject {
  var id: Int64
  /// What it may be known by in another session, the best first.
  var marks: [String]
  var name: String
}

extension Subject {
  /// Processes, by who forked whom, as which one of that name; or else by their names.
  static func processes(_ reader: TraceReader) throws -> [Subject] {
    var origins: [Int64: UInt64] = [:]
    var counts: [UInt64: UInt64] = [:]
    return try rows("SELECT upid, parent_upid, name FROM process ORDER BY upid", reader).map {
      let name = $0[2].words
      // A chain of processes can be long, so that the names from the first on are kept as a hash.
      var digest = Digest(seed: $0[1].number.flatMap { origins[$0] } ?? 0)
      digest.combine(Array(name.utf8))
      let ordinal = counts[digest.value, default: 0] + 1
      counts[digest.value] = ordinal
      digest.combine(ordinal)
      let id = $0[0].number ?? 0
      origins[id] = digest.value
      return Subject(id: id, marks: ["\(digest.value)", name], name: name)
    }
  }

  /// Containers, by what their init is called and which root they have; or else by one of
  /// these, or by their numbers.
  static func containers(_ reader: TraceReader) throws -> [Subject] {
    let query = """
      SELECT cid, coalesce((SELECT name FROM process WHERE upid = init), ''), coalesce(root, '')
      FROM container ORDER BY cid
      """
    return try rows(query, reader).map {
      let (name, root) = ($0[1].words, $0[2].words)
      return Subject(
        id: $0[0].number ?? 0,
        marks: ["\(name)\n\(root)", root, name, "\($0[0].number ?? 0)"], name: "")
    }
  }

  private static func rows(_ query: String, _ reader: TraceReader) throws -> [[QueryResult.Value]] {
    try TraceQuery.run(query, on: reader).rows
  }
}

/// Pairs of subjects, in the order of the first session; then those that only the second has.
struct SubjectPairs {
  struct Pair {
    var name: String
    var first: Int64?
    var second: Int64?

    /// The number, or both where they differ.
    var numbers: String {
      if let first, first == second { return "\(first)" }
      return "\(first.map { "\($0)" } ?? "none") → \(second.map { "\($0)" } ?? "none")"
    }
  }

  private(set) var all: [Pair] = []

  /// For each session, by number, the places of its subjects among the pairs.
  var places: [[Int64: Int]] {
    [\Pair.first, \Pair.second].map { side in
      var places: [Int64: Int] = [:]
      for (place, pair) in all.enumerated() {
        if let id = pair[keyPath: side] { places[id] = place }
      }
      return places
    }
  }

  init(_ first: [Subject], _ second: [Subject]) {
    var partners = [Int?](repeating: nil, count: first.count)
    var taken = [Bool](repeating: false, count: second.count)
    for rank in 0..<(first.first?.marks.count ?? 0) {
      var free: [String: [Int]] = [:]
      for place in second.indices.reversed() where !taken[place] {
        free[second[place].marks[rank], default: []].append(place)
      }
      for place in first.indices where partners[place] == nil {
        guard let partner = free[first[place].marks[rank]]?.popLast() else { continue }
        partners[place] = partner
        taken[partner] = true
      }
    }
    for (subject, partner) in zip(first, partners) {
      all.append(Pair(name: subject.name, first: subject.id, second: partner.map { second[$0].id }))
    }
    for (subject, isTaken) in zip(second, taken) where !isTaken {
      all.append(Pair(name: subject.name, first: nil, second: subject.id))
    }
  }
}

extension QueryResult.Value {
  fileprivate var number: Int64? {
    if case .integer(let number) = self { number } else { nil }
  }

  fileprivate var words: String {
    if case .text(let text) = self { text } else { "" }
  }
}
