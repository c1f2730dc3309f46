import CanonicalModel
import Chronology
import SimulationKernel

/// By when a run has to have come to rest.
extension SimulatedWorld {
  /// The latest instant by which the queues must be empty: some time after the last usage, the last fault and
  /// the end of the billing period that follows them.
  public var deadline: Instant {
    var last = max(configuration.horizon, lastDelivery, contractsEnd)
    for index in faultWindows.indices where awaited[index] {
      // What never ends is not waited for: the queues have to be empty all the same.
      let window = faultWindows[index]
      last = max(last, window.isEndless ? window.start : window.end)
    }
    var periodEnd = last
    for day in billingDays {
      periodEnd = max(periodEnd, Period(holding: last, day: day).end)
    }
    if let calendar = configuration.catalog.accountingCalendar {
      // What comes last may be dated to the month after, which closes in its turn.
      periodEnd = Period(holding: periodEnd).end + calendar.closeAfter
      for reopening in calendar.reopenings { periodEnd = max(periodEnd, reopening.until) }
    }
    return periodEnd + .days(1) + configuration.drainWithin + collection + credits
  }

  /// How long after the last invoice credits on it may be asked for, again two hours later, and approved the day after.
  private var credits: Span {
    guard configuration.catalog.creditLimit != nil, let finance = configuration.finance else { return .zero }
    return finance.delay + .days(2)
  }

  /// How long payments may take after the last invoice.
  private var collection: Span {
    guard let terms = configuration.catalog.paymentTerms else { return .zero }
    return terms.retries.reduce(terms.dueAfter + .days(90)) { $0 + $1 }
  }
}
