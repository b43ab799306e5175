// The fuzzer: `fuzz WHAT [--seed N] [--count N] [--seconds N] [--jobs N]`. Each seed stands for one
// input, whatever was tried before it. The seed comes first in what is printed, and the command that
// repeats a failure last: with the input that was kept of it, for the seed stands for another one as
// soon as a program, a defect or a word is added. `Tests/FuzzInputs` has those that are tried for ever.

import ArgumentParser

@main
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Try what nobody would write, and see that nothing breaks.",
    discussion: """
      A failure is a crash, an input that takes longer than --patience, more memory than --memory, \
      or something found wrong; its input is written to --failures, and tried again with --input. \
      With --keep the input of a seed is written to a folder, and not tried.
      """,
    subcommands: [
      FuzzPrograms.self, FuzzDefects.self, FuzzELF.self, FuzzSymbols.self, FuzzYAML.self,
      FuzzJSON.self, FuzzTar.self, FuzzTrace.self, FuzzPages.self,
    ],
    defaultSubcommand: FuzzPrograms.self)
}

struct FuzzPrograms: FuzzCommand {
  static let configuration = CommandConfiguration(
    commandName: "programs",
    abstract: "Random calls from many processes, with the invariants watching; run twice.")
  @OptionGroup var options: FuzzOptions
  typealias Target = ProgramTarget
}

struct FuzzDefects: FuzzCommand {
  static let configuration = CommandConfiguration(
    commandName: "defects",
    abstract: "Two or more defects at once: the tool may find violations, but never trap.")
  @OptionGroup var options: FuzzOptions
  typealias Target = DefectTarget
}

struct FuzzELF: FuzzCommand {
  static let configuration = CommandConfiguration(
    commandName: "elf", abstract: "Mutated executables: checked, loaded and run.")
  @OptionGroup var options: FuzzOptions
  typealias Target = ExecutableTarget
}

struct FuzzSymbols: FuzzCommand {
  static let configuration = CommandConfiguration(
    commandName: "symbols", abstract: "Mutated symbols and lines of programs, read.")
  @OptionGroup var options: FuzzOptions
  typealias Target = SymbolsTarget
}

struct FuzzYAML: FuzzCommand {
  static let configuration = CommandConfiguration(
    commandName: "yaml", abstract: "Mutated scenario files.")
  @OptionGroup var options: FuzzOptions
  typealias Target = ScenarioTarget
}

struct FuzzJSON: FuzzCommand {
  static let configuration = CommandConfiguration(
    commandName: "json", abstract: "Mutated container specs, read by the guest's own reader.")
  @OptionGroup var options: FuzzOptions
  typealias Target = SpecTarget
}

struct FuzzTar: FuzzCommand {
  static let configuration = CommandConfiguration(
    commandName: "tar", abstract: "Mutated archives of images.")
  @OptionGroup var options: FuzzOptions
  typealias Target = TarTarget
}

struct FuzzTrace: FuzzCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Mutated traces: an error, an alteration, or the very same session; some replayed.")
  @OptionGroup var options: FuzzOptions
  typealias Target = TraceTarget
}

struct FuzzPages: FuzzCommand {
  static let configuration = CommandConfiguration(
    commandName: "pages",
    abstract: "Traces whose pages are put together wrongly, taken through what every command does.")
  @OptionGroup var options: FuzzOptions
  typealias Target = PageTarget
}
