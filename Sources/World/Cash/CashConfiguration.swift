import CanonicalModel
import Chronology

/// How customers, their banks and the payment gateway behave. Figures with a default are assumed: nobody has published such.
public struct CashConfiguration: Sendable {
  /// The share of charges that is declined.
  public var declineShare: Double
  /// The share of collected charges that is taken back later.
  public var chargebackShare: Double
  /// The gateway's fee: a share of the amount.
  public var feeShare: Price
  /// The gateway's fee: a fixed part.
  public var fixedFee: Money
  /// What a chargeback costs.
  public var chargebackFee: Money
  /// From a charge until it is paid out; payouts are made once a day.
  public var settlement: Span
  /// How long the gateway takes to answer a charge, before faults: the median of a log-normal distribution. Where it takes longer than the
  /// core waits, the outcome is unknown.
  public var latency = Span.milliseconds(800)
  /// The standard deviation of the logarithm of that time.
  public var latencySigma = 0.5
  /// How long the gateway takes to say that it is not available.
  public var refusalAfter = Span.seconds(1)
  /// From a charge that was collected until the customer takes it back, in whole seconds.
  public var chargebackDelay = DelayRange(from: .days(5), below: .days(25))
  /// From the order of a refund until the money moves.
  public var refundAfter = Span.hours(4)
  /// From a notice of money that moved until a further copy of it, where it is sent twice, in whole seconds.
  public var noticeCopyDelay = DelayRange(from: .seconds(1), below: .hours(2) + .seconds(1))
  /// From an invoice's due date until the customer's transfer arrives.
  public var transferDelay: DelayDistribution
  /// For how long an invoice may move money after it is due and all attempts to collect it are made: a run that goes on for longer has not
  /// drained. What ``transferDelay`` draws should lie within; where ``chargebackDelay`` or ``settlement`` take longer, they count.
  public var collectWithin = Span.days(90)
  /// The share of transfers that pay a part only; the rest comes after as long again, and ``restAfter``.
  public var partialShare: Double
  /// The part of an invoice that such a transfer pays, to the thousandth: above 0 and below 1.
  public var firstPart = 0.5
  /// By how much longer than the first part the rest takes.
  public var restAfter = Span.days(1)
  /// The share of transfers that pay too much.
  public var overpaidShare: Double
  /// By how much those do, in minor units of the invoice's currency: 10.00 of most.
  public var overpaidBy: Int64 = 1000

  /// Makes a configuration.
  public init(
    declineShare: Double, chargebackShare: Double, feeShare: Price, fixedFee: Money, chargebackFee: Money,
    settlement: Span, transferDelay: DelayDistribution, partialShare: Double, overpaidShare: Double
  ) {
    self.declineShare = declineShare
    self.chargebackShare = chargebackShare
    self.feeShare = feeShare
    self.fixedFee = fixedFee
    self.chargebackFee = chargebackFee
    self.settlement = settlement
    self.transferDelay = transferDelay
    self.partialShare = partialShare
    self.overpaidShare = overpaidShare
  }

  /// From a charge until no money moves any more because of it: its payout, a chargeback, and the notices of them.
  var longest: Span { max(chargebackDelay.below, settlement + .days(1)) + noticeCopyDelay.below }
}
