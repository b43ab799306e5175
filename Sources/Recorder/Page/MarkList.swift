// Places to be pointed at, as many as there is room for: whenever there are too many, those of one
// sort near each other in a row are put together, over the whole session alike.

import Algorithms
import Sim

/// An event to be pointed at, and how many others near it.
struct MarkPlace: Sendable {
  var sequence: Int64
  var event: Event
  /// Whose row it stands in, and as what.
  var row: Row
  /// The path that a refused call was given, as a number in the session's names; 0 for none.
  var path: Int64 = 0
  /// How many it stands for.
  var count = 1

  struct Row: Hashable {
    var pid: Int32
    var sort: PageData.Mark.Sort
  }

  var time: Int64 { Int64(bitPattern: event.time.instructions) }
}

/// Places in order of time.
struct MarkList: Sendable {
  private static let limit = 50_000
  private var places: [MarkPlace] = []
  /// How near to each other those were that have been put together.
  private var spacing: Int64 = 0

  mutating func add(_ place: MarkPlace) {
    places.append(place)
    guard places.count > MarkList.limit else { return }
    (places, spacing) = MarkList.thinned(places, spacing: spacing, limit: MarkList.limit / 2)
  }

  /// The places of a window.
  func window(_ window: PageWindow) -> [MarkPlace] {
    let first = places.partitioningIndex { $0.time >= window.from }
    let seen = places[first...].prefix { $0.time <= window.to }
    // Each sort by itself, so that a flood of one does not wash away the others.
    return PageData.Mark.Sort.allCases.flatMap { sort in
      MarkList.thinned(
        seen.filter { $0.row.sort == sort }, spacing: window.shortest,
        limit: PageWindow.marksLimit
      ).places
    }
  }

  /// As few as wanted: what is nearer to its neighbour than the spacing joins it, and the spacing
  /// doubles until that is enough.
  private static func thinned(_ all: [MarkPlace], spacing: Int64, limit: Int)
    -> (places: [MarkPlace], spacing: Int64)
  {
    var spacing = spacing
    var seen = joined(all, spacing)
    while seen.count > limit, spacing <= .max / 4 {
      spacing = max(16, spacing * 2)
      seen = joined(seen, spacing)
    }
    // In more rows than that, one of each few stands for all of them.
    if seen.count > limit {
      seen = seen.chunks(ofCount: (seen.count + limit - 1) / limit).compactMap { few in
        var place = few.first
        place?.count = few.reduce(0) { $0 + $1.count }
        return place
      }
    }
    return (seen, spacing)
  }

  private static func joined(_ all: [MarkPlace], _ spacing: Int64) -> [MarkPlace] {
    var last: [MarkPlace.Row: Int] = [:]
    var seen: [MarkPlace] = []
    for place in all {
      if let index = last[place.row], place.time &- seen[index].time < spacing {
        seen[index].count += place.count
      } else {
        last[place.row] = seen.count
        seen.append(place)
      }
    }
    return seen
  }
}
