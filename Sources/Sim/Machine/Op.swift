// One operation of translated code, in 16 bytes; the next one of its block is always at p + 1.
//
// A block is a header followed by operations in the order in which they run. It is entered at its
// first operation only, left by a jump, a branch that is taken, or a trap.

/// What the loop in `Execute.swift` performs.
struct Op {
  var code: Operation
  /// A register's number, or `HartState.sink` where the instruction names x0.
  ///
  /// Stores, which have none, keep their instruction's length here.
  var rd: UInt8
  var rs1: UInt8
  var rs2: UInt8
  /// How many instructions of the block have retired once this one has. In a header, how many
  /// retire at most in the block.
  var retired: UInt16
  /// Where the instruction stands in its page.
  var offset: UInt16
  /// An immediate, a guest address, or a pointer to another operation.
  var immediate: UInt64

  init(
    _ code: Operation, rd: UInt8 = 0, rs1: UInt8 = 0, rs2: UInt8 = 0, retired: Int, offset: Int,
    immediate: UInt64 = 0
  ) {
    self.code = code
    self.rd = rd
    self.rs1 = rs1
    self.rs2 = rs2
    self.retired = UInt16(truncatingIfNeeded: retired)
    self.offset = UInt16(truncatingIfNeeded: offset)
    self.immediate = immediate
  }
}

/// Where an operation stands. It stays valid until the page of code that holds it is dropped, and
/// pages are dropped only while no hart is inside `execute`.
typealias OpPointer = UnsafeMutablePointer<Op>

extension UnsafeMutablePointer<Op> {
  @inline(__always) var code: Operation { pointee.code }
  @inline(__always) var rd: UInt8 { pointee.rd }
  @inline(__always) var rs1: UInt8 { pointee.rs1 }
  @inline(__always) var rs2: UInt8 { pointee.rs2 }
  @inline(__always) var retired: Int { Int(pointee.retired) }
  @inline(__always) var immediate: UInt64 { pointee.immediate }

  /// The place that the immediate points at: for branches and `jump` one before the operation
  /// that comes next, for `link` the branch to patch.
  @inline(__always) var target: OpPointer {
    OpPointer(bitPattern: UInt(truncatingIfNeeded: pointee.immediate)).unsafelyUnwrapped
  }

  /// The length of the store at this place, the first of a fused pair included; atomics, which need
  /// `rd`, have four bytes.
  var storeLength: UInt64 {
    if case .store = code.unfused.family { UInt64(rd) } else { 4 }
  }

  /// This pointer, as an immediate holds it.
  @inline(__always) var asImmediate: UInt64 { UInt64(UInt(bitPattern: self)) }
}
