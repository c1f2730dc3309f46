import CanonicalModel
import Chronology

/// Revenue is earned before it is recognised.
struct NoEarlyRecognition: Invariant, HearsWholeDocument {
  static let definition = InvariantDefinition(
    name: "no-early-recognition", boundary: .revenue, place: 2,
    statement: "no revenue of a service period that has not ended stands in a ledger as earned",
    evidence: "the ERPs' ledgers against the issued invoices' service periods",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(wholeDocument document: LedgerDocument, _ books: Books, at now: Instant) {
    let entry = document.entry
    switch entry.key.kind {
    case .recognition:
      let recognition = books.recognition(entry.key)
      // Credits that expire are earned on that day: `grants-conserved` knows which.
      let isBreakage = recognition.map { document in
        document.lines.allSatisfy { books.catalog[$0.item].kind == .prepaid }
      }
      if isBreakage == true { return }
      let period = recognition?.period ?? entry.period
      findings.require(period.end <= now, at: now) {
        Breach(
          ids: books.ids(of: document), expected: "recognised at \(period.end) or later", actual: "\(now)")
      }
    case .invoice, .creditNote:
      guard let invoice = books.invoice(entry.key), invoice.rebills == nil else { return }
      var earned = Sums<ItemID>(capacity: invoice.lines.count)
      for line in invoice.lines where !books.revenue.isDeferred(line, on: invoice) {
        earned.add(line.amount, to: line.charge.item)
      }
      for line in entry.lines {
        guard case .revenue(let item) = line.account else { continue }
        findings.require(-line.amount == earned[item] ?? .zero, at: now) {
          Breach(
            ids: books.ids(of: document) + ["item \(books.catalog[item].name)"],
            expected: "\(earned[item] ?? .zero) earned", actual: "\(-line.amount) as revenue")
        }
      }
    case .payment, .payout, .chargeback, .creditMemo, .refund, .accrual, .accrualReversal, .cashApplication,
      .chargebackReversal, .writeOff, .closingBalance, .openingBalance:
      break
    }
  }
}
