import CanonicalModel
import Chronology

/// A contract that is not simply in force from its activation on, by the oracle's own reading: which terms follow each other, with the trial
/// and the end that nobody tells of, and the dates between which it is charged for.
struct OracleLife: Sendable {
  /// All terms, those of a trial first.
  let history: [ContractTerms]
  /// The first instant that is charged for.
  let charged: Instant
  /// Where it ends at last.
  let ends: Instant
  /// Where it would have ended had nobody cancelled it.
  let agreedEnd: Instant
  /// Where it was to end when it began.
  let firstAgreedEnd: Instant

  /// The lives of a catalogue's contracts, where there is anything to tell of them.
  static func all(of catalog: Catalog) -> [SubscriptionID: OracleLife] {
    var lives: [SubscriptionID: OracleLife] = [:]
    for (index, own) in catalog.subscriptions.enumerated() {
      let isPlain = own.terms.allSatisfy { $0.status == .active }
      guard !isPlain || own.trial != .zero || own.term.map({ !$0.renews }) ?? false else { continue }
      lives[SubscriptionID(index: UInt32(index))] = OracleLife(own)
    }
    return lives
  }

  private init(_ own: Subscription) {
    let began = own.terms[0].from
    let charged = Instant(nanoseconds: began.nanoseconds + own.trial.nanoseconds)
    let cancelled = own.terms.first { $0.status == .ended }?.from
    var history: [ContractTerms] = []
    if own.trial > .zero {
      history.append(ContractTerms(from: began, priceBook: own.terms[0].priceBook, status: .trial))
      // Whoever leaves in the trial never pays; a change in it holds from its end on.
      let isSaid = own.terms.contains { $0.from == charged }
      if !isSaid, cancelled.map({ $0 > charged }) ?? true {
        var paying = own.terms[0]
        paying.from = charged
        history.append(paying)
      }
      history += own.terms.dropFirst()
    } else {
      history = own.terms
    }
    self.history = history
    self.charged = charged
    var agreed = own.ends
    if let term = own.term, !term.renews {
      agreed = min(agreed, OracleCalendar.shared.sameDay(as: charged, monthsLater: term.months))
    }
    firstAgreedEnd = agreed
    if own.term?.isExtendedByPauses == true, agreed < .distantFuture {
      for (place, terms) in history.enumerated() where terms.status == .paused && place + 1 < history.count {
        guard terms.from < agreed else { break }
        agreed = Instant(
          nanoseconds: agreed.nanoseconds + history[place + 1].from.nanoseconds - terms.from.nanoseconds)
      }
    }
    agreedEnd = agreed
    ends = cancelled.map { min($0, agreed) } ?? agreed
  }
}

extension OracleCalendar {
  /// The same day of the month and time of day some months later; in a shorter month, on its last day.
  func sameDay(as instant: Instant, monthsLater months: Int) -> Instant {
    let day: Int64 = 86_400_000_000_000
    let from = month(holding: instant)
    let begins = start(ofMonth: Int(from))
    let into = instant.nanoseconds - begins
    let target = Int(from) + months
    let length = (start(ofMonth: target + 1) - start(ofMonth: target)) / day
    let days = min(into / day, length - 1)
    return Instant(nanoseconds: start(ofMonth: target) + days * day + into % day)
  }
}
