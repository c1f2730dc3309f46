/// The cells of a flat array that were touched, a bit each: where few were, the others need neither be read nor cleared.
struct CellMarks: Sendable {
  private var words: ContiguousArray<UInt64>

  /// Marks none of so many cells.
  init(count: Int) { words = ContiguousArray(repeating: 0, count: (count + 63) / 64) }

  /// Marks a cell.
  @inline(__always)
  mutating func mark(_ cell: Int) {
    assert(cell >= 0 && cell >> 6 < words.count, "a cell is marked that the array does not have")
    words[cell &>> 6] |= 1 &<< UInt64(cell & 63)
  }

  /// Hands out the words, in which a cell is bit `cell % 64` of word `cell / 64`.
  @inline(__always)
  mutating func withUnsafeMutableWords(_ body: (UnsafeMutableBufferPointer<UInt64>) -> Void) {
    words.withUnsafeMutableBufferPointer { body($0) }
  }

  /// Visits the marked cells in ascending order.
  @inline(__always)
  func visit(_ body: (Int) -> Void) {
    for index in words.indices {
      var word = words[index]
      while word != 0 {
        body(index &<< 6 &+ word.trailingZeroBitCount)
        word &= word &- 1
      }
    }
  }

  /// Marks none.
  mutating func removeAll() { for index in words.indices { words[index] = 0 } }
}
