import CanonicalModel
import CoreInterface

/// What is noted down of effects that concern nobody but the auditor.
extension Observations {
  /// - Parameter items: the catalogue's.
  mutating func record(_ effect: Effect, _ items: [Item]) {
    switch effect {
    case .quarantined(_, let reason):
      count(.quarantined)
      if reason == .notEntitled { count(.notEntitled) }
      cases[[.unknownSubject, .notEntitled, .paused].contains(reason) ? .revOps : .platform, default: 0] += 1
    case .routed: count(.caseRouted)
    case .rejected: count(.rejected)
    case .correctionRefused:
      count(.correctionRefused)
      cases[.platform, default: 0] += 1
    case .rated(let charge):
      switch charge.kind {
      case .lateUsage: count(.lateAfterInvoice)
      case .proration: count(.prorated)
      case .trueUp: count(.trueUp)
      case .drawdown: count(.creditsDrawn)
      case .usage, .recurring: break
      }
    case .recognised(let document):
      count(.revenueRecognised)
      if document.lines.contains(where: { items[Int($0.item.index)].kind == .prepaid }) {
        count(.creditsExpired)
      }
    case .accrued(let document): count(document.reverses == nil ? .lateUsageAccrued : .accrualReversed)
    case .credited: count(.credited)
    // Replayed events are counted where the notice came from.
    case .replayed, .held, .transferred: break
    case .cashBooked(let document):
      if document.key.kind == .cashApplication { count(.unappliedApplied) }
      if document.key.kind == .writeOff { count(.writtenOff) }
    case .foundOnStatement: count(.foundOnStatement)
    case .issue, .tellStatus, .call, .acknowledged, .closed, .raise, .reconciled, .askForTax, .refund,
      .charge:
      break
    }
  }

  mutating func record(_ report: ReconciliationReport) {
    reconciliations += 1
    comparisons += report.compared
  }
}

extension ExceptionCase.Subject {
  /// What the timeline says of it, and under which subject; `nil` where that is said elsewhere.
  func moment(in catalog: Catalog) -> (subject: String, text: String)? {
    switch self {
    case .postingRejected(let key, let reason): ("posting", "\(key.text(in: catalog)) refused: \(reason)")
    case .reconciliationBreak(let boundary, let entity, let item):
      (
        "reconciliation",
        "break at \(boundary) for \(catalog[entity].name)"
          + (item.map { " " + catalog[$0].name } ?? "")
      )
    case .uncollectible(let invoice):
      ("payments", "\(invoice.text(in: catalog)): all attempts were declined")
    case .schemaRefused(let type, let version, let reason):
      ("platform", "\(catalog[type].name) version \(version) refused: \(reason)")
    case .identityConflict(_, let known, let claimed):
      (
        "crm",
        "an identifier of \(catalog.accountName(of: known)) is claimed for \(catalog.accountName(of: claimed))"
      )
    case .backfillRefused(let source, _, let reason):
      ("platform", "backfill of \(catalog[source]) refused: \(reason)")
    case .rateMissing(let entity, let day):
      ("fx", "documents of \(catalog[entity].name) wait for the rate of \(day)")
    case .unratable(_, let meter, let reason):
      ("rating", "\(catalog[meter].name): \(reason)")
    case .usageQuarantined, .correctionRefused, .lateUsageHeld, .creditNeedsApproval, .chargedBack: nil
    }
  }
}

extension Catalog {
  fileprivate func accountName(of subscription: SubscriptionID) -> String {
    self[self[subscription].account].name
  }
}
