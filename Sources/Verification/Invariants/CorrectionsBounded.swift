import CanonicalModel
import Chronology

/// What was credited is not given back again by a correction.
struct CorrectionsBounded: Invariant, HearsRated, HearsCredited, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "corrections-bounded", boundary: .billing, place: 18,
    statement:
      "per customer, item and service period: what is charged, less what was credited, is never negative; and corrections never take it "
      + "below what the usage at rest is worth",
    evidence: "the metered usage, rated by the oracle, against the rated charges and the credit memos",
    property: .safety, cost: .each(.charge))
  var findings = Findings()

  /// What was corrected at the latest instant: the charges of one instant are one change.
  private var corrected: [OracleKey] = []
  private var latest = Instant.distantPast

  mutating func hear(rated charge: RatedCharge, _ books: Books, at now: Instant) {
    if now > latest { checkCorrected(books) }
    guard charge.amount < .zero, charge.kind != .drawdown else { return }
    latest = now
    corrected.append(OracleKey(charge))
  }

  private mutating func checkCorrected(_ books: Books) {
    guard !corrected.isEmpty else { return }
    for key in corrected { check(key, books, at: latest) }
    corrected.removeAll(keepingCapacity: true)
  }

  mutating func hear(credited memo: CreditMemo, _ books: Books, at now: Instant) {
    checkCorrected(books)
    for own in books.latestCredit where books.catalog[own.line.charge.item].kind != .prepaid {
      check(OracleKey(own.line.charge), books, at: now)
    }
  }

  private mutating func check(_ key: OracleKey, _ books: Books, at now: Instant) {
    guard let service = books.credit.services[key], service.credited > .zero else { return }
    let currency = books.catalog.currency(of: key.subscription)
    findings.require(service.charged >= service.credited, at: now) {
      Breach(
        ids: books.ids(of: key), expected: "at most \(service.charged.text(in: currency)) credited",
        actual: service.credited.text(in: currency))
    }
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    checkCorrected(books)
    for key in books.credit.services.keys.sorted() where books.isUsage(key.item) {
      guard let service = books.credit.services[key], service.credited > .zero else { continue }
      let meter = MeterID(index: key.item.index)
      let parts = books.meteredByTerms(key.subscription, meter, month: key.period)
      guard let worth = books.contracts.usage(parts, meter, key.subscription, in: key.period) else {
        continue
      }
      let currency = books.catalog.currency(of: key.subscription)
      let kept = service.charged - service.credited
      // A credit alone may go below what the usage is worth.
      let least = min(worth, service.peak - service.credited)
      findings.require(kept >= least, at: rest.at) {
        Breach(
          ids: books.ids(of: key), expected: "at least \(least.text(in: currency)) kept",
          actual: kept.text(in: currency))
      }
    }
  }

  func isConcerned(_ books: Books) -> Bool { books.catalog.creditLimit != nil }
}
