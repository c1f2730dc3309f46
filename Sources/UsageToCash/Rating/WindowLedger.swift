import CanonicalModel
import Chronology

/// What the windows of a billing period have told, in the order of telling: 24 bytes a summary.
///
/// A change of contract may be told after its time, and then a period's usage is divided by window anew. Kept in blocks, so
/// that a snapshot of the core shares what is full.
struct WindowLedger: Sendable {
  /// A summary's count and quantity; one that does not fit is in several parts.
  struct Part: BitwiseCopyable, Sendable {
    var window: Instant
    var quantity: Int64
    var cell: UInt32
    var count: Int32
  }

  private static var blockSize: Int { 1 << 14 }
  private var full: [ContiguousArray<Part>] = []
  private var last: ContiguousArray<Part> = []

  /// Takes what a window tells of a cell.
  mutating func append(cell: Int, window: Instant, _ added: WindowCell) {
    var (quantity, count) = (added.quantity, added.count)
    repeat {
      let part = Part(
        window: window, quantity: Int64(clamping: quantity), cell: UInt32(cell), count: Int32(clamping: count)
      )
      quantity -= Int128(part.quantity)
      count -= Int64(part.count)
      if last.count == Self.blockSize {
        full.append(last)
        last = []
      }
      last.append(part)
    } while quantity != 0 || count != 0
  }

  /// Visits all parts in the order in which they were told.
  func visit(_ body: (Part) -> Void) {
    assert(
      full.allSatisfy { $0.count == Self.blockSize }, "a block of summaries was put away before it was full")
    for block in full { block.forEach(body) }
    last.forEach(body)
  }
}
