import Testing

@testable import Verification

@Suite("The oracle's windows")
struct WindowPagesTests {
  private static let cell = UsageCell(quantity: 5, digest: 7, count: 1)

  /// Emits into a window's slot, as the oracle does: into its page where it is young.
  private static func emit(_ pages: inout WindowPages, _ window: Int64, _ slot: Int) {
    guard var page = pages.remove(window) else { return pages.add(cell, window, slot) }
    page.touch(slot)
    page.cells[slot] += cell
    pages.restore(&page, back: window)
  }

  private static func left(_ pages: WindowPages) -> [String] {
    var found: [String] = []
    pages.visit { found.append("\($0)/\($1): \($2.count) of \($2.quantity)") }
    return found.sorted()
  }

  @Test("differences stay the same whether a window is young, old, or older than any page")
  func anyAge() {
    var pages = WindowPages(cellCount: 4)
    for window in [100, 101, 103, 90, 100 + 1 << 20] as [Int64] { Self.emit(&pages, window, 2) }
    let all = ["100/2: 1 of 5", "101/2: 1 of 5", "103/2: 1 of 5", "1048676/2: 1 of 5", "90/2: 1 of 5"]
    #expect(Self.left(pages) == all)
    pages.compact(before: 102)
    #expect(Self.left(pages) == all)
    // What is claimed closes a difference wherever it lies; what is claimed too much opens one.
    for window in [90, 101, 103] as [Int64] {
      let left = pages.subtract(Self.cell, window, 2)
      #expect(left == UsageCell())
    }
    let short = pages.subtract(Self.cell, 103, 1)
    #expect(short.count == -1 && short.quantity == -5)
    #expect(Self.left(pages) == ["100/2: 1 of 5", "103/1: -1 of -5", "1048676/2: 1 of 5"])
    pages.compact(before: 5000)
    #expect(Self.left(pages) == ["100/2: 1 of 5", "103/1: -1 of -5", "1048676/2: 1 of 5"])
  }

  @Test("a claim before the first event of a window meets it later")
  func claimFirst() {
    var pages = WindowPages(cellCount: 2)
    Self.emit(&pages, 10, 0)
    let early = pages.subtract(Self.cell, 12, 1)
    #expect(early.count == -1)
    Self.emit(&pages, 12, 1)
    #expect(Self.left(pages) == ["10/0: 1 of 5"])
    pages.compact(before: 20)
    #expect(Self.left(pages) == ["10/0: 1 of 5"])
  }

  @Test("what was too far ahead is met when its time has come")
  func farAhead() {
    var pages = WindowPages(cellCount: 2)
    Self.emit(&pages, 0, 0)
    Self.emit(&pages, 20_000, 1)
    pages.compact(before: 10_000)
    let left = pages.subtract(Self.cell, 20_000, 1)
    #expect(left == UsageCell())
    #expect(Self.left(pages) == ["0/0: 1 of 5"])
  }

  @Test(
    "with room for few pages everything is found as with room for all", arguments: [1, 2, 3, 4] as [UInt64])
  func littleRoom(seed: UInt64) {
    var (few, all) = (WindowPages(cellCount: 5, room: 0), WindowPages(cellCount: 5))
    var state = seed
    func below(_ limit: UInt64) -> Int64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64((state >> 33) % limit)
    }
    for round in 0..<4000 as Range<Int64> {
      // Events come up to 40 windows ahead, claims up to 20 windows late.
      let (ahead, late) = (round / 20 + below(40), max(0, round / 20 - below(20)))
      let (slot, other) = (Int(below(5)), Int(below(5)))
      Self.emit(&few, ahead, slot)
      Self.emit(&all, ahead, slot)
      let (a, b) = (few.subtract(Self.cell, late, other), all.subtract(Self.cell, late, other))
      #expect(a == b)
      if round % 50 == 0 {
        few.compact(before: round / 20 - 3)
        all.compact(before: round / 20 - 3)
        #expect(Self.left(few) == Self.left(all))
      }
    }
    #expect(Self.left(few) == Self.left(all) && Self.left(all).count > 100)
  }

  @Test("pages are used again without what they held")
  func reuse() {
    var pages = WindowPages(cellCount: 3)
    for window in 0..<2000 as Range<Int64> {
      Self.emit(&pages, window, Int(window % 3))
      if window % 7 == 0 { _ = pages.subtract(Self.cell, window, Int(window % 3)) }
      pages.compact(before: window - 3)
    }
    #expect(Self.left(pages).count == 2000 - 286)
    #expect(Self.left(pages).allSatisfy { $0.hasSuffix(": 1 of 5") })
  }
}
