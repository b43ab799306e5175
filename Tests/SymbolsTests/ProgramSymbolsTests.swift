import Foundation
import Symbols
import Testing

/// Symbols and lines, held against LLVM's reader.
@Suite struct ProgramSymbolsTests {
  @Test(
    "Every address of every function has LLVM's function and line",
    arguments: ["-gdwarf-4", "-gdwarf-5"], ["-O0", "-O2", "-Os"])
  func agreesWithLLVM(version: String, optimization: String) throws {
    // LLVM takes functions that the linker dropped for what begins at 0; so none are dropped.
    let compiled = try CompiledProgram(
      "-g", version, optimization, "-Wl,--no-gc-sections", "-Wl,--unresolved-symbols=ignore-all")
    let program = ProgramSymbols(compiled.bytes)
    #expect(program.problem == nil)
    let functions = program.symbols.filter { $0.kind == .function }
    #expect(Set(functions.map(\.name)).isSuperset(of: ["deposit", "weekday", "main", "write"]))
    let addresses = functions.flatMap {
      stride(from: $0.address, to: $0.address + $0.size, by: 2)
    }
    #expect(addresses.count > 200)
    let expected = try compiled.places(addresses)
    #expect(expected.count == addresses.count)
    var wrong = 0
    for (address, place) in zip(addresses, expected) {
      let line = program.line(at: address)
      let found = CompiledProgram.Place(
        function: program.function(at: address)?.name ?? "??",
        file: line.flatMap { program.files[$0.file].split(separator: "/").last.map(String.init) },
        line: line?.line)
      if found != place, wrong < 5 {
        wrong += 1
        Issue.record("\(String(address, radix: 16)): found \(found), expected \(place)")
      }
    }
  }

  @Test("What begins at 0 has its own lines, not those of functions that the linker dropped")
  func droppedFunctionsAreLeftOut() throws {
    let program = ProgramSymbols(try CompiledProgram("-g").bytes)
    let start = try #require(program.symbols.first)
    #expect(start.name == "_start" && start.address == 0)
    #expect(try text(0, program).last?.contains("la gp") == true)
    // What was dropped is longer than that, and would reach into what comes next.
    let filler = try #require(program.symbols.first { $0.name == "memset" })
    #expect(filler.address < 0x100)
    let beginning = try text(filler.address, program).last { $0.hasPrefix("void") }
    #expect(beginning?.contains("*memset(") == true)
  }

  /// The runtime's source up to the line that an instruction came from.
  private func text(_ address: UInt64, _ program: ProgramSymbols) throws -> [Substring] {
    let line = try #require(program.line(at: address))
    let file = program.files[line.file]
    let path = file.hasPrefix("/") ? file : CompiledProgram.package.path + "/" + file
    let source = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    return source.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix(Int(line.line)).map { $0 }
  }

  @Test("A program without -g has symbols, and one that is stripped has none; each says so")
  func whatIsMissingIsSaid() throws {
    let plain = ProgramSymbols(try CompiledProgram("-O2").bytes)
    #expect(plain.symbols.contains { $0.name == "deposit" && $0.size > 0 })
    #expect(plain.lines.isEmpty)
    #expect(plain.problem == "it has no line table (compile it with -g)")
    let stripped = ProgramSymbols(try CompiledProgram("-g", "-s").bytes)
    #expect(stripped.symbols.isEmpty && stripped.lines.isEmpty)
    #expect(
      stripped.problem == "it has no symbols; it has no line table (compile it with -g)")
  }

  @Test("A file that ends anywhere, and one with any byte changed, is read as far as it goes")
  func damageIsSaid() throws {
    let bytes = try CompiledProgram("-g", "-gdwarf-5").bytes
    #expect(ProgramSymbols([]).problem == "it is no ELF file of 64 bits, little-endian")
    for end in stride(from: 0, to: bytes.count, by: 997) {
      #expect(ProgramSymbols(Array(bytes.prefix(end))).problem != nil)
    }
    for place in stride(from: 5, to: bytes.count, by: 1499) {
      var changed = bytes
      changed[place] ^= 0xff
      let program = ProgramSymbols(changed)
      #expect(program.problem != nil || !program.lines.isEmpty)
    }
  }

  @Test("A compressed line table is named as such")
  func compressionIsSaid() throws {
    let compiled = try CompiledProgram("-g", "-Wl,--compress-debug-sections=zlib")
    let program = ProgramSymbols(compiled.bytes)
    #expect(!program.symbols.isEmpty)
    #expect(program.problem?.contains("compressed") == true)
  }
}
