import Chronology

/// When accounting periods are open for posting: master data, which core, ERPs and oracle each read on their own.
///
/// A period is open from its beginning until some time after its end, and again while it is reopened.
public struct AccountingCalendar: Hashable, Sendable {
  /// A period that finance opens again for a while.
  public struct Reopening: Hashable, Sendable {
    /// The legal entity.
    public var entity: EntityID
    /// The period.
    public var period: Period
    /// The first instant at which it is open again.
    public var from: Instant
    /// The first instant at which it is closed again.
    public var until: Instant

    /// Makes a reopening.
    public init(entity: EntityID, period: Period, from: Instant, until: Instant) {
      self.entity = entity
      self.period = period
      self.from = from
      self.until = until
    }
  }

  /// From a period's end until it closes.
  public var closeAfter: Span
  /// The reopenings.
  public var reopenings: [Reopening]

  /// Makes a calendar.
  public init(closeAfter: Span, reopenings: [Reopening] = []) {
    self.closeAfter = closeAfter
    self.reopenings = reopenings
  }
}
