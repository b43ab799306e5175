// mount: puts a file system, or a directory or file that there is, in another place too; without
// operands, says what is mounted. Options are separated by commas, those for the file system itself among them:
//
//     mount --bind /a /b     mount -o ro,bind /a /b     mount -o remount,rw /b
//     mount -t overlay -o lowerdir=/a:/b,upperdir=/c overlay /m     mount -t proc proc /proc

func run(_ arguments: Arguments) -> ExitStatus {
  var type: CString?
  var flags = MountFlags()
  var operands = 0
  let operand = UnsafeMutablePointer<CString>.allocate(capacity: 2)
  var index = 1
  while index < arguments.count {
    let word = arguments[index]
    index += 1
    if word == "--bind" || word == "-B" {
      flags.isBind = true
    } else if word == "-r" || word == "--read-only" {
      flags.isReadOnly = true
    } else if word == "-w" {
      flags.isReadOnly = false
    } else if word == "-t" || word == "-o" {
      guard index < arguments.count else { return usage() }
      if word == "-t" { type = arguments[index] } else { flags.add(arguments[index]) }
      index += 1
    } else {
      guard operands < 2, !(word[0] == "-" && word[1] != 0) else { return usage() }
      operand[operands] = word
      operands += 1
    }
  }
  if operands == 0, arguments.count == 1 { return showMounts() }
  // To change what is mounted, the place is enough.
  guard operands == 2 || operands == 1 && flags.isRemount else { return usage() }
  let target = operand[operands - 1]
  let source = operands == 2 ? operand[0] : target
  let bind: CString? = flags.isBind || flags.isRemount ? ("bind" as StaticString).path : nil
  guard let type = flags.isBind ? bind : type ?? bind else { return usage() }
  if mount(source, target, type, flags.number, flags.data) == 0 { return 0 }
  complain("mount: cannot mount \(source) on \(target)\n")
  return 32
}

func usage() -> ExitStatus {
  complain(
    """
    usage: mount [-r] [-t type] [-o option,...] source directory
           mount [-r] --bind source place
           mount -o remount,ro|rw place
           mount\n
    """)
  return 1
}

/// What `-o` says: what is the kernel's to know as flags, and the rest as it stands.
struct MountFlags {
  var isReadOnly = false
  var isRemount = false
  var isBind = false
  private var rest = KeptBytes()

  var number: CInt { (isReadOnly ? MS_RDONLY : 0) | (isRemount ? MS_REMOUNT : 0) }

  var data: CString { CString(rest.text) }

  /// Options, with commas in between.
  mutating func add(_ options: CString) {
    var at = options
    while at[0] != 0 {
      var length = 0
      while at[length] != 0, !(at[length] == ",") { length += 1 }
      if isWord(at, length, "ro") {
        isReadOnly = true
      } else if isWord(at, length, "rw") {
        isReadOnly = false
      } else if isWord(at, length, "remount") {
        isRemount = true
      } else if isWord(at, length, "bind") {
        isBind = true
      } else if length > 0, !isWord(at, length, "defaults") {
        if rest.count > 0 { _ = rest.append(UInt8(ascii: ",")) }
        for index in 0..<length { _ = rest.append(UInt8(bitPattern: at[index])) }
      }
      at += length
      if at[0] != 0 { at += 1 }
    }
  }

  private func isWord(_ text: CString, _ length: Int, _ word: StaticString) -> Bool {
    length == word.utf8CodeUnitCount && strncmp(text, word.path, length) == 0
  }
}

/// Shows the kernel's table in mount's own words: `proc on /proc type proc (rw)`.
func showMounts() -> ExitStatus {
  let file = open(("/proc/mounts" as StaticString).path, O_RDONLY)
  guard file >= 0 else {
    complain("mount: cannot open /proc/mounts\n")
    return 1
  }
  var input = InputBytes(file)
  var output = OutputBytes(1)
  var word = 0
  while let byte = input.next() {
    if byte == UInt8(ascii: "\n") {
      if word >= 3 { output.put(UInt8(ascii: ")")) }
      output.put(byte)
      word = 0
    } else if byte == UInt8(ascii: " ") {
      word += 1
      switch word {
      case 1: output.put((" on " as StaticString).path)
      case 2: output.put((" type " as StaticString).path)
      case 3: output.put((" (" as StaticString).path)
      default: break
      }
    } else if word <= 3 {
      output.put(byte)
    }
  }
  output.flush()
  return input.hasFailed ? 1 : 0
}
