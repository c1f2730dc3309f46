import CanonicalModel
import Chronology

/// Nobody draws credits that were not bought.
struct WalletNeverNegative: Invariant, HearsRated {
  static let definition = InvariantDefinition(
    name: "wallet-never-negative", boundary: .billing, place: 12,
    statement: "a subscription never draws more prepaid credits than it has been charged for",
    evidence: "the rated purchases against the rated drawdowns, in their order",
    property: .safety, cost: .each(.charge))
  var findings = Findings()
  private var balance: [SubscriptionID: Money] = [:]

  mutating func hear(rated charge: RatedCharge, _ books: Books, at now: Instant) {
    guard books.catalog[charge.item].kind == .prepaid else { return }
    balance[charge.subscription, default: .zero] += charge.amount
    findings.require(balance[charge.subscription] ?? .zero >= .zero, at: now) {
      Breach(
        ids: books.ids(of: charge), expected: "at most what was bought",
        actual: "\(-(balance[charge.subscription] ?? .zero)) more")
    }
  }
}
