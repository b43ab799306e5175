// ls: for each file its name, type, inode and size; for each directory the same of what is in it.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count > 1 else { return list(("." as StaticString).path) ? 0 : 1 }
  var status: ExitStatus = 0
  for index in 1..<arguments.count where !list(arguments[index]) { status = 1 }
  return status
}

func list(_ path: CString) -> Bool {
  let descriptor = open(path, O_RDONLY)
  var status = stat()
  guard descriptor >= 0 else {
    complain("ls: cannot open \(path)\n")
    return false
  }
  defer { _ = close(descriptor) }
  guard fstat(descriptor, &status) == 0 else {
    complain("ls: cannot stat \(path)\n")
    return false
  }
  guard status.type == CShort(T_DIR) else {
    show(lastName(of: path), status)
    return true
  }
  return listDirectory(path, descriptor)
}

/// Lists what is in the directory that is open as `descriptor`.
func listDirectory(_ path: CString, _ descriptor: CInt) -> Bool {
  let length = strlen(path)
  guard length + 1 + Int(DIRSIZ) < Int(MAXPATH) else {
    complain("ls: path too long\n")
    return false
  }
  let full = UnsafeMutablePointer<CChar>.allocate(capacity: Int(MAXPATH))
  defer { full.deallocate() }
  memcpy(full, path, length)
  full[length] = CChar(ascii: "/")
  let name = full + length + 1

  var listed = true
  var entry = dirent()
  let size = CInt(MemoryLayout<dirent>.size)
  while read(descriptor, &entry, size) == size {
    guard entry.inum != 0 else { continue }
    memcpy(name, &entry.name, Int(DIRSIZ))
    name[Int(DIRSIZ)] = 0
    var status = stat()
    if stat(full, &status) == 0 {
      show(name, status)
    } else {
      complain("ls: cannot stat \(CString(full))\n")
      listed = false
    }
  }
  return listed
}

func show(_ name: CString, _ status: stat) {
  say("\(name, width: Int(DIRSIZ)) \(status.type) \(status.ino) \(status.size)\n")
}

/// What follows the last slash.
func lastName(of path: CString) -> CString {
  var name = path
  var at = path
  while at[0] != 0 {
    if at[0] == CChar(ascii: "/") { name = at + 1 }
    at += 1
  }
  return name
}
