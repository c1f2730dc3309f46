import CanonicalModel
import Chronology

/// Different events never collapse into one.
struct NoFalseDeduplication: Invariant {
  static let definition = InvariantDefinition(
    name: "no-false-dedup", boundary: .capture,
    statement:
      "no more deliveries are called duplicates than there were: events that differ in source or id never collapse",
    evidence: "the sources' emissions and the deliveries against what ingestion called duplicates",
    property: .safety, cost: .each(.delivery))
  var findings = Findings()
  /// Events that never reached the core.
  private var lost: Int64 = 0

  mutating func observe(lost events: Int) { lost += Int64(events) }

  mutating func conclude(_ books: Books, at now: Instant) {
    let emitted = books.usage.billable + books.usage.unbillable
    let copies = books.capture.received - (emitted - lost)
    findings.require(books.capture.duplicates <= copies, at: now, isReal: books.capture.received > 0) {
      Breach(
        ids: ["all deliveries"], expected: "at most \(copies) duplicates",
        actual: "\(books.capture.duplicates)")
    }
  }
}
