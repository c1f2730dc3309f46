import CanonicalModel
import Chronology

/// What the close of a month takes of rating: usage and fees that are earned by then and billed later, and prepaid credits that nobody can use any more.
enum MonthClose {
  /// What is earned by the end of a month and billed after it. What is left of the credits of contracts that are over by then, less what usage that is
  /// not billed yet will draw, expires with it.
  static func close(
    _ rating: inout Rating, at end: Instant
  ) -> (unbilled: [Unbilled], expired: [Wallet.Expired]) {
    precondition(rating.ledger.accruedBy < end, "a month is accrued twice")
    let (unbilled, used) = revenue(of: rating).earned(
      by: end, usage: rating.ledger, fees: rating.recurring, credited: rating.credited,
      wallet: rating.walletAsTold())
    rating.ledger.accrued(by: end)
    rating.accrued = used
    return (unbilled, expired(&rating, by: end))
  }

  /// What usage that has come since the last month was closed adds to what was accrued for it, and to the credits that have expired with it: usage of the
  /// month, of billing periods that are not billed yet. `nil`: none has come.
  ///
  /// - Parameter billed: the billing periods that are.
  static func late(
    _ rating: inout Rating, billed: Set<Period>
  ) -> (month: Period, unbilled: [Unbilled], expired: [Wallet.Expired])? {
    let (end, catalog) = (rating.ledger.accruedBy, rating.catalog)
    let late = rating.ledger.dequeueLate().filter { subscription in
      !billed.contains(catalog.billingPeriod(of: subscription, holding: end - Span(nanoseconds: 1)))
    }
    guard !late.isEmpty, !rating.planted.contains(.lateWithinPeriodNotAccrued) else { return nil }
    precondition(end > .distantPast, "usage is late for a month, and none was closed")
    let revenue = revenue(of: rating)
    let used = revenue.usage(by: end, rating.ledger, rating.walletAsTold(), of: late)
    let unbilled = revenue.difference(used, from: rating.accrued, of: late)
    for subscription in late {  // each on its own
      rating.accrued.amounts[subscription] = used.amounts[subscription]
      rating.accrued.pending[subscription] = used.pending[subscription]
    }
    let month = Period(holding: end - Span(nanoseconds: 1))
    assert(month.end == end, "what is accrued of a month ends within another")
    return (month, unbilled, expired(&rating, by: end, of: late))
  }

  private static func revenue(of rating: Rating) -> UnbilledRevenue {
    UnbilledRevenue(catalog: rating.catalog, contracts: rating.contracts, planted: rating.planted)
  }

  /// What has expired by the end of a month, less what usage that is not billed yet will draw; and the expected breakage of what was drawn, with that.
  private static func expired(
    _ rating: inout Rating, by end: Instant, of subscriptions: Set<SubscriptionID>? = nil
  ) -> [Wallet.Expired] {
    guard rating.hasPrepaid else { return [] }
    for (index, own) in rating.catalog.subscriptions.enumerated() where own.billingDay != 1 {
      let subscription = SubscriptionID(index: UInt32(index))
      let isOver = rating.contracts.ends(subscription) <= end
      guard isOver || rating.expectsBreakage, subscriptions?.contains(subscription) ?? true else { continue }
      let last = Period(holding: end - Span(nanoseconds: 1), day: own.billingDay)
      let pending = rating.accrued.pending[subscription] ?? .zero
      // What goes on expires with its billing periods.
      let closed = rating.recurring.closed(subscription)?.end ?? .distantPast
      rating.expire(of: subscription, by: isOver ? end : min(end, closed), pending: (pending, last))
    }
    return rating.dequeueExpired()
  }
}
