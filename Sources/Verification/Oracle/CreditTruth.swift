import CanonicalModel
import Chronology

/// What finance has credited of what customers are charged for, service by service, by the oracle's own arithmetic.
struct CreditTruth: Sendable {
  /// A service of a customer in a period: what is charged for it, what was credited of that, and the most that was charged since.
  struct Service: Sendable {
    var charged = Money.zero
    var credited = Money.zero
    var most = Money.zero
    /// When anything was last charged: the charges of one instant are one change.
    var lastCharged = Instant.distantPast
    /// The most that was charged since the last credit, with what is charged now.
    var peak: Money { max(most, charged) }
    /// What the credits were of lines, after discount.
    var net = Money.zero
  }

  private(set) var services: [OracleKey: Service] = [:]
  /// What was credited of each line so far, after discount.
  private var lines: [InvoiceNumber: [Int: Money]] = [:]
  private let isUsed: Bool

  init(catalog: Catalog) { isUsed = catalog.creditLimit != nil }

  mutating func add(rated charge: RatedCharge, at now: Instant) {
    guard isUsed, charge.kind != .drawdown else { return }
    var service = services[OracleKey(charge)] ?? Service()
    if service.lastCharged < now { service.most = max(service.most, service.charged) }
    service.lastCharged = now
    service.charged += charge.amount
    services[OracleKey(charge)] = service
  }

  /// Takes a part of a memo on a line; returns what of the line's charge it stands for, before discount.
  mutating func add(
    credited part: CreditMemo.Part, of line: InvoiceLine, on number: InvoiceNumber, in currency: Currency
  ) -> Money {
    let before = lines[number]?[part.line] ?? .zero
    lines[number, default: [:]][part.line] = before + part.amount
    let gross =
      Self.gross(before + part.amount, line, in: currency) - Self.gross(before, line, in: currency)
    var service = services[OracleKey(line.charge)] ?? Service()
    service.credited += gross
    service.net += part.amount
    service.most = service.charged
    services[OracleKey(line.charge)] = service
    return gross
  }

  /// What was credited of a line so far, after discount.
  func credited(_ line: Int, of number: InvoiceNumber) -> Money { lines[number]?[line] ?? .zero }

  /// A part of a line, less discount, as a part of its charge: in whole minor units, ties away from zero.
  private static func gross(_ net: Money, _ line: InvoiceLine, in currency: Currency) -> Money {
    let minor = OracleRating.minor(of: currency)
    let (part, whole) = (net.units / minor, line.amount.units / minor)
    guard whole > 0 else { return .zero }
    let twice = 2 * part * (line.charge.amount.units / minor)
    return Money(units: (twice + whole) / (2 * whole) * minor)
  }

  /// What is charged in all for a service whose worth is known: its worth, and on top of it what credits have left unclaimed of what was
  /// charged already, so that nobody is given back the same amount by a credit and by a correction.
  func due(_ worth: Money, _ key: OracleKey) -> Money {
    guard let service = services[key], service.credited > .zero else { return worth }
    let kept = service.peak < worth + service.credited ? service.peak : worth + service.credited
    return kept > worth ? kept : worth
  }
}

/// A part of a memo, as the oracle reads it.
struct CreditedPart: Sendable {
  var part: CreditMemo.Part
  /// The line, and the invoice on which it was first issued.
  var line: InvoiceLine
  var invoice: Invoice
  /// What of the line's charge it stands for, before discount.
  var gross: Money
  /// How much of it lowers what is earned of its line day by day.
  var scheduled: Money
  /// What of it was still to be earned.
  var unearned: Money
}
