// false: fails.

func run(_ arguments: Arguments) -> ExitStatus { 1 }
