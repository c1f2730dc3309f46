import CanonicalModel
import Chronology

/// Nobody gets more back than was paid.
struct GivenBackBounded: Invariant, HearsCharged, HearsCashMoved {
  static let definition = InvariantDefinition(
    name: "given-back-bounded", boundary: .payments, place: 11,
    statement:
      "at every instant, refunds and chargebacks, less won disputes, come to at most what was paid: of each charge, and of each "
      + "customer",
    evidence: "the gateway's charges, transfers, refunds and chargebacks",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var charges: [ChargeKey: (account: AccountID, paid: Money, back: Money)] = [:]
  private var customers: [AccountID: (paid: Money, back: Money)] = [:]

  mutating func hear(charged key: ChargeKey, _ account: AccountID, _ amount: Money, _: Books, at _: Instant) {
    let before = charges[key] ?? (account, .zero, .zero)
    charges[key] = (account, before.paid + amount, before.back)
    pay(account, amount)
  }

  mutating func hear(cashMoved event: CashEvent, _: UInt32, _ books: Books, at now: Instant) {
    switch event {
    case .transfer(let account, let amount, _): pay(account, amount)
    case .chargeback(let charge, _, let amount, _): giveBack(amount, charge, nil, books, at: now)
    case .disputeWon(let charge, let amount): giveBack(.zero - amount, charge, nil, books, at: now)
    case .refund(let order):
      giveBack(order.amount, order.source.charge, order.account, books, at: now)
    case .payout, .disputeLost, .refundRefused: break
    }
  }

  private mutating func pay(_ account: AccountID, _ amount: Money) {
    let before = customers[account] ?? (.zero, .zero)
    customers[account] = (before.paid + amount, before.back)
  }

  private mutating func giveBack(
    _ amount: Money, _ charge: ChargeKey?, _ given: AccountID?, _ books: Books, at now: Instant
  ) {
    if let charge, var entry = charges[charge] {
      entry.back += amount
      charges[charge] = entry
      findings.require(entry.back <= entry.paid, at: now) {
        Breach(
          ids: books.ids(of: charge.invoice) + [charge.text(in: books.catalog)],
          expected: "at most \(entry.paid) given back", actual: "\(entry.back)")
      }
    }
    guard let account = given ?? charge.flatMap({ charges[$0]?.account }) else { return }
    var entry = customers[account] ?? (.zero, .zero)
    entry.back += amount
    customers[account] = entry
    findings.require(entry.back <= entry.paid, at: now) {
      Breach(
        ids: ["account \(books.catalog[account].name)"], expected: "at most \(entry.paid) given back",
        actual: "\(entry.back)")
    }
  }
}
