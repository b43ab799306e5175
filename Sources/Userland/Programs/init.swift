// init: the machine's first process. It opens the console, runs a shell again and again, and
// reaps the orphans that the kernel hands to it. With arguments it runs that program once, and the
// program's exit status is the machine's. A first argument `--manager` means that the container
// manager comes before either.

/// The shell's priority; init itself has 0, the highest.
let shellPriority: CInt = 4

func run(_ arguments: Arguments) -> ExitStatus {
  openConsole()
  var first = 1
  if arguments.count > 1, arguments[1] == "--manager" {
    startManager()
    first = 2
  }
  guard arguments.count > first else { return keepShell(arguments.vector + first - 1) }

  let child = fork()
  if child == 0 {
    let program = arguments[first]
    _ = execute(program, arguments.vector + first)
    complain("init: exec \(program) failed\n")
    exit(127)
  }
  guard child > 0 else {
    complain("init: fork failed\n")
    return 1
  }
  return statusOf(child)
}

/// Puts the console on descriptors 0, 1 and 2.
func openConsole() {
  let console: StaticString = "/console"
  if open(console.path, O_RDWR) < 0 {
    _ = mknod(console.path, CShort(CONSOLE), 0)
    _ = open(console.path, O_RDWR)
  }
  _ = dup(0)
  _ = dup(0)
}

/// Starts the container manager, at init's own priority, and sleeps until it is ready: then, or when
/// it cannot run, it closes the pipe.
func startManager() {
  guard let ready = PipeEnds() else {
    complain("init: no pipe\n")
    return
  }
  if fork() == 0 {
    _ = close(ready.input)
    let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 2)
    vector[0] = UnsafeMutablePointer(mutating: ("cm" as StaticString).path)
    vector[1] = nil
    _ = execute(vector[0].unsafelyUnwrapped, vector)
    complain("init: exec cm failed\n")
    exit(1)
  }
  _ = close(ready.output)
  var byte: CChar = 0
  _ = read(ready.input, &byte, 1)
  _ = close(ready.input)
}

/// Starts a shell whenever there is none.
func keepShell(_ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> ExitStatus {
  while true {
    say("init: starting sh\n")
    let shell = fork()
    if shell == 0 {
      vector[0] = UnsafeMutablePointer(mutating: ("sh" as StaticString).path)
      _ = execute(vector[0].unsafelyUnwrapped, vector)
      complain("init: exec sh failed\n")
      exit(1)
    }
    guard shell > 0 else {
      complain("init: fork failed\n")
      return 1
    }
    _ = prio_set(shell, shellPriority)
    _ = statusOf(shell)
  }
}

/// Waits for this child; others that end in the meantime are orphans, and are gone with that.
func statusOf(_ child: CInt) -> ExitStatus {
  var status: CInt = 0
  while true {
    let ended = wait(&status)
    if ended == child { return status }
    if ended < 0 {
      complain("init: wait returned an error\n")
      exit(1)
    }
  }
}
