// Tar archives of images with bytes, header fields and pieces changed. What is taken for an image stays
// in the image's folder, under names that the disk has; else there is a message, in one line.

import Foundation
import Scenarios
import Sim
import TestSupport

struct TarTarget: BytesTarget {
  static let suffix = "tar"

  private let corpus: [[UInt8]]

  private static let words = [
    "../x", "/x", "./", "a/b/c", ".wh.a", ".wh..wh..opq", "ustar\u{0}00", "ustar  \u{0}",
    "12 path=a/b\n", "30 GNU.sparse.major=1\n", "manifest.json", "index.json", "oci-layout",
    "[{\"Layers\":[\"a.tar\"]}]", "77777777777\u{0}", "fifteen_bytes__",
  ].map { Array($0.utf8) }
  /// Places and sizes of a header's fields.
  private static let fields = [
    (0, 8), (100, 8), (124, 8), (128, 8), (148, 8), (156, 1), (157, 8), (345, 8),
  ]

  init(folder: String) throws { corpus = TarTarget.archives() }

  private static func archives() -> [[UInt8]] {
    var lower = TarBytes()
    lower.add("bin/", type: "5")
    lower.add("bin/sh", Array(repeating: 7, count: 700))
    lower.add("etc/passwd", Array("root\n".utf8))
    lower.add("bin/ash", type: "1", link: "bin/sh")
    lower.add("lib", type: "2", link: "bin")
    var upper = TarBytes()
    upper.add("./etc/.wh.passwd")
    upper.add("bin/.wh..wh..opq")
    upper.addRecords([("path", "bin/more"), ("size", "3"), ("mtime", "1.5")])
    upper.add("ignored", Array("abc".utf8), size: Array("00000000001".utf8))
    upper.add("././@LongLink", Array("deep/er/still\u{0}".utf8), type: "L")
    upper.add("deep", Array("x".utf8))
    var saved = TarBytes()
    saved.add("a.tar", lower.finished)
    saved.add("b.tar", upper.finished)
    saved.add("manifest.json", Array(#"[{"Config":"c","Layers":["a.tar","b.tar"]}]"#.utf8))
    var layout = TarBytes()
    layout.add("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
    layout.add("blobs/sha256/aa", lower.finished)
    layout.add("blobs/sha256/bb", Array(#"{"layers":[{"digest":"sha256:aa"}]}"#.utf8))
    layout.add("index.json", Array(#"{"manifests":[{"digest":"sha256:bb"}]}"#.utf8))
    return [lower, upper, saved, layout].map(\.finished)
  }

  func input(_ seed: UInt64) -> [UInt8] {
    var mutator = Mutator(seed: seed, words: TarTarget.words)
    var bytes = mutator.pick(corpus)
    if mutator.oneIn(2) {
      for _ in 0...mutator.below(3) {
        let (place, size) = mutator.pick(TarTarget.fields)
        let header = mutator.below(bytes.count / 512) * 512
        if mutator.oneIn(2) {
          mutator.put(mutator.number(), size: size, at: header + place, in: &bytes)
        } else {
          let word = mutator.pick(mutator.words)
          bytes.replaceSubrange(header + place..<header + place + size, with: word.prefix(size))
        }
      }
    } else {
      mutator.mutate(&bytes, corpus)
    }
    // A header whose sum is wrong is refused at once; most get the right one.
    guard !mutator.oneIn(4) else { return bytes }
    for start in stride(from: 0, to: bytes.count - 511, by: 512) {
      let block = Array(bytes[start..<start + 512])
      if block[257..<262].elementsEqual(Array("ustar".utf8)) {
        bytes.replaceSubrange(start..<start + 512, with: TarBytes.summed(block))
      }
    }
    return bytes
  }

  func attempt(_ bytes: [UInt8], turn: UInt64?) throws -> Attempt {
    var scenario = Scenario()
    scenario.limits.blocks = 256
    scenario.limits.inodes = 64
    do {
      let source = TarSource(name: "fuzz.tar", bytes: bytes)
      scenario.files = try ImageFiles.files(source, name: "fuzz", limits: scenario.limits)
    } catch let error as ToolError {
      let said = error.description
      let isLine = !said.contains("\n") && said.utf8.starts(with: "fuzz.tar: ".utf8)
      return isLine ? .refused : .failed("said \(error)")
    }
    for file in scenario.files {
      // By bytes, as the guest's disk has them: to Swift a slash and a mark behind it are one character.
      let slash = UInt8(ascii: "/")
      let names = Array(file.path.utf8).split(separator: slash, omittingEmptySubsequences: false)
        .dropFirst().map { String(decoding: $0, as: UTF8.self) }
      guard names.prefix(2).elementsEqual(["images", "fuzz"]),
        names.allSatisfy({ (1...14).contains($0.utf8.count) && $0 != "." && $0 != ".." })
      else { return .failed("brings \(file.path)") }
    }
    return .taken(events: scenario.files.count)
  }
}
