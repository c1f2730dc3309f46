import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// Performing what the core asks for.
extension Outside {
  mutating func perform(_ effect: Effect, _ host: inout CoreHost) {
    switch effect {
    case .askForTax(let call): taxEngine.ask(call, life: host.machines.life(of: .billing), &surroundings)
    case .issue(let invoice):
      finalise(invoice, &host)
      send(invoice)
    case .refund(let order): cash.refund(order, &surroundings)
    case .charge(let request): cash.ask(request, life: host.machines.life(of: .payments), &surroundings)
    case .tellStatus(let invoice, let status, let revision):
      invoices.notify(status, of: invoice, revision: revision, &surroundings)
    case .call(let call): network.send(call, &host, &surroundings)
    case .acknowledged(let key, let number):
      surroundings.kernel.absorb(
        UInt64(key.kind.rawValue) << 60 | UInt64(key.sequence) << 32 | UInt64(number))
      surroundings.record(.postingAcknowledged(key, documentNumber: number))
      recordDrain(Int(key.entity.index), &host)
    case .raise(let exception):
      surroundings.observations.cases[exception.owner, default: 0] += 1
      raise(exception, &host)
    case .closed(let snapshot):
      surroundings.count(snapshot.version == 1 ? .periodClosed : .periodClosedAgain)
      surroundings.observations.closes.append(snapshot)
      let entity = configuration.catalog[snapshot.entity].name
      recordMoment(
        &host, "close/\(entity)", "period \(snapshot.period) closed with \(snapshot.documents) documents")
      surroundings.record(.snapshotTaken(snapshot))
    case .reconciled(let report):
      for fact in effect.facts { surroundings.record(fact) }
      surroundings.observations.record(report)
      surroundings.kernel.absorb(UInt64(report.comparisons) << 32 | UInt64(report.breaks.count))
    case .quarantined, .replayed, .routed, .rejected, .correctionRefused, .rated, .recognised, .accrued,
      .transferred,
      .held,
      .credited, .cashBooked, .foundOnStatement:
      if case .cashBooked(let document) = effect, document.key.kind == .cashApplication {
        cash.recordApplied(document)
      }
      surroundings.observations.record(effect, configuration.catalog.items)
      if let fact = effect.fact { surroundings.record(fact) }
    }
  }

  /// An invoice is final.
  mutating func finalise(_ invoice: Invoice, _ host: inout CoreHost) {
    guard !invoices.isFinal(invoice.number) else { return }
    let entity = Int(invoice.number.entity.index)
    let isFirst = invoices.finalise(invoice, &surroundings)
    if network.isDown(entity) { surroundings.count(.invoicedDuringOutage) }
    if isFirst {
      recordMoment(
        &host, "billing/\(configuration.catalog.entities[entity].name)", "period \(invoice.period) invoiced")
    }
    surroundings.record(.invoiceIssued(invoice))
  }

  /// An invoice reaches its customer.
  private mutating func send(_ invoice: Invoice) {
    guard invoices.deliver(invoice, &surroundings) else { return }
    cash.expectTransfer(for: invoice, &surroundings)
    if invoice.rebills == nil { staff.considerCredit(for: invoice, &surroundings) }
  }

  private mutating func raise(_ exception: ExceptionCase, _ host: inout CoreHost) {
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
      recordMoment(&host, subject, text)
    }
  }
}
