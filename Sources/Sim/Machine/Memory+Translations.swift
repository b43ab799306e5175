// What harts remember of memory: which code was translated from which frame, and as of when their
// pointers into frames are right. It is cache, no part of a memory's state: dropping it changes nothing that can be
// seen.

extension Memory {
  /// As of when what harts remember is right.
  @inline(__always)
  package var epoch: UInt64 { translations.epoch }
  @inline(__always)
  package var storeEpoch: UInt64 { translations.storeEpoch }

  public func isTranslated(_ frame: PageFrame) -> Bool { translations.chunks(of: frame) != 0 }

  /// Remembers that code from these chunks of the frame has been translated.
  package func markTranslated(_ frame: PageFrame, chunks: UInt64) {
    translations.mark(frame, chunks: chunks)
  }

  /// Forgets it, and increases `epoch`, by which holders of a translation notice.
  public func dropTranslation(of frame: PageFrame) { translations.drop(frame) }

  /// Forgets all translations.
  public func dropAllTranslations() { translations.drop { _ in true } }
}
