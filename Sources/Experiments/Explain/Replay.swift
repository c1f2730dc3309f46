import CanonicalModel
import Chronology
import CoreInterface
import RunRecord
import Scenario
import SimulationKernel
import UsageToCash
import Verification
import World

extension SimulationRun {
  /// Repeats the run up to an instant, and says how every stage and queue stands then. Events at the instant have happened.
  ///
  /// - Parameters:
  ///   - command: what repeats the run, for the reader.
  ///   - progress: called with the share of the horizon that has passed; `false` stops there.
  package func replay(
    until instant: Instant, command: String, progress: (Double) -> Bool = { _ in true }
  ) -> ReplaySnapshot {
    let (oracle, configuration) = parts()
    var world = SimulatedWorld(
      configuration: configuration, core: policy.core(catalog: configuration.catalog, seed: seed), seed: seed,
      sink: oracle)
    let (start, horizon) = (scenario.start, scenario.horizon.seconds)
    let end = world.run(until: instant, progress: { progress(min(1, ($0 - start).seconds / horizon)) })
    let catalog = configuration.catalog
    return ReplaySnapshot(
      run: command, until: "\(instant)", last: "\(world.now)", kernelEvents: world.kernelEvents,
      isOver: [.quiescent, .overdue].contains(end), fingerprint: world.fingerprint.description,
      figures: world.figures(of: oracle),
      faults: world.faults.filter { $0.start <= instant && instant < $0.end }.map { fault in
        "\(fault.kind.name) of \(catalog.name(of: fault.target)) until \(fault.end)"
      },
      processesDown: world.processesDown,
      broken: oracle.results.filter { $0.outcome == .broken && !silenced.contains($0.definition.name) }.map {
        result in
        let first = result.findings.violations.first
        let place = first.map { " at \($0.at): \($0.ids.joined(separator: ", "))" } ?? ""
        return result.definition.name + place
      },
      moments: world.observations.moments.suffix(10).map { "\($0.at)  \($0.subject): \($0.text)" })
  }
}

extension SimulatedWorld {
  /// Every stage and queue, in the order in which usage passes them.
  fileprivate mutating func figures(of oracle: Oracle) -> [ReplaySnapshot.Figure] {
    var figures: [ReplaySnapshot.Figure] = []
    func add(_ stage: String, _ name: String, _ value: some CustomStringConvertible) {
      figures.append(ReplaySnapshot.Figure(stage: stage, name: name, value: "\(value)"))
    }
    var core = core
    let (report, capture) = (core.report(), core.capture)
    add("sources", "usage events emitted", oracle.emitted)
    add("broker", "events waiting", brokerBacklog)
    add("ingestion", "received", capture.received)
    add("ingestion", "accepted", capture.accepted)
    add("ingestion", "duplicates", capture.duplicates)
    add("ingestion", "rejected", capture.rejected)
    add("ingestion", "quarantined", capture.quarantined)
    add("metering", "windows open", core.openWindows)
    add("metering", "late events", core.lateEvents)
    add("rating", "periods with unrated usage", report.hasUnratedUsage ? "some" : "none")
    add("billing", "drafts waiting for tax", core.draftsWaitingForTax)
    for (index, entity) in entities.enumerated() {
      add("billing", "invoices issued, \(entity.name)", observations.invoices[index])
    }
    for (index, entity) in entities.enumerated() {
      let outbox = report.outboxes[index]
      let stage = "posting erp/\(entity.name)"
      add(stage, "documents not confirmed", outbox.depth)
      add(stage, "of them with an unknown outcome", outbox.unknown)
      add(stage, "calls under way", outbox.calls)
      add(
        stage, "receivables not confirmed", outbox.receivables.text(in: entity.currency))
      add(stage, "waiting for an exchange rate", outbox.waitingForRate)
      add(stage, "documents in the ledger", documentsInLedger(of: index))
    }
    for (index, entity) in entities.enumerated() {
      add("revenue", "deferred, \(entity.name)", report.outboxes[index].deferred.text(in: entity.currency))
    }
    add("payments", "charges due or under way", report.charges)
    for owner in CaseOwner.allCases {
      let open = report.cases.count { $0.resolved == nil && $0.routed.owner == owner }
      add("exceptions", "open cases of \(owner.rawValue)", open)
    }
    return figures
  }
}
