/// A price that recurs every billing period, quarter or year, whatever is used.
public struct RecurringCharge: Hashable, Sendable {
  /// What the price is for.
  public enum Unit: String, Sendable, CaseIterable {
    /// The subscription as a whole.
    case subscription
    /// Each seat.
    case seat
  }

  /// When a period's price is charged.
  public enum Timing: String, Sendable, CaseIterable {
    /// At the period's beginning.
    case inAdvance
    /// After its end.
    case inArrears
  }

  /// The name of the item: `platform_fee`.
  public var name: String
  /// The price of a whole interval, per unit.
  public var price: Money
  /// The unit.
  public var unit: Unit
  /// The timing.
  public var timing: Timing
  /// The interval in months: 1, 3 or 12. Intervals are counted from the contract's first billing period on.
  public var months: Int

  /// Makes a charge.
  public init(
    name: String, price: Money, unit: Unit = .subscription, timing: Timing = .inAdvance, months: Int = 1
  ) {
    self.months = months
    self.name = name
    self.price = price
    self.unit = unit
    self.timing = timing
  }
}

/// Credits that a customer buys in advance, at their face value, and that its usage draws down.
///
/// Usage draws on the credits that are in force in its billing period when that period is billed, those that expire first first; usage
/// that comes late draws on them as long as they have not expired. Usage that is taken back gives back what it has drawn. What is left when
/// a credit expires, or the contract ends, is lost to the customer and earned by the seller (breakage).
public struct PrepaidCredits: Hashable, Sendable {
  /// The name of the item: `credits`.
  public var name: String
  /// What is bought at the beginning of each interval, and can be drawn.
  public var amount: Money
  /// The interval in months, counted from the contract's first billing period on.
  public var months: Int
  /// After how many months from the beginning of its interval a purchase expires.
  public var expiresAfter: Int
  /// Whether they also pay what a period's usage lacks to the minimum spend.
  public var coversMinimum: Bool

  /// Makes terms.
  public init(name: String, amount: Money, months: Int, expiresAfter: Int, coversMinimum: Bool = true) {
    self.coversMinimum = coversMinimum
    self.name = name
    self.amount = amount
    self.months = months
    self.expiresAfter = expiresAfter
  }
}

/// How a change of contract within a billing period is charged: recurring charges, included units, minimum and
/// maximum are reduced to the share of the period in which they were in force.
public enum ProrationPolicy: String, Sendable, CaseIterable {
  /// By whole UTC days, the end excluded: the day of a change belongs to the new terms.
  case days
  /// By seconds.
  case seconds
  /// Not at all: recurring charges follow the terms at the period's beginning, allowances count in full.
  case none
}
