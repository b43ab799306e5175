// Places to be pointed at, as many as there is room for: whenever there are too many, those near each
// other in a row are put together, over the whole session alike.

import Algorithms

/// An event to be pointed at, and how many others near it.
struct MarkPlace: Sendable {
  var sequence: Int64
  var time: Int64
  var pid: Int32
  /// How many it stands for.
  var count = 1
}

/// Places in order of time.
struct MarkList: Sendable {
  private static let limit = 500_000
  private var places: [MarkPlace] = []

  mutating func add(_ place: MarkPlace) {
    places.append(place)
    if places.count > MarkList.limit {
      places = MarkList.thinned(places, spacing: 0, limit: MarkList.limit / 2)
    }
  }

  /// The places of a window, and how many events they stand for.
  func window(_ window: PageWindow) -> (places: [MarkPlace], events: Int) {
    let first = places.partitioningIndex { $0.time >= window.from }
    let seen = places[first...].prefix { $0.time <= window.to }
    return (
      MarkList.thinned(Array(seen), spacing: window.shortest, limit: PageWindow.marksLimit),
      seen.reduce(0) { $0 + $1.count }
    )
  }

  /// As few as wanted: what is nearer to its neighbour than the spacing joins it, and the spacing
  /// doubles until that is enough.
  private static func thinned(_ all: [MarkPlace], spacing: Int64, limit: Int) -> [MarkPlace] {
    var spacing = spacing
    var seen = joined(all, spacing)
    while seen.count > limit, spacing <= .max / 4 {
      spacing = max(16, spacing * 2)
      seen = joined(seen, spacing)
    }
    // In more rows than that there is no putting together.
    return seen.count <= limit
      ? seen : Array(seen.striding(by: (seen.count + limit - 1) / limit))
  }

  private static func joined(_ all: [MarkPlace], _ spacing: Int64) -> [MarkPlace] {
    var last: [Int32: Int] = [:]
    var seen: [MarkPlace] = []
    for place in all {
      if let index = last[place.pid], place.time &- seen[index].time < spacing {
        seen[index].count += place.count
      } else {
        last[place.pid] = seen.count
        seen.append(place)
      }
    }
    return seen
  }
}
