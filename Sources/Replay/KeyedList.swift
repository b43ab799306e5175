// Values by number, in the order of their numbers: what a dictionary would be for, with an order
// that is the same in every process.

import Algorithms

/// Values under keys that mostly come in rising order, as pids do.
struct KeyedList<Value: Sendable>: Sendable {
  private(set) var keys: [Int32] = []
  private var values: [Value] = []

  var count: Int { keys.count }

  /// The value under a key; setting it to nil removes it.
  subscript(_ key: Int32) -> Value? {
    get {
      let place = self.place(of: key)
      return place < keys.count && keys[place] == key ? values[place] : nil
    }
    set {
      let place = self.place(of: key)
      switch (place < keys.count && keys[place] == key, newValue) {
      case (true, let value?): values[place] = value
      case (true, nil):
        keys.remove(at: place)
        values.remove(at: place)
      case (false, let value?):
        keys.insert(key, at: place)
        values.insert(value, at: place)
      case (false, nil): break
      }
    }
  }

  /// Changes the value under a key, if there is one.
  mutating func change(_ key: Int32, _ body: (inout Value) -> Void) {
    let place = self.place(of: key)
    if place < keys.count, keys[place] == key { body(&values[place]) }
  }

  /// Where a key is, or would be: the first place whose key is not lower.
  private func place(of key: Int32) -> Int {
    if let last = keys.last, last < key { return keys.count }
    return keys.partitioningIndex { $0 >= key }
  }
}
