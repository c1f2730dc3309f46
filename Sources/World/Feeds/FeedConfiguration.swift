import Chronology

/// How feeds of master data reach billing. The figures are assumed, but for the time of the fixing: nobody has published such.
public struct FeedConfiguration: Hashable, Sendable {
  /// From a message that the network has lost until it is sent again: more than nothing.
  public var resendAfter = Span.hours(12)
  /// From a message until a further copy of it, where it is sent twice, in whole seconds: more than nothing.
  public var copyDelay = DelayRange(from: .seconds(1), below: .days(7) + .seconds(1))
  /// How long a claim of an identifier waits for the account that it belongs to, each time: more than nothing.
  public var claimPause = Span.hours(1)
  /// The time of day, in UTC, at which the rates of the next day are fixed: less than a day.
  public var fixingAt = Span.hours(18)

  /// Makes the defaults.
  public init() {}
}
