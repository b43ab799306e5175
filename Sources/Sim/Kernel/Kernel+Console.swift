// The console's way through the kernel: what is printed leaves as events; what is typed goes to the
// line that is being edited (`Console`), is echoed, wakes readers, and at ^C ends the processes in the foreground.

extension Kernel {
  // MARK: Console output

  /// Prints the kernel's own words, in the name of a process.
  mutating func print(_ text: String, as slot: Slot?) {
    Array(text.utf8).withUnsafeBytes { print($0, as: slot, isKernels: true) }
  }

  /// Says the kernel's own words about a process: on the console, or, of one in a container, where that writes
  /// its errors. The console is not for containers; the trace has the words in any case.
  mutating func tell(_ text: String, of slot: Slot, _ effects: inout Effects) {
    guard processes[slot].container != .outside else {
      print(text, as: slot)
      return
    }
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: Event.outputCapacity) {
      emit(.told(stamp(slot), bytes[start..<min(bytes.count, start + Event.outputCapacity)]))
    }
    writeError(bytes, of: slot, &effects)
  }

  /// Puts bytes behind a process's descriptor 2: into a pipe as many as there is room for, and into a file of a
  /// disk that it may write.
  private mutating func writeError(_ bytes: [UInt8], of slot: Slot, _ effects: inout Effects) {
    let descriptor = 2
    guard let index = processes.file(behind: descriptor, of: slot), files[index].writable else {
      return
    }
    switch files[index].target {
    case .none, .device, .socket: break
    case .pipe(let pipe):
      guard pipes[pipe].readOpen else { return }
      var rest = bytes[...]
      while !rest.isEmpty, pipes[pipe].room > 0 {
        let written = pipes[pipe].withWritable(rest.count) { room in
          rest.prefix(room.count).withUnsafeBytes { room.copyMemory(from: $0) }
          return room.count
        }
        rest.removeFirst(written)
      }
      for reader in pipes[pipe].readers.takeAll() { wake(reader, &effects) }
    case .file(let file):
      let (mount, owner) = (files[index].mount, files[index].mountOwner)
      guard file.volume != .groups,
        (try? requireWritable(slot, mount, of: owner, file.volume)) != nil,
        let inode = try? volumes.target(of: file)
      else { return }
      let offset = files[index].offset
      guard offset + bytes.count <= fileSystem.layout.maximumSize else { return }
      let result = bytes.withUnsafeBytes { fileSystem.write(inode, at: offset, $0) }
      files.advance(index, by: result.written)
    }
  }

  /// Shows bytes on the console, the kernel's own or what a call writes. They are always emitted, whoever
  /// listens.
  mutating func print(_ bytes: UnsafeRawBufferPointer, as slot: Slot?, isKernels: Bool) {
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + Event.outputCapacity)
      events.append(
        .printed(
          slot.map { stamp($0) } ?? machineStamp, bytes[start..<end], isKernels: isKernels))
      start = end
    }
  }

  // MARK: Console input

  /// Types bytes at the console, as many as it has room for.
  ///
  /// - Returns: how many were taken.
  mutating func type(_ bytes: ArraySlice<UInt8>, _ effects: inout Effects) -> Int {
    var echo: [UInt8] = []
    var interrupted: [Slot] = []
    var rest = bytes
    while let byte = rest.first {
      if !console.hasRoom, byte != Console.interruptKey {
        // ^C is heard however much there is that nobody reads; what stands before it is lost.
        guard let key = rest.firstIndex(of: Console.interruptKey) else { break }
        rest = rest[key...]
        continue
      }
      rest.removeFirst()
      var result = console.type(byte)
      echo += result.echo
      if result.listsProcesses { echo += Array(processListing().utf8) }
      if result.interrupts {
        let foreground = foreground
        interrupted += foreground
        // A shell at its prompt gets an empty line, for which it prompts again.
        if foreground.isEmpty, !console.readers.isEmpty { result = console.type(Console.newline) }
      }
      if result.completesLine {
        for reader in console.readers.takeAll() { wake(reader, &effects) }
      }
    }
    let taken = rest.startIndex - bytes.startIndex
    for start in stride(from: 0, to: taken, by: Event.inputCapacity) {
      emit(
        .typed(
          machineStamp, bytes.dropFirst(start).prefix(min(Event.inputCapacity, taken - start))))
    }
    echo.withUnsafeBytes { print($0, as: nil, isKernels: true) }
    interrupt(interrupted, &effects)
    return taken
  }

  /// What ^P shows (xv6 procdump).
  private func processListing() -> String {
    var text = "\n"
    for slot in processes.slotsByPID {
      let process = processes[slot]
      text += "\(process.pid.raw) \(process.state.consoleName) \(process.printableName)\n"
    }
    return text
  }
}
