// How a union is changed: in its upper layer alone. A file of a lower layer is copied up before it is
// changed, with all the names by which the union shows it, so that the layers by themselves go on to say
// that they are one file; a name that a lower layer has is hidden by a whiteout. Whatever is refused in the
// middle, for want of a block or an inode, leaves the layers as they were (`UnionUndo`).

/// What has been done to an upper layer so far, to be taken back if the rest is refused.
private struct UnionUndo {
  enum Step {
    /// An entry was made where there was none, or a whiteout.
    case entry(
      Name, of: InodeNumber, inode: InodeNumber, replaced: InodeNumber, oldSize: UInt32)
    /// A file of the union has got an inode in the upper layer.
    case upper(InodeNumber)
  }

  var steps: [Step] = []
  var changes = 0
}

extension Union {
  // MARK: Copying up

  /// Sees to it that a file is in the upper layer.
  mutating func copyUp(
    _ number: InodeNumber, keepingData: Bool = true, on disk: inout FileSystem,
    _ journal: inout UnionJournal
  ) throws(Refusal) {
    if files.isInUpperLayer(number) { return }
    var undo = UnionUndo(changes: journal.changes.count)
    do throws(Refusal) {
      try copyUp(number, keepingData: keepingData, on: &disk, &journal, &undo)
      finish(undo, on: &disk)
    } catch {
      takeBack(undo, on: &disk, &journal)
      throw error
    }
  }

  private mutating func copyUp(
    _ number: InodeNumber, keepingData: Bool, on disk: inout FileSystem,
    _ journal: inout UnionJournal, _ undo: inout UnionUndo
  ) throws(Refusal) {
    let file = self[number]
    guard file.upper == 0, let lower = file.lowers.first?.inode else { return }
    if file.kind == .directory {
      try makeUpperDirectories(downTo: number, on: &disk, &journal, &undo)
      return
    }
    var names = names(of: number, on: &disk, &journal)
    if journal.mistakes.contains(.partsNames) {
      names = names.filter { $0.directory == file.parent && $0.name == file.name }
    }
    for (directory, _) in names {
      try makeUpperDirectories(downTo: directory, on: &disk, &journal, &undo)
    }
    guard
      let copy = disk.allocate(
        file.kind, major: disk[lower].major, minor: disk[lower].minor)
    else { throw .noInode }
    // From here on the file's own, whose reference goes with it.
    setUpper(copy, of: number, &undo)
    if disk.mistakes.contains(.copiesFree) { disk.stopCounting(copy) }
    if keepingData { journal.copied += try disk.copyData(from: lower, to: copy) }
    for (directory, name) in names {
      try setName(name, in: self[directory].upper, to: copy, on: &disk, &undo)
    }
    journal.changes.append(
      .copyUp(
        file: FileID(volume, number), name: file.name, from: lower, to: copy, size: disk[copy].size)
    )
  }

  /// Makes those directories above and at `number` in the upper layer that are not there.
  private mutating func makeUpperDirectories(
    downTo number: InodeNumber, on disk: inout FileSystem, _ journal: inout UnionJournal,
    _ undo: inout UnionUndo
  ) throws(Refusal) {
    guard isWritable else { throw .readOnly }
    var missing: [InodeNumber] = []
    var here = number
    // One that somebody has removed by another way is missing as well.
    while self[here].upper == 0 || disk[self[here].upper].links == 0 {
      guard here != Union.root else { throw .notFound }
      missing.append(here)
      here = self[here].parent
    }
    for directory in missing.reversed() {
      let stale = self[directory].upper
      if stale != 0 {
        setUpper(0, of: directory)
        disk.release(stale)
      }
      let above = self[self[directory].parent].upper
      let name = self[directory].name
      if let there = disk.find(name, in: above)?.inode, !disk.isWhiteout(there) {
        // Somebody has made it there by another way.
        guard disk[there].kind == .directory else { throw .notFound }
        disk.retain(there)
        setUpper(there, of: directory)
        continue
      }
      guard disk[above].links < Int16.max else { throw .linkLimit }
      guard let made = disk.allocate(.directory) else { throw .noInode }
      setUpper(made, of: directory, &undo)
      try disk.addEntry(.current, made, to: made)
      try disk.addEntry(.parent, above, to: made)
      try setName(name, in: above, to: made, on: &disk, &undo)
      journal.changes.append(
        .copyUp(
          file: FileID(volume, directory), name: name,
          from: self[directory].lowers.first?.inode ?? 0, to: made,
          size: 0))
    }
  }

  /// Makes an inode of the upper layer what a file is from now on; the reference is the file's.
  private mutating func setUpper(
    _ inode: InodeNumber, of number: InodeNumber, _ undo: inout UnionUndo
  ) {
    setUpper(inode, of: number)
    undo.steps.append(.upper(number))
  }

  // MARK: Names in the upper layer

  /// Gives an inode a name in a directory of the upper layer, in place of a whiteout if there is one.
  private func setName(
    _ name: Name, in directory: InodeNumber, to inode: InodeNumber, on disk: inout FileSystem,
    _ undo: inout UnionUndo
  ) throws(Refusal) {
    guard disk[inode].links < Int16.max else { throw .linkLimit }
    let oldSize = disk[directory].size
    var replaced: InodeNumber = 0
    if let entry = disk.find(name, in: directory) {
      replaced = entry.inode
      guard disk.isWhiteout(replaced) else { throw .exists }
      disk.retain(replaced)
      disk.removeLink(replaced)
      disk.setEntry(name, inode, at: entry.offset, of: directory)
    } else {
      try disk.addEntry(name, inode, to: directory)
    }
    disk.addLink(inode)
    if disk[inode].kind == .directory { disk.addLink(directory) }
    undo.steps.append(
      .entry(name, of: directory, inode: inode, replaced: replaced, oldSize: oldSize))
  }

  /// Takes all back, the last first.
  private mutating func takeBack(
    _ undo: UnionUndo, on disk: inout FileSystem, _ journal: inout UnionJournal
  ) {
    for step in undo.steps.reversed() {
      switch step {
      case .entry(let name, let directory, let inode, let replaced, let oldSize):
        guard let entry = disk.find(name, in: directory) else {
          preconditionFailure("a name that was made is there")
        }
        if replaced != 0 {
          disk.setEntry(name, replaced, at: entry.offset, of: directory)
          disk.addLink(replaced)
          disk.release(replaced)
        } else {
          disk.clearEntry(at: entry.offset, of: directory)
          disk.shrink(directory, to: oldSize)
        }
        disk.removeLink(inode)
        if disk[inode].kind == .directory { disk.removeLink(directory) }
      case .upper(let number):
        let inode = self[number].upper
        setUpper(0, of: number)
        disk.release(inode)
      }
    }
    journal.changes.removeSubrange(undo.changes...)
  }

  /// Nothing is to be taken back any more: the whiteouts that names took the place of are let go.
  private func finish(_ undo: UnionUndo, on disk: inout FileSystem) {
    for case .entry(_, _, _, let replaced, _) in undo.steps where replaced != 0 {
      disk.release(replaced)
    }
  }

  /// An inode that is a whiteout, with a reference for the caller.
  private mutating func takeWhiteout(on disk: inout FileSystem) throws(Refusal) -> InodeNumber {
    if whiteout != 0, disk.isWhiteout(whiteout), (1..<Int16.max).contains(disk[whiteout].links) {
      disk.retain(whiteout)
      return whiteout
    }
    guard let made = disk.allocate(.device) else { throw .noInode }
    whiteout = made
    return made
  }

  // MARK: Making, naming, removing

  /// Makes a file, directory or device under a name that is free.
  ///
  /// - Returns: its number, with a reference for the caller.
  mutating func create(
    _ kind: Inode.Kind, major: Int16, minor: Int16, as name: Name, in directory: InodeNumber,
    on disk: inout FileSystem, _ journal: inout UnionJournal
  ) throws(Refusal) -> InodeNumber {
    if kind == .device && major == 0 && minor == 0 { throw .isDevice }
    var undo = UnionUndo(changes: journal.changes.count)
    do throws(Refusal) {
      try makeUpperDirectories(downTo: directory, on: &disk, &journal, &undo)
      let above = self[directory].upper
      guard disk[above].links < Int16.max else { throw .linkLimit }
      guard let made = disk.allocate(kind, major: major, minor: minor) else { throw .noInode }
      // Known from now on, so that it can be taken back like all else.
      let number = insert(
        UnionFile(kind: kind, upper: made, lowers: [], parent: directory, name: name), on: &disk)
      disk.release(made)
      do throws(Refusal) {
        if kind == .directory {
          try disk.addEntry(.current, made, to: made)
          try disk.addEntry(.parent, above, to: made)
          let hidden = lowers(
            name, of: self[directory], on: disk, &journal.looked, [], belowDirectory: false)
          if !hidden.isEmpty { disk.makeOpaque(made) }
        }
        try setName(name, in: above, to: made, on: &disk, &undo)
      } catch {
        forgetIfGone(number, on: &disk)
        throw error
      }
      finish(undo, on: &disk)
      retain(number)
      return number
    } catch {
      takeBack(undo, on: &disk, &journal)
      throw error
    }
  }

  /// Gives a file one more name.
  mutating func link(
    _ number: InodeNumber, as name: Name, in directory: InodeNumber, on disk: inout FileSystem,
    _ journal: inout UnionJournal
  ) throws(Refusal) {
    var undo = UnionUndo(changes: journal.changes.count)
    do throws(Refusal) {
      try copyUp(number, keepingData: true, on: &disk, &journal, &undo)
      try makeUpperDirectories(downTo: directory, on: &disk, &journal, &undo)
      try setName(
        name, in: self[directory].upper, to: self[number].upper, on: &disk, &undo)
      finish(undo, on: &disk)
    } catch {
      takeBack(undo, on: &disk, &journal)
      throw error
    }
  }

  /// Removes a name, and hides it where a lower layer has it.
  ///
  /// - Returns: what had the name, with a reference for the caller.
  mutating func remove(
    _ name: Name, from directory: InodeNumber, on disk: inout FileSystem,
    _ journal: inout UnionJournal
  ) throws(Refusal) -> InodeNumber {
    let entry = entry(name, in: directory, on: disk, &journal.looked, journal.mistakes)
    guard entry.isVisible, !self[directory].isRemoved else { throw .notFound }
    let number = number(for: entry, name, in: directory, on: &disk)
    let isDirectory = self[number].kind == .directory
    if isDirectory, !list(number, on: &disk, &journal).isEmpty { throw .notEmpty }
    let hidden = lowers(
      name, of: self[directory], on: disk, &journal.looked, [], belowDirectory: false)
    let needsWhiteout = !hidden.isEmpty && !journal.mistakes.contains(.forgetsWhiteouts)
    var undo = UnionUndo(changes: journal.changes.count)
    do throws(Refusal) {
      try makeUpperDirectories(downTo: directory, on: &disk, &journal, &undo)
      let above = self[directory].upper
      let mark = needsWhiteout ? try takeWhiteout(on: &disk) : 0
      if entry.upper != 0 {
        // The entry is there: nothing more can be refused.
        if isDirectory { clearWhiteouts(in: entry.upper, on: &disk) }
        if mark == 0 {
          disk.clearEntry(at: entry.offset, of: above)
        } else {
          disk.setEntry(name, mark, at: entry.offset, of: above)
          disk.addLink(mark)
        }
        if isDirectory { disk.removeLink(above) }
        disk.removeLink(entry.upper)
      } else if mark != 0 {
        do throws(Refusal) {
          try setName(name, in: above, to: mark, on: &disk, &undo)
        } catch {
          disk.release(mark)
          throw error
        }
      }
      if mark != 0 { disk.release(mark) }
      finish(undo, on: &disk)
    } catch {
      takeBack(undo, on: &disk, &journal)
      throw error
    }
    if needsWhiteout {
      journal.changes.append(.whiteout(directory: FileID(volume, directory), name: name))
    }
    retain(number)
    if isDirectory {
      self[number].isRemoved = true
    } else if self[number].parent == directory && self[number].name == name {
      self[number].parent = 0
    }
    return number
  }

  /// Takes away what is left in a directory that shows nothing.
  private func clearWhiteouts(in directory: InodeNumber, on disk: inout FileSystem) {
    var entries: [(inode: InodeNumber, offset: Int)] = []
    disk.eachEntry(of: directory) { inode, _, offset in
      if inode != 0 && offset >= 2 * FileSystem.entrySize { entries.append((inode, offset)) }
      return true
    }
    for (inode, offset) in entries {
      precondition(disk.isWhiteout(inode), "a directory that shows nothing")
      disk.clearEntry(at: offset, of: directory)
      disk.retain(inode)
      disk.removeLink(inode)
      disk.release(inode)
    }
  }
}
