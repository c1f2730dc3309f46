import CanonicalModel
import CoreInterface

/// What the core says of itself.
extension Pipeline {
  /// How everything stands.
  package func report() -> CoreReport {
    CoreReport(
      hasUnratedUsage: !rating.isIdle,
      outboxes: catalog.entities.indices.map { index in
        let entity = EntityID(index: UInt32(index))
        return CoreReport.Outbox(
          depth: posting.depth(of: entity), unknown: posting.unknown(of: entity),
          calls: posting.inFlight(of: entity), receivables: posting.pendingAmount(of: entity),
          waitingForRate: waitingForRate(of: entity), deferred: revenue.deferred(of: entity))
      }, charges: payments.depth, cases: cases.entries, snapshots: closes.snapshots, stuck: stuckWork)
  }

  /// The queues of the core that hold unfinished work.
  package var stuckWork: [StuckWork] {
    var stuck: [StuckWork] = []
    if !metering.isIdle {
      stuck.append(
        StuckWork(
          queue: .metering, depth: metering.openWindows + metering.expectedPeriods,
          waitsFor: "the watermark or the period's end"))
    }
    if !rating.isIdle {
      stuck.append(StuckWork(queue: .rating, depth: 1, waitsFor: "the end of a billing period"))
    }
    if !billing.isIdle {
      stuck.append(StuckWork(queue: .billing, depth: billing.waitingForTax, waitsFor: "the tax engine"))
    }
    if !payments.isIdle {
      stuck.append(StuckWork(queue: .payments, depth: payments.depth, waitsFor: "the payment gateway"))
    }
    for (index, entity) in catalog.entities.enumerated() {
      let depth = posting.depth(of: EntityID(index: UInt32(index)))
      if depth > 0 {
        stuck.append(
          StuckWork(queue: .outbox(entity.name), depth: depth, waitsFor: "the ERP of \(entity.name)"))
      }
    }
    for (index, entity) in catalog.entities.enumerated() {
      let depth = waitingForRate(of: EntityID(index: UInt32(index)))
      if depth > 0 {
        stuck.append(
          StuckWork(queue: .translation(entity.name), depth: depth, waitsFor: "the exchange rate of a day")
        )
      }
    }
    return stuck
  }
}
