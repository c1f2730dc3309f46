import CanonicalModel
import Chronology
import CoreInterface
import UsageToCash
import World

/// The built-in core on a simulated disk, as whoever simulates a core sees it. A class, as a value of this size behind a protocol stands in
/// a box that is looked at on each call for whether it is shared.
package final class BuiltInCore: Core {
  @exclusivity(unchecked) private var pipeline: DurablePipeline<DiskLog>

  /// Starts a core on an empty disk.
  package init(catalog: Catalog, policy: PipelinePolicy) {
    pipeline = DurablePipeline(catalog: catalog, policy: policy, log: DiskLog())
  }

  package func handle(
    _ events: UnsafeBufferPointer<UsageEvent>, at now: Instant, effects: inout Effects
  ) { pipeline.handle(events, at: now, effects: &effects) }

  package func handle(_ input: CoreInput, at now: Instant, effects: inout Effects) {
    pipeline.handle(input, at: now, effects: &effects)
  }

  package func advance(to now: Instant, effects: inout Effects) {
    pipeline.advance(to: now, effects: &effects)
  }

  package var deadlines: ServiceDeadlines { pipeline.deadlines }
  package var nextDeadline: Instant? { pipeline.deadlines.next }
  package var isIdle: Bool { pipeline.isIdle }
  package var callsUnderWay: Set<ERPCallID> { pipeline.state.posting.callsUnderWay }
  package var capture: CaptureClaim { pipeline.state.ingestion.totals }
  package var lateEvents: Int64 { pipeline.state.metering.lateEvents }
  package var openWindows: Int { pipeline.openWindows }
  package var draftsWaitingForTax: Int { pipeline.state.billing.waitingForTax }
  package var logUse: LogUse { pipeline.log.use }

  package func use(of entity: EntityID) -> OutboxUse { pipeline.use(of: entity) }

  package func report() -> CoreReport { pipeline.state.report() }

  package func trace(_ event: UsageEvent, of subscription: SubscriptionID, meter: MeterID) -> LineageTrace? {
    pipeline.state.lineage.trace(event, of: subscription, meter: meter)
  }

  package func restart(during write: UnfinishedWrite?, isTorn: Bool, at now: Instant) -> [Effect] {
    pipeline.restart { log in
      switch write {
      case .delivery(let events): log.append(delivery: events, at: now)
      case .input(let input): log.append(input: input, at: now)
      case .wake: log.append(wakeAt: now)
      case nil: break
      }
      log.crash(tearing: isTorn)
    }
  }

  /// What a new process would make of the log.
  package func recovered() -> Pipeline { pipeline.recovered() }
  /// Its insides, for tests.
  package var state: Pipeline { pipeline.state }
}
