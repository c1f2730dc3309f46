import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// The end of a run: what is left, what the auditor reads once more, and the word to the oracle.
extension SimulatedWorld {
  /// What is left when time is up, and lies in no queue of core or broker.
  func left(or reason: String) -> [StuckWork] {
    var left: [StuckWork] = []
    if replays.count > 0 {
      left.append(
        StuckWork(
          queue: "exceptions", depth: replays.count,
          waitsFor: "a document that its ERP rejected to be sent again"))
    }
    let late = configuration.schemaChanges.filter { $0.registered > kernel.now }
    if !late.isEmpty {
      let waiting = Int(process.state.ingestion.totals.quarantined)
      left.append(
        StuckWork(
          queue: "quarantine", depth: waiting,
          waitsFor: "a schema version that is registered at \(late[0].registered)"))
    }
    for machine in machines.all where machine.downUntil == .distantFuture {
      left.append(
        StuckWork(
          queue: "process/\(machine.name)",
          depth: max(1, machine.unacknowledged.count + machine.unconfirmed.count),
          waitsFor: "the process, which never starts again"))
    }
    for work in stranded where work.depth > 0 && work.queue != "broker" {
      left.append(
        StuckWork(queue: work.queue, depth: work.depth, waitsFor: "\(work.queue), which is down for good"))
    }
    if left.isEmpty {
      left.append(StuckWork(queue: "world", depth: max(1, Int(essential)), waitsFor: reason))
    }
    return left
  }

  /// Finds the billing periods of which an issued invoice is in no ledger.
  private mutating func findUnclosed() {
    observations.timeWasUp = kernel.now
    var missing = Set(issuedAt.keys)
    for (document, _) in ledgers.joined() where document.entry.key.isLast {
      if let invoice = document.entry.key.invoice { missing.remove(invoice) }
    }
    for number in missing {  // a set of periods: the order cannot matter
      if let period = periodOf[number] {
        observations.unclosed.insert(EntityPeriod(entity: number.entity, period: period))
      }
    }
  }

  /// - Parameter leaving: what is left beside the queues; empty where all queues have drained.
  mutating func conclude(leaving left: [StuckWork] = []) {
    // The state at the end: the series end with it, at the step after the last whole one.
    takeSample()
    concludeUse()
    var stuck = process.state.stuckWork(configuration.catalog)
    let held = deliveries.count + redeliveries.count + brokerLag + stranded[0].depth
    if held > 0 { stuck.append(StuckWork(queue: "broker", depth: held, waitsFor: "delivery")) }
    if stuck.isEmpty || left.contains(where: { $0.queue != "world" }) { stuck += left }
    if !stuck.isEmpty { findUnclosed() }
    for work in stuck { note(work.queue, "\(work.depth) left, waiting for \(work.waitsFor)") }
    traceSample()
    for entry in process.state.cases.entries where entry.resolved == nil {
      sink.record(.caseOpen(entry.routed), at: kernel.now)
    }
    for snapshot in process.state.closes.snapshots { sink.record(.snapshotRead(snapshot), at: kernel.now) }
    note("run", stuck.isEmpty ? "all queues drained" : "time is up, and work was left")
    sink.concluded(stuck: stuck, at: kernel.now)
  }
}
