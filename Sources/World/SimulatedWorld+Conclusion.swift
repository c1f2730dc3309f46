import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// What is noted down on the way, and the end of a run: what is left, what the auditor reads once more, and the word to the oracle.
extension SimulatedWorld {
  /// Notes a moment down, with the state of everything at that moment.
  mutating func note(_ subject: String, _ text: String) {
    guard configuration.keepsHistory else { return }
    var states: [ERPState] = []
    for index in configuration.erps.indices {
      let depth = host.process.use(of: EntityID(index: UInt32(index))).depth
      let (condition, posted) = network.look(at: index)
      states.append(
        ERPState(
          condition: condition, depth: depth, trend: depth - depthAtMoment[index], posted: posted,
          invoiced: surroundings.observations.invoices[index]))
      depthAtMoment[index] = depth
    }
    surroundings.observations.moments.append(
      Moment(
        at: now, subject: subject, text: text, accepted: host.process.state.ingestion.totals.accepted,
        erps: states, processes: host.machines.all.map { !$0.isDown }))
  }

  mutating func takeSample() {
    for index in configuration.erps.indices {
      let depth = network.noteUse(index, &host, &surroundings)
      surroundings.observations.peakOutbox[index] = max(surroundings.observations.peakOutbox[index], depth)
    }
    broker.observeLag(&surroundings)
    guard configuration.keepsHistory else { return }
    var sample = Sample(
      at: now, delivered: deliveredSinceSample, outboxDepth: [], refused: network.refusedSinceSample,
      posted: [], openWindows: host.process.openWindows, brokerLag: broker.lag)
    sample.outboxDepth.reserveCapacity(configuration.erps.count)
    sample.posted.reserveCapacity(configuration.erps.count)
    for index in configuration.erps.indices {
      sample.outboxDepth.append(host.process.use(of: EntityID(index: UInt32(index))).depth)
      sample.posted.append(network.look(at: index).posted)
    }
    surroundings.observations.samples.append(sample)
    deliveredSinceSample = 0
    network.refusedSinceSample = 0
  }

  // MARK: The end

  /// What is left when time is up, and lies in no queue of core or broker.
  func left(or reason: String) -> [StuckWork] {
    var left: [StuckWork] = []
    if staff.refusedDocuments > 0 {
      left.append(
        StuckWork(
          queue: "exceptions", depth: staff.refusedDocuments,
          waitsFor: "a document that its ERP rejected to be sent again"))
    }
    let late = configuration.schemaChanges.filter { $0.registered > now }
    if !late.isEmpty {
      let waiting = Int(host.process.state.ingestion.totals.quarantined)
      left.append(
        StuckWork(
          queue: "quarantine", depth: waiting,
          waitsFor: "a schema version that is registered at \(late[0].registered)"))
    }
    for machine in host.machines.all where machine.downUntil == .distantFuture {
      left.append(
        StuckWork(
          queue: "process/\(machine.name)",
          depth: max(1, machine.unacknowledged.count + machine.unconfirmed.count),
          waitsFor: "the process, which never starts again"))
    }
    for (queue, depth) in [("crm", feeds.crm.stranded), ("fx", feeds.rateBank.stranded)] where depth > 0 {
      left.append(StuckWork(queue: queue, depth: depth, waitsFor: "\(queue), which is down for good"))
    }
    if left.isEmpty {
      left.append(StuckWork(queue: "world", depth: max(1, surroundings.essential), waitsFor: reason))
    }
    return left
  }

  /// - Parameter leaving: what is left beside the queues; empty where all queues have drained.
  mutating func conclude(leaving left: [StuckWork] = []) {
    // The state at the end: the series end with it, at the step after the last whole one.
    takeSample()
    network.concludeUse(&host, &surroundings)
    surroundings.observations.logRecords = host.process.log.written
    surroundings.observations.undrained = drainWatch.map { (EntityID(index: UInt32($0.entity)), $0.fault) }
    var stuck = host.process.state.stuckWork(configuration.catalog)
    let held = producers.underWay + broker.held
    if held > 0 { stuck.append(StuckWork(queue: "broker", depth: held, waitsFor: "delivery")) }
    if stuck.isEmpty || left.contains(where: { $0.queue != "world" }) { stuck += left }
    if !stuck.isEmpty {
      surroundings.observations.timeWasUp = now
      surroundings.observations.unclosed.formUnion(invoices.unposted(ledgers))
    }
    for work in stuck { note(work.queue, "\(work.depth) left, waiting for \(work.waitsFor)") }
    traceSample()
    for entry in host.process.state.cases.entries where entry.resolved == nil {
      surroundings.record(.caseOpen(entry.routed))
    }
    for snapshot in host.process.state.closes.snapshots { surroundings.record(.snapshotRead(snapshot)) }
    note("run", stuck.isEmpty ? "all queues drained" : "time is up, and work was left")
    surroundings.conclude(stuck: stuck)
  }

  /// An auditor follows the sampled events that a customer pays for.
  private func traceSample() {
    let catalog = configuration.catalog
    for event in producers.sampled where !producers.madeCorrections.contains(event.key) {
      let type = catalog.eventTypes[Int(event.type.index)]
      guard let first = type.meters.first, Int(event.subject.index) < catalog.subscriptions.count,
        event.quantity0 >= 0
      else { continue }
      let meter = MeterID(index: first.index + UInt32(event.dimension))
      let trace = host.process.state.lineage.trace(
        event, of: SubscriptionID(index: event.subject.index), meter: meter)
      surroundings.record(.traced(trace))
    }
  }
}
