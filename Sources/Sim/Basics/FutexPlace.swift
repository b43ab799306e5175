// Where an int is that processes or threads sleep on, whoever asks: in a page shared by name the frame and the offset, for all
// who map it, and in other memory the address space and the address. There the frame would not do: a process that
// writes after a fork has another one from then on.

/// The place of an int in memory.
public struct FutexPlace: Hashable, Comparable, Sendable {
  /// The address space; nil for a page shared by name.
  var space: AddressSpaceIndex?
  /// The address; or the frame's number times the page's size, and the offset.
  var number: UInt64

  public static func < (a: Self, b: Self) -> Bool {
    (a.space?.index ?? -1, a.number) < (b.space?.index ?? -1, b.number)
  }
}
