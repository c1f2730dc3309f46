import CanonicalModel
import Chronology

/// Different events never collapse into one.
struct NoFalseDeduplication: Invariant, HearsExpiredInBroker, HearsGivenUp, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "no-false-dedup", boundary: .capture, place: 3,
    statement:
      "no more deliveries are reported as duplicates than there were: events that differ in source or id never collapse",
    evidence: "the sources' emissions and the deliveries against what ingestion called duplicates",
    property: .safety, cost: .each(.delivery))
  var findings = Findings()
  /// Events that never reached the core.
  private var lost: Int64 = 0

  mutating func observe(lost events: Int) { lost += Int64(events) }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    let emitted = books.usage.billable + books.usage.unbillable
    let copies = books.capture.received - (emitted - lost)
    findings.require(books.capture.duplicates <= copies, at: now, isReal: books.capture.received > 0) {
      Breach(
        ids: ["all deliveries"], expected: "at most \(copies) duplicates",
        actual: "\(books.capture.duplicates)")
    }
  }

  mutating func hear(expiredInBroker _: Int, _ events: Int, _: Span, _: Books, at _: Instant) {
    observe(lost: events)
  }

  mutating func hear(givenUp events: Int, _: Books, at _: Instant) { observe(lost: events) }
}
