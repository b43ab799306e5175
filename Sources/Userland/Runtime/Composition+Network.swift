// What a spec has of a container's network:
//
//     "network": "auto"             an address of its own, the lowest that is free; or "none", or "10.0.0.7"
//     "ports": ["8080:80"]          its port 80 is the host's 8080; or "127.0.0.1:8080:80"
//     "hosts": {"db": "10.0.0.9"}   lines of its /etc/hosts
//
// Without `network` a container has none, but one with `ports` has an address, as with "auto".

extension Composition {
  struct Network {
    /// In the machine's order; 0 for none.
    var address: UInt32 = 0
    /// The lowest address that is free.
    var isAuto = false
    let ports = UnsafeMutablePointer<CString>.allocate(capacity: Composition.most)
    var portCount = 0
    /// Names and their addresses, as texts in turn.
    let hosts = UnsafeMutablePointer<CString>.allocate(capacity: 2 * Composition.most)
    var hostCount = 0
    /// Where the network stands in the text; 0 if it does not.
    fileprivate var index = 0
    fileprivate var hasPorts = false
    fileprivate var hasHosts = false

    static func isPart(_ key: CString) -> Bool { isOne(key, of: "network ports hosts ") }
  }

  mutating func readNetwork(_ key: CString, _ json: inout JsonReader) throws(JsonError) {
    if key == "network" {
      try readAddress(&json)
    } else if key == "ports" {
      try once(&network.hasPorts, json)
      try json.beginArray("an array of texts HOST:PORT")
      let expected: Phrase = "HOST:PORT or ADDRESS:HOST:PORT, with ports from 1 to 65535"
      network.portCount = try readTexts(&json, into: network.ports, expected) { text in
        var publication = publication()
        return publication_read(text, &publication) != 0
      }
    } else {
      try once(&network.hasHosts, json)
      try readHosts(&json)
    }
  }

  private mutating func readAddress(_ json: inout JsonReader) throws(JsonError) {
    let expected: Phrase = "auto, none or an address of 10.0.0.0/8 from 10.0.0.2 on"
    let start = json.index
    var isFirst = network.index > 0
    try once(&isFirst, json)
    network.index = start
    let text = try string(&json, expected)
    if text == "none" { return }
    network.isAuto = text == "auto"
    guard
      network.isAuto
        || address_read(text, &network.address) != 0
          && address_is_for_containers(network.address) != 0
    else { throw JsonError(index: start, expected: expected) }
  }

  private mutating func readHosts(_ json: inout JsonReader) throws(JsonError) {
    try json.beginObject("an object of names and addresses")
    let name = UnsafeMutablePointer<CChar>.allocate(capacity: Composition.hostCapacity)
    while try json.member(name, capacity: Composition.hostCapacity) {
      guard Composition.isHost(name) else {
        throw JsonError(index: json.keyIndex, expected: "a name of at most 63 bytes without blanks")
      }
      guard network.hostCount < Composition.most else {
        throw JsonError(index: json.keyIndex, expected: Composition.mostExpected)
      }
      _ = json.peek()
      let start = json.index
      let place = network.hosts + 2 * network.hostCount
      place[0] = try keep(name, json)
      place[1] = try string(&json, "an address")
      var address: UInt32 = 0
      guard address_read(place[1], &address) != 0 else {
        throw JsonError(index: start, expected: "an address")
      }
      network.hostCount += 1
    }
  }

  private static var hostCapacity: Int { 65 }

  /// Whether a text can be a name in /etc/hosts.
  private static func isHost(_ name: CString) -> Bool {
    var length = 0
    while name[length] != 0 {
      // Blanks and what steers a terminal; what is beyond ASCII is negative.
      if name[length] >= 0, name[length] <= 32 || name[length] == CChar(ascii: "#") { return false }
      length += 1
    }
    return length > 0 && length < hostCapacity - 1
  }

  /// Ports are of no use without an address.
  mutating func settleNetwork() throws(JsonError) {
    guard network.portCount > 0, network.address == 0, !network.isAuto else { return }
    guard network.index == 0 else {
      throw JsonError(index: network.index, expected: "auto or an address, since there are ports")
    }
    network.isAuto = true
  }
}
