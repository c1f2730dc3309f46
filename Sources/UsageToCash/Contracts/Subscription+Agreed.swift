import CanonicalModel
import Chronology

/// What is agreed of a contract's life at its beginning, as billing reckons it.
extension Subscription {
  /// The first instant that is charged for: where the trial is over.
  var chargedFrom: Instant { trial > .zero ? terms[0].from + trial : terms[0].from }

  /// The first instant at which nothing is agreed any more: the same day of the month, so many months after the first that is charged
  /// for, or the last of a shorter one. Far in the future where the term renews, or there is none.
  var agreedEnd: Instant {
    guard let term, !term.renews else { return ends }
    precondition(term.months > 0, "a term takes a month or more")
    let (first, date) = (chargedFrom, chargedFrom.date)
    let month = Period(
      ordinal: Int32(date.year * 12 + date.month - 1 + term.months), day: UInt8(date.day))
    return min(ends, month.start + (first - first.floored(to: .days(1))))
  }

  /// The same, where pauses may put it off.
  var latestEnd: Instant { term?.isExtendedByPauses == true ? ends : agreedEnd }

  /// The terms that are known from the beginning.
  var termsFromOnboarding: [ContractTerms] {
    guard trial > .zero else { return [terms[0]] }
    var (trying, paying) = (terms[0], terms[0])
    trying.status = .trial
    paying.from = chargedFrom
    return [trying, paying]
  }
}
