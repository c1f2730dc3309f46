import CanonicalModel
import Chronology
import CoreInterface

/// How the world stands, for those who look at it from outside.
extension SimulatedWorld {
  /// What each ERP has been through.
  public var erpStatistics: [ERPStatistics] {
    outside.network.calls.erps.indices.map {
      outside.network.calls.erps[$0].statistics
        + (outside.network.calls.following($0)?.statistics ?? ERPStatistics())
    }
  }
  /// The ERPs' ledgers in the order of posting, with the instants.
  public var ledgers: [[(document: LedgerDocument, posted: Instant)]] {
    outside.network.calls.erps.indices.flatMap {
      [outside.network.calls.erps[$0], outside.network.calls.following($0)].compactMap { $0 }
    }.map { erp in
      zip(erp.ledger, erp.postedAt).map { (document: $0.0, posted: $0.1) }
    }
  }

  /// The legal entities.
  public var entities: [LegalEntity] { configuration.catalog.entities }
  /// Usage events that wait in the outside.broker.
  public var brokerBacklog: Int { outside.broker.lag }
  /// Documents in an entity's ledgers, that of a successor included.
  public func documentsInLedger(of entity: Int) -> Int {
    outside.network.calls.erps[entity].ledger.count
      + (outside.network.calls.following(entity)?.ledger.count ?? 0)
  }
  /// What the core says of itself.
  public var core: any Core { host.core }
  /// Effect boundaries that each service has passed, as far as they were counted.
  public var boundaries: [Int] { host.machines.boundaries }
  /// The processes of the core that are down.
  public var processesDown: [String] { host.machines.all.filter(\.isDown).map(\.name) }

  /// The faults that have begun, drawn ones included, in the order in which they were scheduled.
  public var faults: [FaultWindow] { outside.faultSchedule.begun.map(outside.faultSchedule.happened) }
  /// The same, each with the entities whose ERPs it hit, and with how much it hit.
  public var faultsMet: [(window: FaultWindow, entities: [Int], hits: Int)] {
    var met: [(window: FaultWindow, entities: [Int], hits: Int)] = []
    for index in outside.faultSchedule.begun {
      let window = outside.faultSchedule.happened(index)
      let entities = configuration.entities(hitBy: window.kind, at: window.target)
      met.append((window, entities, outside.hits(of: index)))
    }
    return met
  }

  /// How often a fault of the scenario has begun so far, and why not if it has not.
  ///
  /// - Parameter number: its place in the scenario's list of faults.
  public func tally(ofDeclared number: Int) -> FaultTally {
    outside.faultSchedule.tally(
      ofDeclared: number, at: now, hits: { outside.hits(of: $0) }, isUsed: { outside.isUsed($0) })
  }
}
