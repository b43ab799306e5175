// What an executable says of its own source: which function or object lies where, and which line of
// which file an instruction came from. A program is somebody else's bytes: every read is within
// bounds, each limit is below and is named where it is met, and what is damaged yields a reason
// beside whatever could be read before it.

/// A function or an object of a program.
public struct Symbol: Equatable, Sendable {
  public enum Kind: String, Sendable { case function, object }

  public var address: UInt64
  /// In bytes; of a label without a size, up to the next symbol or its section's end.
  public var size: UInt64
  public var name: String
  public var kind: Kind
}

/// Instructions that came from one line.
public struct SourceLine: Equatable, Sendable {
  public var address: UInt64
  /// In bytes.
  public var size: UInt64
  /// An index into `ProgramSymbols.files`.
  public var file: Int
  public var line: Int64
}

/// The symbols and the lines of one ELF file.
public struct ProgramSymbols: Equatable, Sendable {
  /// What is read of one program at most.
  public enum Limit {
    public static let symbols = 1 << 17
    public static let lines = 1 << 20
    public static let files = 1 << 14
    /// Bytes of one name or path.
    public static let nameLength = 4096
    /// Bytes of all names and paths together.
    public static let nameBytes = 1 << 24
  }

  /// By address; no two at one.
  public internal(set) var symbols: [Symbol] = []
  /// By address; no two overlap.
  public internal(set) var lines: [SourceLine] = []
  /// Source files, each as it was named to the compiler.
  public internal(set) var files: [String] = []
  /// Why something is missing, as a clause; nil where nothing is.
  public internal(set) var problem: String?

  /// Reads what a file has.
  public init(_ bytes: [UInt8]) {
    do throws(SymbolsProblem) {
      let sections = try SectionTable(ByteReader(bytes))
      var names = NameBudget()
      var missing: [String] = []
      do throws(SymbolsProblem) {
        symbols = try SymbolTable.read(sections, &names)
        if symbols.isEmpty { missing.append("it has no symbols") }
      } catch {
        missing.append(error.description)
      }
      var table = LineTable(sections, names)
      do throws(SymbolsProblem) {
        let isThere = try table.read()
        lines = table.ranges(symbols)
        if !isThere {
          missing.append("it has no line table (compile it with -g)")
        } else if lines.isEmpty {
          missing.append("its line table has no lines")
        }
      } catch {
        lines = table.ranges(symbols)
        missing.append(error.description)
      }
      files = table.files
      if !missing.isEmpty { problem = missing.joined(separator: "; ") }
    } catch {
      problem = error.description
    }
  }

  /// The function that an address is in.
  public func function(at address: UInt64) -> Symbol? {
    guard let symbol = symbols.last(upTo: address, by: \.address),
      symbol.kind == .function, address - symbol.address < symbol.size
    else { return nil }
    return symbol
  }

  /// The line that the instruction at an address came from.
  public func line(at address: UInt64) -> SourceLine? {
    guard let line = lines.last(upTo: address, by: \.address),
      address - line.address < line.size
    else { return nil }
    return line
  }
}

extension Array {
  /// Of elements in order of an address, the last that is not behind another.
  func last(upTo address: UInt64, by key: (Element) -> UInt64) -> Element? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if key(self[middle]) <= address { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : self[low - 1]
  }
}

/// Why something of a program cannot be read.
struct SymbolsProblem: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// How many bytes of names may still be kept.
struct NameBudget {
  private var left = ProgramSymbols.Limit.nameBytes

  mutating func take(_ count: Int) throws(SymbolsProblem) {
    guard count <= left else {
      throw SymbolsProblem("it has more than \(ProgramSymbols.Limit.nameBytes) bytes of names")
    }
    left -= count
  }
}
