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
      assert(!charges.contains(place), "a charge is paid out once")
      assert(fee <= gross, "a fee is part of what was collected")
      self.gross += gross
      fees += fee
      charges.append(place)
    }
  }

  private let catalog: Catalog
  private let cash: CashConfiguration
  private var stream: RandomStream
  private(set) var charges = GatewayCharges()
  /// What was collected under a key, and what of it was given back.
  private struct Collected: Sendable {
    var key: ChargeKey
    var amount: Money
    var givenBack = Money.zero
    var left: Money { amount - givenBack }
  }

  /// By the places of charges.
  private var collected: [Int: Collected] = [:]
  private var placesOf: [ChargeKey: [Int]] = [:]
  /// By entity and the day of the payout, counted since 1970.
  private var pending: [EntityID: [Int64: Pending]] = [:]
  private var nextPayout: DenseTable<EntityID, UInt32>

  init(catalog: Catalog, cash: CashConfiguration, rootSeed: UInt64) {
    self.catalog = catalog
    self.cash = cash
    stream = RandomStream(rootSeed: rootSeed, name: "gateway")
    nextPayout = DenseTable(repeating: 1, count: catalog.entities.count)
  }

  /// What came of a charge.
  struct Reaction {
    /// What the caller hears; `nil`: nothing.
    var answer: ChargeAnswer?
    var delay: Span
    /// Whether money was collected now.
    var isCollected = false
    /// How much was collected now.
    var collected = Money.zero
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
    if let amount = collected[place]?.amount, amount < request.amount { reaction.answer = .partly(amount) }
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
    let amount = captured(request)
    reaction.collected = amount
    collected[place] = Collected(key: request.key, amount: amount)
    placesOf[request.key, default: []].append(place)
    let entity = request.key.invoice.entity
    let currency = catalog[entity].currency
    let variable = Money(units: amount.units / 1_000_000_000_000 * cash.feeShare.units)
    let fee = min((variable + cash.fixedFee).rounded(to: currency), amount)
    let payout = (now + cash.settlement).floored(to: .days(1)) + .days(1)
    pending[entity, default: [:]][payout.index(of: .days(1)), default: Pending()]
      .add(place, gross: amount, fee: fee)
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
    precondition(!due.charges.isEmpty, "a payout is of what was collected")
    precondition(due.fees <= due.gross, "fees are part of what was collected")
    for place in due.charges { charges.move(place, to: charges[place].afterPayout) }
    let number = nextPayout[entity]
    nextPayout[entity] += 1
    return .payout(entity: entity, number: number, gross: due.gross, fees: due.fees)
  }

  /// What is collected of a charge: all of it, or a part.
  private mutating func captured(_ request: ChargeRequest) -> Money {
    guard cash.partialCaptureShare > 0, stream.bernoulli(cash.partialCaptureShare) else {
      return request.amount
    }
    let part = Money(units: request.amount.units / 1000 * Int128((cash.capturedPart * 1000).rounded()))
      .rounded(to: catalog[request.key.invoice.entity].currency, .towardZero)
    return part > .zero ? part : request.amount
  }

  /// A customer takes a charge back: what refunds have left of it.
  ///
  /// - Returns: the charge, what was collected, and what is taken back; `nil` where nothing is left to take.
  @discardableResult
  mutating func chargeBack(_ place: Int) -> (key: ChargeKey, collected: Money, amount: Money)? {
    guard let charge = collected[place] else {
      preconditionFailure("only what was collected is taken back")
    }
    let amount = cash.boundsChargebacks ? charge.left : charge.amount
    guard amount > .zero else { return nil }
    charges.move(place, to: charges[place].afterChargeback)
    return (charge.key, charge.amount, amount)
  }

  /// The dispute about a charge that was taken back was won.
  mutating func winDispute(_ place: Int) { charges.move(place, to: charges[place].afterDispute) }

  /// Takes an order to give a part of a charge back.
  ///
  /// - Returns: whether it is taken: not where less is left of the charge, or it was taken back.
  mutating func takeRefund(_ amount: Money, of key: ChargeKey) -> Bool {
    let place = (placesOf[key] ?? []).first { place in
      !charges[place].isTakenBack && amount <= collected[place]?.left ?? .zero
    }
    guard let place else { return false }
    collected[place]?.givenBack += amount
    return true
  }
}
