import CanonicalModel
import Chronology

/// Every amount of money is where the ledger says.
struct CashBalances: Invariant, HearsCashBooked, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "cash-balances", boundary: .payments, place: 4,
    statement:
      "received = applied + unapplied, and no invoice is settled by more than its total; at rest the ledger's cash is "
      + "what the gateway and the bank hold",
    evidence:
      "the gateway's charges, payouts and chargebacks and the customers' transfers against the ERPs' ledgers",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var settled: [InvoiceNumber: Money] = [:]
  private var writtenOff: [EntityID: Money] = [:]

  mutating func hear(cashBooked document: CashDocument, _ books: Books, at now: Instant) {
    // A write-off settles nothing: nobody has paid.
    guard document.key.kind != .writeOff else {
      writtenOff[document.key.entity, default: .zero] += document.gross
      return
    }
    for application in document.applications {
      let isGivenBack = [.chargeback, .refund].contains(document.key.kind)
      let amount = isGivenBack ? -application.amount : application.amount
      settled[application.invoice, default: .zero] += amount
      let total = books.invoice(PostingKey(invoice: application.invoice))?.total ?? .zero
      let sum = settled[application.invoice] ?? .zero
      findings.require(sum <= total, at: now) {
        Breach(
          ids: books.ids(of: application.invoice) + ["document \(document.key.text(in: books.catalog))"],
          expected: "at most \(total) settled", actual: "\(sum)")
      }
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    guard books.catalog.paymentTerms != nil else { return }
    if let reason = rest.paymentsUnderWay { return findings.leaveOut(reason) }
    for (entity, totals) in books.cash.totals.enumerated() {
      if let reason = books.unfinished[entity] {
        findings.leaveOut(reason)
        continue
      }
      let ledger = books.ledgers[entity]
      let currency = books.catalog.entities[entity].currency
      let name = books.catalog.entities[entity].name
      func expect(_ account: LedgerAccount, _ amount: Money) {
        findings.expect(
          ledger[account] ?? .zero, equals: amount, at: now, isReal: ledger[account] != nil,
          show: { $0.text(in: currency) },
          ["entity \(name)", "account \(account.name(in: books.catalog))"])
      }
      expect(.clearing, totals.charged - totals.paidOut)
      expect(
        .bank,
        totals.paidOut - totals.fees + totals.transferred + totals.wonBack - totals.chargedBack
          - totals.chargebackFees - totals.refunded)
      expect(.gatewayFees, totals.fees + totals.chargebackFees)
      let lost = writtenOff[EntityID(index: UInt32(entity))] ?? .zero
      expect(.badDebt, lost)
      // Whatever is received has settled receivables or waits as unapplied cash.
      let applied = books.invoiced(entity) - lost - (ledger[.receivable] ?? .zero)
      let unapplied = .zero - (ledger[.unappliedCash] ?? .zero)
      findings.expect(
        applied + unapplied, equals: totals.received, at: now, isReal: totals.received != .zero,
        show: { $0.text(in: currency) },
        ["entity \(name)", "received = applied + unapplied"])
    }
  }
}
