// Logical time of several actors at once (Fidge 1988, Mattern 1989): for each of them, how much of what it did is known
// to have happened before. What is not in order by these clocks was in order by chance.

/// By number of the actor, the last of its epochs that happened before; 0 for none.
struct VectorClock: Equatable, Sendable {
  private(set) var times: [UInt64] = []

  subscript(_ actor: Int) -> UInt64 {
    get { actor < times.count ? times[actor] : 0 }
    set {
      while times.count <= actor { times.append(0) }
      times[actor] = newValue
    }
  }

  /// Whatever happened before the other happened before this one too.
  mutating func join(_ other: VectorClock) {
    while times.count < other.times.count { times.append(0) }
    for actor in other.times.indices where other.times[actor] > times[actor] {
      times[actor] = other.times[actor]
    }
  }

  /// Whether all that this one knows the other knows.
  func isBefore(_ other: VectorClock) -> Bool {
    times.indices.allSatisfy { times[$0] <= other[$0] }
  }
}
