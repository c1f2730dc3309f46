/// What an ERP has been through.
public struct ERPStatistics: Hashable, Sendable {
  /// Calls received.
  public var calls = 0
  /// Of them, those to post documents.
  public var posts = 0
  /// Of them, those to look documents up, refused ones included.
  public var searches = 0
  /// Of them, those to read a ledger or a period of it back.
  public var readBacks = 0
  /// Calls refused for the limits.
  public var throttled = 0
  /// Calls refused because the ERP was down.
  public var unavailable = 0
  /// Calls that died in an outage, without effect and without an answer.
  public var dropped = 0
  /// Calls that were committed and never answered.
  public var answersLost = 0
  /// Documents refused because their period was closed.
  public var refusedForPeriod = 0
  /// Documents refused because of what they named.
  public var refused = 0
  /// Look-ups processed.
  public var lookUps = 0
  /// Documents that an idempotency key, external id or number kept from being posted twice.
  public var keyHits = 0
  /// Keys that came again after the ERP had forgotten them.
  public var keysExpired = 0
  /// Keys that came again with another document.
  public var keyConflicts = 0
  /// Documents that a look-up missed, as the index lags behind.
  public var hiddenByLag = 0
  /// Documents of a call that failed alone, to be sent again.
  public var failed = 0
  /// Documents that were moved out of a closed period.
  public var movedToOpenPeriod = 0
  /// The most calls that were worked on at once.
  public var greatestConcurrency = 0

  /// What two ERPs have been through together.
  static func + (a: ERPStatistics, b: ERPStatistics) -> ERPStatistics {
    var sum = a
    sum.calls += b.calls
    sum.posts += b.posts
    sum.searches += b.searches
    sum.readBacks += b.readBacks
    sum.throttled += b.throttled
    sum.unavailable += b.unavailable
    sum.dropped += b.dropped
    sum.answersLost += b.answersLost
    sum.refusedForPeriod += b.refusedForPeriod
    sum.lookUps += b.lookUps
    sum.refused += b.refused
    sum.keyHits += b.keyHits
    sum.keysExpired += b.keysExpired
    sum.keyConflicts += b.keyConflicts
    sum.hiddenByLag += b.hiddenByLag
    sum.failed += b.failed
    sum.movedToOpenPeriod += b.movedToOpenPeriod
    sum.greatestConcurrency = max(sum.greatestConcurrency, b.greatestConcurrency)
    return sum
  }
}
