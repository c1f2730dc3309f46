import CanonicalModel

/// The oracle's own rating: naive, exact, one formula a model, in units of 10⁻¹⁸. Shares nothing with the
/// core but the price book.
enum OracleRating {
  /// The exact amount of a total quantity; `nil` where it cannot be told from a total or
  /// exceeds 10¹² major units.
  static func amount(of quantity: Quantity, under charge: Charge) -> Money? {
    let free = charge.includedUnits.units
    let billable = quantity.units > free ? quantity.units - free : 0
    guard var amount = unbounded(billable, charge.model) else { return nil }
    if let least = charge.minimum?.units, amount < least { amount = least }
    if let most = charge.maximum?.units, amount > most { amount = most }
    let most = 1_000_000_000_000 * Money.one
    return (-most...most).contains(amount) ? Money(units: amount) : nil
  }

  private static func unbounded(_ quantity: Int128, _ model: PricingModel) -> Int128? {
    switch model {
    case .perUnit(let price):
      return product(price.units, quantity)
    case .graduated(let tiers, let first), .graduatedPercentage(let tiers, let first):
      if quantity == 0 { return first == .always ? tiers.first?.flatFee.units : 0 }
      // Σ over the tiers: the part of the quantity between its bounds, and its fee if it is entered.
      var sum: Int128 = 0
      var lower: Int128 = 0
      for tier in tiers {
        let upper = tier.upTo?.units ?? .max
        if quantity > lower {
          guard let part = product(tier.unitPrice.units, min(quantity, upper) - lower) else { return nil }
          guard let next = total(sum, part, tier.flatFee.units) else { return nil }
          sum = next
        }
        lower = upper
      }
      return sum
    case .volume(let tiers, let first):
      if quantity == 0 { return first == .always ? tiers.first?.flatFee.units : 0 }
      let reached = tiers.filter { ($0.upTo?.units ?? .max) >= quantity }
      guard let tier = reached.min(by: { ($0.upTo?.units ?? .max) < ($1.upTo?.units ?? .max) }) else {
        return 0
      }
      return product(tier.unitPrice.units, quantity).flatMap { total($0, tier.flatFee.units) }
    case .package(let size, let price):
      return product(price.units, (quantity + size.units - 1) / size.units)
    case .percentage(let terms):
      return terms.needsEvents ? nil : product(terms.rate.units, quantity)
    }
  }

  /// The exact amount of single events under a percentage with terms by the event: what is free is counted off event
  /// by event, and the rest of each is priced on its own.
  static func amount(ofEvents events: [Quantity], under charge: Charge) -> Money? {
    guard case .percentage(let terms) = charge.model, terms.needsEvents else {
      return amount(of: events.reduce(.zero) { $0 + $1 }, under: charge)
    }
    let eventLimit = (terms.freeEvents ?? 0) > 0 ? terms.freeEvents : nil
    let amountLimit = (terms.freeAmount?.units ?? 0) > 0 ? terms.freeAmount?.units : nil
    var sum: Int128 = 0
    var usedAmount: Int128 = 0
    for (index, event) in events.enumerated() {
      let hasLimit = eventLimit != nil || amountLimit != nil
      let isWithin = hasLimit && index < eventLimit ?? .max && usedAmount < amountLimit ?? .max
      var priced = event.units
      if isWithin {
        let free = min(priced, (amountLimit ?? .max) - usedAmount)
        usedAmount += free
        priced -= free
        if priced == 0 { continue }
      }
      guard let variable = product(priced, terms.rate.units), var fee = total(variable, terms.fixedFee.units)
      else { return nil }
      if let least = terms.perEventMinimum?.units { fee = max(fee, least) }
      if let most = terms.perEventMaximum?.units { fee = min(fee, most) }
      guard let next = total(sum, fee) else { return nil }
      sum = next
    }
    if let least = charge.minimum?.units { sum = max(sum, least) }
    if let most = charge.maximum?.units { sum = min(sum, most) }
    return Money(units: sum)
  }

  /// The tax on lines in whole minor units, by a policy of rounding, ties away from zero.
  static func tax(on lines: [Money], at rate: Price, _ rounding: TaxRounding, in currency: Currency) -> Money
  {
    let one: Int128 = 1_000_000_000_000
    let minor = minor(of: currency)
    func rounded(_ units: Int128) -> Int128 {
      let product = units / minor * rate.units
      let magnitude = (abs(product) * 2 + one) / (one * 2)
      return product < 0 ? -magnitude : magnitude
    }
    let amounts = lines.map(\.units)
    let tax = rounding == .perLine ? amounts.reduce(0) { $0 + rounded($1) } : rounded(amounts.reduce(0, +))
    return Money(units: tax * minor)
  }

  private static func total(_ values: Int128...) -> Int128? {
    var sum: Int128 = 0
    for value in values {
      let (next, overflow) = sum.addingReportingOverflow(value)
      if overflow { return nil }
      sum = next
    }
    return sum
  }

  private static func product(_ a: Int128, _ b: Int128) -> Int128? {
    let (value, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : value
  }

  /// The units of one minor unit of a currency.
  static func minor(of currency: Currency) -> Int128 {
    var minor: Int128 = Money.one
    for _ in 0..<currency.digits { minor /= 10 }
    return minor
  }

  /// Rounds to the minor unit of a currency, ties away from zero: the documented rule of an invoice line.
  static func rounded(_ amount: Money, to currency: Currency) -> Money {
    let minor = minor(of: currency)
    let magnitude = amount.units < 0 ? -amount.units : amount.units
    let whole = (magnitude + minor / 2) / minor * minor
    return Money(units: amount.units < 0 ? -whole : whole)
  }
}
