import CanonicalModel
import Chronology
import CoreInterface

/// How long a run may still go on after its last usage, fault and billing period, and the time to drain after them.
extension WorldConfiguration {
  /// What is added to the time to drain: what is asked for and paid after the last invoice, and what takes longer than usual.
  var aftermath: Span { collection + credits + delays }

  /// From the arrival of usage that comes after its invoice until it may go on another, where finance decides about it: until its window
  /// closes, and finance has decided. The invoice is that of the period which holds the decision. Zero where nobody is asked.
  var decision: Span { lateUsageAsksAfter.map { $0 + exceptions.releaseAfter } ?? .zero }

  /// How long after the last invoice credits on it may be asked for, again, and approved; and a day for what comes of them.
  private var credits: Span {
    guard catalog.creditLimit != nil, let finance else { return .zero }
    return finance.longest + .days(1)
  }

  /// How long payments may take after the last invoice: until it is due, all attempts to collect it, and what customers, banks and the
  /// gateway take.
  private var collection: Span {
    guard let terms = catalog.paymentTerms else { return .zero }
    let movements = cash.map { max($0.collectWithin, $0.longest) } ?? .zero
    return terms.retries.reduce(terms.dueAfter + movements + (terms.writeOffAfter ?? .zero)) { $0 + $1 }
  }

  /// By how much counterparts may take longer than they do by default. What they take by default is part of the time to drain.
  private var delays: Span {
    var span = Span.zero
    func add(_ own: Span, usually usual: Span) { span = span + max(.zero, own - usual) }
    add(exceptions.mendAfter, usually: ExceptionHandling().mendAfter)
    let refusals = (erps + successors.compactMap { $0 }).map(\.refusalsHoldFor).max()
    add(refusals ?? .zero, usually: ERPProfile.ideal.refusalsHoldFor)
    let usual = FeedConfiguration()
    add(feeds.resendAfter, usually: usual.resendAfter)
    add(feeds.copyDelay.below, usually: usual.copyDelay.below)
    add(feeds.claimPause, usually: usual.claimPause)
    // Counted from the start: what CRM tells while usage still comes takes no longer than that.
    add(identities.linkedWithin, usually: horizon - start)
    add(identities.conflictDelay.below, usually: IdentityConfiguration().conflictDelay.below)
    for change in schemaChanges { add(change.repeatedAfter, usually: SchemaChange.usualRepetition) }
    add(delivery.correctionRepeatedAfter, usually: DeliveryConfiguration().correctionRepeatedAfter)
    let usualGap = LoadConfiguration.Gap(
      from: start, until: start, backfilledAt: start, misdeclaredBy: .hours(1))
    for gap in load.compactMap(\.gap) { add(gap.longest, usually: usualGap.longest) }
    if let cash {
      let usual = CashConfiguration.usual
      add(cash.refundAfter, usually: usual.refundAfter)
      add(cash.restAfter, usually: usual.restAfter)
      add(cash.noticeCopyDelay.below, usually: usual.noticeCopyDelay.below)
      add(cash.statementAfter, usually: usual.statementAfter)
      add(cash.statementResentAfter, usually: usual.statementResentAfter)
    }
    assert(span >= .zero, "what takes longer does not end the run sooner")
    return span
  }
}
