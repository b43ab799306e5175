// Looking up in what is in order. The name is the one that swift-algorithms has for it, which Sim does not
// import.

extension RandomAccessCollection where Index == Int {
  /// The first place whose element `belongs` behind, as all after it do; the end if there is none.
  @inline(__always)
  func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
