import Chronology

/// The rules of collecting through a payment gateway. The figures are assumed: what a merchant may choose.
public struct PaymentPolicy: Hashable, Sendable {
  /// From a charge without an answer until its outcome is unknown: more than nothing.
  public var timeout = Span.seconds(30)
  /// From then until it is asked for again, under the same key.
  public var retryUnknownAfter = Span.minutes(1)
  /// From an answer that the gateway is not available until the charge is asked for again: more than nothing.
  public var retryUnavailableAfter = Span.minutes(10)

  /// Makes the defaults.
  public init() {}
}
