import Userland

/// Guest programs that check the machine from inside: each exits with 0 if all that it checks holds,
/// and else prints the first thing that does not.
public enum TestGuests {
  /// The program of this name.
  public static func image(_ name: String) -> GuestImage? { all.first { $0.name == name } }
}
