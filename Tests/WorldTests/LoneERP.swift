import CanonicalModel
import Chronology
import CoreInterface
import UsageToCash

@testable import World

/// An ERP with an account of its own.
struct LoneERP {
  private var erp: SimulatedERP
  private var account: ERPAccount

  init(_ profile: ERPProfile, start: Instant, catalog: Catalog) {
    erp = SimulatedERP(
      profile: profile, entity: EntityID(index: 0), rootSeed: 1, name: "us", catalog: catalog)
    account = ERPAccount(profile, start: start)
  }

  var faults: ActiveFaults {
    get { erp.faults }
    set { erp.faults = newValue }
  }
  var ledger: [LedgerDocument] { erp.ledger }
  var statistics: ERPStatistics { erp.statistics }

  mutating func receive(_ request: ERPRequest, slot: Int, at now: Instant) -> SimulatedERP.Reception {
    erp.receive(request, slot: slot, at: now, account: &account)
  }

  mutating func commit(
    _ request: ERPRequest, at now: Instant, posted: (LedgerDocument) -> Void
  ) -> SimulatedERP.Completion {
    erp.commit(request, at: now, account: &account, posted: posted)
  }

  mutating func complete(
    _ request: ERPRequest, at now: Instant, posted: (LedgerDocument) -> Void
  ) -> SimulatedERP.Completion { erp.complete(request, at: now, posted: posted) }

  mutating func dequeueCall() -> Int? { erp.dequeueCall(of: &account) }
  mutating func expire(slot: Int) -> Bool { erp.expire(slot: slot, account: &account) }
}
