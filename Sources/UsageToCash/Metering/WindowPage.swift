import CanonicalModel
import Chronology
import CoreInterface

/// One aggregate: 32 bytes.
struct WindowCell: Hashable, BitwiseCopyable, Sendable {
  var quantity: Int128 = 0
  var digest: UInt64 = 0
  var count: Int64 = 0

  mutating func add(_ other: WindowCell) {
    count += other.count
    quantity += other.quantity
    digest &+= other.digest
  }

  mutating func subtract(_ other: WindowCell) {
    count -= other.count
    quantity -= other.quantity
    digest &-= other.digest
  }

  var total: ControlTotal {
    ControlTotal(count: count, quantity: Quantity(units: quantity), digest: digest)
  }
}

/// All aggregates of one window: a flat array over subscriptions and meters.
struct WindowPage: Sendable {
  /// The window's number since 1970.
  var index: Int64 = 0
  private(set) var cells: ContiguousArray<WindowCell>
  private var touched: CellMarks
  /// Cells from which an event was taken back: where nothing is left of one, what was told of it may have to be too.
  private(set) var withdrawn: Set<Int> = []

  init(cellCount: Int) {
    cells = ContiguousArray(repeating: WindowCell(), count: cellCount)
    touched = CellMarks(count: cellCount)
  }

  /// Visits the cells that hold something, in order.
  @inline(__always)
  func visit(_ body: (Int, WindowCell) -> Void) {
    touched.visit { cell in if cells[cell] != WindowCell() { body(cell, cells[cell]) } }
  }

  @inline(__always)
  mutating func add(cell: Int, quantity: Int64, digest: UInt64) {
    cells[cell].quantity += Int128(quantity)
    cells[cell].digest &+= digest  // an order-free hash wraps by definition
    cells[cell].count &+= 1  // 2⁶³ events take centuries
    touched.mark(cell)
  }

  /// Adds events that nothing is to be done with but to add them.
  mutating func add(
    _ events: UnsafeBufferPointer<BillableEvent>, _ types: DenseTable<EventTypeID, TypeLayout>,
    meterCount: Int
  ) {
    cells.withUnsafeMutableBufferPointer { cells in
      touched.withUnsafeMutableWords { marks in
        precondition(marks.count * 64 >= cells.count, "a page has more cells than can be marked")
        types.withUnsafeBufferPointer { types in
          func add(_ quantity: Int64, _ digest: UInt64, to cell: Int) {
            precondition(cells.indices.contains(cell), "usage is added to a cell that the page does not have")
            let place = cells.baseAddress! + cell
            place.pointee.quantity += Int128(quantity)
            place.pointee.digest &+= digest
            place.pointee.count &+= 1
            marks[cell &>> 6] |= 1 &<< UInt64(cell & 63)
          }
          for index in events.indices {
            let event = events.baseAddress! + index
            assert(Int(event.pointee.type.index) < types.count, "usage of an unknown type was accepted")
            assert(!event.pointee.isWithdrawn, "usage that is taken back is added")
            let layout = types.baseAddress! + Int(event.pointee.type.index)
            let base = Int(event.pointee.subscription.index) &* meterCount &+ Int(event.pointee.dimension)
            let quantity = layout.pointee.aggregation0.quantity(of: event.pointee.quantity0)
            add(quantity, event.pointee.digest, to: base &+ layout.pointee.meter0)
            guard layout.pointee.meter1 >= 0 else { continue }
            let other = layout.pointee.aggregation1.quantity(of: event.pointee.quantity1)
            add(other, event.pointee.digest, to: base &+ layout.pointee.meter1)
          }
        }
      }
    }
  }

  /// Takes an event back that was added, or will be.
  mutating func subtract(cell: Int, quantity: Int64, digest: UInt64) {
    cells[cell].subtract(WindowCell(quantity: Int128(quantity), digest: digest, count: 1))
    touched.mark(cell)
    withdrawn.insert(cell)
  }

  /// Whether nothing is left in it.
  ///
  /// - Complexity: O(*n*) in the cells: for assertions.
  var isClear: Bool { withdrawn.isEmpty && cells.allSatisfy { $0 == WindowCell() } }

  mutating func clear() {
    var marks = CellMarks(count: 0)
    swap(&marks, &touched)
    marks.visit { cells[$0] = WindowCell() }
    marks.removeAll()
    swap(&marks, &touched)
    if !withdrawn.isEmpty { withdrawn.removeAll() }
  }
}

/// Usage that arrived after its window closed, until the next amendment.
struct LateUsage: Sendable {
  private struct Key: Hashable, Comparable, Sendable {
    var window: Instant
    var subscription: SubscriptionID
    var meter: MeterID

    static func < (a: Key, b: Key) -> Bool {
      (a.window, a.subscription, a.meter) < (b.window, b.subscription, b.meter)
    }
  }

  private var cells: [Key: WindowCell] = [:]
  /// The revision of the last amendment: one number for all windows, as it only has to rise.
  private var revision: UInt32 = 0

  var isEmpty: Bool { cells.isEmpty }

  /// Visits the cells, in no particular order: for sums only.
  func visit(_ body: (SubscriptionID, MeterID, WindowCell) -> Void) {
    for (key, cell) in cells { body(key.subscription, key.meter, cell) }
  }

  mutating func add(_ event: BillableEvent, meter: Int, window: Instant, quantity: Int64) {
    let key = Key(window: window, subscription: event.subscription, meter: MeterID(index: UInt32(meter)))
    let amounts = WindowCell(quantity: Int128(quantity), digest: event.digest, count: 1)
    if event.isWithdrawn {
      cells[key, default: WindowCell()].subtract(amounts)
    } else {
      cells[key, default: WindowCell()].add(amounts)
    }
  }

  /// Appends an amendment for each window that has late usage, in the order of window, subscription, meter.
  mutating func flush(into summaries: inout ContiguousArray<UsageSummary>) {
    guard !cells.isEmpty else { return }
    revision &+= 1
    precondition(revision > 0, "the revisions of windows have run out")
    for key in cells.keys.sorted() {
      guard let cell = cells[key] else { continue }
      summaries.append(
        UsageSummary(
          subscription: key.subscription, meter: key.meter, window: key.window, revision: revision,
          count: cell.count, quantity: Quantity(units: cell.quantity), digest: cell.digest))
    }
    cells.removeAll(keepingCapacity: true)
  }
}
