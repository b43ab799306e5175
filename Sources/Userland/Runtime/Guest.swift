// What every guest program in Swift starts from: it defines `run`, and gets its arguments, texts,
// and a stack of one page, so that whatever is large belongs on the heap.

/// A text that ends with a NUL.
typealias CString = UnsafePointer<CChar>

/// A program's exit status; 0 is success.
typealias ExitStatus = CInt

@c(main)
func main(_ count: CInt, _ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  let status = run(Arguments(count: Int(count), vector: vector))
  // Nobody has to look at what each line's writing came to: what was lost is told in the end.
  guard status == 0, output_lost() != 0 else { return status }
  complain("\(CString(vector[0].unsafelyUnwrapped)): cannot write all of the output\n")
  return 1
}

/// The words that a program was started with; the first is its own name.
struct Arguments {
  let count: Int
  let vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  subscript(index: Int) -> CString { CString(vector[index].unsafelyUnwrapped) }

  /// Runs the body for each argument after the program's name.
  func forEach(from first: Int = 1, _ body: (CString) -> Void) {
    var index = first
    while index < count {
      body(self[index])
      index += 1
    }
  }
}

/// A pipe's two descriptors.
struct PipeEnds {
  var input: CInt = -1
  var output: CInt = -1

  /// Opens a pipe; nil when there is none to be had. (The call fills in two numbers: a pointer to
  /// the first alone would let the compiler take the second for unchanged.)
  init?() {
    let made = withUnsafeMutableBytes(of: &self) {
      pipe($0.bindMemory(to: CInt.self).baseAddress)
    }
    if made != 0 { return nil }
  }
}

/// A message, put together piece by piece in one buffer: `say("\(count) files\n")`.
struct Text: ExpressibleByStringInterpolation {
  struct StringInterpolation: StringInterpolationProtocol {
    init(literalCapacity: Int, interpolationCount: Int) { text_begin() }

    func appendLiteral(_ literal: StaticString) {
      text_bytes(literal.utf8Start, literal.utf8CodeUnitCount)
    }
    /// A text from anywhere: what does not print is escaped.
    func appendInterpolation(_ text: CString) { text_string(text, 0) }
    /// A text in a column of at least this width, to the left.
    func appendInterpolation(_ text: CString, width: Int) { text_string(text, CInt(width)) }
    func appendInterpolation(_ text: StaticString, width: Int) {
      text_bytes(text.utf8Start, text.utf8CodeUnitCount)
      text_pad(CInt(width - text.utf8CodeUnitCount))
    }
    func appendInterpolation(_ number: some BinaryInteger) { text_number(Int(number), 0) }
    func appendInterpolation(_ number: some BinaryInteger, width: Int) {
      text_number(Int(number), CInt(width))
    }
    /// An address of the network, in the machine's order.
    @inline(never)  // a program has 24 KiB
    func appendInterpolation(address: UInt32) {
      var shift: UInt32 = 24
      while shift > 0 {
        text_number(Int(address >> shift & 255), 0)
        text_string(("." as StaticString).path, 0)
        shift -= 8
      }
      text_number(Int(address & 255), 0)
    }
  }

  init(stringLiteral: StaticString) {
    text_begin()
    text_bytes(stringLiteral.utf8Start, stringLiteral.utf8CodeUnitCount)
  }
  init(stringInterpolation: StringInterpolation) {}
}

/// Writes a message to standard output; false if that cannot be written.
@discardableResult
func say(_ text: Text) -> Bool { text_write(1) != 0 }

/// Writes a message to standard error.
func complain(_ text: Text) { _ = text_write(2) }

func == (left: CString, right: StaticString) -> Bool {
  strcmp(left, UnsafeRawPointer(right.utf8Start).assumingMemoryBound(to: CChar.self)) == 0
}

extension CChar {
  init(ascii: Unicode.Scalar) { self = CChar(truncatingIfNeeded: ascii.value) }
}

extension StaticString {
  /// The text as the kernel wants one. (A literal where a `CString` is expected would become a
  /// `String` first, and cost seven kilobytes.)
  var path: CString { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}

/// Replaces the calling program by the one of this path or, where there is none and the path is a
/// bare name, the one of this name in `/`. Returns only if neither can be run.
func execute(
  _ path: CString, _ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
  if exec(path, vector) < 0, path[0] != CChar(ascii: "/") {
    let length = strlen(path)
    let absolute = UnsafeMutablePointer<CChar>.allocate(capacity: length + 2)
    absolute[0] = CChar(ascii: "/")
    memcpy(absolute + 1, path, length + 1)
    _ = exec(absolute, vector)
    free(absolute)
  }
  return -1
}
