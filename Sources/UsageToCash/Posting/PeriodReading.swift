import CanonicalModel
import Chronology

/// An accounting period that is to be read back when it closes.
struct Closing: Hashable, Comparable, Sendable {
  var at: Instant
  var entity: EntityID
  var period: Period

  static func < (a: Closing, b: Closing) -> Bool {
    (a.at, a.entity, a.period) < (b.at, b.entity, b.period)
  }
}

/// The sum of what the ERPs of an entity say of a period, while some have not answered.
struct PeriodReading: Sendable {
  /// What is read.
  struct Key: Hashable, Sendable {
    var entity: EntityID
    var period: Period
  }

  /// The outboxes of those that have not.
  var awaited: [Int]
  var documents = 0
  var debits = Money.zero
  var asOf = Instant.distantPast

  init(awaited: [Int]) {
    precondition(!awaited.isEmpty, "a period is read back from no ERP")
    precondition(Set(awaited).count == awaited.count, "a period is read back twice from one ERP")
    self.awaited = awaited
  }

  mutating func add(_ documents: Int, _ debits: Money, _ asOf: Instant, from outbox: Int) {
    precondition(awaited.contains(outbox), "an ERP that nobody waits for is added to a reading")
    awaited.removeAll { $0 == outbox }
    self.documents += documents
    self.debits += debits
    self.asOf = max(self.asOf, asOf)
  }
}

/// What the ERPs of an entity say of an accounting period at its close.
struct ClosedPeriod: Sendable {
  var entity: EntityID
  var period: Period
  var documents: Int
  var debits: Money
  var asOf: Instant
}
