// Calls on descriptors: read, write, dup, close, fstat, pipe. Calls on paths are in
// `Calls+Path.swift`, those on sockets in `Calls+Socket.swift` and `Calls+Transfer.swift`.

extension Kernel {
  /// The open file behind a descriptor.
  func openFile(_ slot: Slot, _ descriptor: Int32) throws(Refusal) -> FileIndex {
    guard descriptor >= 0, descriptor < limits.descriptors else { throw .badDescriptor }
    guard let index = processes[common: slot].descriptors[Int(descriptor)] else {
      throw .badDescriptor
    }
    return index
  }

  mutating func dup(_ slot: Slot, _ descriptor: Int32) throws(Refusal) -> CallOutcome {
    let index = try openFile(slot, descriptor)
    guard let new = processes[common: slot].freeDescriptor else { throw .noDescriptor }
    processes[common: slot].descriptors[new] = index
    files.retain(index)
    emit(
      .opened(stamp(slot), descriptor: new, files[index].file, flags: []))
    return .value(Int64(new))
  }

  mutating func close(_ slot: Slot, _ descriptor: Int32, _ effects: inout Effects) throws(Refusal)
    -> CallOutcome
  {
    _ = try openFile(slot, descriptor)
    if processes.hasThreads(slot), !defects.contains(.closeLeavesWaiting) {
      interruptThreads(beside: slot, using: .descriptor, descriptor, &effects)
    }
    closeDescriptor(slot, Int(descriptor), &effects)
    return .value(0)
  }

  mutating func fstat(_ slot: Slot, _ descriptor: Int32, status address: UInt64) throws(Refusal)
    -> CallOutcome
  {
    let index = try openFile(slot, descriptor)
    guard let file = files[index].file else { throw .badDescriptor }
    guard copyOut(slot, address, volumes.status(of: file).bytes) else {
      throw .badAddress
    }
    return .value(0)
  }

  mutating func pipe(_ slot: Slot, descriptors address: UInt64) throws(Refusal) -> CallOutcome {
    let (pipe, reading, writing) = try takePipe(slot)
    files[reading].target = .pipe(pipe)
    files[reading].readable = true
    files[writing].target = .pipe(pipe)
    files[writing].writable = true

    let free = processes[common: slot].descriptors.indices.filter {
      processes[common: slot].descriptors[$0] == nil
    }
    var refusal: Refusal?
    if free.count < 2 {
      refusal = .noDescriptor
    } else {
      var writer = LayoutWriter()
      writer.append(UInt32(free[0]))
      writer.append(UInt32(free[1]))
      if !copyOut(slot, address, writer.bytes) { refusal = .badAddress }
    }
    if let refusal {
      if defects.contains(.pipeFailureKeepsFiles) { throw refusal }
      _ = dropFile(reading, by: slot)
      _ = dropFile(writing, by: slot)
      dropPipe(pipe)
      throw refusal
    }
    processes[common: slot].descriptors[free[0]] = reading
    processes[common: slot].descriptors[free[1]] = writing
    emit(.openedPipe(stamp(slot), reading: free[0], writing: free[1], pipe))
    return .value(0)
  }

  /// Inside a container there is no device, not even behind a descriptor from before.
  func requireOutside(_ slot: Slot) throws(Refusal) {
    if defects.contains(.consoleDescriptor) { return }
    if processes[slot].container != .outside { throw .isDevice }
  }

  // MARK: Reading

  mutating func read(
    _ slot: Slot, _ descriptor: Int32, _ address: UInt64, count: Int32, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let index = try openFile(slot, descriptor)
    guard files[index].readable else { throw .notReadable }
    switch files[index].target {
    case .none: throw .badDescriptor
    case .pipe(let pipe): return try readPipe(slot, pipe, address, count: Int(count), &effects)
    case .socket(let socket):
      return try receive(slot, socket, MessageBuffer(address, count: count), &effects)
    case .device(_, Console.major):
      try requireOutside(slot)
      return try readConsole(slot, address, count: Int(count))
    case .device: throw .isDevice
    case .file(let file):
      return try readFile(slot, index, file, address, count: UInt32(bitPattern: count))
    }
  }

  private mutating func readFile(
    _ slot: Slot, _ index: FileIndex, _ file: FileID, _ address: UInt64, count: UInt32
  ) throws(Refusal) -> CallOutcome {
    if groups.hasDataLimits, countsData(slot), volumes.facts(of: file).kind == .file,
      case .disk = volumes.source(of: file)
    {
      return try readInParts(slot, index, file, address, count: count)
    }
    return .value(Int64(try readPart(slot, index, file, address, count: count)))
  }

  /// Reads as much as the groups of a process may in this tick; the rest has to wait for the next.
  private mutating func readInParts(
    _ slot: Slot, _ index: FileIndex, _ file: FileID, _ address: UInt64, count: UInt32
  ) throws(Refusal) -> CallOutcome {
    // xv6's readi adds in 32 bits and takes an overflow for the end of the file.
    if processes[slot].pending == nil,
      UInt32(files[index].offset).addingReportingOverflow(count).overflow
    {
      return .value(0)
    }
    let size = Int(volumes.facts(of: file).size)
    let available = max(0, size - files[index].offset)
    var move = dataMove(.read, min(Int(count), available), of: slot)
    defer { finish(move, of: slot, file) }
    while move.left > 0 {
      var wanted = min(move.left, size - files[index].offset)
      if wanted <= 0 { break }
      if let wait = limit(&wanted, move, for: slot) { return wait }
      do throws(Refusal) {
        let here = address &+ UInt64(move.done)
        let read = try readPart(slot, index, file, here, count: UInt32(wanted))
        note(read, in: &move, of: slot)
      } catch {
        // What was read before has not been read. The bytes count, for some were moved.
        files.advance(index, by: -move.done)
        note(wanted, in: &move, of: slot)
        throw error
      }
    }
    return .value(Int64(move.done))
  }

  private mutating func readPart(
    _ slot: Slot, _ index: FileIndex, _ file: FileID, _ address: UInt64, count: UInt32
  ) throws(Refusal) -> Int {
    let offset = files[index].offset
    // xv6's readi adds in 32 bits and takes an overflow for the end of the file.
    guard !UInt32(offset).addingReportingOverflow(count).overflow else { return 0 }
    let read: Int?
    switch volumes.source(of: file) {
    case .disk(let inode):
      // Taken out for the while: the copy below changes memory while the file is being read.
      let disk = fileSystem
      var position = address
      read = disk.read(inode, at: offset, count: Int(count)) { bytes in
        defer { position &+= UInt64(bytes.count) }
        charge(.bytesMoved, bytes.count)
        return copyOut(slot, position, bytes) == bytes.count
      }
    case .made:
      let bytes = volumes.bytes(of: file, at: offset, count: Int(count))
      charge(.bytesMoved, bytes.count)
      read = copyOut(slot, address, bytes) ? bytes.count : nil
    case .kept:
      // A group's file can have been written since it was opened.
      if file.volume == .groups, offset == 0 {
        files.keep(makeText(of: file, for: slot), for: index)
      }
      let all = files.made(index).map { stillThere($0) } ?? []
      let bytes = Array(all.dropFirst(offset).prefix(Int(count)))
      charge(.bytesMoved, bytes.count)
      read = copyOut(slot, address, bytes) ? bytes.count : nil
    }
    guard let read else { throw .badAddress }
    files.advance(index, by: read)
    return read
  }

  private mutating func readPipe(
    _ slot: Slot, _ index: PipeIndex, _ address: UInt64, count: Int, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    if pipes[index].count == 0 && pipes[index].writeOpen {
      if processes[slot].isKilled { throw .killed }
      return .blocked(on: .pipeToFill(index), .read)
    }
    var done = 0
    var copied = true
    while done < count, pipes[index].count > 0, copied {
      var chunk: [UInt8] = []
      pipes[index].withReadable(count - done) { chunk.append(contentsOf: $0) }
      let taken = chunk.withUnsafeBytes { copyOut(slot, address &+ UInt64(done), $0) }
      copied = taken == chunk.count
      pipes[index].removeFirst(taken)
      charge(.bytesMoved, taken)
      done += taken
    }
    for writer in pipes[index].writers.takeAll() { wake(writer, &effects) }
    if done == 0 && !copied { throw .badAddress }
    return .value(Int64(done))
  }

  private mutating func readConsole(_ slot: Slot, _ address: UInt64, count: Int) throws(Refusal)
    -> CallOutcome
  {
    processes[slot].consoleReadPID = processes.newestPID
    guard count > 0 else { return .value(0) }
    guard console.hasLine else {
      if processes[slot].isKilled { throw .killed }
      return .blocked(on: .console, .read)
    }
    var line: [UInt8] = []
    while line.count < count, let byte = console.first {
      if byte == Console.endOfInput {
        // After partial text it stays, so that the next read gives 0.
        if line.isEmpty { console.removeFirst() }
        break
      }
      guard copyOut(slot, address &+ UInt64(line.count), [byte]) else {
        if line.isEmpty { throw .badAddress }
        break
      }
      console.removeFirst()
      line.append(byte)
      if byte == UInt8(ascii: "\n") { break }
    }
    if !line.isEmpty { processes[slot].lastConsoleRead = console.countRead() }
    return .value(Int64(line.count))
  }

  // MARK: Writing
  // A buffer that runs into a bad page is written up to there: a file then says -1, a pipe and the
  // console how much went.

  mutating func write(
    _ slot: Slot, _ descriptor: Int32, _ address: UInt64, count: Int32, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let index = try openFile(slot, descriptor)
    guard files[index].writable else { throw .notWritable }
    switch files[index].target {
    case .none: throw .badDescriptor
    case .pipe(let pipe): return try writePipe(slot, pipe, address, count: Int(count), &effects)
    case .socket(let socket):
      return try send(slot, socket, MessageBuffer(address, count: count), &effects)
    case .device(_, Console.major):
      try requireOutside(slot)
      return try writeConsole(slot, address, count: Int(count))
    case .device: throw .isDevice
    case .file(let file):
      guard count >= 0 else { throw .outOfRange }
      if file.volume == .groups {
        let (mount, owner) = (files[index].mount, files[index].mountOwner)
        try requireWritable(slot, mount, of: owner, file.volume)
        return try writeGroupFile(slot, file, address, count: Int(count), &effects)
      }
      return try writeFile(slot, index, file, address, count: Int(count))
    }
  }

  /// xv6 writes a file in transactions of at most this many bytes; a write that does not fit
  /// leaves those before it.
  private static let transactionBytes = 3 * Disk.blockSize

  private mutating func writeFile(
    _ slot: Slot, _ index: FileIndex, _ file: FileID, _ address: UInt64, count: Int
  ) throws(Refusal) -> CallOutcome {
    if count == 0 { return .value(0) }
    // Taken out first: with them inside the call, the whole kernel would be copied for it.
    let (mount, owner) = (files[index].mount, files[index].mountOwner)
    try requireWritable(slot, mount, of: owner, file.volume)
    let inode = try volumes.target(of: file)
    if groups.hasDataLimits, countsData(slot) {
      return try writeInParts(slot, index, file, inode, address, count: count)
    }
    var done = 0
    while done < count {
      let end = done + min(count - done, Kernel.transactionBytes)
      guard files[index].offset + end - done <= fileSystem.layout.maximumSize else {
        throw .fileTooLarge
      }
      while done < end {
        let length = min(end - done, Disk.blockSize - files[index].offset % Disk.blockSize)
        try writePart(slot, index, inode, address &+ UInt64(done), count: length)
        done += length
      }
    }
    return .value(Int64(count))
  }

  /// Writes within a block.
  @inline(__always)
  private mutating func writePart(
    _ slot: Slot, _ index: FileIndex, _ inode: InodeNumber, _ address: UInt64, count length: Int
  ) throws(Refusal) {
    let bytes = copyInPrefix(slot, address, count: length)
    let offset = files[index].offset
    // As in xv6, what could be copied of a block is in it, but only a whole piece moves on the
    // file's end and the offset.
    let isWhole = bytes.count == length
    let result = bytes.withUnsafeBytes {
      fileSystem.write(inode, at: offset, $0, grows: isWhole)
    }
    if let refusal = result.refusal {
      files.advance(index, by: result.written)
      throw refusal
    }
    charge(.bytesMoved, bytes.count)
    guard isWhole else { throw .badAddress }
    files.advance(index, by: length)
  }

  /// Writes as much as the groups of a process may in this tick; the rest has to wait for the next. What is refused is
  /// what is without a limit, and at the same place.
  private mutating func writeInParts(
    _ slot: Slot, _ index: FileIndex, _ file: FileID, _ inode: InodeNumber, _ address: UInt64,
    count: Int
  ) throws(Refusal) -> CallOutcome {
    var move = dataMove(.write, count, of: slot)
    defer { finish(move, of: slot, file) }
    while move.done < count {
      let end = min(count, (move.done / Kernel.transactionBytes + 1) * Kernel.transactionBytes)
      guard files[index].offset + end - move.done <= fileSystem.layout.maximumSize else {
        throw .fileTooLarge
      }
      while move.done < end {
        var length = min(end - move.done, Disk.blockSize - files[index].offset % Disk.blockSize)
        if let wait = limit(&length, move, for: slot) { return wait }
        do throws(Refusal) {
          try writePart(slot, index, inode, address &+ UInt64(move.done), count: length)
        } catch {
          // Some of it is in the block.
          if error == .badAddress { note(length, in: &move, of: slot) }
          throw error
        }
        note(length, in: &move, of: slot)
      }
    }
    return .value(Int64(count))
  }

  /// How many bytes the write has written already.
  func written(_ slot: Slot) -> Int {
    if case .write(let done) = processes[slot].pending { done } else { 0 }
  }

  private mutating func writePipe(
    _ slot: Slot, _ index: PipeIndex, _ address: UInt64, count: Int, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    var done = written(slot)
    while done < count {
      guard pipes[index].readOpen else { throw .noReader }
      if processes[slot].isKilled { throw .killed }
      if pipes[index].room == 0 {
        for reader in pipes[index].readers.takeAll() { wake(reader, &effects) }
        return .blocked(on: .pipeToDrain(index), .write(done: done))
      }
      let wanted = min(count - done, pipes[index].room)
      let here = address &+ UInt64(done)
      guard let page = readablePage(slot, at: here) else { break }
      let length = min(wanted, page.count)
      var offset = 0
      while offset < length {
        offset += pipes[index].withWritable(length - offset) { room in
          let part = page[offset..<offset + room.count]
          room.copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
          return room.count
        }
      }
      charge(.bytesMoved, length)
      done += length
    }
    for reader in pipes[index].readers.takeAll() { wake(reader, &effects) }
    return .value(Int64(done))
  }

  /// A long write to the console is done in parts of so many bytes, between which events leave, time
  /// goes by and others have their turn.
  private static let consolePart = 4 * pageSize

  private mutating func writeConsole(_ slot: Slot, _ address: UInt64, count: Int) throws(Refusal)
    -> CallOutcome
  {
    var done = written(slot)
    let end = done + Kernel.consolePart
    while done < count {
      if done >= end { return .unfinished(.write(done: done)) }
      let here = address &+ UInt64(done)
      let length = min(count - done, pageSize - Int(here & 4095))
      guard let bytes = copyIn(slot, here, count: length) else { break }
      bytes.withUnsafeBytes { print($0, as: slot, isKernels: false) }
      charge(.bytesShown, length)
      done += length
    }
    return .value(Int64(done))
  }
}
