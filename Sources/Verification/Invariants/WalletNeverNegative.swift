import CanonicalModel
import Chronology

/// Nobody draws credits that were not bought.
struct WalletNeverNegative: Invariant, HearsRated, HearsCredited {
  static let definition = InvariantDefinition(
    name: "wallet-never-negative", boundary: .billing, place: 12,
    statement:
      "a subscription never draws more prepaid credits than it has been charged for, less what was credited of them",
    evidence: "the rated purchases and the credit memos against the rated drawdowns, in their order",
    property: .safety, cost: .each(.charge))
  var findings = Findings()
  private var balance: [SubscriptionID: Money] = [:]

  mutating func hear(rated charge: RatedCharge, _ books: Books, at now: Instant) {
    guard books.catalog[charge.item].kind == .prepaid else { return }
    add(charge.amount, charge.subscription, at: now, books.ids(of: charge))
  }

  /// Whoever has the price of prepaid credits back has them no more.
  mutating func hear(credited memo: CreditMemo, _ books: Books, at now: Instant) {
    for own in books.latestCredit where books.catalog[own.part.item].kind == .prepaid {
      add(.zero - own.gross, own.line.charge.subscription, at: now, books.ids(of: memo))
    }
  }

  private mutating func add(
    _ amount: Money, _ subscription: SubscriptionID, at now: Instant, _ ids: @autoclosure () -> [String]
  ) {
    balance[subscription, default: .zero] += amount
    findings.require(balance[subscription] ?? .zero >= .zero, at: now) {
      Breach(
        ids: ids(), expected: "at most what was bought", actual: "\(-(balance[subscription] ?? .zero)) more")
    }
  }
}
