/// By window and slot, how far what was claimed falls short of what was emitted.
///
/// Windows that are young have a flat page each, in the order of time; of older ones only the cells are kept that are not
/// zero. So memory is bounded by the usage that is under way and not by the run.
struct WindowPages: Sendable {
  /// The cells of a young window.
  struct Page: Sendable {
    /// Empty as long as nothing was emitted in the window.
    var cells: ContiguousArray<UsageCell> = []
    /// Every cell that can hold something, perhaps more than once: the others are not looked at again.
    var touched: ContiguousArray<UInt32> = []

    /// Notes that a slot's cell is about to change.
    @inline(__always)
    mutating func touch(_ slot: Int) {
      if cells[slot] == UsageCell() { touched.append(UInt32(slot)) }
    }
  }

  private struct Place: Hashable, Sendable {
    var window: Int64
    var slot: Int
  }

  private let cellCount: Int
  /// Windows ahead of the first young one that are young as well.
  private let reach: UInt64
  private var young: ContiguousArray<Page> = []
  /// The first young window and its position; there is none at first.
  private var first = Int64.max
  private var head = 0
  /// The last window of which something is kept among the old though it was too far ahead.
  private var farthest = Int64.min
  private var spare: [Page] = []
  private var old: [Place: UsageCell] = [:]

  /// - Parameter room: how many bytes the pages may take, if that is enough for eight: of many customers a page is large and mostly
  ///   empty.
  init(cellCount: Int, room: Int = 512 << 20) {
    self.cellCount = cellCount
    let pages = room / max(1, cellCount * MemoryLayout<UsageCell>.stride)
    reach = UInt64(min(1 << 14, max(8, pages)))
  }

  /// The position of a window's page, which is made where there is none; `nil`: the window is too old or too far ahead.
  @inline(__always)
  private mutating func position(of window: Int64) -> Int? {
    if first == .max { first = window }
    let distance = UInt64(bitPattern: window &- first)
    guard distance < reach else {
      if window > first { farthest = max(farthest, window) }
      return nil
    }
    let position = head &+ Int(distance)
    if position >= young.count || young[position].cells.isEmpty { makePage(of: window, at: position) }
    return position
  }

  private mutating func makePage(of window: Int64, at position: Int) {
    while young.count <= position { young.append(Page()) }
    var page = spare.popLast() ?? Page(cells: ContiguousArray(repeating: UsageCell(), count: cellCount))
    // What was kept while the window was too far ahead.
    if window <= farthest {
      let kept = old.keys.filter { $0.window == window }.sorted { $0.slot < $1.slot }
      for place in kept {
        guard let cell = old.removeValue(forKey: place) else { continue }
        page.touch(place.slot)
        page.cells[place.slot] = cell
      }
    }
    young[position] = page
  }

  /// Takes a window's page out, so that it has a single owner until it is put back; `nil`: it is no young one.
  mutating func remove(_ window: Int64) -> Page? {
    guard let position = position(of: window) else { return nil }
    var page = Page()
    swap(&page, &young[position])
    return page
  }

  /// Puts a page back that was taken.
  mutating func restore(_ page: inout Page, back window: Int64) {
    swap(&page, &young[head + Int(window - first)])
  }

  /// Adds to a cell of a window that is no young one.
  mutating func add(_ amounts: UsageCell, _ window: Int64, _ slot: Int) {
    change(Place(window: window, slot: slot)) { $0 += amounts }
  }

  /// Subtracts from a cell.
  ///
  /// - Returns: what is left in it.
  mutating func subtract(_ amounts: UsageCell, _ window: Int64, _ slot: Int) -> UsageCell {
    guard let position = position(of: window) else {
      return change(Place(window: window, slot: slot)) { $0 -= amounts }
    }
    young[position].touch(slot)
    young[position].cells[slot] -= amounts
    return young[position].cells[slot]
  }

  @discardableResult
  private mutating func change(_ place: Place, _ body: (inout UsageCell) -> Void) -> UsageCell {
    var cell = old[place] ?? UsageCell()
    body(&cell)
    old[place] = cell == UsageCell() ? nil : cell
    return cell
  }

  /// Gives the pages of windows back that are older than a window, except for what is not zero.
  mutating func compact(before window: Int64) {
    guard first < window else { return }
    while first < window, head < young.count {
      var page = Page()
      swap(&page, &young[head])
      for slot in page.touched where page.cells[Int(slot)] != UsageCell() {
        add(page.cells[Int(slot)], first, Int(slot))
        page.cells[Int(slot)] = UsageCell()
      }
      page.touched.removeAll(keepingCapacity: true)
      if !page.cells.isEmpty { spare.append(page) }
      head += 1
      first += 1
    }
    first = max(first, window)
    if head == young.count || head > 256 {
      young.removeFirst(head)
      head = 0
    }
  }

  /// Visits the cells that are not zero, in no particular order.
  func visit(_ body: (_ window: Int64, _ slot: Int, _ cell: UsageCell) -> Void) {
    for (place, cell) in old { body(place.window, place.slot, cell) }
    for position in young.indices.dropFirst(head) {
      let page = young[position]
      for slot in page.cells.indices where page.cells[slot] != UsageCell() {
        body(first + Int64(position - head), slot, page.cells[slot])
      }
    }
  }
}
