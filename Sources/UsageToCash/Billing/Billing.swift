import CanonicalModel
import Chronology
import CoreInterface

/// The fourth stage: makes one draft an account from the rated charges, has it taxed, then finalises it: with a number
/// that leaves no gap within its legal entity.
public struct Billing: Sendable {
  private let catalog: Catalog
  private var nextSequence: DenseTable<EntityID, UInt32>
  private var nextNote: DenseTable<EntityID, UInt32>
  /// The latest invoice on which something was charged, where it is known by what it was charged for.
  private var chargedOn: [RecurringLedger.Key: InvoiceNumber] = [:]
  private var taxDesk: TaxDesk
  private let planted: PlantedDefects
  private var amendsIssued: Bool { planted.contains(.lateUsageOnIssuedInvoice) }
  /// Issued invoices, where they are amended.
  private var issued: [AccountID: [Period: Invoice]] = [:]

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, tax: TaxPolicy = TaxPolicy(), planted: PlantedDefects = []) {
    self.catalog = catalog
    taxDesk = TaxDesk(policy: tax, planted: planted)
    self.planted = planted
    nextSequence = DenseTable(repeating: 1, count: catalog.entities.count)
    nextNote = nextSequence
  }

  /// Whether no draft waits.
  @inline(__always)
  public var isIdle: Bool { taxDesk.isIdle }
  /// Whether an invoice of a period, or an earlier one, waits for its tax.
  func waits(for period: Period) -> Bool {
    guard !taxDesk.isIdle else { return false }
    var waits = false
    taxDesk.visit { if $0.period.end <= period.end { waits = true } }
    return waits
  }

  /// Drafts that wait for their tax.
  public var waitingForTax: Int { taxDesk.depth }
  @inline(__always)
  var nextDeadline: Instant? { taxDesk.nextDeadline }

  /// What is rated and stands on a draft, per `entity × items + item`.
  func inTransit() -> [ControlTotal] {
    let items = catalog.items.count
    var totals = [ControlTotal](repeating: ControlTotal(), count: catalog.entities.count * items)
    taxDesk.visit { draft in
      let entity = Int(catalog[draft.account].entity.index)
      for line in draft.lines {
        let charge = line.charge
        totals[entity * items + Int(charge.item.index)] += ControlTotal(
          count: charge.count, quantity: charge.quantity, amount: charge.amount, digest: charge.digest)
      }
    }
    return totals
  }

  /// Divides what a run charges by the books in which it stands: where a billing period ends with a month, what is asked for in advance is of the
  /// next, and so is its tax. Where there is no tax, both are on one invoice, in the month that it closes.
  private func documents(
    for charges: [RatedCharge], closing period: Period
  ) -> [(charges: [RatedCharge], period: Period)] {
    guard period.day == 1, !planted.contains(.advanceInMonthBefore) else { return [(charges, period)] }
    func isAhead(_ charge: RatedCharge) -> Bool {
      charge.servicePeriod.start >= period.end
        && !catalog[catalog[charge.subscription].account].jurisdictions.isEmpty
    }
    guard charges.contains(where: isAhead) else { return [(charges, period)] }
    return [
      (charges.filter { !isAhead($0) }, period), (charges.filter(isAhead), Period(holding: period.end)),
    ]
  }

  /// Drafts what a run that closes a period charges; returns the invoices that owe no tax, finalised.
  mutating func draft(_ charges: [RatedCharge], closing period: Period, at now: Instant) -> [Invoice] {
    var invoices: [Invoice] = []
    for (own, month) in documents(for: charges, closing: period) {
      invoices += draft(own, for: month, at: now)
    }
    return invoices
  }

  /// Drafts the invoices of a period, in the order of accounts; returns those that owe no tax, finalised.
  mutating func draft(_ charges: [RatedCharge], for period: Period, at now: Instant) -> [Invoice] {
    var invoices: [Invoice] = []
    var taxed: [DraftInvoice] = []
    for (account, own) in byAccount(charges) {
      let currency = catalog.currency(of: charges[own[own.startIndex].place].subscription)
      let draft = DraftInvoice(
        account: account, currency: currency, period: period,
        lines: discounted(
          own.map { charges[$0.place] }, by: catalog[account].discount, in: currency))
      if catalog[account].jurisdictions.isEmpty {
        invoices.append(finalise(draft, taxes: [], at: now))
      } else {
        taxed.append(draft)
      }
    }
    precondition(
      Set(taxed.map(\.account)).count == taxed.count, "an account has two drafts for one period")
    taxDesk.enqueue(taxed)
    return invoices
  }

  /// What of each charge of an account will be revenue, as far as is known without asking the tax engine: less the customer's discount and the taxes
  /// that its price includes.
  func revenue(of charges: [RatedCharge], for account: AccountID, at now: Instant) -> [Money] {
    guard !charges.isEmpty, !planted.contains(.lateUsageAccruedGross) else { return charges.map(\.amount) }
    let (customer, currency) = (catalog[account], catalog.currency(of: charges[0].subscription))
    let included = IncludedTaxes(catalog: catalog)
    return discounted(charges, by: customer.discount, in: currency).map { line in
      let first =
        catalog.taxPoint == .invoice ? now : line.charge.served?.from ?? line.charge.servicePeriod.start
      let parts = line.supply.isEmpty ? [SupplyPart(from: first, amount: line.price)] : line.supply
      return parts.reduce(line.price) {
        $0 - included.taxes(in: $1.amount, of: line.charge.item, for: customer, at: $1.from, in: currency)
      }
    }
  }

  /// The places of charges, by account, in the order of accounts and then of charges.
  private func byAccount(
    _ charges: [RatedCharge]
  ) -> [(account: AccountID, charges: ArraySlice<(account: AccountID, place: Int)>)] {
    var places = charges.enumerated().map { place, charge in
      (account: catalog[charge.subscription].account, place: place)
    }
    places.sort { ($0.account, $0.place) < ($1.account, $1.place) }
    var all: [(account: AccountID, charges: ArraySlice<(account: AccountID, place: Int)>)] = []
    var start = 0
    while start < places.count {
      let account = places[start].account
      precondition(
        all.last.map { $0.account < account } ?? true, "the charges of an account are in two places")
      var end = start + 1
      while end < places.count, places[end].account == account { end += 1 }
      all.append((account, places[start..<end]))
      start = end
    }
    return all
  }

  /// The lines of an invoice, with the customer's discount spread over them.
  private func discounted(
    _ charges: [RatedCharge], by discount: Price?, in currency: Currency
  ) -> [InvoiceLine] {
    guard let discount else {
      return charges.map { charge in
        var line = InvoiceLine(charge: charge)
        line.supply = charge.supply
        return line
      }
    }
    // Amounts are whole minor units and a share has at most 12 digits: the product is exact after the division.
    let shares = charges.map { Money(units: $0.amount.units / 1_000_000_000_000 * discount.units) }
    let total = shares.reduce(.zero) { $0 + $1 }.rounded(to: currency)
    let parts = Allocation(planted).spread(total, over: shares, in: currency)
    precondition(parts.count == charges.count, "a discount has not a part for each line")
    return zip(charges, parts).map { charge, part in
      var line = InvoiceLine(charge: charge, discount: part)
      line.supply = Self.supply(of: charge, less: part, in: currency)
      return line
    }
  }

  /// When what a line asks for was supplied: the discount is taken off in proportion, and what is over by rounding off the last part.
  private static func supply(
    of charge: RatedCharge, less discount: Money, in currency: Currency
  ) -> [SupplyPart] {
    guard charge.amount != .zero, let last = charge.supply.indices.last else { return charge.supply }
    let minor = Money(minorUnits: 1, of: currency).units
    var left = discount
    return charge.supply.enumerated().map { place, part in
      let own =
        place == last
        ? left
        : Money(
          units: (discount.units / minor * (part.amount.units / minor) * charge.amount.units.signum())
            .divided(
              by: abs(charge.amount.units) / minor, rounding: .halfAwayFromZero) * minor)
      left -= own
      return SupplyPart(from: part.from, amount: part.amount - own)
    }
  }

  /// The calls to the tax engine that are due.
  mutating func advance(to now: Instant) -> [TaxCall] { taxDesk.advance(to: now) }

  /// Takes the tax engine's answer; returns the invoices that it finalises.
  mutating func handle(_ answer: TaxAnswer, to id: TaxCallID, at now: Instant) -> [Invoice] {
    if planted.contains(.numberBeforeTax), answer == .unavailable, let entity = nextSequence.indices.first {
      _ = nextNumber(of: EntityID(index: UInt32(entity)))
    }
    return taxDesk.handle(answer, to: id, at: now).map { draft, quote in
      var draft = draft
      let taxes = InvoiceTaxes(catalog: catalog, planted: planted).apply(quote, to: &draft)
      return finalise(draft, taxes: taxes, at: now)
    }
  }

  /// Rounds the exact taxes of lines by a policy.
  static func tax(of lines: [Money], _ rounding: TaxRounding, in currency: Currency) -> Money {
    // Shares of prices that include taxes are fractions, cut off after 18 digits: a sum of them may lack as many units of the last as there are lines,
    // and is no further from a tie than that only where it is one.
    func rounded(_ amount: Money) -> Money {
      Money(units: amount.units.divided(by: 10_000, rounding: .halfAwayFromZero) * 10_000).rounded(
        to: currency)
    }
    return switch rounding {
    case .perInvoice: rounded(lines.reduce(.zero) { $0 + $1 })
    case .perLine: lines.reduce(.zero) { $0 + rounded($1) }
    }
  }

  /// Issues an invoice anew, as it was, under the next number.
  mutating func rebill(_ original: Invoice, at now: Instant) -> Invoice {
    precondition(now >= original.issued, "an invoice is issued anew before it was issued")
    var invoice = original
    invoice.number = nextNumber(of: original.number.entity)
    invoice.issued = now
    invoice.period = Period(holding: now)
    invoice.rebills = original.number
    note(invoice)
    return invoice
  }

  private mutating func nextNumber(of entity: EntityID) -> InvoiceNumber {
    defer { nextSequence[entity] += 1 }
    return InvoiceNumber(entity: entity, sequence: nextSequence[entity])
  }

  private mutating func nextNoteNumber(of entity: EntityID) -> InvoiceNumber {
    defer { nextNote[entity] += 1 }
    return InvoiceNumber(entity: entity, sequence: nextNote[entity], isCreditNote: true)
  }

  /// Notes on which invoice things were charged.
  private mutating func note(_ invoice: Invoice) {
    for line in invoice.lines where line.charge.amount > .zero {
      chargedOn[Self.key(of: line.charge)] = invoice.number
    }
  }

  /// The invoices on which what lines give back was charged.
  private func credited(by lines: [InvoiceLine]) -> [InvoiceNumber] {
    Set(lines.compactMap { $0.charge.amount < .zero ? chargedOn[Self.key(of: $0.charge)] : nil }).sorted()
  }

  private static func key(of charge: RatedCharge) -> RecurringLedger.Key {
    RecurringLedger.Key(
      subscription: charge.subscription, item: charge.item, period: charge.servicePeriod)
  }

  private mutating func finalise(_ draft: DraftInvoice, taxes: [TaxLine], at now: Instant) -> Invoice {
    precondition(!draft.lines.isEmpty, "an invoice without a line takes a number")
    let entity = catalog[draft.account].entity
    let total =
      planted.contains(.taxLeftOffTheTotal)
      ? draft.subtotal : taxes.reduce(draft.subtotal) { $0 + $1.amount }
    let isNote = total < .zero && !planted.contains(.creditNoteAsInvoice)
    let invoice = Invoice(
      number: isNote ? nextNoteNumber(of: entity) : nextNumber(of: entity), account: draft.account,
      currency: draft.currency, period: draft.period, issued: now, lines: draft.lines, taxes: taxes,
      total: total,
      credits: isNote && !planted.contains(.creditNoteWithoutReference) ? credited(by: draft.lines) : [])
    if !isNote { note(invoice) }
    if amendsIssued { issued[draft.account, default: [:]][draft.period] = invoice }
    return invoice
  }

  /// Adds charges to the invoices of their period, which customers have already.
  mutating func amend(_ charges: [RatedCharge], of period: Period) -> [Invoice] {
    var amended: [AccountID: Invoice] = [:]
    for charge in charges {
      let account = catalog[charge.subscription].account
      guard var invoice = amended[account] ?? issued[account]?[period] else { continue }
      invoice.lines.append(InvoiceLine(charge: charge))
      invoice.total += charge.amount
      amended[account] = invoice
    }
    for (account, invoice) in amended { issued[account]?[period] = invoice }  // each on its own
    return amended.keys.sorted().compactMap { amended[$0] }
  }
}
