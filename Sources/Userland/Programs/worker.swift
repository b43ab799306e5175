// worker: so many rounds of steady work, of a million loops each; says how many ticks that took.

func run(_ arguments: Arguments) -> ExitStatus {
  let rounds = arguments.count > 1 ? atoi(arguments[1]) : 10
  let start = uptime()
  for _ in 0..<max(rounds, 0) { burn(1_000_000) }
  say("worker: \(rounds) rounds in \(uptime() &- start) ticks\n")
  return 0
}
