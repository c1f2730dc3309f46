import CanonicalModel
import Chronology

/// Each movement of money is in the books once, as what it was.
struct CashBookedAsMoved: Invariant, HearsInvoiceIssued, HearsCredited, HearsCharged, HearsCashMoved,
  HearsCashBooked, HearsWholeDocument, JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "cash-booked-as-moved", boundary: .payments, place: 8,
    statement:
      "each movement of money is one document: of its amount, its customer, in the month in which it was booked; a transfer "
      + "settles the invoice that it names first, then the customer's oldest; at rest, none is missing",
    evidence: "the gateway's charges and the movements of money against the documents and the ERPs' ledgers",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var amounts = OpenAmounts()
  private var charges: [ChargeKey: (account: AccountID, amount: Money)] = [:]
  private var movements: [UInt32: CashEvent] = [:]
  private var waiting: Set<CashOrigin> = []
  private var booked: Set<CashOrigin> = []

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at now: Instant) {
    amounts.add(invoice, at: now)
  }
  mutating func hear(credited memo: CreditMemo, _: Books, at _: Instant) { amounts.add(memo) }
  mutating func hear(charged key: ChargeKey, _ account: AccountID, _ amount: Money, _: Books, at _: Instant) {
    charges[key] = (account, amount)
    waiting.insert(.charge(key))
  }

  mutating func hear(cashMoved event: CashEvent, _ id: UInt32, _: Books, at _: Instant) {
    movements[id] = event
    switch event {
    case .disputeLost: break
    case .refundRefused(let order): amounts.refuse(order)
    default: waiting.insert(.movement(id))
    }
  }

  /// What a document should be.
  private struct Due: Equatable {
    var kind: DocumentKind
    var account: AccountID?
    var gross: Money
    var fees = Money.zero
    /// What it settles; `nil`: nothing is said of that.
    var applications: [CashDocument.Application]?

    func text(_ catalog: Catalog) -> String {
      let parts = applications.map { parts in
        parts.map { "\($0.amount) of \($0.invoice.text(in: catalog))" }.joined(separator: ", ")
      }
      return "\(kind.name) of \(gross), fees \(fees), customer \(account.map { catalog[$0].name } ?? "none")"
        + (parts.map { ", settles \($0.isEmpty ? "nothing" : $0)" } ?? "")
    }
  }

  private func due(_ origin: CashOrigin) -> Due? {
    switch origin {
    case .charge(let key):
      return charges[key].map { charge in
        Due(
          kind: .payment, account: charge.account, gross: charge.amount,
          applications: settled(charge.amount, by: [key.invoice]))
      }
    case .movement(let id):
      switch movements[id] {
      case .payout(_, _, let gross, let fees): return Due(kind: .payout, gross: gross, fees: fees)
      case .chargeback(let charge, _, let amount, let fee):
        return Due(kind: .chargeback, account: charges[charge]?.account, gross: amount, fees: fee)
      case .disputeWon(let charge, let amount):
        return Due(
          kind: .chargebackReversal, account: charges[charge]?.account, gross: amount,
          applications: settled(amount, by: [charge.invoice]))
      case .refund(let order):
        return Due(
          kind: .refund, account: order.account, gross: order.amount,
          applications: order.invoice.map { [.init(invoice: $0, amount: order.amount)] } ?? [])
      case .transfer(let account, let amount, let reference):
        let others = (amounts.byAccount[account] ?? []).filter { $0 != reference }
        return Due(
          kind: .payment, account: account, gross: amount,
          applications: settled(amount, by: [reference] + others))
      case .disputeLost, .refundRefused, nil: return nil
      }
    }
  }

  /// What an amount settles of invoices, one after another.
  private func settled(_ amount: Money, by invoices: [InvoiceNumber]) -> [CashDocument.Application] {
    var left = amount
    var parts: [CashDocument.Application] = []
    for invoice in invoices {
      let part = min(left, amounts[invoice]?.open ?? .zero)
      guard part > .zero else { continue }
      parts.append(.init(invoice: invoice, amount: part))
      left -= part
    }
    return parts
  }

  mutating func hear(cashBooked document: CashDocument, _ books: Books, at now: Instant) {
    let ids = ["document \(document.key.text(in: books.catalog))"]
    if let origin = document.origin {
      var actual = Due(
        kind: document.key.kind, account: document.account, gross: document.gross, fees: document.fees,
        applications: document.applications)
      let expected = due(origin)
      if expected?.applications == nil { actual.applications = nil }
      findings.expect(
        actual, equals: expected, at: now, show: { $0?.text(books.catalog) ?? "nothing, as no money moved" },
        ids)
      let isFirst = booked.insert(origin).inserted
      findings.require(isFirst, at: now, isReal: false) {
        Breach(ids: ids, expected: "booked once", actual: "booked again")
      }
      waiting.remove(origin)
    } else if document.key.kind == .cashApplication {
      let held = document.account.flatMap { amounts.unapplied[$0] } ?? .zero
      let isOwn = document.applications.allSatisfy { amounts[$0.invoice]?.account == document.account }
      // Of a credit note, all that it gives is released at once.
      let isOpen = document.applications.allSatisfy { part in
        guard let entry = amounts[part.invoice] else { return false }
        if part.amount >= .zero { return part.amount <= entry.open }
        return entry.total < .zero ? part.amount == entry.open : .zero - part.amount <= entry.owedBack
      }
      findings.require(isOwn && isOpen && document.gross <= held && document.unapplied == .zero, at: now) {
        Breach(
          ids: ids,
          expected: "at most \(held) of the customer's own unapplied cash, on invoices that are open",
          actual: "\(document.gross) applied")
      }
    }
    let month = Period(ordinal: books.calendar.month(holding: now, day: 1), day: 1)
    findings.require(document.period == month, at: now) {
      Breach(ids: ids, expected: "booked in \(month)", actual: "in \(document.period)")
    }
    amounts.add(document)
  }

  /// What stands in the ledger is of the same customer, in the same month or, where that has closed, in a later one.
  mutating func hear(wholeDocument document: LedgerDocument, _ books: Books, at now: Instant) {
    guard let cash = books.cashDocument(document.entry.key) else { return }
    let mayMove = books.catalog.accountingCalendar != nil
    let isInTime = mayMove ? document.entry.period >= cash.period : document.entry.period == cash.period
    findings.require(isInTime && document.entry.account == cash.account, at: now) {
      Breach(
        ids: books.ids(of: document),
        expected: "of \(cash.account.map { books.catalog[$0].name } ?? "no customer"), in \(cash.period)",
        actual:
          "of \(document.entry.account.map { books.catalog[$0].name } ?? "no customer"), in \(document.entry.period)"
      )
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    guard rest.stuck.isEmpty else {
      if !waiting.isEmpty { findings.leaveOut("\(waiting.count) movements of money, as work is left") }
      return
    }
    let missing = waiting.compactMap { due($0)?.text(books.catalog) }.sorted()
    findings.require(missing.isEmpty, at: rest.at, isReal: !booked.isEmpty) {
      Breach(
        ids: ["books of cash"], expected: "every movement of money in a document",
        actual: "\(missing.count) in none: \(missing.first ?? "")")
    }
  }
}
