import CanonicalModel
import Chronology

/// What is earned before the cut-off and invoiced after it stands in both periods once, and in the end in one; what is asked for in advance, and its tax,
/// stand in none before their own.
struct CloseCutOff: Invariant, HearsRated, HearsInvoiceIssued, HearsAccrued, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "close-cut-off", boundary: .revenue, place: 5,
    statement:
      "an accrual is the sum of its rated charges, and is reversed once, in full, when they are on an invoice; the ledger's "
      + "unbilled receivables are the accruals that are not reversed; no invoice that bears tax stands in a month before the one in which what it is for begins",
    evidence: "the rated charges and the issued invoices against the accruals and the ledgers",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var rated: [ChargeNumber: RatedCharge] = [:]
  private var invoiced: Set<ChargeNumber> = []
  private var open: [PostingKey: Accrual] = [:]

  mutating func hear(rated charge: RatedCharge, _: Books, at _: Instant) {
    if charge.kind != .usage { rated[ChargeNumber(charge.id)] = charge }
  }

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    for line in invoice.lines { invoiced.insert(ChargeNumber(line.charge.id)) }
    guard !books.catalog[invoice.account].jurisdictions.isEmpty,
      let latest = invoice.lines.lazy.map(\.charge.servicePeriod).max(by: { $0.start < $1.start })
    else { return }
    let end = books.calendar.accountingPeriod(of: invoice).end
    findings.require(latest.start < end, at: now) {
      Breach(
        ids: books.ids(of: invoice.number), expected: "in the books of \(latest) or later",
        actual: "in the month that ends at \(end)")
    }
  }

  private func isInvoiced(_ charge: UInt64) -> Bool { invoiced.contains(ChargeNumber(charge)) }

  mutating func hear(accrued accrual: Accrual, _ books: Books, at now: Instant) {
    var sums: [ItemID: Money] = [:]
    for id in accrual.charges {
      if let charge = rated[ChargeNumber(id)] { sums[charge.item, default: .zero] += charge.amount }
    }
    let lines = Dictionary(accrual.lines.map { ($0.item, $0.amount) }, uniquingKeysWith: +)
    // What is not billed at the end of a month is `unbilled-accrued`'s: its charges are still to come.
    findings.require(lines == sums || accrual.account == nil, at: now) {
      let said = lines.values.reduce(Money.zero, +)
      return Breach(
        ids: books.ids(of: accrual.key), expected: "\(sums.values.reduce(Money.zero, +)) as rated",
        actual: "\(said)")
    }
    guard let beginning = accrual.reverses else {
      open[accrual.key] = accrual
      return
    }
    let known = open.removeValue(forKey: beginning)
    let isBilled = accrual.charges.allSatisfy(isInvoiced)
    findings.require(known?.lines == accrual.lines && isBilled, at: now) {
      Breach(
        ids: books.ids(of: accrual.key) + books.ids(of: beginning),
        expected: "the end of an open accrual whose charges are invoiced",
        actual: known == nil ? "none is open" : (isBilled ? "other amounts" : "not invoiced yet"))
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    for key in open.keys.sorted() {
      guard let accrual = open[key] else { continue }
      findings.require(!accrual.charges.allSatisfy(isInvoiced), at: now) {
        Breach(
          ids: books.ids(of: key) + ["at rest"], expected: "reversed, as its charges are invoiced",
          actual: "still open")
      }
    }
    guard books.obligations.hasAccruals else { return }
    for (entity, ledger) in books.ledgers.enumerated() {
      if let reason = books.unfinished[entity] {
        findings.leaveOut(reason)
        continue
      }
      var unbilled = Money.zero
      for (key, accrual) in open where Int(key.entity.index) == entity {  // a sum: the order cannot matter
        unbilled += accrual.lines.reduce(Money.zero) { $0 + $1.amount }
      }
      findings.expect(
        ledger[.unbilledReceivable] ?? .zero, equals: unbilled, at: now,
        isReal: ledger[.unbilledReceivable] != nil,
        ["entity \(books.catalog.entities[entity].name)", "account assets:unbilled"])
    }
  }
}
