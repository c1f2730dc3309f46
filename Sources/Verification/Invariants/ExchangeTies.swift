import CanonicalModel
import Chronology

/// Every amount in the books is its document's, at the right day's rate.
struct ExchangeTies: Invariant, HearsRateFixed, HearsInvoiceIssued, HearsRecognised, HearsAccrued,
  HearsCashBooked, HearsCredited, HearsWholeDocument, JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "fx-ties", boundary: .ledger, place: 5,
    statement:
      "where an entity keeps its books in another currency than it bills in: an invoice is translated at its day's rate, what "
      + "settles it at what it is carried at; what is earned, given back or drawn of a contract liability leaves it at the rate at which it was "
      + "booked, and what was accrued stays revenue at the rate at which it was; the difference is a gain or loss, and documents balance in both "
      + "currencies",
    evidence: "the fixed rates and the issued documents, translated by the oracle, against the ERPs' ledgers",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var fixings: [EntityID: [(day: Instant, rate: Int128)]] = [:]
  /// Per invoice: its rate, what is open of it and what that is carried at.
  private var invoices: [InvoiceNumber: (rate: Int128, open: Int128, carried: Int128)] = [:]
  private var clearing: [EntityID: (amount: Int128, carried: Int128)] = [:]
  private var unapplied: [EntityID: (amount: Int128, carried: Int128)] = [:]
  private var liabilities: ForeignLiabilities?
  /// What the receivable and the gains of each document are to be, and its other accounts as far as they are known.
  private var due: [PostingKey: Due] = [:]

  private struct Due {
    var receivable: Int128
    var gain: Int128
    var accounts: [LedgerAccount: Int128] = [:]
  }

  private struct Deferral: Hashable, Comparable {
    var entity: EntityID
    var item: ItemID
    static func < (a: Self, b: Self) -> Bool { (a.entity, a.item) < (b.entity, b.item) }
  }

  mutating func hear(rateFixed fixing: RateFixing, _: Books, at _: Instant) {
    fixings[fixing.entity, default: []].append((fixing.day, fixing.rate.units))
  }

  private mutating func isTranslated(_ entity: EntityID, _ books: Books) -> Bool {
    guard books.catalog[entity].booksCurrency != nil else { return false }
    if liabilities == nil { liabilities = ForeignLiabilities(catalog: books.catalog) }
    return true
  }

  private mutating func rate(_ entity: EntityID, at instant: Instant) -> Int128 {
    let day = instant.nanoseconds / 86_400_000_000_000 * 86_400_000_000_000
    var found = fixings[entity]?.first?.rate ?? 1_000_000_000_000
    for fixing in fixings[entity] ?? [] where fixing.day.nanoseconds <= day { found = fixing.rate }
    return found
  }

  /// An amount at a rate in whole minor units of the books, ties away from zero.
  private mutating func at(_ rate: Int128, _ amount: Money, _ entity: EntityID, _ books: Books) -> Int128 {
    let own = books.catalog[entity]
    let exact = Money(units: amount.units / 1_000_000_000_000 * rate)
    return OracleRating.rounded(exact, to: own.booksCurrency ?? own.currency).units
  }

  // MARK: What the documents should be

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    let entity = invoice.number.entity
    guard isTranslated(entity, books) else { return }
    let rate = invoice.rebills.flatMap { invoices[$0]?.rate } ?? self.rate(entity, at: invoice.issued)
    var sums: [LedgerAccount: Money] = [:]
    for line in invoice.lines { sums[books.account(of: line, on: invoice), default: .zero] += line.amount }
    // Each tax is a line of its own, also where two rates are of one place.
    let taxes = invoice.taxes.reduce(Int128(0)) { $0 + at(rate, $1.amount, entity, books) }
    // A sum: the order cannot matter.
    let total = sums.reduce(taxes) { $0 + at(rate, $1.value, entity, books) }
    var credits: [LedgerAccount: Int128] = [:]
    if invoice.rebills == nil {
      credits =
        liabilities?.credits(of: invoice, at: rate) { books.account(of: $0, on: invoice) } ?? [:]
    } else {
      credits[.creditsGiven] = total - taxes
    }
    invoices[invoice.number] = (rate, invoice.total.units, total)
    due[PostingKey(invoice: invoice.number)] = Due(
      receivable: total, gain: credits.reduce(taxes - total) { $0 + $1.value },
      accounts: credits.mapValues { -$0 })
  }

  mutating func hear(credited memo: CreditMemo, _ books: Books, at _: Instant) {
    let entity = memo.key.entity
    guard isTranslated(entity, books), var invoice = invoices[memo.request.invoice] else { return }
    var unearned: [ItemID: Money] = [:]
    for own in books.latestCredit { unearned[own.part.item, default: .zero] += own.unearned }
    let given = unearned.values.reduce(memo.net) { $0 - $1 }
    let others =
      at(invoice.rate, given, entity, books)
      + memo.taxes.reduce(0) { $0 + at(invoice.rate, $1.amount, entity, books) }
    let functional = unearned.values.reduce(others) { $0 + at(invoice.rate, $1, entity, books) }
    let debits = liabilities?.debits(of: books.latestCredit, entity, at: invoice.rate) ?? [:]
    invoice.open -= memo.total.units
    invoice.carried -= functional
    invoices[memo.request.invoice] = invoice
    due[memo.key] = Due(
      receivable: -functional, gain: debits.reduce(functional - others) { $0 - $1.value }, accounts: debits)
  }

  mutating func observe(_ cash: CashDocument, _ books: Books, at now: Instant) {
    let entity = cash.key.entity
    guard isTranslated(entity, books) else { return }
    let rate = rate(entity, at: now)
    var receivable: Int128 = 0
    for part in cash.applications {
      guard var invoice = invoices[part.invoice] else { continue }
      let change: Int128
      switch cash.key.kind {
      case .chargeback:
        change = at(rate, part.amount, entity, books)
        invoice.open += part.amount.units
      case .refund:
        invoice.open += part.amount.units
        change = invoice.open == 0 ? -invoice.carried : at(invoice.rate, part.amount, entity, books)
      default:
        invoice.open -= part.amount.units
        change = invoice.open == 0 ? -invoice.carried : -at(invoice.rate, part.amount, entity, books)
      }
      invoice.carried += change
      invoices[part.invoice] = invoice
      receivable += change
    }
    var others: Int128 = 0
    switch cash.key.kind {
    case .payout:
      others += at(rate, cash.gross - cash.fees, entity, books) + at(rate, cash.fees, entity, books)
      let held = clearing[entity] ?? (0, 0)
      var part = held.carried
      if held.amount != cash.gross.units, held.amount > 0 {
        part = proportion(held.carried, cash.gross.units, held.amount, entity, books)
      }
      clearing[entity] = (held.amount - cash.gross.units, held.carried - part)
      others -= part
    case .chargeback:
      others += at(rate, cash.fees, entity, books)
      others -= at(rate, cash.gross + cash.fees, entity, books)
      others += release(cash.unapplied.units, entity, books)
    case .refund:
      others -= at(rate, cash.gross, entity, books)
      others += release(cash.unapplied.units, entity, books)
    // What a credit note gives is held at its day's rate.
    case .cashApplication where cash.gross < .zero:
      let kept = at(rate, .zero - cash.gross, entity, books)
      others -= kept
      let before = unapplied[entity] ?? (0, 0)
      unapplied[entity] = (before.amount - cash.gross.units, before.carried + kept)
    case .cashApplication: others += release(cash.gross.units, entity, books)
    // What is written off is a loss of what it is carried at: no gain of exchange.
    case .writeOff: others -= receivable
    default:
      let money = at(rate, cash.gross, entity, books)
      let kept = at(rate, cash.unapplied, entity, books)
      others += money - kept
      let before = unapplied[entity] ?? (0, 0)
      unapplied[entity] = (before.amount + cash.unapplied.units, before.carried + kept)
      if cash.isAtGateway {
        let held = clearing[entity] ?? (0, 0)
        clearing[entity] = (held.amount + cash.gross.units, held.carried + money)
      }
    }
    due[cash.key] = Due(receivable: receivable, gain: -(receivable + others))
  }

  /// Unapplied cash leaves its position at what it is carried at on average.
  private mutating func release(_ amount: Int128, _ entity: EntityID, _ books: Books) -> Int128 {
    guard amount > 0 else { return 0 }
    let held = unapplied[entity] ?? (0, 0)
    let part =
      amount == held.amount || held.amount == 0
      ? held.carried : proportion(held.carried, amount, held.amount, entity, books)
    unapplied[entity] = (held.amount - amount, held.carried - part)
    return part
  }

  /// A part of what a position is carried at, in whole minor units, ties away from zero.
  private mutating func proportion(
    _ carried: Int128, _ part: Int128, _ all: Int128, _ entity: EntityID, _ books: Books
  ) -> Int128 {
    let own = books.catalog[entity]
    let (books, billed) = (
      OracleRating.minor(of: own.booksCurrency ?? own.currency), OracleRating.minor(of: own.currency)
    )
    let (product, divisor) = ((carried / books) * (part / billed), all / billed)
    let magnitude = (abs(product) * 2 + abs(divisor)) / (abs(divisor) * 2)
    return ((product < 0) == (divisor < 0) ? magnitude : -magnitude) * books
  }

  /// What was deferred is earned at what it is carried at.
  mutating func hear(recognised recognition: Recognition, _ books: Books, at now: Instant) {
    let entity = recognition.key.entity
    guard isTranslated(entity, books) else { return }
    let rate = rate(entity, at: now)
    var accounts: [LedgerAccount: Int128] = [:]
    for line in recognition.lines {
      let part = liabilities?.earn(line, entity, at: rate) ?? 0
      accounts[.deferredRevenue(line.item), default: 0] += part
      accounts[.revenue(line.item), default: 0] -= part
    }
    due[recognition.key] = Due(receivable: 0, gain: 0, accounts: accounts)
  }

  mutating func hear(accrued accrual: Accrual, _ books: Books, at now: Instant) {
    guard isTranslated(accrual.key.entity, books) else { return }
    let rate = rate(accrual.key.entity, at: now)
    let own =
      if let beginning = accrual.reverses {
        liabilities?.end(accrual, of: beginning)
      } else {
        liabilities?.begin(accrual, at: rate)
      }
    guard let own else { return }
    var accounts = own.credits.mapValues { -$0 }
    accounts[.unbilledReceivable] = own.unbilled
    due[accrual.key] = Due(
      receivable: 0, gain: own.credits.reduce(-own.unbilled) { $0 + $1.value }, accounts: accounts)
  }

  // MARK: What the ledgers hold

  mutating func hear(wholeDocument document: LedgerDocument, _ books: Books, at now: Instant) {
    guard isTranslated(document.entity, books) else { return }
    var sums: [LedgerAccount: Int128] = [:]
    var total: Int128 = 0
    for line in document.entry.lines {
      let functional = line.functional?.units ?? line.amount.units
      sums[line.account, default: 0] += functional
      total += functional
    }
    func expect(_ what: String, _ actual: Int128, _ expected: Int128) {
      findings.expect(
        Money(units: actual), equals: Money(units: expected), at: now, show: { "\($0) \(what)" },
        books.ids(of: document))
    }
    expect("in sum", total, 0)
    if let expected = due[document.entry.key] {
      expect("receivable", sums[.receivable] ?? 0, expected.receivable)
      expect("exchange gains", sums[.exchangeGains] ?? 0, expected.gain)
    }
    let accounts = due[document.entry.key]?.accounts ?? [:]
    for account in document.entry.lines.map(\.account) {
      guard let expected = accounts[account] else { continue }
      expect(account.name(in: books.catalog), sums[account] ?? 0, expected)
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    var deferred: [Deferral: Int128] = [:]
    for (promise, held) in liabilities?.owed ?? [:] {  // sums: the order cannot matter
      deferred[Deferral(entity: promise.entity, item: promise.item), default: 0] += held.carried
    }
    for (key, held) in deferred.sorted(by: { $0.key < $1.key }) {
      let index = Int(key.entity.index)
      guard books.unfinished[index] == nil else { continue }
      findings.expect(
        -(books.functionalLedgers[index][.deferredRevenue(key.item)] ?? .zero),
        equals: Money(units: held), at: now,
        [
          "entity \(books.catalog.entities[index].name)",
          "item \(books.catalog[key.item].name)",
          "deferred, in the books' currency",
        ])
    }
    for (index, entity) in books.catalog.entities.enumerated() where entity.booksCurrency != nil {
      if let reason = books.unfinished[index] {
        findings.leaveOut(reason)
        continue
      }
      let id = EntityID(index: UInt32(index))
      let ledger = books.functionalLedgers[index]
      var open: Int128 = 0
      for (number, invoice) in invoices where number.entity == id { open += invoice.carried }  // a sum
      findings.expect(
        ledger[.receivable] ?? .zero, equals: Money(units: open), at: now, isReal: ledger[.receivable] != nil,
        ["entity \(entity.name)", "account assets:receivable", "in the books' currency"])
      findings.expect(
        ledger[.clearing] ?? .zero, equals: Money(units: clearing[id]?.carried ?? 0), at: now,
        isReal: ledger[.clearing] != nil,
        ["entity \(entity.name)", "account assets:clearing", "in the books' currency"])
    }
  }

  mutating func hear(cashBooked document: CashDocument, _ books: Books, at instant: Instant) {
    observe(document, books, at: instant)
  }
}
