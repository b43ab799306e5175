// true: succeeds.

func run(_ arguments: Arguments) -> ExitStatus { 0 }
