import CanonicalModel
import Chronology

/// The periods that are closed whatever is used in them.
extension Metering {
  /// Recurring charges, minimums and fees that are always due are so whether or not there is usage: every period of a contract is to be closed
  /// that begins before the horizon, or before the contract ends.
  ///
  /// - Returns: when contracts become active, in order.
  mutating func expectPeriods(of catalog: Catalog) -> [Instant] {
    var activations: [Instant] = []
    for subscription in catalog.subscriptions {
      let start = subscription.chargedFrom
      let end = min(subscription.latestEnd, catalog.horizon)
      guard start > .distantPast, end < .distantFuture, start < end else { continue }
      if !activations.contains(start) { activations.append(start) }
      var period = Period(holding: start, day: subscription.billingDay)
      while period.start < end {
        expect(period)
        period = period.next
      }
      // The months in which what they charge is earned.
      var month = Period(holding: start)
      while (catalog.expectsPeriods ? month.start : month.end) < period.start {
        expect(month)
        month = month.next
      }
    }
    return activations.sorted()
  }
}
