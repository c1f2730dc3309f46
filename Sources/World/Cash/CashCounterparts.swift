import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// Where money moves: the payment gateway, the bank to which customers transfer, and the notices by which billing is told of it.
struct CashCounterparts: Sendable {
  /// An answer of the gateway on its way.
  struct PendingCharge: Sendable {
    var key: ChargeKey
    var answer: ChargeAnswer
    /// The life of the process that waits for it.
    var life: UInt32
  }

  /// A movement of money that is to come.
  private struct Movement: Sendable {
    var event: CashEvent
    /// The place of the charge at the gateway that it takes back.
    var takesBack: Int?
  }

  private let catalog: Catalog
  private let configuration: CashConfiguration?
  private(set) var gateway: PaymentGateway?
  private var charges = Slab<PendingCharge>()
  private var movements = Slab<Movement>()
  private var bank: RandomStream
  private var notices = Slab<CashNotice>()
  private var nextNotice: UInt32 = 0
  /// Credit memos for which money was given back: a repeated order is known.
  private var refunded: Set<PostingKey> = []
  /// Faults that hit the gateway.
  var gatewayFaults = ActiveFaults()
  /// Faults that hit notices.
  var webhookFaults = ActiveFaults()

  init(_ world: WorldConfiguration, rootSeed: UInt64) {
    catalog = world.catalog
    configuration = world.cash
    gateway = world.cash.map { PaymentGateway(catalog: world.catalog, cash: $0, rootSeed: rootSeed) }
    bank = RandomStream(rootSeed: rootSeed, name: "bank")
  }

  // MARK: Charges

  /// The core asks for a charge; the gateway's answer, if there is one, comes as an event of its own.
  ///
  /// - Parameter life: of the process that waits for it.
  mutating func ask(_ request: ChargeRequest, life: UInt32, _ surroundings: inout Surroundings) {
    guard gateway != nil else { return }
    guard !surroundings.isLost(&gatewayFaults) else { return surroundings.count(.requestLost) }
    if surroundings.isDoubled(&gatewayFaults, .requestDuplicated) {
      charge(request, life: life, isCopy: true, &surroundings)
    }
    charge(request, life: life, isCopy: false, &surroundings)
  }

  private mutating func charge(
    _ request: ChargeRequest, life: UInt32, isCopy: Bool, _ surroundings: inout Surroundings
  ) {
    let now = surroundings.now
    guard let reaction = gateway?.charge(request, at: now, &gatewayFaults) else { return }
    assert(
      reaction.isCollected || reaction.payoutAt == nil && reaction.chargedBackAfter == nil,
      "only what was collected is paid out or taken back")
    assert(
      !reaction.isCollected || reaction.answer == nil || reaction.answer == .succeeded,
      "nothing is collected where the gateway says that it was not")
    assert(reaction.delay >= .zero, "an answer does not come before its charge")
    if request.repetition > 0 { surroundings.count(.chargeRepeated) }
    if reaction.isCollected {
      surroundings.record(.charged(request.key, request.account, request.amount))
      surroundings.kernel.absorb(UInt64(truncatingIfNeeded: request.amount.units))
      if let payout = reaction.payoutAt {
        surroundings.schedule(
          WorldEvent(.payout, index: Int(request.key.invoice.entity.index)), at: payout)
      }
      if let after = reaction.chargedBackAfter {
        let fee = configuration?.chargebackFee ?? .zero
        move(
          .chargeback(invoice: request.key.invoice, amount: request.amount, fee: fee), at: now + after,
          takesBack: reaction.place, &surroundings)
      }
    }
    surroundings.saw(.chargeAsked(request, isCollected: reaction.isCollected, answer: reaction.answer))
    if reaction.answer == .declined { surroundings.record(.declined(request.key)) }
    guard !isCopy else { return }
    guard let answer = reaction.answer, !surroundings.isLost(&gatewayFaults) else {
      return surroundings.count(.chargeAnswerLost)
    }
    if answer == .unavailable { surroundings.count(.chargeRefused) }
    if answer == .declined { surroundings.count(.chargeDeclined) }
    let slot = charges.insert(PendingCharge(key: request.key, answer: answer, life: life))
    surroundings.schedule(
      WorldEvent(.chargeAnswer, index: slot),
      at: now + reaction.delay + surroundings.delay(&gatewayFaults))
  }

  /// An answer of the gateway arrives.
  mutating func takeAnswer(_ slot: Int) -> PendingCharge { charges.take(slot) }

  // MARK: Movements of money

  /// What an entity's payout of today moves; `nil` where it was paid out before.
  mutating func payOut(_ entity: Int, at now: Instant) -> CashEvent? {
    gateway?.payOut(EntityID(index: UInt32(entity)), at: now)
  }

  /// A movement that was to come is due.
  mutating func takeMovement(_ slot: Int) -> CashEvent {
    let movement = movements.take(slot)
    if let place = movement.takesBack { gateway?.takeBack(place) }
    return movement.event
  }

  /// Money is given back for a credit memo, once.
  mutating func refund(
    _ memo: PostingKey, _ invoice: InvoiceNumber, _ amount: Money, _ surroundings: inout Surroundings
  ) {
    guard let cash = configuration, refunded.insert(memo).inserted else { return }
    move(.refund(invoice: invoice, amount: amount), at: surroundings.now + cash.refundAfter, &surroundings)
  }

  private mutating func move(
    _ event: CashEvent, at instant: Instant, takesBack place: Int? = nil, _ surroundings: inout Surroundings
  ) {
    let slot = movements.insert(Movement(event: event, takesBack: place))
    surroundings.schedule(WorldEvent(.cash, index: slot), at: instant)
  }

  /// Money moves, and a notice of it is sent, which may come twice.
  ///
  /// - Returns: the notice, where it arrives at once.
  mutating func notify(of event: CashEvent, _ surroundings: inout Surroundings) -> CashNotice? {
    let situation: Situation =
      switch event {
      case .chargeback: .chargedBack
      case .payout: .paidOut
      case .refund: .refunded
      case .transfer: .transferReceived
      }
    surroundings.count(situation)
    surroundings.record(.cashMoved(event))
    nextNotice += 1
    let notice = CashNotice(id: nextNotice, event: event)
    let delay = surroundings.delay(&webhookFaults)
    if let cash = configuration, surroundings.isDoubled(&webhookFaults, .noticeDuplicated) {
      let lag = surroundings.lag(in: cash.noticeCopyDelay, step: .seconds(1))
      post(notice, after: delay + lag, &surroundings)
    }
    guard delay > .zero else { return notice }
    post(notice, after: delay, &surroundings)
    return nil
  }

  private mutating func post(_ notice: CashNotice, after span: Span, _ surroundings: inout Surroundings) {
    surroundings.schedule(
      WorldEvent(.notice, index: notices.insert(notice)), at: surroundings.now + span)
  }

  /// A notice arrives.
  mutating func takeNotice(_ slot: Int) -> CashNotice { notices.take(slot) }

  /// A customer that pays by transfer has received an invoice: it will pay, more or less when it is due.
  mutating func expectTransfer(for invoice: Invoice, _ surroundings: inout Surroundings) {
    guard let cash = configuration, let terms = catalog.paymentTerms,
      catalog.accounts[Int(invoice.account.index)].method == .transfer, invoice.total > .zero
    else { return }
    let delay = cash.transferDelay.draw(&bank)
    let first = invoice.issued + terms.dueAfter + delay
    if bank.bernoulli(cash.partialShare) {
      surroundings.count(.partialPayment)
      // Totals are whole minor units: the quotient is exact.
      let part = Money(units: invoice.total.units / 1000 * Int128((cash.firstPart * 1000).rounded()))
        .rounded(to: invoice.currency, .towardZero)
      transfer(part, for: invoice, at: first, &surroundings)
      transfer(invoice.total - part, for: invoice, at: first + delay + cash.restAfter, &surroundings)
    } else if bank.bernoulli(cash.overpaidShare) {
      surroundings.count(.overpaid)
      let more = Money(minorUnits: Int128(cash.overpaidBy), of: invoice.currency)
      transfer(invoice.total + more, for: invoice, at: first, &surroundings)
    } else {
      transfer(invoice.total, for: invoice, at: first, &surroundings)
    }
  }

  private mutating func transfer(
    _ amount: Money, for invoice: Invoice, at instant: Instant, _ surroundings: inout Surroundings
  ) {
    move(
      .transfer(account: invoice.account, amount: amount, reference: invoice.number),
      at: max(instant, surroundings.now), &surroundings)
  }
}
