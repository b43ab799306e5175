// primes: the sieve as a pipeline (Hoare's, by way of McIlroy). Each process takes the first
// number that reaches it, which is a prime, and passes on those that it does not divide.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count == 2 else {
    complain("usage: primes n\n")
    return 1
  }
  let last = atoi(arguments[1])
  guard let source = Stage() else { return 1 }
  if source.isParent {
    var number: CInt = 2
    while number <= last, source.send(number) { number += 1 }
    return source.finish()
  }
  return sieve(source.input)
}

/// One process after another: a child goes round the loop, its parent filters and leaves.
func sieve(_ first: CInt) -> ExitStatus {
  var input = first
  while true {
    var prime: CInt = 0
    guard read(input, &prime, 4) == 4 else { return 0 }
    say("prime \(prime)\n")
    guard let next = Stage() else { return 1 }
    if next.isParent {
      var number: CInt = 0
      while read(input, &number, 4) == 4 {
        if number % prime != 0, !next.send(number) { break }
      }
      return next.finish()
    }
    _ = close(input)
    input = next.input
  }
}

/// A pipe with a new process at its end.
struct Stage {
  let isParent: Bool
  let input: CInt
  private let output: CInt

  init?() {
    guard let ends = PipeEnds() else {
      complain("primes: no pipe\n")
      return nil
    }
    let child = fork()
    guard child >= 0 else {
      complain("primes: no process left\n")
      return nil
    }
    isParent = child > 0
    _ = close(isParent ? ends.input : ends.output)
    input = ends.input
    output = ends.output
  }

  func send(_ number: CInt) -> Bool {
    var number = number
    return write(output, &number, 4) == 4
  }

  /// Ends the pipe, waits for the process, and returns how it ended.
  func finish() -> ExitStatus {
    _ = close(output)
    var status: CInt = 0
    _ = wait(&status)
    return status
  }
}
