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

  /// The share of collected charges of which only a part is collected.
  public var partialCaptureShare = 0.0
  /// That part, to the thousandth: above 0 and below 1.
  public var capturedPart = 0.5
  /// The share of disputed chargebacks that are decided for the biller.
  public var disputesWonShare = 0.0
  /// From a chargeback until its dispute is decided, in whole seconds, where chargebacks are disputed.
  public var disputeDelay = DelayRange(from: .zero, below: .zero)
  /// From the end of a day until the bank's and the gateway's statements of it are sent.
  public var statementAfter = Span.hours(6)
  /// From a statement that got lost until it is sent again.
  public var statementResentAfter = Span.days(1)
  /// Whether a chargeback takes no more than refunds have left of its charge, as the rules of card schemes have it.
  public var boundsChargebacks = true

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

  /// What counterparts take by default, where nothing is declined, taken back or paid otherwise than it should be.
  static let usual = CashConfiguration(
    declineShare: 0, chargebackShare: 0, feeShare: .zero, fixedFee: .zero, chargebackFee: .zero,
    settlement: .zero, transferDelay: .constant(.zero), partialShare: 0, overpaidShare: 0)

  /// From a charge until no money moves any more because of it: its payout, a chargeback, and the notices of them.
  var longest: Span {
    max(chargebackDelay.below + disputeDelay.below, settlement + .days(1)) + noticeCopyDelay.below
  }
}
