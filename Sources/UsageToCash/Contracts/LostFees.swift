import CanonicalModel
import Chronology

/// A recurring item of a customer in a service period.
struct FeeService: Hashable, Sendable {
  var item: ItemID
  var period: Period
}

/// Fees that a change of plan, or of seats, ends before their interval does: nothing of them is left to be served (IFRS 15.31).
extension ContractBook {
  /// The fees of a subscription that are lost within their interval, as far as billing has been told, each with the end of its last day. A pause
  /// ends none: it is expected to be over.
  func lostFees(of subscription: SubscriptionID) -> [FeeService: Instant] {
    var lost: [FeeService: Instant] = [:]
    for change in changes(of: subscription) where change > begins(subscription) {
      let month = catalog.billingPeriod(of: subscription, holding: change - Span(nanoseconds: 1))
      for (position, item) in catalog.items.enumerated() where item.kind == .recurring {
        let period = interval(of: item, subscription, holding: month)
        // Terms that begin with an interval end none.
        guard change < period.end, let last = endOfLastDay(of: item, subscription, in: period) else {
          continue
        }
        lost[FeeService(item: ItemID(index: UInt32(position)), period: period)] = last
      }
    }
    return lost
  }

  /// The end of the last day on which an item is served in an interval that goes on without it; `nil`: the interval has it to its end, or never.
  func endOfLastDay(of item: Item, _ subscription: SubscriptionID, in period: Period) -> Instant? {
    guard !planted.contains(.lostFeeGoesOn) else { return nil }
    func charge(_ book: PriceBook) -> RecurringCharge? {
      book.recurring.first { $0.name == item.charge && $0.months == item.months }
    }
    let inForce = segments(of: subscription, in: period)
    // What is not prorated at its beginning is served to the end.
    guard let first = inForce.first, priceBook(of: first.terms).proration != .none else { return nil }
    let held = feeSegments(inForce) { charge($0) != nil }
    let serving = held.map { segment in
      charge(priceBook(of: segment.terms)).map { $0.unit != .seat || segment.terms.seats > 0 } ?? false
    }
    guard let last = serving.lastIndex(of: true), last < held.count - 1 else { return nil }
    precondition(held[last].end < period.end, "a fee is lost that its interval has to the end")
    return (held[last].end + .days(1) - Span(nanoseconds: 1)).floored(to: .days(1))
  }
}
