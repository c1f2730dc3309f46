import CanonicalModel
import Chronology
import Testing

@testable import UsageToCash

@Suite("What windows have told")
struct WindowLedgerTests {
  @Test(
    "gives back every sum, however large or negative, and however many there are",
    arguments: [0, 1, -1, Int128(Int64.max), Int128(Int64.max) * 5 + 3, Int128(Int64.min) * 4 - 9])
  func sums(quantity: Int128) {
    var ledger = WindowLedger()
    let window = Instant(nanoseconds: 3_600_000_000_000)
    let counts: [Int64] = [1, -7, Int64(Int32.max) * 3 + 2, 0]
    for round in 0..<10_000 {
      ledger.append(
        cell: round % 3, window: window + .hours(Int64(round % 5)),
        WindowCell(quantity: quantity, count: counts[round % counts.count]))
    }
    var sums: [Int: (quantity: Int128, count: Int64)] = [:]
    ledger.visit { part in
      let before = sums[Int(part.cell)] ?? (0, 0)
      sums[Int(part.cell)] = (before.quantity + Int128(part.quantity), before.count + Int64(part.count))
    }
    for cell in 0..<3 {
      let rounds = (0..<10_000).filter { $0 % 3 == cell }
      #expect(sums[cell]?.quantity == quantity * Int128(rounds.count))
      #expect(sums[cell]?.count == rounds.reduce(0) { $0 + counts[$1 % counts.count] })
    }
  }

  @Test("keeps the order of telling, over the edges of its blocks")
  func order() {
    var ledger = WindowLedger()
    for round in 0..<40_000 {
      ledger.append(
        cell: round, window: Instant(nanoseconds: Int64(round)), WindowCell(quantity: 1, count: 1))
    }
    var cells: [UInt32] = []
    ledger.visit { cells.append($0.cell) }
    #expect(cells == (0..<40_000).map { UInt32($0) })
  }
}
