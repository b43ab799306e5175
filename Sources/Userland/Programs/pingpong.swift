// pingpong: sends a number to a child and back, N times, through two pipes. The child adds one.

func run(_ arguments: Arguments) -> ExitStatus {
  let rounds = arguments.count > 1 ? atoi(arguments[1]) : 1
  guard let there = PipeEnds(), let back = PipeEnds() else {
    complain("pingpong: no pipe\n")
    return 1
  }
  let child = fork()
  guard child >= 0 else {
    complain("pingpong: fork failed\n")
    return 1
  }
  if child == 0 {
    _ = close(there.output)
    _ = close(back.input)
    var number: CInt = 0
    while receive(&number, there.input), send(number + 1, back.output) {}
    return 0
  }
  _ = close(there.input)
  _ = close(back.output)
  var number: CInt = 0
  var trips: CInt = 0
  while trips < rounds, send(number, there.output), receive(&number, back.input) { trips += 1 }
  _ = close(there.output)
  var status: CInt = 0
  _ = wait(&status)
  say("pingpong: \(trips) round trips, counted to \(number)\n")
  return trips == rounds && number == rounds && status == 0 ? 0 : 1
}

func send(_ number: CInt, _ pipe: CInt) -> Bool {
  var number = number
  return write(pipe, &number, 4) == 4
}

func receive(_ number: inout CInt, _ pipe: CInt) -> Bool { read(pipe, &number, 4) == 4 }
