// forkbomb: forks until it cannot, says how many processes it got, and lets all of them go. The
// children wait for the end of a pipe, so that every slot stays taken until then.

func run(_ arguments: Arguments) -> ExitStatus {
  guard let gate = PipeEnds() else {
    complain("forkbomb: no pipe\n")
    return 1
  }
  var children = 0
  while true {
    let child = fork()
    if child < 0 { break }
    if child == 0 { awaitEnd(of: gate) }
    children += 1
  }
  say("forkbomb: \(children) processes, then fork failed\n")
  _ = close(gate.input)
  _ = close(gate.output)
  while wait(nil) > 0 { children -= 1 }
  return children == 0 ? 0 : 1
}

func awaitEnd(of gate: PipeEnds) -> Never {
  _ = close(gate.output)
  var byte: CChar = 0
  _ = read(gate.input, &byte, 1)
  exit(0)
}
