import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// Money: charges at the gateway, payouts, chargebacks, and customers' transfers.
extension SimulatedWorld {
  /// An answer of the gateway on its way.
  struct PendingCharge {
    var key: ChargeKey
    var answer: ChargeAnswer
    /// The life of the process that waits for it.
    var life: UInt32
  }

  mutating func charge(_ request: ChargeRequest) {
    guard let faults = gateway?.faults else { return }
    guard !isLost(faults) else { return observations.count(.requestLost) }
    if let share = faults.duplicates, networkStream.bernoulli(share) {
      observations.count(.requestDuplicated)
      countHits(faults, .duplicate)
      charge(request, faults, isCopy: true)
    }
    charge(request, faults, isCopy: false)
  }

  private mutating func charge(_ request: ChargeRequest, _ faults: ActiveFaults, isCopy: Bool) {
    guard let reaction = gateway?.charge(request, at: kernel.now) else { return }
    if request.repetition > 0 { observations.count(.chargeRepeated) }
    if reaction.isCollected {
      sink.record(.charged(request.key, request.account, request.amount), at: kernel.now)
      kernel.absorb(UInt64(truncatingIfNeeded: request.amount.units))
      if let payout = reaction.payoutAt {
        schedule(WorldEvent(.payout, index: Int(request.key.invoice.entity.index)), at: payout)
      }
      if let after = reaction.chargedBackAfter {
        let fee = configuration.cash?.chargebackFee ?? .zero
        let event = CashEvent.chargeback(invoice: request.key.invoice, amount: request.amount, fee: fee)
        schedule(WorldEvent(.cash, index: cashEvents.insert(event)), at: kernel.now + after)
      }
    }
    witness?.saw(
      .chargeAsked(request, isCollected: reaction.isCollected, answer: reaction.answer), at: kernel.now)
    if reaction.answer == .declined { sink.record(.declined(request.key), at: kernel.now) }
    guard !isCopy else { return }
    guard let answer = reaction.answer, !isLost(faults) else {
      observations.count(.chargeAnswerLost)
      return
    }
    if answer == .unavailable { observations.count(.chargeRefused) }
    if answer == .declined { observations.count(.chargeDeclined) }
    let slot = charges.insert(
      PendingCharge(key: request.key, answer: answer, life: machines.life(of: .payments)))
    schedule(WorldEvent(.chargeAnswer, index: slot), at: kernel.now + reaction.delay + delay(faults))
  }

  mutating func answerCharge(slot: Int) {
    let pending = charges.take(slot)
    guard pending.life == machines.life(of: .payments) else {
      return observations.count(.answeredDeadProcess)
    }
    tell(.charge(pending.answer, to: pending.key))
  }

  mutating func payOut(_ entity: Int) {
    guard let event = gateway?.payOut(EntityID(index: UInt32(entity)), at: kernel.now) else { return }
    move(event)
  }

  /// Money moves, and billing is told.
  mutating func move(_ event: CashEvent) {
    switch event {
    case .chargeback: observations.count(.chargedBack)
    case .payout: observations.count(.paidOut)
    case .refund: observations.count(.refunded)
    case .transfer: observations.count(.transferReceived)
    }
    sink.record(.cashMoved(event), at: kernel.now)
    nextNotice += 1
    let notice = CashNotice(id: nextNotice, event: event)
    let delay = delay(webhookFaults)
    if let share = webhookFaults.duplicates, networkStream.bernoulli(share) {
      observations.count(.noticeDuplicated)
      countHits(webhookFaults, .duplicate)
      let span = Span.seconds(Int64(1 + networkStream.below(7200)))
      schedule(WorldEvent(.notice, index: notices.insert(notice)), at: kernel.now + delay + span)
    }
    guard delay > .zero else { return tell(.cash(notice)) }
    schedule(WorldEvent(.notice, index: notices.insert(notice)), at: kernel.now + delay)
  }

  /// A customer that pays by transfer has received an invoice: it will pay, more or less when it is due.
  mutating func expectTransfer(for invoice: Invoice) {
    guard let cash = configuration.cash, let terms = configuration.catalog.paymentTerms,
      configuration.catalog.accounts[Int(invoice.account.index)].method == .transfer, invoice.total > .zero
    else { return }
    let delay = cash.transferDelay.draw(&bankStream)
    let first = invoice.issued + terms.dueAfter + delay
    func send(_ amount: Money, at instant: Instant) {
      let event = CashEvent.transfer(account: invoice.account, amount: amount, reference: invoice.number)
      schedule(WorldEvent(.cash, index: cashEvents.insert(event)), at: max(instant, kernel.now))
    }
    if bankStream.bernoulli(cash.partialShare) {
      observations.count(.partialPayment)
      let half = Money(units: invoice.total.units / 2).rounded(to: invoice.currency, .towardZero)
      send(half, at: first)
      send(invoice.total - half, at: first + delay + .days(1))
    } else if bankStream.bernoulli(cash.overpaidShare) {
      observations.count(.overpaid)
      send(invoice.total + Money(minorUnits: 1000, of: invoice.currency), at: first)
    } else {
      send(invoice.total, at: first)
    }
  }
}
