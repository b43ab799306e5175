// "Did you mean": the name that a mistyped one is nearest to.

/// The nearest of the names, if one is so near that it may have been meant.
public func nearestName(to word: String, among names: [String]) -> String? {
  let limit = max(1, word.count / 3)
  // Letters are exchanged more often than they are forgotten.
  func lengthChange(_ name: String) -> Int { abs(name.count - word.count) }
  // A mistyped name is about as long as a name; a longer text is near to none.
  guard word.count <= 100 else { return nil }
  // One that is a name already was not mistyped.
  guard !names.contains(where: { $0.lowercased() == word.lowercased() }) else { return nil }
  let mistyped = names.filter { lengthChange($0) <= limit + 2 }
    .map { (name: $0, distance: editDistance(word, $0)) }
    .filter { $0.distance <= limit }
    .min { ($0.distance, lengthChange($0.name)) < ($1.distance, lengthChange($1.name)) }?.name
  return mistyped ?? beginning(with: word, among: names)
}

/// The shortest name that goes on where the word ends.
private func beginning(with word: String, among names: [String]) -> String? {
  guard word.count >= 3 else { return nil }
  return names.filter { $0.lowercased().hasPrefix(word.lowercased()) }
    .min { ($0.count, $0) < ($1.count, $1) }
}

/// How many letters have to be changed, put in, left out or exchanged with their neighbour (optimal
/// string alignment, after Damerau 1964 and Levenshtein 1966).
private func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a.lowercased().filter { $0 != "-" && $0 != "_" })
  let b = Array(b.lowercased().filter { $0 != "-" && $0 != "_" })
  var before: [Int] = []
  var row = Array(0...b.count)
  for i in a.indices {
    var next = [i + 1]
    for j in b.indices {
      var distance = min(row[j] + (a[i] == b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        distance = min(distance, before[j - 1] + 1)
      }
      next.append(distance)
    }
    before = row
    row = next
  }
  return row[b.count]
}
