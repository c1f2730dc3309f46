import CanonicalModel
import Chronology
import CoreInterface

/// Where cases are kept, numbered, routed to finance, RevOps or platform with the fields that each may see, and ended when
/// what was wrong is right.
public struct CaseDesk: Sendable {
  private let catalog: Catalog
  private let planted: PlantedDefects
  /// All cases in the order of their numbers.
  public private(set) var entries: [CaseEntry] = []
  private var open: [ExceptionCase.Subject: Int] = [:]

  init(catalog: Catalog, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
  }

  /// Processes the effects of one input: opens and closes cases, and appends the new ones.
  mutating func process(_ effects: inout Effects, from first: Int, at now: Instant) {
    for index in first..<effects.outputs.count {
      switch effects.outputs[index] {
      case .quarantined(let event, let reason) where !planted.contains(.quarantineWithoutCase):
        let owner: CaseOwner =
          [.unknownSubject, .notEntitled, .paused].contains(reason) ? .revOps : .platform
        raise(.usageQuarantined(reason, event.type), owner, at: now, &effects)
      case .replayed(let event, let reason):
        resolve(.usageQuarantined(reason, event.type), at: now)
      case .correctionRefused(let correction):
        raise(
          .correctionRefused(correction.original.type, correction.original.subject), .platform, at: now,
          &effects)
      case .raise(let exception):
        raise(exception.subject, exception.owner, at: now, &effects)
      case .credited(let memo):
        resolve(
          .creditNeedsApproval(memo.request.invoice, request: memo.request.id), at: now)
      default: continue
      }
    }
  }

  /// A refused document is sent again: if it is refused again, that is another case.
  mutating func replay(_ key: PostingKey, at now: Instant) {
    for subject in open.keys {  // at most one of them fits: the order cannot matter
      if case .postingRejected(key, _) = subject { resolve(subject, at: now) }
    }
  }

  /// Receives a late exchange rate.
  mutating func receive(_ fixing: RateFixing, at now: Instant) {
    resolve(.rateMissing(fixing.entity, day: fixing.day), at: now)
  }

  /// A person has decided about held charges.
  mutating func release(_ number: UInt32, at now: Instant) {
    for subject in open.keys {  // at most one of them fits: the order cannot matter
      if case .lateUsageHeld(_, number, _) = subject { resolve(subject, at: now) }
    }
  }

  private mutating func raise(
    _ subject: ExceptionCase.Subject, _ owner: CaseOwner, at now: Instant, _ effects: inout Effects
  ) {
    if let index = open[subject] {
      precondition(entries[index].resolved == nil, "a case goes on that has ended")
      precondition(
        entries[index].routed.owner == owner,
        "a case that is \(entries[index].routed.owner)'s is raised for \(owner)")
      entries[index].count += 1
      return
    }
    precondition(
      entries.last.map { $0.routed.raised <= now } ?? true,
      "a case is raised before the one of the number before")
    let fields = fields(of: subject)
    let routed = RoutedCase(
      number: UInt32(entries.count + 1), kind: subject.kind, owner: owner, raised: now,
      fields: planted.contains(.casesUnmasked) ? fields : fields.map { $0.masked(for: owner) })
    open[subject] = entries.count
    entries.append(CaseEntry(routed: routed, count: 1))
    effects.outputs.append(.routed(routed))
  }

  private mutating func resolve(_ subject: ExceptionCase.Subject, at now: Instant) {
    guard let index = open[subject] else { return }
    precondition(
      entries[index].count > 0 && entries[index].resolved == nil, "something waits in a case that has ended")
    entries[index].count -= 1
    guard entries[index].count == 0 else { return }
    precondition(now >= entries[index].routed.raised, "a case ends before it was raised")
    entries[index].resolved = now
    open[subject] = nil
  }

  // MARK: Context

  private func account(of subscription: SubscriptionID) -> CaseField {
    account(catalog[subscription].account)
  }

  private func account(_ account: AccountID) -> CaseField {
    CaseField("customer", catalog[account].name, .customer)
  }

  private func entity(_ entity: EntityID) -> CaseField {
    CaseField("entity", catalog[entity].name, .technical)
  }

  private func type(_ type: EventTypeID) -> CaseField {
    let index = Int(type.index)
    let name = index < catalog.eventTypes.count ? catalog.eventTypes[index].name : "unknown type \(index)"
    return CaseField("type", name, .technical)
  }

  private func fields(of subject: ExceptionCase.Subject) -> [CaseField] {
    func invoice(_ number: InvoiceNumber) -> [CaseField] {
      [entity(number.entity), CaseField("invoice", number.text(in: catalog), .customer)]
    }
    switch subject {
    case .usageQuarantined(let reason, let id):
      return [type(id), CaseField("reason", reason.explanation, .technical)]
    case .correctionRefused(let id, let subject):
      let index = Int(subject.index)
      let customer =
        index < catalog.subscriptions.count
        ? account(of: SubscriptionID(index: subject.index)).value : "identifier \(index)"
      return [
        type(id), CaseField("customer", customer, .customer),
        CaseField("reason", "the event is older than copies are remembered", .technical),
      ]
    case .schemaRefused(let id, let version, let reason):
      return [
        type(id), CaseField("version", "\(version)", .technical), CaseField("reason", reason, .technical),
      ]
    case .identityConflict(let subject, let known, let claimed):
      return [
        CaseField("identifier", "subject \(subject.index)", .technical), account(of: known),
        CaseField("claimed for", account(of: claimed).value, .customer),
      ]
    case .backfillRefused(let source, let from, let reason):
      return [
        CaseField("source", catalog[source], .technical),
        CaseField("from", "\(from)", .technical), CaseField("reason", reason, .technical),
      ]
    case .postingRejected(let key, let reason):
      return [
        entity(key.entity), CaseField("posting", key.text(in: catalog), .customer),
        CaseField("reason", reason, .technical),
      ]
    case .creditNeedsApproval(let number, let request):
      return invoice(number) + [CaseField("request", "\(request)", .technical)]
    case .lateUsageHeld(let id, let number, let amount):
      return [
        account(id), CaseField("held charges", "\(number)", .technical),
        CaseField("amount", "\(amount)", .financial),
      ]
    case .uncollectible(let number), .chargedBack(let number): return invoice(number)
    case .reconciliationBreak(let boundary, let id, let item):
      return [
        CaseField("boundary", boundary.rawValue, .technical), entity(id),
        CaseField("item", item.map { catalog[$0].name } ?? "all documents", .technical),
      ]
    case .rateMissing(let id, let day):
      return [entity(id), CaseField("day", "\(day.date)", .technical)]
    case .unratable(let subscription, let meter, let reason):
      return [
        account(of: subscription),
        CaseField("meter", catalog[meter].name, .technical),
        CaseField("reason", reason, .technical),
      ]
    }
  }
}

extension ExceptionCase.Subject {
  /// The kind of case.
  var kind: String {
    switch self {
    case .usageQuarantined(let reason, _): "usage-quarantined/\(reason.name)"
    case .correctionRefused: "correction-refused"
    case .schemaRefused: "schema-refused"
    case .identityConflict: "identity-conflict"
    case .backfillRefused: "backfill-refused"
    case .postingRejected: "posting-rejected"
    case .creditNeedsApproval: "credit-needs-approval"
    case .lateUsageHeld: "late-usage-held"
    case .uncollectible: "uncollectible"
    case .chargedBack: "charged-back"
    case .reconciliationBreak: "reconciliation-break"
    case .rateMissing: "rate-missing"
    case .unratable: "unratable"
    }
  }
}
