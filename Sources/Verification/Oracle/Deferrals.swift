import CanonicalModel
import Chronology

/// What is still to be earned of each service of a customer, and what credits have taken of it, by the oracle's own arithmetic.
struct Deferrals: Sendable {
  /// What lines have deferred for a service, less credits, each over its own days.
  private var parts: [OracleKey: [Part]] = [:]
  private struct Part: Sendable {
    var agreed: OracleRevenue.Obligation
    var issued: Instant
    var amount: Money
  }
  /// By memo and line, what was still to be earned.
  private var taken: [PostingKey: [Int: Money]] = [:]
  /// How much of the latest part lowers what is earned day by day: all of it, unless less is left of the service.
  private(set) var latest = Money.zero

  mutating func add(_ line: InvoiceLine, on invoice: Invoice, _ revenue: OracleRevenue) {
    guard revenue.obligation(of: line, on: invoice) != nil, let agreed = revenue.agreed(of: line, on: invoice)
    else { return }
    parts[OracleKey(line.charge), default: []].append(
      Part(agreed: agreed, issued: invoice.issued, amount: line.amount))
  }

  /// What of a part of a memo was still to be earned when it was given.
  func unearned(_ part: CreditMemo.Part, _ memo: PostingKey) -> Money { taken[memo]?[part.line] ?? .zero }

  /// Takes a part of a memo: what of it is earned in its month or later, as far as anything of the service is.
  mutating func add(
    _ part: CreditMemo.Part, _ memo: CreditMemo, of line: InvoiceLine, on invoice: Invoice,
    _ revenue: OracleRevenue
  ) {
    let start = memo.period.start
    let later = revenue.unearned(part.amount, of: line, on: invoice, from: start)
    latest = part.amount
    guard let obligation = revenue.obligation(of: line, on: invoice) else {
      taken[memo.key, default: [:]][part.line] = later
      return
    }
    let key = OracleKey(line.charge)
    var left = Money.zero
    for own in parts[key] ?? [] {
      guard let obligation = revenue.current(own.agreed, key.subscription, issued: own.issued) else {
        continue
      }
      left += own.amount - revenue.earned(own.amount, of: obligation, by: start)
    }
    if left < .zero { left = .zero }
    var amount = part.amount
    if later > left {
      let minor = OracleRating.minor(of: memo.currency)
      let twice = 2 * (amount.units / minor) * (left.units / minor)
      let whole = later.units / minor
      amount = Money(units: (twice + whole) / (2 * whole) * minor)
    }
    latest = amount
    let due = amount - revenue.earned(amount, of: obligation, by: start)
    taken[memo.key, default: [:]][part.line] = due < left ? due : left
    guard let agreed = revenue.agreed(of: line, on: invoice) else { return }
    parts[key, default: []].append(
      Part(agreed: agreed, issued: invoice.issued, amount: .zero - amount))
  }
}
