// prodcons: a bounded buffer, two producers, two consumers. Every number that is put in comes out
// once, which the sum and the count tell.

/// `prodcons [COUNT]`: how many numbers each producer makes.
func run(_ arguments: Arguments) -> ExitStatus {
  let itemCount = arguments.count > 1 ? max(atoi(arguments[1]), 1) : 500
  guard let page = shm_get(("prodcons" as StaticString).path),
    let lock = Mutex(("prodcons.lock" as StaticString).path),
    let room = Mutex(("prodcons.room" as StaticString).path)
  else {
    complain("prodcons: no shared page or mutex left\n")
    return 1
  }
  let memory = UnsafeMutableRawPointer(page)
  // What the consumers found: a sum and a count.
  let found = memory.assumingMemoryBound(to: Int64.self)
  let ring = Ring(at: memory + 64, capacity: 64, lock: lock, room: room)

  let producers = (
    fork { produce(1...itemCount, ring) }, fork { produce(itemCount + 1...2 * itemCount, ring) }
  )
  _ = fork { consume(ring, found, lock) }
  _ = fork { consume(ring, found, lock) }
  var producing = 2
  while true {
    let ended = wait(nil)
    if ended < 0 { break }
    guard ended == producers.0 || ended == producers.1 else { continue }
    producing -= 1
    if producing == 0 { ring.end() }
  }

  let all = 2 * Int64(itemCount)
  let isRight = found[0] == all * (all + 1) / 2 && found[1] == all
  let verdict: StaticString = isRight ? "right" : "WRONG"
  say("prodcons: \(found[1]) of \(all) numbers, sum \(found[0]), \(verdict, width: 0)\n")
  return isRight ? 0 : 1
}

func fork(_ body: () -> Void) -> CInt {
  let child = fork()
  if child < 0 {
    complain("prodcons: fork failed\n")
    exit(1)
  }
  if child == 0 {
    body()
    exit(0)
  }
  return child
}

func produce(_ numbers: ClosedRange<Int32>, _ ring: Ring) {
  for number in numbers {
    withUnsafeBytes(of: number) { _ = ring.put($0.baseAddress.unsafelyUnwrapped, $0.count) }
  }
}

func consume(_ ring: Ring, _ found: UnsafeMutablePointer<Int64>, _ lock: Mutex) {
  var sum: Int64 = 0
  var count: Int64 = 0
  var number: Int32 = 0
  while ring.takeAll(&number, MemoryLayout<Int32>.size) {
    sum += Int64(number)
    count += 1
  }
  lock.held {
    found[0] += sum
    found[1] += count
  }
}
