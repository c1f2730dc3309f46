import CanonicalModel
import Chronology
import Testing

@testable import UsageToCash
@testable import World

@Suite("Documents with more lines than their ERP takes")
struct SplitTests {
  private func entry(_ kind: DocumentKind, _ amounts: [Int128], isForeign: Bool = false) throws
    -> JournalEntry
  {
    let dollar = try #require(Currency(code: "USD"))
    var entry = JournalEntry(
      key: PostingKey(kind: kind, entity: EntityID(index: 0), sequence: 7), account: AccountID(index: 0),
      currency: dollar, period: Period(ordinal: 2026 * 12),
      lines: amounts.enumerated().map { index, cents in
        var line = JournalLine(
          account: index == 0 ? .receivable : .revenue(ItemID(index: UInt32(index))),
          amount: Money(minorUnits: cents, of: dollar))
        if isForeign { line.functional = Money(units: line.amount.units / 2) }
        return line
      })
    if isForeign { entry.functionalCurrency = Currency(code: "EUR") }
    return entry
  }

  @Test("parts balance in both currencies and come to the whole", arguments: 2...6, [false, true])
  func parts(maximum: Int, isForeign: Bool) throws {
    let whole = try entry(.invoice, [2100, -100, -200, -300, -400, -500, -600], isForeign: isForeign)
    let parts = whole.split(into: maximum)
    #expect(parts.map(\.key.part) == (1...UInt16(parts.count)).map { $0 })
    var sums: [LedgerAccount: Money] = [:]
    for part in parts {
      #expect(part.lines.count <= maximum)
      #expect(part.lines.reduce(Money.zero) { $0 + $1.amount } == .zero)
      #expect(part.lines.reduce(Money.zero) { $0 + ($1.functional ?? $1.amount) } == .zero)
      #expect(part.key.parts == UInt16(parts.count) && part.key.whole == whole.key)
      for line in part.lines { sums[line.account, default: .zero] += line.amount }
    }
    for line in whole.lines { #expect(sums[line.account] == line.amount) }
  }

  @Test("what fits stays whole; so does what cannot be split")
  func whole() throws {
    let fits = try entry(.creditMemo, [-300, 200, 100])
    #expect(fits.split(into: 3) == [fits])
    #expect(fits.split(into: nil) == [fits])
    #expect(fits.split(into: 1) == [fits])
  }

  @Test("a recognition is split between its pairs", arguments: [(2, 3), (3, 3), (4, 2), (5, 2)])
  func pairs(maximum: Int, count: Int) throws {
    let parts = try entry(.recognition, [100, -100, 200, -200, 300, -300]).split(into: maximum)
    #expect(parts.count == count)
    for part in parts { #expect(part.lines.reduce(Money.zero) { $0 + $1.amount } == .zero) }
    #expect(parts.flatMap(\.lines).count == 6)
  }

  @Test("an ERP reads the key of a part, and of no part that cannot be")
  func keys() throws {
    let catalog = Fixtures.catalog
    let reader = PayloadReader(catalog: catalog, rules: PayloadRules())
    let whole = try entry(.invoice, [200, -100, -100]).key
    let part = PostingKey(kind: .invoice, entity: whole.entity, sequence: 7, part: 2, of: 3)
    #expect(reader.key(whole.text(in: catalog)) == whole)
    #expect(reader.key(part.text(in: catalog)) == part)
    #expect(part.text(in: catalog) == whole.text(in: catalog) + "/2of3")
    for text in ["/2", "/of", "/2of", "/of3", "/2x3", "/-1of3", "/2of99999", "/2of3/1", "/"] {
      #expect(reader.key(whole.text(in: catalog) + text) == nil, "\(text)")
    }
  }
}
