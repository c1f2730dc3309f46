import CanonicalModel
import Chronology

/// Every copy that was handed over is accounted for, at once and in the end.
struct CaptureBalances: Invariant {
  static let definition = InvariantDefinition(
    name: "capture-balances", boundary: .capture,
    statement:
      "received = accepted + duplicates + rejected + quarantined + operational, and all but duplicates = emitted",
    evidence: "the deliveries and the sources' emissions against what ingestion says of each delivery",
    property: .safety, cost: .each(.delivery))
  var findings = Findings()

  mutating func observe(_ claim: CaptureClaim, delivered: Int, _ books: Books, at now: Instant) {
    let accounted = claim.accepted + claim.duplicates + claim.rejected + claim.quarantined + claim.operational
    findings.require(claim.received == Int64(delivered) && accounted == claim.received, at: now) {
      Breach(
        ids: ["delivery"], expected: "\(delivered) received and accounted for",
        actual: "\(claim.received) received, \(accounted) accounted for")
    }
    // Unique events cannot outnumber what was emitted.
    let emitted = books.usage.billable + books.usage.unbillable
    let unique = books.capture.accepted + books.capture.rejected + books.capture.operational
    findings.require(unique <= emitted, at: now) {
      Breach(ids: ["ingestion"], expected: "at most \(emitted) unique events", actual: "\(unique)")
    }
  }

  mutating func conclude(_ books: Books, due: Due, at now: Instant) {
    // A copy that comes after the horizon may be put aside although the first was accepted.
    let claim = books.capture
    let emitted = books.usage.billable + books.usage.unbillable
    let accounted = claim.accepted + claim.rejected + claim.quarantined + claim.operational
    findings.require((emitted...emitted + books.beyondHorizon).contains(accounted), at: now) {
      Breach(
        ids: ["ingestion"], expected: "\(emitted) events emitted",
        actual:
          "\(claim.accepted) accepted + \(claim.rejected) rejected + \(claim.quarantined) quarantined "
          + "+ \(claim.operational) operational = \(accounted)"
      )
    }
  }
}
