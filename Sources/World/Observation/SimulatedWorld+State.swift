import CanonicalModel
import Chronology
import UsageToCash

/// How the world stands, for those who look at it from outside.
extension SimulatedWorld {
  /// What each ERP has been through.
  public var erpStatistics: [ERPStatistics] {
    network.erps.indices.map {
      network.erps[$0].statistics + (network.following($0)?.statistics ?? ERPStatistics())
    }
  }
  /// The ERPs' ledgers in the order of posting, with the instants.
  public var ledgers: [[(document: LedgerDocument, posted: Instant)]] {
    network.erps.indices.flatMap { [network.erps[$0], network.following($0)].compactMap { $0 } }.map { erp in
      zip(erp.ledger, erp.postedAt).map { (document: $0.0, posted: $0.1) }
    }
  }

  /// The legal entities.
  public var entities: [LegalEntity] { configuration.catalog.entities }
  /// Usage events that wait in the broker.
  public var brokerBacklog: Int { broker.lag }
  /// Documents in an entity's ledgers, that of a successor included.
  public func documentsInLedger(of entity: Int) -> Int {
    network.erps[entity].ledger.count + (network.following(entity)?.ledger.count ?? 0)
  }
  /// What the core says of itself.
  public var core: Pipeline { host.process.state }
  /// What a new process would make of the core's log.
  public func recoveredCore() -> Pipeline { host.process.recovered() }
  /// Effect boundaries that each service has passed, as far as they were counted.
  public var boundaries: [Int] { host.machines.boundaries }
  /// The processes of the core that are down.
  public var processesDown: [String] { host.machines.all.filter(\.isDown).map(\.name) }
}
