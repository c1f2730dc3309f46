import CanonicalModel
import Chronology

/// An ERP that says when to come back is left alone until then.
struct ERPLimitsHonoured: Invariant, HearsErpCalled, HearsErpThrottled, HearsTaxCalled, HearsTaxRefused {
  static let definition = InvariantDefinition(
    name: "erp-limits-honoured", boundary: .posting, place: 10,
    statement:
      "once an ERP has answered a call with a time to retry after, no call is made before that time; and after a refusal by a tax "
      + "engine, no call is made to it within five seconds",
    evidence: "the calls and the throttling answers at the ERPs",
    property: .safety, cost: .each(.call))
  var findings = Findings()

  private struct System: Hashable {
    var entity: EntityID
    var isSuccessor: Bool
  }

  private var notBefore: [System: Instant] = [:]
  private var taxNotBefore = Instant.distantPast
  private var taxCall: (number: UInt64, at: Instant)?

  /// Counted from the call: its answer may be long on its way, and come when the core has given it up and waited.
  mutating func hear(taxRefused call: UInt64, _: Books, at _: Instant) {
    if let last = taxCall, call == last.number { taxNotBefore = last.at + .seconds(5) }
  }

  mutating func hear(taxCalled call: UInt64, _: Instant, _: Books, at now: Instant) {
    taxCall = (call, now)
    findings.require(now >= taxNotBefore, at: now, isReal: taxNotBefore > .distantPast) {
      Breach(ids: ["tax engine"], expected: "no call before \(taxNotBefore)", actual: "a call at \(now)")
    }
  }

  mutating func hear(
    erpThrottled entity: EntityID, _ isSuccessor: Bool, _ until: Instant, _: Books, at _: Instant
  ) {
    notBefore[System(entity: entity, isSuccessor: isSuccessor)] = until
  }

  mutating func hear(erpCalled entity: EntityID, _ isSuccessor: Bool, _ books: Books, at now: Instant) {
    guard let until = notBefore[System(entity: entity, isSuccessor: isSuccessor)] else { return }
    findings.require(now >= until, at: now) {
      Breach(
        ids: ["erp \(books.catalog[entity].name)\(isSuccessor ? "/successor" : "")"],
        expected: "no call before \(until)", actual: "a call at \(now)")
    }
  }
}
