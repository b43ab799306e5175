// "Did you mean": the word that a mistyped one is nearest to.

/// `; did you mean NAME?` if one of the names is near, else nothing.
package func suggestion(for word: String, among names: [String]) -> String {
  let limit = max(1, word.count / 3)
  let near = names.map { (name: $0, distance: editDistance(word, $0)) }
    .filter { $0.distance <= limit }
    .min { $0.distance < $1.distance }
  return near.map { "; did you mean \($0.name)?" } ?? ""
}

/// How many letters have to be changed, put in or left out (Levenshtein, 1966).
private func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a.lowercased().filter { $0 != "-" && $0 != "_" })
  let b = Array(b.lowercased().filter { $0 != "-" && $0 != "_" })
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in b.enumerated() {
      let changed = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
