// The guest programs, compiled during the build by the UserlandImage plugin and carried as bytes.

/// The programs that every machine has on its disk.
public enum Userland {
  /// The program of this name.
  public static func image(_ name: String) -> GuestImage? { all.first { $0.name == name } }
}

/// An executable for the machine: a static RV64 ELF file.
public struct GuestImage: Sendable {
  public let name: String
  /// Two letters from `a` to `p` for each byte, the high half first.
  private let nibbles: StaticString

  public init(name: String, nibbles: StaticString) {
    precondition(nibbles.utf8CodeUnitCount % 2 == 0, "half a byte at the end of \(name)")
    self.name = name
    self.nibbles = nibbles
  }

  public var bytes: [UInt8] {
    nibbles.withUTF8Buffer { letters in
      [UInt8](unsafeUninitializedCapacity: letters.count / 2) { bytes, count in
        while count < letters.count / 2 {
          let high = letters[2 * count] &- UInt8(ascii: "a")
          let low = letters[2 * count + 1] &- UInt8(ascii: "a")
          bytes[count] = high << 4 | low
          count += 1
        }
      }
    }
  }
}
