import CanonicalModel
import Chronology

/// What is earned before the cut-off and invoiced after it stands in both periods once, and in the end in one; what is asked for in advance, and its tax,
/// stand in none before their own.
struct CloseCutOff: Invariant, HearsRated, HearsInvoiceIssued, HearsAccrued, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "close-cut-off", boundary: .revenue, place: 5,
    statement:
      "an accrual is the sum of its rated charges, less discount and the taxes in their prices, and is reversed once, in full, when they are on an "
      + "invoice; the ledger's unbilled receivables are the accruals that are not reversed; no invoice that bears tax stands in a month before the one in which what it is for begins",
    evidence: "the rated charges and the issued invoices against the accruals and the ledgers",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var rated: [ChargeNumber: RatedCharge] = [:]
  private var invoiced: Set<ChargeNumber> = []
  private var open: [PostingKey: Accrual] = [:]

  mutating func hear(rated charge: RatedCharge, _: Books, at _: Instant) {
    rated[ChargeNumber(charge.id)] = charge
  }

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    for line in invoice.lines {
      invoiced.insert(ChargeNumber(line.charge.id))
      rated[ChargeNumber(line.charge.id)] = nil
    }
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
    // What is not billed at the end of a month is `unbilled-accrued`'s: its charges are still to come.
    if accrual.reverses == nil, accrual.account != nil { compare(accrual, books, at: now) }
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

  /// Compares what is accrued of each item with its charges.
  private mutating func compare(_ accrual: Accrual, _ books: Books, at now: Instant) {
    var due: [ItemID: (least: Money, most: Money)] = [:]
    for id in accrual.charges {
      guard let charge = rated[ChargeNumber(id)] else { continue }
      let (least, most) = net(charge, books, at: now)
      let before = due[charge.item] ?? (.zero, .zero)
      due[charge.item] = (before.least + least, before.most + most)
    }
    let said = Dictionary(accrual.lines.map { ($0.item, $0.amount) }, uniquingKeysWith: +)
    for item in Set(due.keys).union(said.keys).sorted() {
      let amount = said[item] ?? .zero
      let (least, most) = due[item] ?? (.zero, .zero)
      findings.require(least <= amount && amount <= most, at: now) {
        let currency = accrual.currency
        return Breach(
          ids: books.ids(of: accrual.key) + ["item \(books.catalog[item].name)"],
          expected: least == most
            ? "\(least.text(in: currency)) of its charges"
            : "from \(least.text(in: currency)) to \(most.text(in: currency)) of its charges",
          actual: amount.text(in: currency))
      }
    }
  }

  /// What of a charge is revenue: each part of it less the customer's discount and the taxes in its price at the day of its supply. Where anything is
  /// taken off, a share of an invoice's rounding may be on it, too.
  private func net(_ charge: RatedCharge, _ books: Books, at now: Instant) -> (least: Money, most: Money) {
    let account = books.catalog[charge.subscription].account
    let currency = books.catalog.currency(of: charge.subscription)
    let customer = books.catalog[account]
    let included = customer.jurisdictions.count { books.catalog[$0].isIncluded }
    guard customer.discount != nil || included > 0 else { return (charge.amount, charge.amount) }
    let first =
      books.catalog.taxPoint == .invoice ? now : charge.served?.from ?? charge.servicePeriod.start
    let parts =
      charge.supply.isEmpty ? [SupplyPart(from: first, amount: charge.amount)] : charge.supply
    var amount = Money.zero
    for part in parts {
      var price = part.amount
      if let discount = customer.discount {
        price -= OracleRating.tax(on: [price], at: discount, .perInvoice, in: currency)
      }
      amount +=
        price
        - OracleTaxes(catalog: books.catalog).included(
          in: price, of: charge.item, for: account, at: part.from, in: currency)
    }
    let slack = Money(minorUnits: Int128(parts.count * (1 + included)), of: currency)
    return (amount - slack, amount + slack)
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
