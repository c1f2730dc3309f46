import CanonicalModel
import Chronology

/// Translates journal entries into the currency of the books, for entities that bill in another.
///
/// An invoice is translated at the rate of its day, and so are payments, fees and chargebacks. What ends a position is
/// translated at what the position is carried at: a receivable at its invoice's rate (its last part at what is left), money
/// at the gateway and unapplied cash at their average, contract liabilities and accrued revenue as ``ContractLiabilities`` says. What remains
/// is a realised gain or loss. Open positions are not revalued at the period's end.
///
/// A document whose day has no rate yet waits for it, and so do those behind it, as each is carried on by the next.
struct Translation: Sendable {
  /// A document and what it is about.
  struct Document: Sendable {
    var entry: JournalEntry
    /// The invoices that it is about, with the part of each: what it settles or opens again.
    var invoices: [CashDocument.Application] = []
    /// The accrual that it ends.
    var reverses: PostingKey?
    /// The invoice that it takes the place of.
    var rebills: InvoiceNumber?
    /// Its lines of revenue and deferred revenue, one by one, as far as their rates differ.
    var parts: [RevenuePart] = []
    /// The late charges that it accrues.
    var late: [UInt64] = []
    fileprivate var at = Instant.distantPast

    init(
      _ entry: JournalEntry, invoices: [CashDocument.Application] = [], reverses: PostingKey? = nil,
      rebills: InvoiceNumber? = nil
    ) {
      self.entry = entry
      self.invoices = invoices
      self.reverses = reverses
      self.rebills = rebills
    }
  }

  /// An amount in both currencies.
  private struct Carried: Sendable {
    var amount = Money.zero
    var functional = Money.zero
  }

  private struct Receivable: Sendable {
    var rate: Price
    var open: Carried
  }

  private struct Pool: Hashable, Sendable {
    var entity: EntityID
    var account: LedgerAccount
  }

  private let catalog: Catalog
  private let planted: PlantedDefects
  /// By the number of the day.
  private var rates: [EntityID: [Int64: Price]] = [:]
  private var latest: [EntityID: Price] = [:]
  private var waiting: [EntityID: [Document]] = [:]
  private var receivables: [InvoiceNumber: Receivable] = [:]
  private var pools: [Pool: Carried] = [:]
  private var liabilities: ContractLiabilities
  private var accruals: [PostingKey: [Money]] = [:]

  init(catalog: Catalog, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
    liabilities = ContractLiabilities(catalog: catalog, planted: planted)
  }

  /// Whether nothing waits for a rate.
  @inline(__always)
  var isIdle: Bool { waiting.isEmpty }
  /// Documents that wait for a rate.
  func depth(of entity: EntityID) -> Int { waiting[entity]?.count ?? 0 }
  /// Their receivables.
  func pendingAmount(of entity: EntityID) -> Money {
    waiting[entity]?.reduce(.zero) { $0 + $1.entry.receivable } ?? .zero
  }

  /// Receives a day's rate, which may be late, duplicated or out of order.
  ///
  /// - Returns: the documents that had waited for it, translated.
  mutating func receive(_ fixing: RateFixing) -> [JournalEntry] {
    rates[fixing.entity, default: [:]][fixing.day.index(of: .days(1))] = fixing.rate
    latest[fixing.entity] = fixing.rate
    return dequeueReady(of: fixing.entity)
  }

  /// Takes a document.
  ///
  /// - Returns: the document translated, or nothing if it has to wait; the day whose rate is missing, if it is the first
  ///   to wait for it.
  mutating func submit(_ document: Document, at now: Instant) -> (ready: [JournalEntry], missing: Instant?) {
    let entity = document.entry.key.entity
    guard catalog[entity].booksCurrency != nil else { return ([document.entry], nil) }
    var document = document
    precondition(
      (waiting[entity]?.last).map { $0.at <= now } ?? true,
      "a document overtakes the one that it is carried on by")
    document.at = now
    let isFirst = !(waiting[entity] ?? []).contains { $0.at.index(of: .days(1)) == now.index(of: .days(1)) }
    waiting[entity, default: []].append(document)
    let ready = dequeueReady(of: entity)
    guard waiting[entity] != nil, isFirst, rate(of: entity, at: now) == nil else { return (ready, nil) }
    return (ready, now.floored(to: .days(1)))
  }

  private mutating func dequeueReady(of entity: EntityID) -> [JournalEntry] {
    guard let documents = waiting[entity] else { return [] }
    var ready: [JournalEntry] = []
    for document in documents {
      guard let rate = rate(of: entity, at: document.at) else { break }
      ready.append(translate(document, at: rate))
    }
    waiting[entity] = ready.count == documents.count ? nil : Array(documents[ready.count...])
    return ready
  }

  private func rate(of entity: EntityID, at instant: Instant) -> Price? {
    planted.contains(.fxAtLatestRate) ? latest[entity] : rates[entity]?[instant.index(of: .days(1))]
  }

  static func translated(_ amount: Money, at rate: Price, _ currency: Currency) -> Money {
    // Amounts are whole minor units and rates have at most 12 digits: the product is exact after the division.
    Money(units: amount.units / 1_000_000_000_000 * rate.units).rounded(to: currency)
  }

  /// Translates the entry of a document at its day's rate.
  private mutating func translate(_ document: Document, at today: Price) -> JournalEntry {
    let (entry, invoices) = (document.entry, document.invoices)
    let (reverses, rebills) = (document.reverses, document.rebills)
    let entity = entry.key.entity
    guard let currency = catalog[entity].booksCurrency else { return entry }
    precondition(entry.functionalCurrency == nil, "a document is translated twice")
    precondition(entry.key.part == 0, "a part of a document is translated")
    var result = entry
    result.functionalCurrency = currency
    var sum = Money.zero
    func set(_ index: Int, _ functional: Money) {
      result.lines[index].functional = functional
      sum += functional
    }
    switch entry.key.kind {
    case .invoice, .creditNote, .creditMemo:
      let original = entry.key.kind == .creditMemo ? invoices.first?.invoice : rebills
      let rate = original.flatMap { receivables[$0]?.rate } ?? today
      let parts = document.revenueParts
      let carried =
        entry.key.kind == .creditMemo
        ? liabilities.credit(parts, of: entity, at: rate).mapValues { .zero - $0 }
        : liabilities.book(parts, of: entity, at: rate)
      // What is asked for is money: at the rate, whatever its lines are carried at.
      var asked = Money.zero
      for index in entry.lines.indices where entry.lines[index].account != .receivable {
        let line = entry.lines[index]
        let functional = Self.translated(line.amount, at: rate, currency)
        asked -= functional
        set(index, carried[line.account].map { .zero - $0 } ?? functional)
      }
      let receivable = entry.lines.firstIndex { $0.account == .receivable }
      let own = Carried(amount: entry.receivable, functional: asked)
      if let receivable { set(receivable, own.functional) }
      addExchangeGain(to: &result, sum)
      if let number = entry.key.invoice {
        precondition(receivables[number] == nil, "an invoice is translated twice")
        receivables[number] = Receivable(rate: rate, open: own)
      } else if let number = original {
        receivables[number]?.open.amount += own.amount
        receivables[number]?.open.functional += own.functional
      }
      return result
    case .payment, .refund, .chargeback, .payout, .cashApplication, .chargebackReversal, .writeOff:
      for index in entry.lines.indices {
        let line = entry.lines[index]
        switch (entry.key.kind, line.account) {
        case (.chargeback, .receivable):
          let functional = Self.translated(line.amount, at: today, currency)
          for part in invoices {
            receivables[part.invoice]?.open.amount += part.amount
            receivables[part.invoice]?.open.functional += functional
          }
          set(index, functional)
        case (_, .receivable):
          let sign: Int128 = entry.key.kind == .refund ? 1 : -1
          set(index, invoices.reduce(.zero) { $0 + relieve($1, sign: sign, currency) })
        case (.payout, .clearing):
          set(index, .zero - relieve(entity, .clearing, .zero - line.amount, currency))
        case (_, .unappliedCash) where line.amount > .zero:
          set(index, relieve(entity, .unappliedCash, line.amount, currency))
        case (.writeOff, .badDebt): break  // what the receivable was carried at, below
        default:
          let functional = Self.translated(line.amount, at: today, currency)
          set(index, functional)
          pool(entity, line.account, line.amount, functional)
        }
      }
      if let loss = entry.lines.firstIndex(where: { $0.account == .badDebt }) { set(loss, .zero - sum) }
      addExchangeGain(to: &result, sum)
      return result
    case .recognition:
      // What was deferred is earned at what it is carried at: a liability in kind, not in money.
      precondition(entry.lines.count % 2 == 0, "a line of a recognition has no counterpart")
      let parts = document.revenueParts
      precondition(parts.count * 2 == entry.lines.count, "a recognition has other parts than lines")
      for (place, part) in parts.enumerated() {
        let functional = liabilities.recognise(part, of: entity, at: today)
        set(2 * place, functional)
        set(2 * place + 1, .zero - functional)
      }
      return result
    case .closingBalance, .openingBalance:
      preconditionFailure("balances move as they are carried: they are translated already")
    case .accrual, .accrualReversal:
      if let reverses, let carried = accruals.removeValue(forKey: reverses) {
        // An exchange difference comes last, and has no line in the billing currency.
        precondition(
          carried.count - entry.lines.count == 0 || carried.count - entry.lines.count == 1,
          "an accrual ends with other lines than it was made with")
        for index in entry.lines.indices {
          set(index, .zero - carried[index])
          guard case .deferredRevenue(let item) = entry.lines[index].account else { continue }
          liabilities.restore(.zero - entry.lines[index].amount, carried[index], of: item, entity)
        }
        addExchangeGain(to: &result, sum)
        return result
      }
      precondition(
        entry.lines.first?.account == .unbilledReceivable, "an accrual begins with another line than its own")
      let parts = document.revenueParts
      let carried = liabilities.book(
        parts, of: entity, at: today, isMonthlyAccrual: entry.account == nil && entry.key.kind == .accrual)
      if !document.late.isEmpty { liabilities.record(late: document.late, parts, carried, at: today) }
      var asked = Money.zero
      for index in entry.lines.indices.dropFirst() {
        let line = entry.lines[index]
        let functional = Self.translated(line.amount, at: today, currency)
        asked -= functional
        set(index, carried[line.account].map { .zero - $0 } ?? functional)
      }
      precondition(accruals[entry.key] == nil, "an accrual is translated twice")
      set(0, asked)
      addExchangeGain(to: &result, sum)
      accruals[entry.key] = result.lines.map { $0.functional ?? .zero }
      return result
    }
  }

  /// What a document does not come to in the currency of the books is an exchange difference.
  private func addExchangeGain(to entry: inout JournalEntry, _ sum: Money) {
    guard sum != .zero else { return }
    entry.lines.append(JournalLine(account: .exchangeGains, amount: .zero, functional: .zero - sum))
  }

  /// Adds to a position that is carried at its average.
  private mutating func pool(
    _ entity: EntityID, _ account: LedgerAccount, _ amount: Money, _ functional: Money
  ) {
    switch account {
    case .clearing, .unappliedCash:
      pools[Pool(entity: entity, account: account), default: Carried()].amount += amount
      pools[Pool(entity: entity, account: account), default: Carried()].functional += functional
    default: break
    }
  }

  /// Takes a part out of a position that is carried at its average; the last part takes what is left.
  ///
  /// - Returns: what the part was carried at, with the sign of the amount.
  private mutating func relieve(
    _ entity: EntityID, _ account: LedgerAccount, _ amount: Money, _ currency: Currency
  ) -> Money {
    let key = Pool(entity: entity, account: account)
    var pool = pools[key] ?? Carried()
    // A liability is carried with a negative sign, and its end is a debit.
    let isLiability = account != .clearing
    let held = isLiability ? .zero - pool.amount : pool.amount
    let carried = isLiability ? .zero - pool.functional : pool.functional
    var part = carried
    if amount != held, held != .zero {
      // Each in whole minor units of its own currency, so that the product stays in range.
      let minor = Money(minorUnits: 1, of: currency).units
      let billed = Money(minorUnits: 1, of: catalog[entity].currency).units
      let units = (carried.units / minor * (amount.units / billed)).divided(
        by: (held.units / billed).magnitudeAsInt, rounding: .halfAwayFromZero)
      part = Money(units: (held < .zero ? -units : units) * minor)
    }
    assert(part.isWhole(in: currency), "a part of a position is not whole in the currency of the books")
    pool.amount += isLiability ? amount : .zero - amount
    pool.functional += isLiability ? part : .zero - part
    pools[key] = pool
    return part
  }

  /// Ends a part of a receivable, or of what is owed back; the last part takes what is left.
  private mutating func relieve(
    _ part: CashDocument.Application, sign: Int128, _ currency: Currency
  ) -> Money {
    guard var receivable = receivables[part.invoice] else { return .zero }
    let amount = Money(units: part.amount.units * sign)
    let left = receivable.open.amount + amount
    let functional =
      left == .zero
      ? .zero - receivable.open.functional : Self.translated(amount, at: receivable.rate, currency)
    receivable.open.amount = left
    receivable.open.functional += functional
    receivables[part.invoice] = receivable
    return functional
  }
}

extension Int128 {
  fileprivate var magnitudeAsInt: Int128 { self < 0 ? -self : self }
}
