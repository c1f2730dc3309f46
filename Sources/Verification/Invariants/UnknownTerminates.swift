import CanonicalModel
import Chronology

/// No charge stays without an outcome.
struct UnknownTerminates: Invariant, HearsCashBooked, HearsCharged, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "unknown-terminates", boundary: .payments, place: 2,
    statement:
      "at rest, every charge that the gateway has collected is known to billing as collected, whatever became of the answer",
    evidence:
      "what the gateway has collected against the payments that billing has booked, customer by customer",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()
  private var collected: [AccountID: (count: Int, amount: Money)] = [:]
  private var booked: [AccountID: (count: Int, amount: Money)] = [:]

  mutating func hear(charged _: ChargeKey, _ account: AccountID, _ amount: Money, _: Books, at _: Instant) {
    let before = collected[account] ?? (0, .zero)
    collected[account] = (before.count + 1, before.amount + amount)
  }

  mutating func hear(cashBooked document: CashDocument, _: Books, at _: Instant) {
    guard document.key.kind == .payment, document.isAtGateway, let account = document.account else { return }
    let before = booked[account] ?? (0, .zero)
    booked[account] = (before.count + 1, before.amount + document.gross)
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    if let reason = rest.paymentsUnderWay { return findings.leaveOut(reason) }
    let now = rest.at
    for account in Set(collected.keys).union(booked.keys).sorted() {
      let (truth, claim) = (collected[account] ?? (0, .zero), booked[account] ?? (0, .zero))
      findings.require(truth == claim, at: now) {
        Breach(
          ids: ["account \(books.catalog[account].name)"],
          expected: "\(truth.count) payments of \(truth.amount) in all",
          actual: "\(claim.count) of \(claim.amount)")
      }
    }
  }
}
