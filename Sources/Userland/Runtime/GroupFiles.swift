// The files of a container's group in /cgroup, as somebody outside sees them: /cgroup/c3/pids.max.

struct GroupFiles {
  private let container: CInt

  init(_ container: CInt) { self.container = container }

  /// What a file holds, without the newline at its end; nil if there is none.
  func read(_ file: CString) -> CString? {
    let path = numbered_path(("/cgroup/c" as StaticString).path, container, file)
    let descriptor = open(path, O_RDONLY)
    free_block(path)
    guard descriptor >= 0 else { return nil }
    let most = 255
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: most + 1)
    var count = 0
    while count < most {
      let more = read_file(descriptor, text + count, CInt(most - count))
      guard more > 0 else { break }
      count += Int(more)
    }
    _ = close(descriptor)
    if count > 0, text[count - 1] == CChar(ascii: "\n") { count -= 1 }
    text[count] = 0
    return CString(text)
  }

  /// Writes a value; false if the machine does not take it.
  func write(_ file: CString, _ value: CString) -> Bool {
    group_write(container, file, value) == 0
  }

  /// The number in a file: behind this word, or at its beginning. Nil for `max` and where there is none.
  func number(_ file: StaticString, _ word: StaticString = "") -> Int? {
    guard let text = read(file.path) else { return nil }
    defer { free_block(UnsafeMutableRawPointer(mutating: text)) }
    var at = text
    let length = word.utf8CodeUnitCount
    while strncmp(at, word.path, length) != 0 {
      while at[0] != 0, !(at[0] == CChar(ascii: "\n")), !(at[0] == CChar(ascii: " ")) { at += 1 }
      guard at[0] != 0 else { return nil }
      at += 1
    }
    at += length
    while at[0] == CChar(ascii: " ") { at += 1 }
    guard at[0] >= CChar(ascii: "0"), at[0] <= CChar(ascii: "9") else { return nil }
    var number = 0
    while at[0] >= CChar(ascii: "0"), at[0] <= CChar(ascii: "9") {
      number = number * 10 + Int(at[0]) - 48
      at += 1
    }
    return number
  }
}
