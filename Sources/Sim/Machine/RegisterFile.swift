/// The 32 integer registers; x0 reads zero.
public struct RegisterFile: Equatable, Sendable {
  private var words = InlineArray<32, UInt64>(repeating: 0)

  public init() {}

  public subscript(_ index: Int) -> UInt64 {
    @inline(__always) get { words[index] }
    @inline(__always) set { if index != 0 { words[index] = newValue } }
  }

  public static func == (a: RegisterFile, b: RegisterFile) -> Bool {
    for index in 0..<32 where a.words[index] != b.words[index] { return false }
    return true
  }

  /// Copies all of them from a hart's block of words, which begins with them.
  init(_ source: UnsafePointer<UInt64>) {
    words = UnsafeRawPointer(source).load(as: InlineArray<32, UInt64>.self)
  }

  /// Copies all of them into a hart's block of words, which has room for more than 32.
  func copy(to target: UnsafeMutablePointer<UInt64>) {
    UnsafeMutableRawPointer(target).storeBytes(of: words, as: InlineArray<32, UInt64>.self)
  }
}
