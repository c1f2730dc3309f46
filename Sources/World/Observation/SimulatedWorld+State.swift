import CanonicalModel
import Chronology
import UsageToCash

/// How the world stands, for those who look at it from outside.
extension SimulatedWorld {
  /// What each ERP has been through.
  public var erpStatistics: [ERPStatistics] {
    erps.indices.map { erps[$0].statistics + (following($0)?.statistics ?? ERPStatistics()) }
  }
  /// The ERPs' ledgers in the order of posting, with the instants.
  public var ledgers: [[(document: LedgerDocument, posted: Instant)]] {
    erps.indices.flatMap { [erps[$0], following($0)].compactMap { $0 } }.map { erp in
      zip(erp.ledger, erp.postedAt).map { (document: $0.0, posted: $0.1) }
    }
  }

  /// The legal entities.
  public var entities: [LegalEntity] { configuration.catalog.entities }
  /// Usage events that wait in the broker.
  public var brokerBacklog: Int { brokerLag }
  /// Documents in an entity's ledgers, that of a successor included.
  public func documentsInLedger(of entity: Int) -> Int {
    erps[entity].ledger.count + (following(entity)?.ledger.count ?? 0)
  }
  /// The ERP that takes an entity's over.
  private func following(_ entity: Int) -> SimulatedERP? { successor(of: entity).map { successors[$0] } }
  /// The processes of the core that are down.
  public var processesDown: [String] { machines.all.filter(\.isDown).map(\.name) }
}
