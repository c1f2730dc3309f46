import CanonicalModel
import Chronology

/// How customers, their banks and the payment gateway behave.
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
  /// From an invoice's due date until the customer's transfer arrives.
  public var transferDelay: DelayDistribution
  /// The share of transfers that pay a part only; the rest comes after as long again.
  public var partialShare: Double
  /// The share of transfers that pay too much.
  public var overpaidShare: Double

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
}
