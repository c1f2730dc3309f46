import CanonicalModel
import Chronology

/// How customers pay.
public struct PaymentsFile: Hashable, Sendable {
  public var dueAfter = Span.days(14)
  public var retries: [Span] = [.days(3), .days(5), .days(7)]
  /// The share of customers that are charged through the gateway; the others send transfers.
  public var gatewayShare = 1.0
  public var declines = 0.0
  public var chargebacks = 0.0
  public var feeShare = Price.zero
  public var fixedFee = Money.zero
  public var chargebackFee = Money.zero
  public var settlement = Span.days(2)
  public var transferDelay = DelayFile.constant(.zero)
  public var partial = 0.0
  public var overpaid = 0.0
  public var latency = Span.milliseconds(800)
  public var latencySigma = 0.5
  public var refusalAfter = Span.seconds(1)
  public var chargebackDelay = SpanRangeFile(min: .days(5), max: .days(25))
  public var refundAfter = Span.hours(4)
  public var noticeCopies = SpanRangeFile(min: .seconds(1), max: .hours(2) + .seconds(1))
  public var collectWithin = Span.days(90)
  public var firstPart = 0.5
  public var restAfter = Span.days(1)
  /// In minor units.
  public var overpaidBy = 1000

  /// The `payments` section.
  static let schema = Schema.changing(PaymentsFile(), keys, check: refuseLongWaits)

  private static let keys: [Key<Change<PaymentsFile>>] = [
    .set(
      "dueAfter", \.dueAfter, .duration, "from an invoice's issue until it is due; 14d if left out",
      title: "payment term"),
    .set(
      "retries", \.retries, .list(.duration, minimum: 0), "the pauses after declined charges; 3d, 5d, 7d",
      title: "", element: "pause {#} after a declined charge"),
    .within("gateway", gateway, "charges by card or direct debit", title: "the gateway"),
    .within(
      "transfers", transfers, "what the other customers send to the bank account", title: "transfers"),
    .set(
      "refundAfter", \.refundAfter, .duration(least: .zero),
      "from the order of a refund until the money moves; 4h if left out", title: "time until refunds are paid"
    ),
    .set(
      "noticeCopies", \.noticeCopies, SpanRangeFile.schema(least: .seconds(1)),
      "from a notice until its duplicate; within 2h if left out", title: ""),
    .set(
      "collectWithin", \.collectWithin, .duration(least: .days(1)),
      "for how long invoices may move money after all attempts to collect; 90d if left out",
      title: "time allowed for payments"),
  ]

  private static let gateway: [Key<Change<PaymentsFile>>] = [
    .set(
      "share", \.gatewayShare, .share,
      "the share of customers that are charged through it; all if left out",
      title: "share of customers charged through the gateway"),
    .set(
      "declines", \.declines, .share, "the share of charges that are declined",
      title: "share of declined charges"),
    .set(
      "chargebacks", \.chargebacks, .share, "the share of charges that are taken back later",
      title: "share of charges taken back"),
    .set(
      "fee", \.feeShare, .percentage, "the gateway's fee, a share of the amount", title: "gateway fee"),
    .set(
      "fixedFee", \.fixedFee, .money(digits: 6), "the gateway's fee, a fixed part",
      title: "fixed gateway fee"),
    .set(
      "chargebackFee", \.chargebackFee, .money(digits: 6), "what a chargeback costs",
      title: "cost of a chargeback"),
    .set(
      "settlement", \.settlement, .duration, "from a charge until it is paid out; 2d if left out",
      title: "time until {} pays out"),
    .set(
      "latency", \.latency, .latency, "the median time to answer a charge; 800ms if left out",
      title: "latency of {}"),
    .set(
      "latencySigma", \.latencySigma, .number(0...3),
      "the standard deviation of its logarithm; 0.5 if left out", title: "spread of the latency of {}"),
    .set(
      "refusalAfter", \.refusalAfter, .latency,
      "how long it takes to say that it is not available; 1s if left out", title: "time to refuse of {}"),
    .set(
      "chargebackDelay", \.chargebackDelay, SpanRangeFile.schema(least: .zero),
      "from a charge until the customer takes it back; 5d to 25d if left out", title: ""),
  ]

  private static let transfers: [Key<Change<PaymentsFile>>] = [
    .set(
      "delay", \.transferDelay, DelayFile.schema, "from the due date until the money arrives",
      title: "delay of transfers"),
    .set(
      "partial", \.partial, .share, "the share that pay a part first", title: "share of partial transfers"),
    .set(
      "overpaid", \.overpaid, .share, "the share that pay too much", title: "share of overpaid transfers"),
    .set(
      "firstPart", \.firstPart, firstPart,
      "the part that a partial transfer pays first; 50% if left out", title: "first part of partial transfers"
    ),
    .set(
      "restAfter", \.restAfter, .duration(least: .zero),
      "how much longer the rest takes than the first part; 1d if left out",
      title: "time until the rest of partial transfers"),
    .set(
      "overpaidBy", \.overpaidBy, .integer(1...1_000_000_000),
      "by how much the others pay too much, in minor units; 1000 if left out, which is 10.00",
      title: "amount that is paid too much"),
  ]

  private static let firstPart: Schema<Double> = .share.refusing { (part: Double, _) -> String? in
    part >= 0.001 && part <= 0.999 ? nil : "a first part is from 0.1% to 99.9%"
  }

  @Sendable
  private static func refuseLongWaits(
    _ place: Place, _ payments: inout PaymentsFile
  ) throws(InvalidInput) {
    for span in payments.retries + [payments.dueAfter] where span > .days(366) {
      throw InvalidInput("payments do not wait longer than 366d", at: place.node.position)
    }
    let waits = payments.retries.reduce(Int128(0)) { $0 + Int128($1.nanoseconds) }
    guard waits <= Int128(Span.days(3650).nanoseconds), payments.retries.count <= 1000 else {
      throw InvalidInput(
        "\(payments.retries.count) retries take \(waits / Int128(Span.days(1).nanoseconds)) days in all; "
          + "at most 1000 retries within 3650d", at: place.position("retries"))
    }
  }
}
