import CanonicalModel
import Chronology

/// How finance gives credits.
public struct CreditsFile: Hashable, Sendable {
  public var share = 0.0
  public var greatestPart = 1.2
  public var repeats = 0.0
  public var rebills = 0.0
  public var delay = Span.days(20)
  public var limit = Money.zero

  /// The `credits` section.
  static let schema = Schema.changing(CreditsFile(), keys)

  private static let keys: [Key<Change<CreditsFile>>] = [
    .setRequired(
      "share", \.share, .share, "the share of invoices on which finance asks for credits",
      title: "share of invoices with credits"),
    .setRequired(
      "limit", \.limit, .money(digits: 6), "the greatest credit that one person may give",
      title: "credit limit of one person"),
    .set(
      "greatestPart", \.greatestPart, .number(0.06...5),
      "the greatest part of an invoice that is asked for; 1.2 if left out",
      title: "greatest credited part of an invoice"),
    .set(
      "repeats", \.repeats, .share, "the share of requests that come again",
      title: "share of repeated credit requests"),
    .set(
      "rebills", \.rebills, .share,
      "the share of credited invoices that are credited in full and issued anew",
      title: "share of credited invoices issued anew"),
    .set(
      "delay", \.delay, .duration,
      "from an invoice until a credit is asked for, at most; 20d if left out",
      title: "longest time until a credit is asked for"),
  ]
}
