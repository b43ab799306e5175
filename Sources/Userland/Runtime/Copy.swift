// Copying, moving and removing files and trees of them, for cp, mv and rm. Each function says itself what
// it could not do, in the name of the program.

struct FileWork {
  let program: StaticString
  /// Whether what cannot be written over is removed first.
  var isForced = false

  /// Copies the contents of a file to a path, made if it is not there.
  func copyFile(_ source: CString, to target: CString) -> Bool {
    let input = open(source, O_RDONLY)
    guard input >= 0 else {
      complain("\(program, width: 0): cannot open \(source)\n")
      return false
    }
    defer { _ = close(input) }
    var from = stat()
    var to = stat()
    if fstat(input, &from) == 0, stat(target, &to) == 0 {
      if isSameFile(from, to) {
        complain("\(program, width: 0): \(source) and \(target) are the same file\n")
        return false
      }
      if isDirectory(to) {
        complain("\(program, width: 0): \(target) is a directory\n")
        return false
      }
    }
    var output = open(target, O_WRONLY | O_CREATE | O_TRUNC)
    if output < 0, isForced, unlink(target) == 0 { output = open(target, O_WRONLY | O_CREATE) }
    guard output >= 0 else {
      complain("\(program, width: 0): cannot make \(target)\n")
      return false
    }
    defer { _ = close(output) }
    let capacity: CInt = 4096
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: Int(capacity), alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(input, buffer, capacity)
      if count == 0 { return true }
      guard count > 0 else {
        complain("\(program, width: 0): cannot read \(source)\n")
        return false
      }
      guard write(output, buffer, count) == count else {
        complain("\(program, width: 0): cannot write \(target)\n")
        return false
      }
    }
  }

  /// Copies a directory with all that is in it; what is there already stays.
  ///
  /// - Parameter linking: whether files get a second name, where that can be, and no copy.
  func copyTree(_ source: CString, to target: CString, linking: Bool = false) -> Bool {
    guard var walk = Walk(source, program), var place = PathText(target) else { return false }
    defer {
      walk.deallocate()
      place.deallocate()
    }
    let rootLength = walk.path.length
    let placeLength = place.length
    var isWhole = true
    var top = stat()
    while let visit = walk.next() {
      if visit == .left { continue }
      place.cut(to: placeLength)
      var rest = walk.path.text + rootLength
      while rest[0] == CChar(ascii: "/") { rest += 1 }
      if rest[0] != 0, !place.append(rest) {
        complain("\(program, width: 0): path too long: \(place.text)/\(rest)\n")
        isWhole = false
        walk.skip()
        continue
      }
      if visit == .directory {
        if rest[0] != 0, isSameFile(walk.status, top) {
          complain("\(program, width: 0): cannot put \(source) into itself, \(target)\n")
          isWhole = false
          walk.skip()
        } else if !makeDirectory(place.text) {
          isWhole = false
          walk.skip()
        }
        if rest[0] == 0 { _ = stat(target, &top) }
      } else if walk.status.type == CShort(T_DEVICE), !linking {
        complain("\(program, width: 0): \(walk.path.text) is a device\n")
        isWhole = false
      } else if !(linking && link(walk.path.text, place.text) == 0),
        !copyFile(walk.path.text, to: place.text)
      {
        isWhole = false
      }
    }
    return isWhole && !walk.hasFailed
  }

  private func makeDirectory(_ path: CString) -> Bool {
    if mkdir(path) == 0 { return true }
    var status = stat()
    if stat(path, &status) == 0, isDirectory(status) { return true }
    complain("\(program, width: 0): cannot make the directory \(path)\n")
    return false
  }

  /// Removes what has this path and, if it is a directory, all that is in it.
  func removeTree(_ path: CString) -> Bool {
    guard var walk = Walk(path, program) else { return false }
    defer { walk.deallocate() }
    var isWhole = true
    while let visit = walk.next() {
      if visit != .directory, unlink(walk.path.text) < 0 {
        complain("\(program, width: 0): \(walk.path.text) failed to delete\n")
        isWhole = false
      }
    }
    return isWhole && !walk.hasFailed
  }

  /// For each of a program's operands but the last, which says where: what is done with it and its
  /// target, which is in that directory if it is one.
  ///
  /// - Returns: whether that was done for all of them.
  func each(
    of arguments: Arguments, from first: Int, _ body: (_ source: CString, _ target: CString) -> Bool
  ) -> Bool {
    let target = arguments[arguments.count - 1]
    var status = stat()
    let isInto = stat(target, &status) == 0 && isDirectory(status)
    if !isInto, arguments.count - first > 2 {
      complain("\(program, width: 0): \(target) is no directory\n")
      return false
    }
    var isWhole = true
    for index in first..<arguments.count - 1 {
      let source = arguments[index]
      guard isInto else {
        if !body(source, target) { isWhole = false }
        continue
      }
      let (name, length) = lastComponent(of: source)
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: length + 1)
      memcpy(copy, name, length)
      copy[length] = 0
      guard var path = PathText(target), CString(copy) == "/" || path.append(copy) else {
        complain("\(program, width: 0): path too long: \(target)/\(CString(copy))\n")
        isWhole = false
        continue
      }
      if !body(source, path.text) { isWhole = false }
      path.deallocate()
      copy.deallocate()
    }
    return isWhole
  }
}
