import CanonicalModel
import Chronology

/// How customers pay.
package struct PaymentsFile: Hashable, Sendable {
  package var dueAfter = Span.days(14)
  package var retries: [Span] = [.days(3), .days(5), .days(7)]
  /// The share of customers that are charged through the gateway; the others send transfers.
  package var gatewayShare = 1.0
  package var declines = 0.0
  package var chargebacks = 0.0
  package var feeShare = Price.zero
  package var fixedFee = Money.zero
  package var chargebackFee = Money.zero
  package var settlement = Span.days(2)
  package var transferDelay = DelayDistribution.constant(.zero)
  package var partial = 0.0
  package var overpaid = 0.0
  /// How fast the gateway answers.
  package var answers = usualAnswers
  package var chargebackDelay = SpanRangeFile(min: .days(5), max: .days(25))
  package var refundAfter = Span.hours(4)
  package var noticeCopies = SpanRangeFile(min: .seconds(1), max: .hours(2) + .seconds(1))
  package var collectWithin = Span.days(90)
  package var firstPart = 0.5
  package var restAfter = Span.days(1)
  /// In minor units.
  package var overpaidBy = 1000
  package var unapplied = UnappliedCash.nextInvoice
  /// From the last attempt to collect until what is open is written off; `nil`: never.
  package var writeOffAfter: Span?
  package var statementAfter = Span.hours(6)
  package var statementResentAfter = Span.days(1)
  package var partialCaptures = 0.0
  package var capturedPart = 0.5
  /// How chargebacks are disputed; `nil`: they are final.
  package var disputes: Disputes?

  /// How chargebacks are disputed.
  package struct Disputes: Hashable, Sendable {
    /// The share that is decided for the biller.
    package var won = 0.3
    package var decidedAfter = SpanRangeFile(min: .days(20), max: .days(60))

    static let schema = Schema.changing(Disputes(), keys)

    private static let keys: [Key<Change<Disputes>>] = [
      .set(
        "won", \.won, .share, "the share of disputes that are won: the money comes back; 30% if left out",
        title: "share of disputes that are won"),
      .set(
        "decidedAfter", \.decidedAfter, SpanRangeFile.schema(minimum: .zero),
        "from a chargeback until its dispute is decided; 20d to 60d if left out",
        title: "time until a dispute is decided"),
    ]
  }

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
      "unapplied", \.unapplied, .choice(),
      "what becomes of overpayments: they settle the customer's open or next invoices, are refunded, or are kept; nextInvoice if left out",
      title: "unapplied cash"),
    .setOptional(
      "writeOffAfter", \.writeOffAfter, .duration(minimum: .zero),
      "from the last attempt to collect an invoice, or a final chargeback, until what is open is written off; never if left out",
      title: "time until write-off"),
    .within(
      "statements", statements, "the daily statements of the bank and the gateway", title: "statements"),
    .set(
      "refundAfter", \.refundAfter, .duration(minimum: .zero),
      "from the order of a refund until the money moves; 4h if left out", title: "time until refunds are paid"
    ),
    .set(
      "noticeCopies", \.noticeCopies, SpanRangeFile.schema(minimum: .seconds(1)),
      "from a notice until its duplicate; within 2h if left out", title: ""),
    .set(
      "collectWithin", \.collectWithin, .duration(minimum: .days(1)),
      "for how long invoices may move money after all attempts to collect; 90d if left out",
      title: "time allowed for payments"),
  ]

  private static let usualAnswers = AnswerTimesFile(latency: .milliseconds(800))

  private static let gateway: [Key<Change<PaymentsFile>>] =
    charges + usualAnswers.keys.map { $0.inside(\.answers) } + [
      .set(
        "chargebackDelay", \.chargebackDelay, SpanRangeFile.schema(minimum: .zero),
        "from a charge until the customer takes it back; 5d to 25d if left out",
        title: "time until a chargeback")
    ]

  private static let charges: [Key<Change<PaymentsFile>>] = [
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
      "partialCaptures", \.partialCaptures, .share,
      "the share of charges of which only a part is collected; the rest is tried as after a declined charge",
      title: "share of partial captures"),
    .set(
      "capturedPart", \.capturedPart, firstPart,
      "the part of such a charge that is collected; 50% if left out",
      title: "part of a charge that is collected"),
    .setOptional(
      "disputes", \.disputes, Disputes.schema,
      "chargebacks are disputed, and some come back; they are final if left out", title: ""),
    .set(
      "settlement", \.settlement, .duration, "from a charge until it is paid out; 2d if left out",
      title: "time until {} pays out"),
  ]

  private static let statements: [Key<Change<PaymentsFile>>] = [
    .set(
      "after", \.statementAfter, .duration(minimum: .zero),
      "from the end of a day until its statements are sent; 6h if left out",
      title: "time until statements are sent"),
    .set(
      "resendAfter", \.statementResentAfter, .duration(minimum: .minutes(1)),
      "from the loss of a statement until it is sent again; 1d if left out",
      title: "time until a lost statement is sent again"),
  ]

  private static let transfers: [Key<Change<PaymentsFile>>] = [
    .set(
      "delay", \.transferDelay, DelayDistribution.schema, "from the due date until the money arrives",
      title: "delay of transfers"),
    .set(
      "partial", \.partial, .share, "the share that pay a part first", title: "share of partial transfers"),
    .set(
      "overpaid", \.overpaid, .share, "the share that overpay", title: "share of overpaid transfers"),
    .set(
      "firstPart", \.firstPart, firstPart,
      "the part that a partial transfer pays first; 50% if left out", title: "first part of partial transfers"
    ),
    .set(
      "restAfter", \.restAfter, .duration(minimum: .zero),
      "how much longer the rest takes than the first part; 1d if left out",
      title: "time until the rest of partial transfers"),
    .set(
      "overpaidBy", \.overpaidBy, .integer(1...1_000_000_000),
      "the amount of an overpayment, in minor units; 1000 if left out, which is 10.00",
      title: "amount that is paid too much"),
  ]

  private static let firstPart: Schema<Double> = .share.refusing { (part: Double, _) -> String? in
    part >= 0.001 && part <= 0.999 ? nil : "the first part must be between 0.1% and 99.9%"
  }

  @Sendable
  private static func refuseLongWaits(
    _ place: Place, _ payments: inout PaymentsFile
  ) throws(InvalidInput) {
    for span in payments.retries + [payments.dueAfter, payments.writeOffAfter ?? .zero]
    where span > .days(366) {
      throw InvalidInput("payments must not wait longer than 366d", at: place.node.position)
    }
    let waits = payments.retries.reduce(Int128(0)) { $0 + Int128($1.nanoseconds) }
    guard waits <= Int128(Span.days(3650).nanoseconds), payments.retries.count <= 1000 else {
      throw InvalidInput(
        "\(payments.retries.count) retries take \(waits / Int128(Span.days(1).nanoseconds)) days in all; "
          + "at most 1000 retries within 3650d", at: place.position("retries"))
    }
  }
}
