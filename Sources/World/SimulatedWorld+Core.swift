import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// What reaches the core, and what it asks for.
extension SimulatedWorld {
  /// Hands an input to the core; what its process cannot take, or does not acknowledge, its sender sends again.
  mutating func tell(_ input: PipelineInput) {
    let service = input.service
    guard !host.machines.isDown(service) else { return host.resendLater(input, &surroundings) }
    if host.machines.isWatched, dies(service) {
      settle { $0.append(input: input, at: $1) }
      return host.resendLater(input, &surroundings)
    }
    if case .cash(let notice) = input { surroundings.saw(.noticeArrived(notice)) }
    host.process.handle(input, at: now, effects: &host.effects)
    surroundings.recordCapture(of: input, claim: host.effects.claim)
    if host.machines.isWatched { _ = dies(service) }
    perform()
    if let fact = input.masterData { surroundings.record(fact) }
    if host.machines.isWatched, !host.machines.isDown(service), dies(service) { settle() }
    if host.machines.isDown(service) { host.resendLater(input, &surroundings) }
  }

  /// Hands a batch to the core.
  ///
  /// - Returns: whether it was acknowledged.
  mutating func tell(_ batch: UnsafeBufferPointer<UsageEvent>) -> Bool {
    if host.machines.isWatched, dies(.ingestion) {
      settle { $0.append(delivery: batch, at: $1) }
      return false
    }
    host.process.handle(batch, at: now, effects: &host.effects)
    surroundings.recordCaptured(batch, claim: host.effects.claim)
    if host.machines.isWatched { _ = dies(.ingestion) }
    perform()
    if host.machines.isWatched, !host.machines.isDown(.ingestion), dies(.ingestion) { settle() }
    return !host.machines.isDown(.ingestion)
  }

  /// Time passes for the core.
  mutating func tellTime() {
    guard surroundings.witness != nil else { return passTime() }
    // For whoever listens: which calls the core gives up waiting for. A process that dies forgets its calls, which is no timeout.
    let (before, life) = (host.callsUnderWay(), host.machines.life(of: .posting))
    passTime()
    guard life == host.machines.life(of: .posting) else { return }
    for id in before.subtracting(host.callsUnderWay()).sorted() { surroundings.saw(.timedOut(id)) }
  }

  private mutating func passTime() {
    guard !host.machines.areAllDown else { return }
    guard host.machines.isWatched else {
      host.process.advance(to: now, effects: &host.effects)
      return perform()
    }
    let due = host.process.deadlines.due(at: now)
    for service in due where !host.machines.isDown(service) && dies(service) {
      settle { $0.append(wakeAt: $1) }
    }
    guard !host.machines.areAllDown else { return }
    host.process.advance(to: now, effects: &host.effects)
    for service in due where !host.machines.isDown(service) { _ = dies(service) }
    perform()
    for service in due where !host.machines.isDown(service) && dies(service) { settle() }
  }

  // MARK: Deaths

  /// Passes an effect boundary of a service.
  ///
  /// - Returns: whether its process dies there.
  private mutating func dies(_ service: CoreService) -> Bool {
    guard let death = host.pass(service, &surroundings) else { return false }
    if let fault = death.fault {
      faultSchedule.noteCrash(fault, at: now, until: death.restartAfter.map { now + $0 } ?? .distantFuture)
    }
    let name = host.machines.all[death.machine].name
    note(
      "process/\(name)",
      "crashes, " + (death.restartAfter.map { "starts again in \($0)" } ?? "and never starts again"))
    surroundings.saw(.processDied(name))
    host.arrangeRestart(after: death, &surroundings)
    return true
  }

  /// The processes that have died are gone; what is left is what the log holds.
  private mutating func settle(whileWriting write: ((inout DiskLog, Instant) -> Void)? = nil) {
    let remains = host.recover(whileWriting: write, &surroundings)
    for machine in remains.machines {
      host.bury(machine, remains, &surroundings)
      perform()
    }
    host.wakeIfDue(&surroundings)
  }

  /// A process starts again: it stands where the log says, and does again what may not have been done.
  mutating func restart(_ machine: Int) {
    host.machines.start(machine)
    let name = host.machines.all[machine].name
    note("process/\(name)", "starts again")
    surroundings.saw(.processStarted(name))
    let services = host.machines.all[machine].services
    host.process.handle(.service(.started(services)), at: now, effects: &host.effects)
    perform()
    // Dead again before it came to that: its next life has it to do.
    guard !host.machines.all[machine].isDown else { return }
    let (unconfirmed, inputs) = host.machines.take(machine)
    for effect in unconfirmed {
      surroundings.count(.effectRepeated)
      perform(effect)
    }
    for input in inputs { tell(input) }
    if !host.machines.isDown(.ingestion) {
      for partition in broker.partitions.indices { handOver(partition: partition) }
    }
    host.wakeIfDue(&surroundings)
  }

  // MARK: Effects

  /// Performs the effects of one input, in order, and sees to it that the core is woken in time.
  private mutating func perform() {
    if !host.effects.summaries.isEmpty {
      host.effects.summaries.withUnsafeBufferPointer { surroundings.recordSummaries($0) }
    }
    if host.machines.isWatched || host.machines.isAnyDown || !host.dying.isEmpty {
      performUnlessDead()
    } else {
      for index in host.effects.outputs.indices { perform(host.effects.outputs[index]) }
      host.effects.removeAll()
    }
    host.wakeIfDue(&surroundings)
  }

  /// Performs effects as long as the process that has to is alive. What is the core's own state is there with the log.
  private mutating func performUnlessDead() {
    // The buffer is used again where a process dies.
    var outputs: [Effect] = []
    swap(&outputs, &host.effects.outputs)
    host.effects.removeAll()
    for effect in outputs {
      let isDown = effect.isExternal && host.machines.isDown(effect.service)
      if isDown || effect.isExternal && dies(effect.service) {
        surroundings.count(.effectLost)
        // Of one that has just died, the log has the rest; what another process asks of a dead one waits for it.
        let machine = host.machines.host(of: effect.service)
        if isDown, effect.isRedelivered, !host.dying.contains(machine) {
          host.machines.keep([effect], for: machine)
        }
        // The invoice is final with the log, though its customer does not have it yet.
        if case .issue(let invoice) = effect { finalise(invoice) }
      } else {
        perform(effect)
      }
    }
    if host.effects.outputs.isEmpty {
      outputs.removeAll(keepingCapacity: true)
      swap(&outputs, &host.effects.outputs)
    }
    if !host.dying.isEmpty { settle() }
  }

  private mutating func perform(_ effect: Effect) {
    switch effect {
    case .askForTax(let call): taxEngine.ask(call, life: host.machines.life(of: .billing), &surroundings)
    case .issue(let invoice):
      finalise(invoice)
      send(invoice)
    case .refund(let memo, let invoice, let amount):
      cash.refund(memo, invoice, amount, after: .hours(4), &surroundings)
    case .charge(let request): cash.ask(request, life: host.machines.life(of: .payments), &surroundings)
    case .tellStatus(let invoice, let status, let revision):
      invoices.tell(status, of: invoice, revision: revision, &surroundings)
    case .call(let call): network.send(call, &host, &surroundings)
    case .acknowledged(let key, let number):
      surroundings.kernel.absorb(
        UInt64(key.kind.rawValue) << 60 | UInt64(key.sequence) << 32 | UInt64(number))
      surroundings.record(.postingAcknowledged(key, documentNumber: number))
      noteDrain(Int(key.entity.index))
    case .raise(let exception):
      surroundings.observations.cases[exception.owner, default: 0] += 1
      raise(exception)
    case .closed(let snapshot):
      surroundings.count(snapshot.version == 1 ? .periodClosed : .periodClosedAgain)
      surroundings.observations.closes.append(snapshot)
      let entity = configuration.catalog.entities[Int(snapshot.entity.index)].name
      note("close/\(entity)", "period \(snapshot.period) closed with \(snapshot.documents) documents")
      surroundings.record(.snapshotTaken(snapshot))
    case .reconciled(let report):
      for fact in effect.facts { surroundings.record(fact) }
      surroundings.observations.note(report)
      surroundings.kernel.absorb(UInt64(report.comparisons) << 32 | UInt64(report.breaks.count))
    case .quarantined, .replayed, .routed, .rejected, .correctionRefused, .rated, .recognised, .accrued,
      .held,
      .credited, .cashBooked:
      surroundings.observations.note(effect, configuration.catalog.items)
      if let fact = effect.fact { surroundings.record(fact) }
    }
  }

  /// An invoice is final.
  private mutating func finalise(_ invoice: Invoice) {
    guard !invoices.isFinal(invoice.number) else { return }
    let entity = Int(invoice.number.entity.index)
    let isFirst = invoices.finalise(invoice, &surroundings)
    if network.isDown(entity) { surroundings.count(.invoicedDuringOutage) }
    if isFirst {
      note("billing/\(configuration.catalog.entities[entity].name)", "period \(invoice.period) invoiced")
    }
    surroundings.record(.invoiceIssued(invoice))
  }

  /// An invoice reaches its customer.
  private mutating func send(_ invoice: Invoice) {
    guard invoices.deliver(invoice, &surroundings) else { return }
    cash.expectTransfer(for: invoice, &surroundings)
    if invoice.rebills == nil { staff.considerCredit(for: invoice, &surroundings) }
  }

  private mutating func raise(_ exception: ExceptionCase) {
    if let fact = exception.subject.fact { surroundings.record(fact) }
    switch exception.subject {
    case .postingRejected(let key, _): staff.mend(key, &surroundings)
    case .reconciliationBreak: surroundings.observations.reconciliationBreaks += 1
    case .lateUsageHeld(_, let number, _): staff.decide(about: number, &surroundings)
    case .creditNeedsApproval: surroundings.count(.creditWaited)
    case .schemaRefused: surroundings.count(.schemaRefused)
    case .identityConflict: surroundings.count(.identityConflict)
    case .backfillRefused: surroundings.count(.backfillRefused)
    case .rateMissing: surroundings.count(.rateAwaited)
    // Counted event by event, where the money moves, or not at all.
    case .usageQuarantined, .correctionRefused, .chargedBack, .uncollectible, .unratable: break
    }
    if configuration.keepsHistory, let (subject, text) = exception.subject.moment(in: configuration.catalog) {
      note(subject, text)
    }
  }

  // MARK: Usage

  /// A usage event reaches the broker.
  @inline(__always)
  mutating func deliver(_ event: UsageEvent) {
    if let partition = broker.receive(event, from: &producers, &surroundings) {
      handOver(partition: partition)
    }
  }

  /// A partition hands what it holds to its consumer, batch by batch.
  mutating func handOver(partition: Int) {
    broker.beginTurn(partition)
    if broker.isDirect { return callDirectly(partition) }
    guard broker.isConsumed(partition, isConsumerDown: host.machines.isDown(.ingestion)) else { return }
    let expired = broker.expire(partition, &surroundings)
    if expired > 0 {
      note("broker", "\(expired) events of partition \(partition) expire untaken")
      broker.drop(expired, of: partition)
    }
    if broker.isBehind(partition) { broker.observeLag(&surroundings) }
    while broker.hasBatch(partition, &surroundings) {
      guard handOverBatch(partition) else { return }
    }
  }

  /// Producers call ingestion themselves.
  private mutating func callDirectly(_ partition: Int) {
    while !broker.partitions[partition].events.isEmpty {
      guard !host.machines.isDown(.ingestion), handOverBatch(partition) else {
        return broker.fail(partition, &surroundings)
      }
      broker.succeed(partition)
    }
  }

  /// - Returns: whether the batch was acknowledged.
  private mutating func handOverBatch(_ partition: Int) -> Bool {
    let (events, batch) = broker.lend(partition, &surroundings)
    let isAcknowledged = ingest(events[..<batch])
    broker.takeBack(consume events, batch: batch, of: partition, isAcknowledged: isAcknowledged)
    return isAcknowledged
  }

  /// A batch whose acknowledgement was lost comes again.
  mutating func redeliver(_ slot: Int) {
    let events = broker.takeRedelivery(slot, &surroundings)
    guard host.machines.isDown(.ingestion) || !ingest(events[...]) else { return }
    broker.redeliverLater(events, &surroundings)
  }

  /// - Returns: whether the batch was acknowledged.
  private mutating func ingest(_ events: ContiguousArray<UsageEvent>.SubSequence) -> Bool {
    surroundings.observations.delivered += events.count
    surroundings.observations.batches += 1
    deliveredSinceSample += events.count
    let lateBefore = host.process.state.metering.lateEvents
    let isAcknowledged = events.withUnsafeBufferPointer { tell($0) }
    surroundings.count(.lateAfterWindow, Int(host.process.state.metering.lateEvents - lateBefore))
    if !isAcknowledged { surroundings.count(.batchUnacknowledged) }
    return isAcknowledged
  }
}
