import CanonicalModel
import Chronology

/// The gateway pays out what it collected, less its fees.
struct SettlementTies: Invariant, HearsCashMoved, HearsWholeDocument, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "settlement-ties", boundary: .payments, place: 5,
    statement:
      "a payout in the ledger is the gateway's: bank = gross − fees; at rest, all that was collected was paid out",
    evidence: "the gateway's payouts against the ERPs' ledgers",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var due: [PayoutKey: (gross: Money, fees: Money)] = [:]

  private struct PayoutKey: Hashable, Sendable {
    var entity: EntityID
    var number: UInt32
  }

  mutating func hear(cashMoved event: CashEvent, _: UInt32, _: Books, at _: Instant) {
    guard case .payout(let entity, let number, let gross, let fees) = event else { return }
    due[PayoutKey(entity: entity, number: number)] = (gross, fees)
  }

  mutating func hear(wholeDocument document: LedgerDocument, _ books: Books, at now: Instant) {
    let key = document.entry.key
    guard key.kind == .payout else { return }
    let payout = due[PayoutKey(entity: key.entity, number: key.sequence)]
    let bank = document.entry.lines.reduce(Money.zero) { $1.account == .bank ? $0 + $1.amount : $0 }
    findings.expect(
      bank, equals: payout.map { $0.gross - $0.fees } ?? .zero, at: now, books.ids(of: document))
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let usageIsComplete = rest.stuck.isEmpty
    let now = rest.at
    for (entity, totals) in books.cash.totals.enumerated() {
      guard usageIsComplete else {
        if totals.charged != .zero { findings.leaveOut("queues still hold work: payouts may be due") }
        continue
      }
      findings.expect(
        totals.paidOut, equals: totals.charged, at: now, isReal: totals.charged != .zero,
        ["entity \(books.catalog.entities[entity].name)", "collected = paid out"])
    }
  }
}
