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
  private enum Movement: Sendable {
    /// Money moves, or is decided about.
    case event(CashEvent)
    /// The charge of a place at the gateway is taken back.
    case chargeback(place: Int)
    /// The dispute about the charge of a place is won.
    case disputeWon(place: Int, ChargeKey, Money)
  }

  /// A statement on its way.
  private struct Posted: Sendable {
    var statement: CashStatement
    /// Whether the network has lost it: it is sent again.
    var isLost: Bool
  }

  /// What one source of statements of one entity has to report.
  private struct Reporting: Sendable {
    var lines: [(at: Instant, line: CashStatement.Line)] = []
    var nextNumber: UInt32 = 1
    /// The last day of which a statement is to come, counted since 1970.
    var lastDay: Int64?
  }

  private let catalog: Catalog
  private let configuration: CashConfiguration?
  private(set) var gateway: PaymentGateway?
  private var charges = SlotTable<PendingCharge>()
  private var movements = SlotTable<Movement>()
  private var bank: RandomStream
  private var notices = SlotTable<CashNotice>()
  private var nextNotice: UInt32 = 0
  private var disputes: RandomStream
  /// Orders to give money back that were taken: a repeated one is known.
  private var refunded: Set<RefundNumber> = []
  /// What customers were told of unapplied cash that settles an invoice: they pay so much less.
  private var settledOtherwise: [InvoiceNumber: Money] = [:]
  /// By entity and source.
  private var reporting: [Reporting]
  private var statements = SlotTable<Posted>()

  private struct RefundNumber: Hashable, Sendable {
    var entity: EntityID
    var number: UInt32
  }
  /// Faults that hit the gateway.
  var gatewayFaults = ActiveFaults()
  /// Faults that hit notices.
  var webhookFaults = ActiveFaults()

  init(_ world: WorldConfiguration, rootSeed: UInt64) {
    catalog = world.catalog
    configuration = world.cash
    gateway = world.cash.map { PaymentGateway(catalog: world.catalog, cash: $0, rootSeed: rootSeed) }
    bank = RandomStream(rootSeed: rootSeed, name: "bank")
    disputes = RandomStream(rootSeed: rootSeed, name: "disputes")
    reporting = Array(repeating: Reporting(), count: 2 * world.catalog.entities.count)
  }

  /// Answers, movements of money and notices of them that are still to come.
  var underWay: Int { charges.count + movements.count + notices.count + statements.count }

  // MARK: Charges

  /// The core asks for a charge; the gateway's answer, if there is one, comes as an event of its own.
  ///
  /// - Parameter life: of the process that waits for it.
  mutating func ask(_ request: ChargeRequest, life: UInt32, _ surroundings: inout Surroundings) {
    guard gateway != nil else { return }
    surroundings.record(
      .chargeRequested(request.key, request.account, request.amount, repetition: request.repetition))
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
      !reaction.isCollected || ![.declined, .unavailable].contains(reaction.answer),
      "nothing is collected where the gateway says that it was not")
    assert(reaction.delay >= .zero, "an answer does not come before its charge")
    if request.repetition > 0 { surroundings.count(.chargeRepeated) }
    if reaction.isCollected {
      surroundings.record(.charged(request.key, request.account, reaction.collected))
      surroundings.kernel.absorb(UInt64(truncatingIfNeeded: reaction.collected.units))
      if reaction.collected < request.amount { surroundings.count(.partialCapture) }
      report(
        CashStatement.Line(origin: .charge(request.key), event: nil, amount: reaction.collected), .gateway,
        request.key.invoice.entity, &surroundings)
      if let payout = reaction.payoutAt {
        surroundings.schedule(
          WorldEvent(.payout, index: Int(request.key.invoice.entity.index)), at: payout)
      }
      if let after = reaction.chargedBackAfter, let place = reaction.place {
        move(.chargeback(place: place), at: now + after, &surroundings)
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

  /// Receives an answer of the gateway.
  mutating func receiveAnswer(_ slot: Int) -> PendingCharge { charges.remove(slot) }

  // MARK: Movements of money

  /// What an entity's payout of today moves; `nil` where it was paid out before.
  mutating func payOut(_ entity: Int, at now: Instant) -> CashEvent? {
    gateway?.payOut(EntityID(index: UInt32(entity)), at: now)
  }

  /// Receives a movement that is due; `nil` where nothing is left to move.
  mutating func receiveMovement(_ slot: Int, _ surroundings: inout Surroundings) -> CashEvent? {
    switch movements.remove(slot) {
    case .chargeback(let place):
      guard let charge = gateway?.chargeBack(place) else { return nil }
      if charge.amount < charge.collected { surroundings.count(.chargebackBounded) }
      decideLater(place, charge.key, charge.amount, &surroundings)
      return .chargeback(
        charge: charge.key, collected: charge.collected, amount: charge.amount,
        fee: configuration?.chargebackFee ?? .zero)
    case .disputeWon(let place, let key, let amount):
      gateway?.winDispute(place)
      return .disputeWon(charge: key, amount: amount)
    case .event(.transfer(let account, let amount, let reference)):
      // A customer pays what is left of an invoice that unapplied cash has settled in part.
      let settled = min(settledOtherwise[reference] ?? .zero, amount)
      settledOtherwise[reference, default: .zero] -= settled
      guard settled < amount else { return nil }
      return .transfer(account: account, amount: amount - settled, reference: reference)
    case .event(let event): return event
    }
  }

  /// A chargeback is disputed: it is decided later, one way or the other.
  private mutating func decideLater(
    _ place: Int, _ key: ChargeKey, _ amount: Money, _ surroundings: inout Surroundings
  ) {
    guard let cash = configuration, catalog.paymentTerms?.disputesChargebacks == true else { return }
    let isWon = disputes.bernoulli(cash.disputesWonShare)
    let at = surroundings.now + cash.disputeDelay.draw(&disputes, step: .seconds(1))
    move(
      isWon ? .disputeWon(place: place, key, amount) : .event(.disputeLost(charge: key)), at: at,
      &surroundings)
  }

  /// Money is given back as the core has ordered, once for each order. The gateway refuses where nothing is left of the charge.
  mutating func refund(_ order: RefundOrder, _ surroundings: inout Surroundings) {
    guard let cash = configuration,
      refunded.insert(RefundNumber(entity: order.entity, number: order.number)).inserted
    else { return }
    var event = CashEvent.refund(order)
    if let charge = order.source.charge, gateway?.takeRefund(order.amount, of: charge) != true {
      event = .refundRefused(order)
    }
    move(.event(event), at: surroundings.now + cash.refundAfter, &surroundings)
  }

  /// Billing has told a customer that unapplied cash settles invoices.
  mutating func recordApplied(_ document: CashDocument) {
    for part in document.applications { settledOtherwise[part.invoice, default: .zero] += part.amount }
  }

  private mutating func move(
    _ movement: Movement, at instant: Instant, _ surroundings: inout Surroundings
  ) {
    surroundings.schedule(WorldEvent(.cash, index: movements.insert(movement)), at: instant)
  }

  /// Money moves, and a notice of it is sent, which may come twice.
  ///
  /// - Returns: the notice, where it arrives at once.
  mutating func notify(of event: CashEvent, _ surroundings: inout Surroundings) -> CashNotice? {
    let situation: Situation =
      switch event {
      case .chargeback: .chargedBack
      case .disputeWon: .disputeWon
      case .disputeLost: .disputeLost
      case .payout: .paidOut
      case .refund(let order): order.invoice == nil ? .unappliedReturned : .refunded
      case .refundRefused: .refundRefused
      case .transfer: .transferReceived
      }
    surroundings.count(situation)
    nextNotice += 1
    let notice = CashNotice(id: nextNotice, event: event)
    surroundings.record(.cashMoved(event, id: notice.id))
    report(notice, &surroundings)
    guard !surroundings.isLost(&webhookFaults) else {
      surroundings.count(.noticeLost)
      return nil
    }
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

  /// Receives a notice.
  mutating func receiveNotice(_ slot: Int) -> CashNotice { notices.remove(slot) }

  /// A customer that pays by transfer has received an invoice: it will pay, more or less when it is due.
  mutating func expectTransfer(for invoice: Invoice, _ surroundings: inout Surroundings) {
    guard let cash = configuration, let terms = catalog.paymentTerms,
      catalog[invoice.account].method == .transfer, invoice.total > .zero
    else { return }
    let delay = cash.transferDelay.draw(&bank)
    let first = invoice.issued + terms.dueAfter + delay
    if bank.bernoulli(cash.partialShare) {
      surroundings.count(.partialPayment)
      // Totals are whole minor units: the quotient is exact.
      let part = Money(units: invoice.total.units / 1000 * Int128((cash.firstPart * 1000).rounded()))
        .rounded(to: invoice.currency, .towardZero)
      assert(.zero <= part && part <= invoice.total, "a part of an invoice is no more than all of it")
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
      .event(.transfer(account: invoice.account, amount: amount, reference: invoice.number)),
      at: max(instant, surroundings.now), &surroundings)
  }

  // MARK: Statements

  /// A movement stands on the statements of whoever has moved it.
  private mutating func report(_ notice: CashNotice, _ surroundings: inout Surroundings) {
    let entity = notice.event.entity(in: catalog)
    func line(_ amount: Money) -> CashStatement.Line {
      CashStatement.Line(origin: .movement(notice.id), event: notice.event, amount: amount)
    }
    switch notice.event {
    case .payout(_, _, let gross, let fees): report(line(gross - fees), .bank, entity, &surroundings)
    case .chargeback(_, _, let amount, let fee):
      report(line(.zero - amount - fee), .bank, entity, &surroundings)
      report(line(.zero - amount), .gateway, entity, &surroundings)
    case .disputeWon(_, let amount):
      report(line(amount), .bank, entity, &surroundings)
      report(line(amount), .gateway, entity, &surroundings)
    case .refund(let order):
      report(line(.zero - order.amount), .bank, entity, &surroundings)
      if order.source.charge != nil { report(line(.zero - order.amount), .gateway, entity, &surroundings) }
    case .transfer(_, let amount, _): report(line(amount), .bank, entity, &surroundings)
    // No money moves, and the gateway tells of it all the same.
    case .disputeLost, .refundRefused: report(line(.zero), .gateway, entity, &surroundings)
    }
  }

  private mutating func report(
    _ line: CashStatement.Line, _ source: CashStatement.Source, _ entity: EntityID,
    _ surroundings: inout Surroundings
  ) {
    guard let cash = configuration else { return }
    let place = 2 * Int(entity.index) + Int(source.rawValue)
    let now = surroundings.now
    reporting[place].lines.append((now, line))
    let day = now.index(of: .days(1))
    guard reporting[place].lastDay != day else { return }
    reporting[place].lastDay = day
    surroundings.schedule(
      WorldEvent(.statement, index: place), at: now.floored(to: .days(1)) + .days(1) + cash.statementAfter)
  }

  /// The statement of a day is made and sent.
  ///
  /// - Returns: the statement, where it arrives at once.
  mutating func sendStatement(of place: Int, _ surroundings: inout Surroundings) -> CashStatement? {
    guard let cash = configuration, reporting.indices.contains(place),
      let source = CashStatement.Source(rawValue: UInt8(place % 2))
    else { return nil }
    let until = (surroundings.now - cash.statementAfter).floored(to: .days(1))
    let lines = reporting[place].lines.prefix { $0.at < until }
    precondition(!lines.isEmpty, "a statement is of money that has moved")
    reporting[place].lines.removeFirst(lines.count)
    let statement = CashStatement(
      source: source, entity: EntityID(index: UInt32(place / 2)), number: reporting[place].nextNumber,
      until: until, lines: lines.map(\.line))
    reporting[place].nextNumber += 1
    return send(statement, &surroundings)
  }

  private mutating func send(
    _ statement: CashStatement, _ surroundings: inout Surroundings
  ) -> CashStatement? {
    guard let cash = configuration else { return nil }
    guard !surroundings.isLost(&webhookFaults) else {
      surroundings.count(.statementLost)
      post(statement, isLost: true, after: cash.statementResentAfter, &surroundings)
      return nil
    }
    let delay = surroundings.delay(&webhookFaults)
    if surroundings.isDoubled(&webhookFaults, .noticeDuplicated) {
      let lag = surroundings.lag(in: cash.noticeCopyDelay, step: .seconds(1))
      post(statement, isLost: false, after: delay + lag, &surroundings)
    }
    guard delay > .zero else { return statement }
    post(statement, isLost: false, after: delay, &surroundings)
    return nil
  }

  private mutating func post(
    _ statement: CashStatement, isLost: Bool, after span: Span, _ surroundings: inout Surroundings
  ) {
    let slot = statements.insert(Posted(statement: statement, isLost: isLost))
    surroundings.schedule(WorldEvent(.statementOnItsWay, index: slot), at: surroundings.now + span)
  }

  /// Receives a statement that was on its way; one that got lost is sent again.
  mutating func receiveStatement(_ slot: Int, _ surroundings: inout Surroundings) -> CashStatement? {
    let posted = statements.remove(slot)
    return posted.isLost ? send(posted.statement, &surroundings) : posted.statement
  }
}
