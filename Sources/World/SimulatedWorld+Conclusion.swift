import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// The end of a run: what is left, what the auditor reads once more, and the word to the oracle.
extension SimulatedWorld {
  /// What is left when time is up, and lies in no queue of core or outside.broker.
  mutating func left(or reason: String) -> [StuckWork] {
    var left: [StuckWork] = []
    if outside.staff.refusedDocuments > 0 {
      left.append(
        StuckWork(
          queue: .exceptions, depth: outside.staff.refusedDocuments,
          waitsFor: "a document that its ERP rejected to be sent again"))
    }
    let late = configuration.schemaChanges.filter { $0.registered > now }
    if !late.isEmpty {
      let waiting = Int(host.core.capture.quarantined)
      left.append(
        StuckWork(
          queue: .quarantine, depth: waiting,
          waitsFor: "a schema version that is registered at \(late[0].registered)"))
    }
    for machine in host.machines.all where machine.downUntil == .distantFuture {
      left.append(
        StuckWork(
          queue: .process(machine.name),
          depth: max(1, machine.unacknowledged.count + machine.unconfirmed.count),
          waitsFor: "the process, which never starts again"))
    }
    for (queue, depth) in [
      (WorkQueue.crm, outside.feeds.crm.stranded), (.exchangeRates, outside.feeds.rateBank.stranded),
    ]
    where depth > 0 {
      left.append(StuckWork(queue: queue, depth: depth, waitsFor: "\(queue), which is down for good"))
    }
    if left.isEmpty {
      left.append(StuckWork(queue: .world, depth: max(1, outside.surroundings.essential), waitsFor: reason))
    }
    return left
  }

  /// - Parameter leaving: what is left beside the queues; empty where all queues have drained.
  mutating func conclude(leaving left: [StuckWork] = []) {
    // The state at the end: the series end with it, at the step after the last whole one.
    outside.recordSample(&host)
    outside.network.concludeUse(&host, &outside.surroundings)
    outside.surroundings.observations.logRecords = host.core.logUse.written
    outside.surroundings.observations.undrained = outside.drainWatch.map {
      (EntityID(index: UInt32($0.entity)), $0.fault)
    }
    let report = host.core.report()
    var stuck = report.stuck
    let held = outside.producers.underWay + outside.broker.held
    if held > 0 { stuck.append(StuckWork(queue: .broker, depth: held, waitsFor: "delivery")) }
    if stuck.isEmpty || left.contains(where: { $0.queue != .world }) { stuck += left }
    outside.surroundings.observations.ended = now
    outside.surroundings.observations.unposted = outside.invoices.unposted(ledgers)
    for work in stuck {
      outside.recordMoment(&host, "\(work.queue)", "\(work.depth) left, waiting for \(work.waitsFor)")
    }
    traceSample()
    for entry in report.cases where entry.resolved == nil {
      outside.surroundings.record(.caseOpen(entry.routed))
    }
    for snapshot in report.snapshots {
      outside.surroundings.record(.snapshotRead(snapshot))
    }
    outside.recordMoment(&host, "run", stuck.isEmpty ? "all queues drained" : "time is up, and work was left")
    outside.surroundings.conclude(stuck: stuck)
  }

  /// An auditor follows the sampled events that a customer pays for.
  private func traceSample() {
    let catalog = configuration.catalog
    for event in outside.producers.sampled where !outside.producers.madeCorrections.contains(event.key) {
      let type = catalog[event.type]
      guard let first = type.meters.first, Int(event.subject.index) < catalog.subscriptions.count,
        event.quantity0 >= 0
      else { continue }
      let meter = MeterID(index: first.index + UInt32(event.dimension))
      guard
        let trace = host.core.trace(event, of: SubscriptionID(index: event.subject.index), meter: meter)
      else { continue }
      outside.surroundings.record(.traced(trace))
    }
  }
}
