import CanonicalModel

/// Why a usage cannot be rated.
public enum RatingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The amount exceeds 10¹² major units: sums of many such amounts still fit into ``Money``.
  case amountTooLarge
  /// The price book has no charge for the meter.
  case noCharge
  /// The charge depends on single events, and only a quantity is known.
  case needsEvents(model: String)

  public var description: String {
    switch self {
    case .amountTooLarge: "the amount exceeds 10^12 major units"
    case .noCharge: "the price book has no charge for the meter"
    case .needsEvents(let model):
      "the model '\(model)' rates single events: a total quantity does not suffice"
    }
  }
}

/// One step of the working of a rated amount.
public struct RatingLine: Hashable, Sendable {
  /// What is priced: `tier 1`, `package`, `event 3`, `minimum`.
  public var label: String
  /// The quantity that the line prices.
  public var quantity: Quantity
  /// The price per unit or the rate; `nil` for flat amounts.
  public var unitPrice: Price?
  /// The flat part of the amount.
  public var flatFee: Money
  /// The exact amount of the line.
  public var amount: Money

  init(_ label: String, quantity: Quantity, unitPrice: Price? = nil, flatFee: Money = .zero, amount: Money) {
    self.label = label
    self.quantity = quantity
    self.unitPrice = unitPrice
    self.flatFee = flatFee
    self.amount = amount
  }
}

/// An amount before rounding, with its working.
public struct RatedAmount: Hashable, Sendable {
  /// The exact amount.
  public var amount: Money
  /// The working; its amounts sum to ``amount``.
  public var lines: [RatingLine]
}

/// Prices a period's usage on one charge, exactly: nothing is rounded here. Semantics: the price-book schema
/// (`meterstorm schema price-book`).
public struct ChargeRater: Sendable {
  private let charge: Charge

  /// Makes a rater for a charge.
  public init(_ charge: Charge) { self.charge = charge }

  /// Whether the charge depends on single events, so that a total does not suffice.
  public var needsEvents: Bool {
    if case .percentage(let terms) = charge.model { return terms.needsEvents }
    return false
  }

  /// Rates a total quantity.
  public func rate(quantity: Quantity) throws(RatingError) -> RatedAmount {
    let billable = max(.zero, quantity - charge.includedUnits)
    assert(billable <= max(.zero, quantity) || charge.includedUnits < .zero, "more is billed than was used")
    let lines: [RatingLine]
    switch charge.model {
    case .perUnit(let price):
      lines = [try unitLine("units", billable, price)]
    case .graduated(let tiers, let first), .graduatedPercentage(let tiers, let first):
      lines = try graduated(billable, tiers, first)
    case .volume(let tiers, let first):
      lines = try volume(billable, tiers, first)
    case .package(let size, let price):
      lines = try packages(billable, size, price)
    case .percentage(let terms):
      guard !terms.needsEvents else { throw .needsEvents(model: charge.model.name) }
      lines = [try unitLine("amount", billable, terms.rate)]
    }
    return try bounded(lines)
  }

  /// Rates what was metered; nothing that was metered is a period without usage, whatever the charge depends on.
  func rate(_ metered: WindowCell) throws(RatingError) -> Money {
    metered.count == 0
      ? try rate(events: []).amount : try rate(quantity: Quantity(units: metered.quantity)).amount
  }

  /// Rates single events in the order in which they happened.
  public func rate(events: [Quantity]) throws(RatingError) -> RatedAmount {
    guard case .percentage(let terms) = charge.model, terms.needsEvents else {
      var total = Quantity.zero
      for event in events {
        let (units, overflow) = total.units.addingReportingOverflow(event.units)
        guard !overflow else { throw .amountTooLarge }
        total = Quantity(units: units)
      }
      return try rate(quantity: total)
    }
    var lines: [RatingLine] = []
    // An allowance of nothing is none (Lago asserts the same).
    var freeEventsLeft = terms.freeEvents.flatMap { $0 > 0 ? $0 : nil }
    var freeAmountLeft = terms.freeAmount.flatMap { $0 > .zero ? $0 : nil }
    let hasAllowance = freeEventsLeft != nil || freeAmountLeft != nil
    for (index, event) in events.enumerated() {
      // Free until either allowance is used up, whichever comes first.
      var chargeable = event
      if hasAllowance, freeEventsLeft.map({ $0 > 0 }) ?? true, freeAmountLeft.map({ $0 > .zero }) ?? true {
        freeEventsLeft = freeEventsLeft.map { $0 - 1 }
        let free = min(event, freeAmountLeft ?? event)
        freeAmountLeft = freeAmountLeft.map { $0 - free }
        chargeable = event - free
        if chargeable == .zero { continue }
      }
      var line = try unitLine("event \(index + 1)", chargeable, terms.rate, flatFee: terms.fixedFee)
      if let minimum = terms.perEventMinimum { line.amount = max(line.amount, minimum) }
      if let maximum = terms.perEventMaximum { line.amount = min(line.amount, maximum) }
      lines.append(line)
    }
    return try bounded(lines)
  }

  private func graduated(
    _ quantity: Quantity, _ tiers: [Tier], _ first: FirstTierFlatFee
  ) throws(RatingError) -> [RatingLine] {
    if quantity == .zero { return idleLines(tiers, first) }
    var lines: [RatingLine] = []
    var left = quantity
    var floor = Quantity.zero
    for (index, tier) in tiers.enumerated() where left > .zero {
      let part = tier.upTo.map { min(left, $0 - floor) } ?? left
      lines.append(try unitLine("tier \(index + 1)", part, tier.unitPrice, flatFee: tier.flatFee))
      left = left - part
      floor = tier.upTo ?? floor
    }
    return lines
  }

  private func volume(
    _ quantity: Quantity, _ tiers: [Tier], _ first: FirstTierFlatFee
  ) throws(RatingError) -> [RatingLine] {
    if quantity == .zero { return idleLines(tiers, first) }
    guard let index = tiers.firstIndex(where: { $0.upTo.map { quantity <= $0 } ?? true }) else { return [] }
    return [
      try unitLine("tier \(index + 1)", quantity, tiers[index].unitPrice, flatFee: tiers[index].flatFee)
    ]
  }

  private func idleLines(_ tiers: [Tier], _ first: FirstTierFlatFee) -> [RatingLine] {
    guard first == .always, let tier = tiers.first else { return [] }
    return [
      RatingLine(
        "tier 1", quantity: .zero, unitPrice: tier.unitPrice, flatFee: tier.flatFee, amount: tier.flatFee)
    ]
  }

  private func packages(
    _ quantity: Quantity, _ size: Quantity, _ price: Money
  ) throws(RatingError) -> [RatingLine] {
    let count = quantity.units.divided(by: size.units, rounding: .awayFromZero)
    let (units, overflow) = price.units.multipliedReportingOverflow(by: count)
    guard !overflow else { throw .amountTooLarge }
    assert(count * size.units >= quantity.units, "packages hold less than was used")
    guard count > 0 else { return [] }
    return [
      RatingLine(
        "\(count) × package of \(size)", quantity: quantity, flatFee: price,
        amount: try sum(Money(units: units), .zero))
    ]
  }

  private func unitLine(
    _ label: String, _ quantity: Quantity, _ price: Price, flatFee: Money = .zero
  ) throws(RatingError) -> RatingLine {
    guard let amount = price.times(quantity) else { throw .amountTooLarge }
    return RatingLine(
      label, quantity: quantity, unitPrice: price, flatFee: flatFee, amount: try sum(amount, flatFee))
  }

  /// Sums the lines and applies the bounds of a period.
  private func bounded(_ lines: [RatingLine]) throws(RatingError) -> RatedAmount {
    var lines = lines
    var amount = Money.zero
    for line in lines { amount = try sum(amount, line.amount) }
    if let minimum = charge.minimum, amount < minimum {
      lines.append(RatingLine("minimum", quantity: .zero, amount: minimum - amount))
      amount = minimum
    }
    if let maximum = charge.maximum, amount > maximum {
      lines.append(RatingLine("maximum", quantity: .zero, amount: maximum - amount))
      amount = maximum
    }
    assert(
      lines.reduce(Money.zero) { $0 + $1.amount } == amount, "the working of an amount does not come to it")
    return RatedAmount(amount: amount, lines: lines)
  }

  private func sum(_ a: Money, _ b: Money) throws(RatingError) -> Money {
    let (units, overflow) = a.units.addingReportingOverflow(b.units)
    guard !overflow, units.magnitude <= Self.largestAmount else { throw .amountTooLarge }
    return Money(units: units)
  }

  /// 10¹² major units.
  private static var largestAmount: UInt128 { 1_000_000_000_000 * Money.one.magnitude }
}

extension ChargeRater {
  /// A charge as it is rated: a known mistake leaves its maximum out.
  static func bounded(_ charge: Charge, _ planted: PlantedDefects) -> Charge {
    guard planted.contains(.maximumIgnored) else { return charge }
    var charge = charge
    charge.maximum = nil
    return charge
  }
}
