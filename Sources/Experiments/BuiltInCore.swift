import CanonicalModel
import Chronology
import CoreInterface
import UsageToCash
import World

/// The built-in core on a simulated disk, as whoever simulates a core sees it. A class, as a value of this size behind a protocol stands in
/// a box that is looked at on each call for whether it is shared.
public final class BuiltInCore: Core {
  @exclusivity(unchecked) private var pipeline: DurablePipeline<DiskLog>

  /// Starts a core on an empty disk.
  public init(catalog: Catalog, policy: PipelinePolicy) {
    pipeline = DurablePipeline(catalog: catalog, policy: policy, log: DiskLog())
  }

  public func handle(
    _ events: UnsafeBufferPointer<UsageEvent>, at now: Instant, effects: inout Effects
  ) { pipeline.handle(events, at: now, effects: &effects) }

  public func handle(_ input: CoreInput, at now: Instant, effects: inout Effects) {
    pipeline.handle(input, at: now, effects: &effects)
  }

  public func advance(to now: Instant, effects: inout Effects) {
    pipeline.advance(to: now, effects: &effects)
  }

  public var deadlines: ServiceDeadlines { pipeline.deadlines }
  public var nextDeadline: Instant? { pipeline.deadlines.next }
  public var isIdle: Bool { pipeline.isIdle }
  public var callsUnderWay: Set<ERPCallID> { pipeline.state.posting.callsUnderWay }
  public var capture: CaptureClaim { pipeline.state.ingestion.totals }
  public var lateEvents: Int64 { pipeline.state.metering.lateEvents }
  public var openWindows: Int { pipeline.openWindows }
  public var draftsWaitingForTax: Int { pipeline.state.billing.waitingForTax }
  public var logUse: LogUse { pipeline.log.use }

  public func use(of entity: EntityID) -> OutboxUse { pipeline.use(of: entity) }

  public func report() -> CoreReport { pipeline.state.report() }

  public func trace(_ event: UsageEvent, of subscription: SubscriptionID, meter: MeterID) -> LineageTrace? {
    pipeline.state.lineage.trace(event, of: subscription, meter: meter)
  }

  public func restart(during write: UnfinishedWrite?, isTorn: Bool, at now: Instant) -> [Effect] {
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
