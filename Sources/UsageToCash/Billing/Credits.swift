import CanonicalModel
import Chronology

/// Credits on invoices: each request once, never more than is left of the invoice and its tax, and over a limit only
/// with the approval of a second person.
public struct Credits: Sendable {
  fileprivate struct Credited: Sendable {
    var account: AccountID
    var currency: Currency
    var invoice: Invoice
    /// The invoice that was first issued for the same lines: itself, unless it was issued anew.
    var origin: Invoice
    var subtotal: Money
    var taxes: [TaxLine]
    var net = Money.zero
    /// What was credited of each tax, and of what it is on.
    var taxesBack: [(taxable: Money, amount: Money)]
    /// What was credited of each line.
    var lines: [Money]
  }

  private let catalog: Catalog
  private let planted: PlantedDefects
  private var invoices: [InvoiceNumber: Credited] = [:]
  private var done: Set<UInt32> = []
  private var waiting: Set<UInt32> = []
  private var nextSequence: DenseTable<EntityID, UInt32>

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
    nextSequence = DenseTable(repeating: 1, count: catalog.entities.count)
  }

  mutating func record(issued invoice: Invoice) {
    guard catalog.creditLimit != nil else { return }
    precondition(invoices[invoice.number] == nil, "an invoice is issued twice under one number")
    invoices[invoice.number] = Credited(
      account: invoice.account, currency: invoice.currency, invoice: invoice,
      origin: invoice.rebills.flatMap { invoices[$0]?.origin } ?? invoice,
      subtotal: invoice.lines.reduce(.zero) { $0 + $1.amount }, taxes: invoice.taxes,
      taxesBack: Array(repeating: (.zero, .zero), count: invoice.taxes.count),
      lines: Array(repeating: .zero, count: invoice.lines.count))
  }

  /// Takes a request.
  ///
  /// - Parameter creditable: how much of each charge of the invoice's lines, before discount, may be credited at most.
  /// - Returns: the memo, if there is one; whether the request has begun to wait for an approval.
  mutating func handle(
    _ request: CreditRequest, creditable: [Money], at now: Instant
  ) -> (memo: CreditMemo?, isWaiting: Bool) {
    guard var invoice = invoices[request.invoice], let limit = catalog.creditLimit else {
      return (nil, false)
    }
    if !planted.contains(.creditReplayed), done.contains(request.id) { return (nil, false) }
    let hasSecondPerson = request.approvedBy.map { $0 != request.requestedBy } ?? false
    if !planted.contains(.creditWithoutApproval), (request.isRebill ? invoice.subtotal : request.net) > limit,
      !hasSecondPerson
    {
      return (nil, waiting.insert(request.id).inserted)
    }
    // Only an invoice on which nothing was credited is credited as a whole and issued anew.
    if request.isRebill, invoice.net != .zero { return (nil, false) }
    let asked = request.isRebill ? invoice.subtotal : request.net
    let most = request.isRebill ? [] : invoice.most(creditable)
    let left = request.isRebill ? invoice.subtotal : min(invoice.subtotal - invoice.net, sum(most))
    let net = planted.contains(.creditUncapped) ? asked : min(asked, left)
    guard net > .zero else { return (nil, false) }
    done.insert(request.id)
    waiting.remove(request.id)
    invoice.net += net
    precondition(
      invoice.net <= invoice.subtotal || planted.contains(.creditUncapped),
      "more is credited on an invoice than it asks for")
    precondition(
      !request.isRebill || net == invoice.subtotal || planted.contains(.creditUncapped),
      "an invoice that is issued anew is credited in part")
    let parts = Self.spread(net, over: most, in: invoice.currency)
    for (index, part) in zip(invoice.lines.indices, parts) { invoice.lines[index] += part }
    let taxes = creditedTaxes(&invoice, at: now)
    invoices[request.invoice] = invoice
    let entity = Int(request.invoice.entity.index)
    let key = PostingKey(
      kind: .creditMemo, entity: request.invoice.entity, sequence: nextSequence[entity])
    nextSequence[entity] += 1
    return (
      CreditMemo(
        key: key, request: request, account: invoice.account, currency: invoice.currency,
        period: Period(holding: now), net: net, taxes: taxes,
        parts: zip(invoice.invoice.lines, parts).enumerated().compactMap { index, line in
          line.1 == .zero ? nil : CreditMemo.Part(line: index, item: line.0.charge.item, amount: line.1)
        }), false
    )
  }

  /// The charges of an invoice, each with what is left of it before discount; `nil`: there is no such invoice.
  func open(_ number: InvoiceNumber) -> [Rating.ChargePart]? {
    guard let invoice = invoices[number] else { return nil }
    return zip(invoice.invoice.lines, invoice.open).map { line, open in
      Rating.ChargePart(charge: line.charge, amount: Self.charge(of: open, line, in: invoice.currency))
    }
  }

  /// What a memo credits of charges, before discount.
  func charges(of memo: CreditMemo) -> [Rating.ChargePart] {
    guard let invoice = invoices[memo.request.invoice] else { return [] }
    return memo.parts.map { part in
      let line = invoice.invoice.lines[part.line]
      let now = invoice.lines[part.line]
      let before = Self.charge(of: now - part.amount, line, in: invoice.currency)
      return Rating.ChargePart(
        charge: line.charge, amount: Self.charge(of: now, line, in: invoice.currency) - before)
    }
  }

  /// The line of an invoice that a part of a memo is about, and the invoice on which it was first issued.
  func line(of part: CreditMemo.Part, _ memo: CreditMemo) -> (line: InvoiceLine, invoice: Invoice)? {
    invoices[memo.request.invoice].map { ($0.origin.lines[part.line], $0.origin) }
  }

  /// The part of a line's charge that a part of its amount, less discount, stands for.
  private static func charge(of amount: Money, _ line: InvoiceLine, in currency: Currency) -> Money {
    guard line.amount > .zero else { return .zero }
    return line.charge.amount.share(amount, of: line.amount, in: currency, rounding: .halfAwayFromZero)
  }

  /// Spreads a credit over lines in proportion to what is left of them.
  private static func spread(_ net: Money, over most: [Money], in currency: Currency) -> [Money] {
    let all = most.reduce(Money.zero) { $0 + $1 }
    guard all > .zero else { return [] }
    let minor = Money(minorUnits: 1, of: currency).units
    let shares = most.map { own in
      // Whole minor units on both sides: the quotient first, so that the product stays in range.
      let (quotient, remainder) = (net.units / minor * (own.units / minor))
        .quotientAndRemainder(dividingBy: all.units / minor)
      return Money(units: quotient * minor + remainder * minor / (all.units / minor))
    }
    return Allocation().spread(net, over: shares, in: currency)
  }

  private func sum(_ amounts: [Money]) -> Money { amounts.reduce(.zero) { $0 + $1 } }

  /// The invoice that a memo has credited in full, to be issued anew.
  func rebilled(_ memo: CreditMemo) -> Invoice? { invoices[memo.request.invoice]?.invoice }

  /// The taxes on all that was credited, at the rates that were charged, less what was credited of them before: the parts never exceed the whole.
  private func creditedTaxes(_ invoice: inout Credited, at now: Instant) -> [TaxLine] {
    var back: [TaxLine] = []
    for (place, charged) in invoice.taxes.enumerated() {
      var tax = charged
      if planted.contains(.creditTaxedAtItsDay),
        let latest = catalog[tax.jurisdiction].rates.last(where: { $0.from <= now })
      {
        tax.rate = latest.rate
      }
      let isWhole = invoice.net == invoice.subtotal
      let taxable = isWhole ? tax.taxable : invoice.credited(of: place)
      let exact = Money(units: taxable.units / 1_000_000_000_000 * tax.rate.units)
      var sum = exact.rounded(to: invoice.currency)
      if !planted.contains(.creditUncapped) { sum = isWhole ? tax.amount : min(sum, max(.zero, tax.amount)) }
      let before = invoice.taxesBack[place]
      invoice.taxesBack[place] = (taxable, sum)
      back.append(
        TaxLine(
          jurisdiction: tax.jurisdiction, rate: tax.rate, taxable: taxable - before.taxable,
          amount: sum - before.amount, reason: tax.reason))
    }
    return back
  }
}

extension Credits.Credited {
  /// What was credited of what a tax is on.
  fileprivate func credited(of tax: Int) -> Money {
    guard invoice.lines.contains(where: { !$0.taxes.isEmpty }) else { return net }
    return zip(invoice.lines, lines).reduce(.zero) { sum, own in
      let (line, back) = own
      guard back != .zero, line.amount > .zero else { return sum }
      let taxable = line.taxes.reduce(Money.zero) { $1.tax == tax ? $0 + $1.taxable : $0 }
      return sum + taxable.share(back, of: line.amount, in: currency, rounding: .halfAwayFromZero)
    }
  }

  /// What is left of each line that asks for something: what prepaid credits have paid of usage is not there to be credited.
  fileprivate var open: [Money] {
    var drawn: [Wallet.Service: Money] = [:]
    for line in invoice.lines where line.charge.kind == .drawdown && line.amount < .zero {
      drawn[Self.service(of: line), default: .zero] -= line.amount
    }
    return invoice.lines.indices.map { index in
      let line = invoice.lines[index]
      guard line.amount > .zero, line.charge.kind != .drawdown else { return .zero }
      let service = Self.service(of: line)
      var own = line.amount
      if [.usage, .lateUsage, .trueUp].contains(line.charge.kind), let paid = drawn[service] {
        let part = min(paid, own)
        own -= part
        drawn[service] = paid - part
      }
      return max(.zero, own - lines[index])
    }
  }

  /// The most that can be credited of each line, less discount, where its charge allows for so much before it.
  fileprivate func most(_ creditable: [Money]) -> [Money] {
    precondition(creditable.count == invoice.lines.count, "an invoice has not so many lines")
    return zip(zip(open, creditable), invoice.lines).map { both, line in
      let (open, charge) = both
      guard open > .zero, line.amount != line.charge.amount else { return min(open, charge) }
      let whole = line.charge.amount
      guard charge < whole else { return open }
      // Cut off, so that never more is credited of the charge.
      return min(open, line.amount.share(charge, of: whole, in: currency, rounding: .towardZero))
    }
  }

  private static func service(of line: InvoiceLine) -> Wallet.Service {
    Wallet.Service(subscription: line.charge.subscription, period: line.charge.servicePeriod)
  }
}

extension Money {
  /// As much of an amount as a part is of a whole, rounded once; all of them whole minor units of one currency, so that the product stays in
  /// range.
  fileprivate func share(
    _ part: Money, of whole: Money, in currency: Currency, rounding: Rounding
  ) -> Money {
    let minor = Money(minorUnits: 1, of: currency).units
    let product = (units / minor) * (part.units / minor)
    return Money(units: product.divided(by: whole.units / minor, rounding: rounding) * minor)
  }
}
