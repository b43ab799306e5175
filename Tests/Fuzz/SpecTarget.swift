// Container specs with characters, words and pieces changed, read by the guest's own reader compiled
// for the host. Whatever it takes for JSON, Foundation's reader has to take as well.

import Foundation
import GuestJSON

struct SpecTarget: BytesTarget {
  static let suffix = "json"

  private static let corpus = [
    #"{"init": ["/sh"], "fs": "/c1/", "nproc": 8, "priority": 9, "name": "first"}"#,
    #"{"init": "/hello", "fs": "/mine/", "nproc": 4}"#,
    #"{"init": "/sh", "layers": ["base", "/home/mine"], "shared": ["foo"], "nproc": 2}"#,
    #"""
    {"init": "/sh", "fs": "/c1", "nproc": 8, "cpu": {"weight": 200, "max": "20000 100000"}, "memory": "8M",
     "disk": 65536, "inodes": 20, "io": {"read": 4096, "write": "8K"}, "files": 30, "pipes": 4, "mutexes": "max",
     "shared_pages": 4, "restart": "on-failure:3"}
    """#,
    #"""
    {"init": "/sh", "fs": "/c1", "linux": {"resources": {"pids": {"limit": 8}, "memory": {"limit": -1},
     "cpu": {"shares": 512, "quota": 50000, "period": 100000, "cpus": "0-1,3"},
     "blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 4096}],
     "throttleWriteBpsDevice": []}}}}
    """#,
    #"""
    {"init": "/httpd", "fs": "/c1", "nproc": 8, "network": "10.0.0.7", "ports": ["8080:80", "127.0.0.1:8443:443"],
     "hosts": {"db": "10.0.0.9", "a.b": "127.0.0.1"}}
    """#,
    #"{"init": ["/sh", "-c", "sleep 1000000 & sleep 1000000"], "fs": "/c1", "nproc": 8}"#,
    #"""
    {
      "ociVersion": "1.0.2",
      "process": {"terminal": false, "args": ["/bin/sh", "-c", "echo \u00e9\ud83e\udd86\n"], "cwd": "/"},
      "root": {"path": "/roots/one", "readonly": true},
      "hostname": "Gr\u00fc\u00dfe 🦆",
      "annotations": [{"destination": "/proc", "options": ["a", "b"]}, null, -1.5e+10, 0.25, []],
      "mounts": [{"destination": "/proc", "type": "proc", "options": ["nosuid", "size=1"]},
        {"destination": "/d", "source": "/srv/d", "options": ["rbind", "ro"]}],
      "linux": {"resources": {"pids": {"limit": 32}, "memory": {"limit": 9007199254740993}}}
    }
    """#,
  ].map { Array($0.utf8) }

  private static let words =
    [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\u0000", "\\ud83e", "\\udd86", "\\u00e9",
      "\\n", "\\\"", "null", "true", "false", "tru", "-", "-0", "0", "01", "1e", "1e400", ".5",
      "1.",
      "2147483647", "2147483648", "999999999999999999", "9999999999999999999", " ", "\n", "\t",
      "\u{0}", "\u{1b}", "\u{7f}", "/", "/..", "\"init\"", "\"fs\"", "\"nproc\"", "\"priority\"",
      "\"name\"", "\"hostname\"", "\"process\"", "\"args\"", "\"root\"", "\"path\"", "\"linux\"",
      "\"resources\"", "\"layers\"", "\"mounts\"", "\"shared\"", "\"readonly\"", "\"options\"",
      "\"pids\"", "\"limit\"", "\"network\"", "\"ports\"", "\"hosts\"", "\"auto\"", "10.0.0.2",
      "80:80", "\"cpu\"", "\"max\"", "\"io\"", "\"memory\"", "\"blockIO\"", "8M",
      "\"20000 100000\"", "\"0-3\"", "-1", "\"rate\"", "{\"a\":", "[[", "\"aaaaaaaaaaaaaaaa\"", "🦆",
      "é",
    ].map { Array($0.utf8) } + [[0xff], [0xc3], [0xed, 0xa0, 0x80]]

  /// The longest text that dockv6 hands to the reader.
  private static let longest = 16_384

  init(folder: String) throws {}

  func input(_ seed: UInt64) -> [UInt8] {
    var mutator = Mutator(seed: seed, words: SpecTarget.words, sizeMax: SpecTarget.longest)
    var bytes = mutator.pick(SpecTarget.corpus)
    mutator.mutate(&bytes, SpecTarget.corpus)
    return bytes
  }

  func attempt(_ bytes: [UInt8], turn: UInt64?) throws -> Attempt {
    let reading = SpecReading(bytes)
    guard reading == SpecReading(bytes) else { return .failed("read twice, and not the same") }
    let isValue = SpecReading.isValue(bytes)
    if reading.contents != nil, !isValue { return .failed("a spec that is no JSON") }
    // A text that is no UTF-8 is passed on as it is.
    if isValue, let text = String(validating: bytes, as: UTF8.self), !SpecTarget.isTaken(text) {
      return .failed("taken for JSON, and Foundation does not")
    }
    return reading.contents == nil ? .refused : .taken(events: 0)
  }

  /// What Foundation says; a number that it cannot hold is none of its business here.
  private static func isTaken(_ text: String) -> Bool {
    let value = try? JSONSerialization.jsonObject(
      with: Data(text.utf8), options: [.fragmentsAllowed])
    return value != nil || text.contains(/\d[\d.eE+\-]{15,}|[eE][+\-]?\d{3,}/)
  }
}
