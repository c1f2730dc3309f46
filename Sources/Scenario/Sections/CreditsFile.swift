import CanonicalModel
import Chronology

/// How finance gives credits.
package struct CreditsFile: Hashable, Sendable {
  package var share = 0.0
  package var greatestPart = 1.2
  package var repeats = 0.0
  package var rebills = 0.0
  package var delay = Span.days(20)
  package var limit = Money.zero
  package var smallestPart = 0.05
  package var requestsPerInvoice = 2
  package var repeatAfter = Span.hours(2)
  package var requesters = 5
  package var ownApprovals = 0.2
  package var ownApprovalAfter = Span.hours(1)
  package var approvalAfter = Span.days(1)

  /// The `credits` section.
  static let schema = Schema.changing(CreditsFile(), keys, check: refuseNoPart)

  private static let keys: [Key<Change<CreditsFile>>] = [
    .setRequired(
      "share", \.share, .share, "the share of invoices on which finance asks for credits",
      title: "share of invoices with credits"),
    .setRequired(
      "limit", \.limit, .money(digits: 6), "the greatest credit that one person may approve",
      title: "credit limit of one person"),
    .set(
      "greatestPart", \.greatestPart, .number(0.06...5),
      "the greatest part of an invoice that is requested; 1.2 if left out",
      title: "greatest credited part of an invoice"),
    .set(
      "repeats", \.repeats, .share, "the share of requests that are repeated",
      title: "share of repeated credit requests"),
    .set(
      "rebills", \.rebills, .share,
      "the share of credited invoices that are credited in full and issued anew",
      title: "share of credited invoices issued anew"),
    .set(
      "delay", \.delay, .duration,
      "from an invoice until a credit is asked for, at most; 20d if left out",
      title: "longest time until a credit is asked for"),
    .set(
      "smallestPart", \.smallestPart, .number(0.000001...5),
      "the smallest part of an invoice that is requested; 0.05 if left out",
      title: "smallest credited part of an invoice"),
    .set(
      "requestsPerInvoice", \.requestsPerInvoice, .integer(1...100),
      "requests on one invoice, at most; 2 if left out", title: "credit requests per invoice"),
    .set(
      "repeatAfter", \.repeatAfter, .duration(minimum: .zero),
      "from a request until it is repeated; 2h if left out", title: "time until a request comes again"),
    .set(
      "requesters", \.requesters, .integer(1...1000), "the people who ask for credits; 5 if left out",
      title: "people who ask for credits"),
    .set(
      "ownApprovals", \.ownApprovals, .share,
      "the share of requests over the limit that whoever asked tries to approve alone; 20% if left out",
      title: "share of requests approved by whoever asked"),
    .set(
      "ownApprovalAfter", \.ownApprovalAfter, .duration(minimum: .zero),
      "from a request until whoever asked tries to approve it; 1h if left out",
      title: "time until whoever asked approves"),
    .set(
      "approvalAfter", \.approvalAfter, .duration(minimum: .zero),
      "from a request over the limit until a second person approves it; 1d if left out",
      title: "time until a second person approves"),
  ]

  @Sendable
  private static func refuseNoPart(_ place: Place, _ credits: inout CreditsFile) throws(InvalidInput) {
    guard credits.smallestPart <= credits.greatestPart else {
      throw InvalidInput(
        "the smallest part is above the greatest, \(credits.greatestPart)", at: place.position("smallestPart")
      )
    }
  }
}
