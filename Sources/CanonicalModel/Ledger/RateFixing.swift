import Chronology

/// The rate of a day at which a legal entity translates what it bills into the currency of its books.
public struct RateFixing: Hashable, Sendable {
  /// The entity.
  public var entity: EntityID
  /// The first instant of the day.
  public var day: Instant
  /// Units of the books' currency for one unit of the billing currency.
  public var rate: Price

  /// Makes a fixing.
  public init(entity: EntityID, day: Instant, rate: Price) {
    self.entity = entity
    self.day = day
    self.rate = rate
  }
}
