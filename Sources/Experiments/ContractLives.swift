import CanonicalModel
import Chronology
import Scenario
import SimulationKernel

/// What becomes of each customer's contract: which terms follow each other, when it pauses, and when it ends. Contracts go on beyond the
/// horizon.
struct ContractLives: Sendable {
  private let scenario: ScenarioFile
  private let seed: UInt64

  init(_ scenario: ScenarioFile, seed: UInt64) throws(InvalidInput) {
    self.scenario = scenario
    self.seed = seed
    let lifecycle = scenario.lifecycle
    var moments = scenario.amendments.map { ($0.at, $0.position) }
    moments += lifecycle.cancellations.map { ($0.at, $0.position) }
    for pause in lifecycle.pauses { moments += zip([pause.from, pause.until], pause.positions) }
    for (at, position) in moments where at.floored(to: scenario.design.window) != at {
      throw InvalidInput(
        "a contract changes at the beginning of a usage window, which is \(scenario.design.window) wide; "
          + "\(at) is not", at: position)
    }
  }

  /// A change of the terms of a customer.
  private struct Change {
    var at: Instant
    var priceBook: Int?
    var seats: Int?
  }

  /// The contracts, with the amendments, pauses and cancellations that each customer takes part in.
  func subscriptions() -> [Subscription] { (0..<scenario.customers).map(subscription) }

  private func subscription(_ customer: Int) -> Subscription {
    let lifecycle = scenario.lifecycle
    let waited = scenario.signUps.nanoseconds / Int64(scenario.customers) * Int64(customer)
    let signedUp = (scenario.start + Span(nanoseconds: waited)).floored(to: .days(1))
    let begins = max(scenario.start, signedUp)
    let charged = begins + lifecycle.trial
    let billingDay = scenario.billingDay.map { UInt8($0) } ?? UInt8(charged.date.day)
    let last = scenario.start + scenario.horizon - Span(nanoseconds: 1)
    let lookedAtUntil = Period(holding: last, day: billingDay).end
    let cancelled = cancellation(of: customer, from: begins, until: lookedAtUntil)
    let stop = min(lookedAtUntil, cancelled ?? .distantFuture)
    let changes = changes(of: customer, from: begins, charged: charged).filter { $0.at < stop }
    let pauses = pauses(of: customer, from: charged)
    func status(at instant: Instant) -> ContractStatus {
      pauses.contains { $0.from <= instant && instant < $0.until } ? .paused : .active
    }
    var terms = [
      ContractTerms(
        from: begins, priceBook: customer % scenario.entities.count, seats: scenario.seats,
        status: lifecycle.trial > .zero ? .active : status(at: begins))
    ]
    let edges = pauses.flatMap { [$0.from, $0.until] }.filter { $0 > begins && $0 < stop }
    for at in Set(changes.map(\.at) + edges).sorted() {
      var next = terms[terms.count - 1]
      next.from = at
      next.status = status(at: at)
      for change in changes where change.at == at {
        next.priceBook = change.priceBook ?? next.priceBook
        next.seats = change.seats ?? next.seats
      }
      terms.append(next)
    }
    if let cancelled, cancelled < lookedAtUntil {
      var end = terms[terms.count - 1]
      (end.from, end.status) = (cancelled, .ended)
      terms.append(end)
    }
    var own = Subscription(
      account: AccountID(index: UInt32(customer)), terms: terms, billingDay: billingDay)
    own.trial = lifecycle.trial
    own.term = lifecycle.term.map {
      ContractTerm(
        months: $0, renews: lifecycle.renews, isExtendedByPauses: lifecycle.pausesExtendTerm)
    }
    own.earlyTermination = lifecycle.earlyTermination
    return own
  }

  /// The amendments that a customer takes part in; what is agreed in a trial holds from its end on.
  private func changes(of customer: Int, from begins: Instant, charged: Instant) -> [Change] {
    let entities = scenario.entities.count
    var book = entities
    var changes: [Change] = []
    for amendment in scenario.amendments {
      let own = amendment.priceBooks.map { _ in book + customer % entities }
      book += amendment.priceBooks?.count ?? 0
      guard Assembly.isTaken(customer, amendment.share), amendment.at > begins else { continue }
      changes.append(Change(at: max(amendment.at, charged), priceBook: own, seats: amendment.seats))
    }
    return changes
  }

  private func isMeant(_ customer: Int, _ who: CustomerSelection) -> Bool {
    switch who {
    case .one(let number): number == customer
    case .share(let share): Assembly.isTaken(customer, share)
    }
  }

  /// The pauses of a customer, as far as they are charged time.
  private func pauses(of customer: Int, from charged: Instant) -> [(from: Instant, until: Instant)] {
    scenario.lifecycle.pauses.filter { isMeant(customer, $0.who) && $0.until > charged }
      .map { (max($0.from, charged), $0.until) }
  }

  /// When a customer leaves: on the first day that is said, or drawn. Every customer draws from a stream of its own, so that another design,
  /// fault or customer shifts nothing.
  private func cancellation(of customer: Int, from begins: Instant, until end: Instant) -> Instant? {
    let said = scenario.lifecycle.cancellations.filter { isMeant(customer, $0.who) && $0.at > begins }
      .map(\.at).min()
    guard scenario.lifecycle.churn > 0 else { return said }
    var stream = RandomStream(rootSeed: seed, name: "churn/\(customer)")
    var month = Period(holding: begins, day: UInt8(begins.date.day))
    while month.start < end {
      if stream.bernoulli(scenario.lifecycle.churn) {
        let days = UInt64((month.end - month.start).nanoseconds / Span.days(1).nanoseconds)
        let drawn = month.start + .days(1 + Int64(stream.below(days)))
        return said.map { min($0, drawn) } ?? drawn
      }
      month = month.next
    }
    return said
  }
}
