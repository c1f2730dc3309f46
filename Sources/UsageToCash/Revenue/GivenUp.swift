import CanonicalModel
import Chronology

/// What credits and write-offs take of what is charged, of prepaid credits, and of what is still to be earned.
enum GivenUp {
  /// Spreads a memo over what it is on: of each part, so much was still to be earned.
  static func spread(
    _ memo: CreditMemo, _ credits: Credits, _ rating: inout Rating, _ revenue: inout Revenue
  ) -> CreditMemo {
    var memo = memo
    rating.credit(credits.charges(of: memo))
    for index in memo.parts.indices {
      guard let (line, invoice) = credits.line(of: memo.parts[index], memo) else { continue }
      memo.parts[index].unearned = revenue.credit(
        memo.parts[index].amount, of: line, on: invoice, in: memo.period)
    }
    return memo
  }

  /// A write-off: what was still to be served of it is neither lost nor ever earned, as nobody will pay for it (IFRS 15.9(e)). It is given up, and a
  /// correction that comes later does not give it back again.
  static func unserved(
    of document: CashDocument, _ credits: Credits, _ rating: inout Rating, _ revenue: inout Revenue,
    _ planted: PlantedDefects, at now: Instant
  ) -> CashDocument {
    precondition(document.key.kind == .writeOff, "a movement of money gives up what is still to be served")
    guard let number = document.applications.first?.invoice, !planted.contains(.writeOffLeavesDeferred) else {
      return document
    }
    var document = document
    let creditable = credits.open(number).map { rating.creditable($0) } ?? []
    for part in credits.parts(of: document.gross, writtenOff: number, creditable: creditable) {
      let unserved = revenue.giveUp(part.amount, of: part.line, on: part.invoice, at: now)
      guard unserved > .zero else { continue }
      let charge = part.line.charge
      document.unserved.append(
        CashDocument.Unserved(
          line: part.place, item: charge.item, servicePeriod: charge.servicePeriod, amount: unserved))
      rating.credit([credits.charge(of: unserved, part.line)])
    }
    precondition(
      document.unserved.reduce(Money.zero) { $0 + $1.amount } <= document.gross,
      "more was still to be served of an invoice than is written off")
    return document
  }
}
