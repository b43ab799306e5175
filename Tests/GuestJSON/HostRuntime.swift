// The guest's reader of container specs, compiled for the host as well: Json.swift, Spec.swift,
// Composition.swift and Composition+Network.swift are links to the guest's own sources, and this is the little of the guest's runtime that they use. Every
// piece of memory that they ask for ends where a page begins that nobody may touch.

import Foundation
@_exported import GuestText

typealias CString = UnsafePointer<CChar>

// guest.h and manager.h spell them so.
// swift-format-ignore: AlwaysUseLowerCamelCase
let MAXARG: CInt = 31
// swift-format-ignore: AlwaysUseLowerCamelCase
let MAXPATH: CInt = 128
// swift-format-ignore: AlwaysUseLowerCamelCase
let PGSIZE: CInt = 4096
// swift-format-ignore: AlwaysUseLowerCamelCase
let REQUEST_MAX: CInt = 16_384

func memcmp(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> CInt {
  Foundation.memcmp(a, b, count)
}

func strlen(_ text: CString) -> Int { Foundation.strlen(text) }

func strcpy(_ to: UnsafeMutablePointer<CChar>, _ text: CString) {
  // Not a copy of words, which might stop short of the page behind.
  var index = 0
  repeat {
    to[index] = text[index]
    index += 1
  } while text[index - 1] != 0
}

func == (left: CString, right: StaticString) -> Bool {
  left.withMemoryRebound(to: UInt8.self, capacity: 1) { left in
    for index in 0...right.utf8CodeUnitCount {
      let expected = index < right.utf8CodeUnitCount ? right.utf8Start[index] : 0
      guard left[index] == expected else { return false }
    }
    return true
  }
}

extension CChar {
  init(ascii: Unicode.Scalar) { self = CChar(truncatingIfNeeded: ascii.value) }
}

extension StaticString {
  var path: CString { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}

/// Memory in pieces, each with its end at the beginning of a page that cannot be touched.
enum GuardedMemory {
  private static let page = 4096
  private static let pieces = 40
  private static let stride = 64 * 1024
  nonisolated(unsafe) private static var used = 0

  nonisolated(unsafe) private static let base: UnsafeMutableRawPointer = {
    let size = pieces * stride
    guard
      let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED
    else { fatalError("no memory for the guest's reader") }
    for piece in 1...pieces {
      guard mprotect(memory + piece * stride - page, page, PROT_NONE) == 0 else {
        fatalError("a page cannot be protected")
      }
    }
    return memory
  }()

  /// A piece of memory filled with what no text begins with.
  static func take(_ size: Int, alignment: Int) -> UnsafeMutableRawPointer {
    precondition(used < pieces && size <= stride - page, "the guest's reader wants more memory")
    used += 1
    let end = base + used * stride - page
    let start = end - (size + alignment - 1) / alignment * alignment
    memset(start, 0xa5, size)
    return start
  }

  static func takeBackAll() { used = 0 }
}

extension UnsafeMutablePointer {
  /// In place of the library's, for the guest's sources.
  static func allocate(capacity: Int) -> UnsafeMutablePointer<Pointee> {
    GuardedMemory.take(
      capacity * MemoryLayout<Pointee>.stride, alignment: MemoryLayout<Pointee>.alignment
    ).bindMemory(to: Pointee.self, capacity: capacity)
  }
}

/// What became of a text that was read as a container's spec.
package struct SpecReading: Equatable {
  /// The spec's contents in words; nil if it was refused.
  package var contents: String?
  /// Where and why it was refused.
  package var refusal: String?

  /// Reads a text as dockv6 does.
  package init(_ bytes: [UInt8]) {
    self = SpecReading.withText(bytes) { text in
      var json = JsonReader(text, bytes.count)
      do throws(JsonError) {
        let spec = try Spec.read(&json)
        json = JsonReader(text, bytes.count)
        let composition = try Composition.read(&json)
        let arguments = (0..<spec.argumentCount).map { index in
          spec.vector[index].map { String(cString: $0) } ?? "nothing"
        }
        return SpecReading(
          contents: "\(arguments) in \(String(cString: spec.root)), \(spec.limit), "
            + "\(spec.priority), \(String(cString: spec.name)), \(spec.unknownCount), "
            + "\(spec.restartsMost), \(SpecReading.words(of: spec.limits)), "
            + SpecReading.words(of: composition))
      } catch {
        let place = json.position(of: error.index)
        let found = UnsafeMutablePointer<CChar>.allocate(capacity: 32)
        json.copyFound(at: error.index, to: found)
        let expected = String(cString: error.expected.text)
        return SpecReading(
          refusal: "\(place.line):\(place.column): expected \(expected), found "
            + String(cString: found))
      }
    }
  }

  /// What is written to files of the container's group.
  private static func words(of limits: UnsafePointer<limits>) -> [String] {
    var words: [String] = []
    var limit = limits_next(limits, 0)
    while limit > 0 {
      let value = UnsafeMutablePointer<CChar>.allocate(capacity: 64)
      limit_text(limits, limit, value)
      words.append("\(String(cString: limit_file(limit))): \(String(cString: value))")
      limit = limits_next(limits, limit)
    }
    return words
  }

  private static func words(of composition: Composition) -> String {
    let layers = (0..<composition.layerCount).map { String(cString: composition.layers[$0]) }
    let shared = (0..<composition.sharedCount).map { String(cString: composition.shared[$0]) }
    let mounts = (0..<composition.mountCount).map { index in
      let mount = composition.mounts[index]
      let texts = [mount.destination, mount.source, mount.type, mount.data]
      return "\(texts.map { $0.map { String(cString: $0) } ?? "-" }) \(mount.isReadOnly)"
    }
    return "\(layers), \(shared), \(mounts), \(composition.isReadOnly), "
      + words(of: composition.network)
  }

  private static func words(of network: Composition.Network) -> String {
    let address = (0..<4).map { "\(network.address >> (24 - 8 * $0) & 255)" }
    let ports = (0..<network.portCount).map { String(cString: network.ports[$0]) }
    let hosts = (0..<2 * network.hostCount).map { String(cString: network.hosts[$0]) }
    return "\(network.isAuto ? "auto" : address.joined(separator: ".")), \(ports), \(hosts)"
  }

  private init(contents: String? = nil, refusal: String? = nil) {
    self.contents = contents
    self.refusal = refusal
  }

  /// Whether a text is a JSON value of any kind.
  package static func isValue(_ bytes: [UInt8]) -> Bool {
    withText(bytes) { text in
      var json = JsonReader(text, bytes.count)
      do throws(JsonError) {
        try json.skipValue()
        try json.end()
        return true
      } catch {
        return false
      }
    }
  }

  /// There is one guarded memory.
  private static let reading = NSLock()

  private static func withText<Result>(
    _ bytes: [UInt8], _ body: (UnsafePointer<UInt8>) -> Result
  ) -> Result {
    reading.lock()
    defer {
      GuardedMemory.takeBackAll()
      reading.unlock()
    }
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
    text.update(from: bytes, count: bytes.count)
    return body(text)
  }
}
