import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// What can happen in the world.
enum WorldEventKind: UInt8 {
  /// A load source draws its next arrivals; `index` is the source.
  case generate
  /// A usage event reaches the broker; `index` is its slot in the delivery slab.
  case deliver
  /// A broker partition hands over what it holds; `index` is the partition, `detail` its turn.
  case poll
  /// A batch whose acknowledgement was lost is delivered again; `index` is the slot.
  case redeliver
  /// The core's next deadline has come.
  case wake
  /// An ERP has processed a call; `index` is the slot of the call.
  case commit
  /// An ERP's answer reaches the core; `index` is the slot of the call.
  case answer
  /// A fault begins; `index` is the fault window.
  case faultStart
  /// A fault ends; `index` is the fault window.
  case faultEnd
  /// The time series take a sample.
  case sample
  /// CRM tells billing of changes of contract; `index` is the first of them in the feed.
  case contracts
  /// The tax engine's answer reaches the core; `index` is the slot of the answer.
  case taxAnswer
  /// The gateway's answer reaches the core; `index` is the slot of the answer.
  case chargeAnswer
  /// The gateway pays out; `index` is the entity.
  case payout
  /// Money moves; `index` is the slot of the movement.
  case cash
  /// A schema version is registered; `index` is the change.
  case schema
  /// Finance asks for a credit; `index` is the slot of the request.
  case credit
  /// A producer takes an event back; `index` is the slot of the correction.
  case correction
  /// CRM tells of a further identifier; `index` is its position in the feed.
  case identity
  /// A producer sends what it could not send in its time; `index` is the load source.
  case backfill
  /// Finance has decided about held charges; `index` is the case.
  case release
  /// What kept an ERP from taking a document is mended; `index` is the slot of its key.
  case replay
  /// The rates of the next day are fixed.
  case fixRates
  /// Billing is told of a movement of money; `index` is the slot of the notice.
  case notice
  /// A process of the core starts again; `index` is the process.
  case restart
  /// A call reaches its ERP after a delay; `index` is the slot of the call.
  case arrive
  /// A call has waited for its place at an ERP for long enough; `index` is its slot, `detail` its number.
  case queueExpired
  /// An ERP's job has come to its end; `index` is the slot of the call.
  case job
  /// A message of CRM or of the feed of exchange rates arrives; `index` is its slot.
  case feed
  /// The bank or the gateway sends the statement of a day; `index` is the entity and who sends it.
  case statement
  /// A statement that is late or was lost arrives; `index` is its slot.
  case statementOnItsWay
}

extension WorldEventKind {
  /// Whether no run ends before such an event. Wakes of the core and samples come as long as anything runs, rates are
  /// fixed each evening, and of faults only some are waited for: who schedules them says which.
  var isEssential: Bool {
    switch self {
    case .wake, .sample, .fixRates, .faultStart, .faultEnd: false
    case .generate, .deliver, .poll, .redeliver, .commit, .answer, .contracts, .taxAnswer, .chargeAnswer,
      .payout,
      .cash, .schema, .credit, .correction, .identity, .backfill, .release, .replay, .notice,
      .statement, .statementOnItsWay, .restart,
      .arrive,
      .queueExpired, .job, .feed:
      true
    }
  }
}

/// What happens first, and who takes each event. A new counterpart has its own file, its events here, and a place in ``Outside``.
extension SimulatedWorld {
  /// Arranges for everything that is known to happen, and for the first of what makes more of itself.
  mutating func begin() {
    outside.recordMoment(&host, "run", "begins")
    if !configuration.exchange.isEmpty {
      fixRates(for: now.floored(to: .days(1)))
      outside.feeds.arrangeFixing(&outside.surroundings)
    }
    outside.producers.begin(&outside.surroundings)
    outside.faultSchedule.begin(&outside.surroundings)
    for draw in outside.faultSchedule.draws { drawLate(draw) }
    outside.feeds.begin(&outside.surroundings)
    outside.producers.beginBackfills(&outside.surroundings)
    for (index, change) in configuration.schemaChanges.enumerated() {
      outside.surroundings.schedule(WorldEvent(.schema, index: index), at: change.registered)
      outside.surroundings.schedule(
        WorldEvent(.schema, index: index), at: change.registered + change.repeatedAfter)
    }
    outside.feeds.arrangeContract(0, &outside.surroundings)
    host.wakeIfDue(&outside.surroundings)
    outside.surroundings.schedule(WorldEvent(.sample), at: configuration.start)
  }

  /// Gives an event to whom it is for.
  @inline(__always)
  mutating func handle(_ event: WorldEvent) {
    let index = Int(event.index)
    if event.kind.isEssential { outside.surroundings.met() }
    switch event.kind {
    case .deliver: outside.deliver(outside.producers.receiveDelivery(index), &host)
    case .generate: outside.producers.generate(index, &outside.faultSchedule, &outside.surroundings)
    case .poll: if outside.broker.isTurn(index, event.detail) { outside.handOver(partition: index, &host) }
    case .redeliver: outside.redeliver(index, &host)
    case .wake: if host.isAwake(at: now) { host.advanceTime(&outside) }
    case .arrive: outside.network.arrive(index, &host, &outside.surroundings)
    case .queueExpired: outside.network.expireQueued(index, id: event.detail, &outside.surroundings)
    case .commit: outside.network.commit(index, &host, &outside.invoices, &outside.surroundings)
    case .job: outside.network.completeJob(index, &outside.invoices, &outside.surroundings)
    case .answer: answer(index)
    case .faultStart: faultStarts(index)
    case .faultEnd: faultEnds(index)
    case .taxAnswer: answerTax(index)
    case .chargeAnswer: answerCharge(index)
    case .payout: if let event = outside.cash.payOut(index, at: now) { move(event) }
    case .cash:
      if let event = outside.cash.receiveMovement(index, &outside.surroundings) { move(event) }
    case .statement:
      if let statement = outside.cash.sendStatement(of: index, &outside.surroundings) {
        host.deliver(.statement(statement), &outside)
      }
    case .statementOnItsWay:
      if let statement = outside.cash.receiveStatement(index, &outside.surroundings) {
        host.deliver(.statement(statement), &outside)
      }
    case .notice: host.deliver(.cash(outside.cash.receiveNotice(index)), &outside)
    case .credit: host.deliver(.credit(outside.staff.receiveRequest(index, &outside.surroundings)), &outside)
    case .replay: host.deliver(.replay(outside.staff.receiveReplay(index, &outside.surroundings)), &outside)
    case .release: host.deliver(.release(heldCharges: UInt32(index)), &outside)
    case .correction:
      host.deliver(.correction(outside.producers.receiveCorrection(index, &outside.surroundings)), &outside)
    case .backfill: backfill(source: index, isMisdeclared: event.detail == 1)
    case .identity: feed(outside.feeds.identity(index, &outside.surroundings), from: .crm)
    case .contracts: deliverContracts(from: index)
    case .fixRates:
      fixRates(for: now.floored(to: .days(1)) + .days(1))
      outside.surroundings.schedule(WorldEvent(.fixRates), at: now + .days(1))
    case .feed:
      if let input = outside.feeds.deliver(index, &outside.surroundings) { host.deliver(input, &outside) }
    case .schema: registerSchema(index)
    case .restart: host.restart(index, &outside)
    case .sample:
      outside.recordSample(&host)
      outside.surroundings.schedule(WorldEvent(.sample), at: now + configuration.sampleInterval)
    }
  }
}
