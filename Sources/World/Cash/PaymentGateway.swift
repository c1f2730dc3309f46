import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// The payment gateway: collects under idempotency keys, pays out once a day, and passes chargebacks on.
struct PaymentGateway: Sendable {
  /// Collected charges that wait for their payout.
  private struct Pending: Sendable {
    var gross = Money.zero
    var fees = Money.zero
    /// The places of the charges.
    var charges: [Int] = []

    mutating func add(_ place: Int, gross: Money, fee: Money) {
      self.gross += gross
      fees += fee
      charges.append(place)
    }
  }

  private let catalog: Catalog
  private let cash: CashConfiguration
  private var stream: RandomStream
  private(set) var charges = GatewayCharges()
  /// By entity and the day of the payout, counted since 1970.
  private var pending: [EntityID: [Int64: Pending]] = [:]
  private var nextPayout: [UInt32]

  init(catalog: Catalog, cash: CashConfiguration, rootSeed: UInt64) {
    self.catalog = catalog
    self.cash = cash
    stream = RandomStream(rootSeed: rootSeed, name: "gateway")
    nextPayout = Array(repeating: 1, count: catalog.entities.count)
  }

  /// What came of a charge.
  struct Reaction {
    /// What the caller hears; `nil`: nothing.
    var answer: ChargeAnswer?
    var delay: Span
    /// Whether money was collected now.
    var isCollected = false
    /// How long after the charge the customer will take it back; `nil`: never.
    var chargedBackAfter: Span?
    /// The place of the charge among those that the gateway knows; `nil` where it takes no notice of it.
    var place: Int?
    /// The day of the payout.
    var payoutAt: Instant?
  }

  /// Collects, unless it has collected under the same key before, or a fault keeps it from it.
  mutating func charge(
    _ request: ChargeRequest, at now: Instant, _ faults: inout ActiveFaults
  ) -> Reaction {
    guard !faults.isDown, faults.maintenanceEnd == nil else {
      faults.hit(faults.isDown ? .outage : .maintenance)
      return Reaction(answer: .unavailable, delay: cash.refusalAfter)
    }
    if let share = faults.errors, stream.bernoulli(share) {
      faults.hit(.brownOut)
      return Reaction(answer: .unavailable, delay: cash.refusalAfter)
    }
    let work = Span(seconds: stream.logNormal(median: cash.latency.seconds, sigma: cash.latencySigma))
    let delay = faults.slowed(work, at: now)
    let place = charges.place(of: request.idempotencyKey)
    var reaction = Reaction(answer: nil, delay: delay, place: place)
    if charges[place] == .unknown {
      let isDeclined = stream.bernoulli(cash.declineShare)
      charges.move(place, to: isDeclined ? .declined : .collected)
      if !isDeclined { collect(request, place, at: now, &reaction) }
    }
    reaction.answer = charges[place].isCollected ? .succeeded : .declined
    if let share = faults.lostAnswers, stream.bernoulli(share) {
      faults.hit(.timeoutAfterCommit)
      reaction.answer = nil
    }
    return reaction
  }

  private mutating func collect(
    _ request: ChargeRequest, _ place: Int, at now: Instant, _ reaction: inout Reaction
  ) {
    reaction.isCollected = true
    let entity = request.key.invoice.entity
    let currency = catalog.entities[Int(entity.index)].currency
    let variable = Money(units: request.amount.units / 1_000_000_000_000 * cash.feeShare.units)
    let fee = min((variable + cash.fixedFee).rounded(to: currency), request.amount)
    let payout = (now + cash.settlement).floored(to: .days(1)) + .days(1)
    pending[entity, default: [:]][payout.index(of: .days(1)), default: Pending()]
      .add(place, gross: request.amount, fee: fee)
    precondition(payout > now, "what is collected is paid out later")
    reaction.payoutAt = payout
    if stream.bernoulli(cash.chargebackShare) {
      reaction.chargedBackAfter = cash.chargebackDelay.draw(&stream, step: .seconds(1))
    }
  }

  /// Pays out what is due on a day; nothing if it was paid out before.
  mutating func payOut(_ entity: EntityID, at now: Instant) -> CashEvent? {
    assert(now == now.floored(to: .days(1)), "the gateway pays out at the turn of a day")
    guard let due = pending[entity]?.removeValue(forKey: now.index(of: .days(1))) else { return nil }
    precondition(due.fees <= due.gross, "fees are part of what was collected")
    for place in due.charges { charges.move(place, to: charges[place].afterPayout) }
    let number = nextPayout[Int(entity.index)]
    nextPayout[Int(entity.index)] += 1
    return .payout(entity: entity, number: number, gross: due.gross, fees: due.fees)
  }

  /// A customer takes a charge back.
  mutating func takeBack(_ place: Int) { charges.move(place, to: charges[place].afterChargeback) }
}
