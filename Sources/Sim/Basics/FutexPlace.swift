// Where an int is that processes or threads sleep on, whoever asks: in a page shared by name the page and the offset, for all
// who map it, and in other memory the address space and the address. The frame would not do. A process that writes after a
// fork has another one from then on, and the frame of a page that is gone is given to somebody else, perhaps in another container.

/// The place of an int in memory.
public struct FutexPlace: Hashable, Comparable, Sendable {
  /// The address space; nil for a page shared by name.
  var space: AddressSpaceIndex?
  /// The address; or the shared page's serial number times the page's size, and the offset.
  var number: UInt64

  public static func < (a: Self, b: Self) -> Bool {
    (a.space?.index ?? -1, a.number) < (b.space?.index ?? -1, b.number)
  }
}
