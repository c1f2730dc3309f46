import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// Performing what the core asks for.
extension SimulatedWorld {
  /// Performs the effects of one input, in order, and sees to it that the core is woken in time.
  mutating func perform() {
    if !effects.summaries.isEmpty {
      effects.summaries.withUnsafeBufferPointer { sink.summarised($0, at: kernel.now) }
    }
    if machines.isWatched || machines.isAnyDown || !dying.isEmpty {
      performUnlessDead()
    } else {
      for index in effects.outputs.indices { perform(effects.outputs[index]) }
      effects.removeAll()
    }
    wakeIfDue()
  }

  /// Performs effects as long as the process that has to is alive. What is the core's own state is there with the log.
  private mutating func performUnlessDead() {
    // The buffer is used again where a process dies.
    var outputs: [Effect] = []
    swap(&outputs, &effects.outputs)
    effects.removeAll()
    for effect in outputs {
      let isDown = effect.isExternal && machines.isDown(effect.service)
      if isDown || effect.isExternal && dies(effect.service) {
        observations.count(.effectLost)
        // Of one that has just died, the log has the rest; what another process asks of a dead one waits for it.
        let machine = machines.host(of: effect.service)
        if isDown, effect.isRedelivered, !dying.contains(machine) { machines.keep([effect], for: machine) }
        // The invoice is final with the log, though its customer does not have it yet.
        if case .issue(let invoice) = effect { finalise(invoice) }
      } else {
        perform(effect)
      }
    }
    if effects.outputs.isEmpty {
      outputs.removeAll(keepingCapacity: true)
      swap(&outputs, &effects.outputs)
    }
    if !dying.isEmpty { settle() }
  }

  /// Sees to it that the core is woken at its next deadline.
  mutating func wakeIfDue() {
    if let deadline = process.deadlines.next, deadline < wakeScheduledFor, !machines.areAllDown {
      let at = max(deadline, kernel.now)
      wakeScheduledFor = at
      kernel.schedule(WorldEvent(.wake), at: at)
    }
  }

  mutating func perform(_ effect: Effect) {
    let now = kernel.now
    switch effect {
    case .quarantined(let event, let reason):
      observations.count(.quarantined)
      if reason == .notEntitled { observations.count(.notEntitled) }
      observations.cases[
        [.unknownSubject, .notEntitled].contains(reason) ? .revOps : .platform, default: 0] += 1
      sink.record(.quarantined(event, reason), at: now)
    case .replayed(let event, _):  // counted where the notice came from
      sink.record(.quarantineLeft(event), at: now)
    case .routed(let routed):
      observations.count(.caseRouted)
      sink.record(.caseRouted(routed), at: now)
    case .rejected(let event):
      observations.count(.rejected)
      sink.record(.rejected(event), at: now)
    case .correctionRefused(let correction):
      observations.count(.correctionRefused)
      observations.cases[.platform, default: 0] += 1
      sink.record(.correctionRefused(correction), at: now)
    case .rated(let charge):
      switch charge.kind {
      case .lateUsage: observations.count(.lateAfterInvoice)
      case .proration: observations.count(.prorated)
      case .trueUp: observations.count(.trueUp)
      case .drawdown: observations.count(.creditsDrawn)
      case .usage, .recurring: break
      }
      sink.record(.rated(charge), at: now)
    case .askForTax(let call):
      askForTax(call)
    case .issue(let invoice):
      finalise(invoice)
      send(invoice)
    case .recognised(let document):
      observations.count(.revenueRecognised)
      let items = configuration.catalog.items
      if document.lines.contains(where: { items[Int($0.item.index)].kind == .prepaid }) {
        observations.count(.creditsExpired)
      }
      sink.record(.recognised(document), at: now)
    case .accrued(let document):
      observations.count(document.reverses == nil ? .lateUsageAccrued : .accrualReversed)
      sink.record(.accrued(document), at: now)
    case .held(let charge):
      sink.record(.chargeHeld(charge), at: now)
    case .credited(let memo):
      observations.count(.credited)
      sink.record(.credited(memo), at: now)
    case .refund(let memo, let invoice, let amount):
      guard refunded.insert(memo).inserted else { break }
      schedule(
        WorldEvent(.cash, index: cashEvents.insert(.refund(invoice: invoice, amount: amount))),
        at: now + .hours(4))
    case .charge(let request):
      charge(request)
    case .tellStatus(let invoice, let status, let revision):
      guard revision > statusRevisions[invoice] ?? 0 else {
        observations.count(.statusStale)
        break
      }
      statusRevisions[invoice] = revision
      observations.count(.statusTold)
      sink.record(.statusTold(invoice, status), at: now)
    case .cashBooked(let document):
      sink.record(.cashBooked(document), at: now)
    case .call(let call):
      send(call)
    case .acknowledged(let key, let number):
      kernel.absorb(UInt64(key.kind.rawValue) << 60 | UInt64(key.sequence) << 32 | UInt64(number))
      sink.record(.postingAcknowledged(key, documentNumber: number), at: now)
      noteDrain(Int(key.entity.index))
    case .raise(let exception):
      observations.cases[exception.owner, default: 0] += 1
      raise(exception)
    case .closed(let snapshot):
      observations.count(snapshot.version == 1 ? .periodClosed : .periodClosedAgain)
      observations.closes.append(snapshot)
      let entity = configuration.catalog.entities[Int(snapshot.entity.index)].name
      note("close/\(entity)", "period \(snapshot.period) closed with \(snapshot.documents) documents")
      sink.record(.snapshotTaken(snapshot), at: now)
    case .reconciled(let report):
      for fact in report.ledgerFacts { sink.record(fact, at: now) }
      observations.reconciliations += 1
      observations.comparisons += report.compared
      kernel.absorb(UInt64(report.comparisons) << 32 | UInt64(report.breaks.count))
    }
  }

  private mutating func raise(_ exception: ExceptionCase) {
    switch exception.subject {
    case .postingRejected(let key, let reason):
      sink.record(.postingExcepted(key), at: kernel.now)
      schedule(WorldEvent(.replay, index: replays.insert(key)), at: kernel.now + .days(1))
      note("posting", "\(key.text(in: configuration.catalog)) refused: \(reason)")
    case .reconciliationBreak(let boundary, let entity, let item):
      observations.reconciliationBreaks += 1
      sink.record(.breakReported(boundary: boundary, entity), at: kernel.now)
      let entityName = configuration.catalog.entities[Int(entity.index)].name
      let itemName = item.map { " " + configuration.catalog.items[Int($0.index)].name } ?? ""
      note("reconciliation", "break at \(boundary) for \(entityName)\(itemName)")
    case .usageQuarantined, .correctionRefused:
      break  // counted event by event
    case .lateUsageHeld(_, let number, _):
      observations.count(.lateUsageHeld)
      schedule(WorldEvent(.release, index: Int(number)), at: kernel.now + .days(2))
    case .uncollectible(let invoice):
      note("payments", "\(invoice.text(in: configuration.catalog)): all attempts were declined")
    case .creditNeedsApproval:
      observations.count(.creditWaited)
    case .chargedBack:
      break  // counted where the money moves
    case .schemaRefused(let type, let version, let reason):
      observations.count(.schemaRefused)
      note(
        "platform",
        "\(configuration.catalog.eventTypes[Int(type.index)].name) version \(version) refused: \(reason)")
    case .identityConflict(_, let known, let claimed):
      observations.count(.identityConflict)
      let accounts = configuration.catalog
      func name(_ id: SubscriptionID) -> String {
        accounts.accounts[Int(accounts.subscriptions[Int(id.index)].account.index)].name
      }
      note("crm", "an identifier of \(name(known)) is claimed for \(name(claimed))")
    case .backfillRefused(let source, _, let reason):
      observations.count(.backfillRefused)
      note("platform", "backfill of \(configuration.catalog.sources[Int(source.index)]) refused: \(reason)")
    case .rateMissing(let entity, let day):
      observations.count(.rateAwaited)
      note(
        "fx",
        "documents of \(configuration.catalog.entities[Int(entity.index)].name) wait for the rate of \(day)")
    case .unratable(_, let meter, let reason):
      note("rating", "\(configuration.catalog.meters[Int(meter.index)].name): \(reason)")
    }
  }

  /// An invoice is final.
  private mutating func finalise(_ invoice: Invoice) {
    guard issuedAt[invoice.number] == nil else { return }
    let entity = Int(invoice.number.entity.index)
    kernel.absorb(UInt64(truncatingIfNeeded: invoice.total.units) ^ UInt64(invoice.number.sequence))
    issuedAt[invoice.number] = kernel.now
    periodOf[invoice.number] = invoice.period
    observations.invoices[entity] += 1
    if invoice.rebills != nil { observations.count(.rebilled) }
    if erps[entity].isDown { observations.count(.invoicedDuringOutage) }
    let period = EntityPeriod(entity: invoice.number.entity, period: invoice.period)
    if invoicedPeriods.insert(period).inserted {
      note("billing/\(configuration.catalog.entities[entity].name)", "period \(invoice.period) invoiced")
    }
    sink.record(.invoiceIssued(invoice), at: kernel.now)
  }

  /// An invoice reaches its customer, who knows a second copy by its number.
  private mutating func send(_ invoice: Invoice) {
    sink.record(.invoiceDelivered(invoice), at: kernel.now)
    guard delivered.insert(invoice.number).inserted else { return }
    expectTransfer(for: invoice)
    if invoice.rebills == nil { considerCredit(for: invoice) }
  }

  /// Notes a moment down, with the state of everything at that moment.
  mutating func note(_ subject: String, _ text: String) {
    guard configuration.keepsHistory else { return }
    var states: [ERPState] = []
    for index in erps.indices {
      let depth = process.use(of: EntityID(index: UInt32(index))).depth
      states.append(
        ERPState(
          condition: erps[index].state().condition, depth: depth, trend: depth - depthAtMoment[index],
          posted: erps[index].ledger.count, invoiced: observations.invoices[index]))
      depthAtMoment[index] = depth
    }
    observations.moments.append(
      Moment(
        at: kernel.now, subject: subject, text: text, accepted: process.state.ingestion.totals.accepted,
        erps: states, processes: machines.all.map { !$0.isDown }))
  }
}
