// A line on standard error that shows a long session getting on, where a person can see it.

import Foundation
import Sim

final class Progress {
  private let isPossible: Bool
  private let start = Date.timeIntervalSinceReferenceDate
  private var lastShown = 0.0
  private var isVisible = false

  private static let delay = 1.0
  private static let period = 0.25

  init(isShown: Bool) {
    isPossible = isShown && isatty(STDERR_FILENO) == 1
  }

  func show(_ time: Instant, _ events: Int64?, at now: Double) {
    guard isPossible, now - start > Progress.delay, now - lastShown > Progress.period else {
      return
    }
    lastShown = now
    isVisible = true
    EndAtOnce.hasProgressLine.store(true, ordering: .relaxed)
    let seconds = String(format: "%.1f", now - start)
    let millions = String(format: "%.1f", Double(time.instructions) / 1e6)
    let counted = events.map { ", \($0) events" } ?? ""
    writeToStandardError("\r\u{1b}[K\(seconds) s: \(millions) million instructions\(counted)")
  }

  /// How far something else has got, in words.
  func show(_ words: String) {
    let now = Date.timeIntervalSinceReferenceDate
    guard isPossible, now - start > Progress.delay, now - lastShown > Progress.period else {
      return
    }
    lastShown = now
    isVisible = true
    EndAtOnce.hasProgressLine.store(true, ordering: .relaxed)
    writeToStandardError("\r\u{1b}[K\(String(format: "%.1f", now - start)) s: \(words)")
  }

  func hide() {
    guard isVisible else { return }
    isVisible = false
    EndAtOnce.hasProgressLine.store(false, ordering: .relaxed)
    writeToStandardError("\r\u{1b}[K")
  }
}
