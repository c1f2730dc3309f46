import CanonicalModel
import Chronology

/// The oracle's own bookkeeping, kept from facts alone: what the invariants compare claims with.
///
/// No method is handed a part of the books by reference while another can see them, so that no access has to prove at run time that it is
/// the only one (`@exclusivity(unchecked)`): the proofs took 5 % of a run of chaos.yaml.
final class Books {
  let catalog: Catalog
  let promises: OraclePromises
  let contracts: OracleContracts
  @exclusivity(unchecked) var revenue: OracleRevenue
  let wallet: OracleWallet
  @exclusivity(unchecked) var cash: CashTruth
  let meterCount: Int
  let itemCount: Int
  let entityOf: DenseTable<SubscriptionID, Int>
  let calendar = OracleCalendar.shared
  @exclusivity(unchecked) var usage: UsageTruth
  @exclusivity(unchecked) var capture = CaptureClaim()
  /// Copies and events that came too late to be told apart.
  @exclusivity(unchecked) var beyondHorizon: Int64 = 0
  /// Per `subscription × meters + meter`, by month: what the summaries claim.
  @exclusivity(unchecked) private(set) var meteredByMonth: [Int32: ContiguousArray<UsageCell>] = [:]
  /// For contracts that change: what the summaries claim under each set of terms.
  @exclusivity(unchecked) private var claimedByTerms: [OracleKey: [Int: UsageCell]] = [:]
  @exclusivity(unchecked) private(set) var obligations = ObligationTable()
  /// Documents of the ledgers that nothing is known to have asked for, by key.
  @exclusivity(unchecked) private(set) var unasked: [PostingKey: [UInt32]] = [:]
  /// The numbers under which the ledgers hold parts of documents that were asked for.
  @exclusivity(unchecked) private var partNumbers: [PostingKey: [UInt32]] = [:]
  /// The keys of the obligations, in the order in which they arose.
  @exclusivity(unchecked) private(set) var postingOrder: [PostingKey] = []
  /// Per entity: the documents in its ERPs' ledgers.
  @exclusivity(unchecked) private(set) var ledgerDocuments: DenseTable<EntityID, Int64>
  /// Per entity: the balance of every account of its ERP's general ledger.
  @exclusivity(unchecked) private(set) var ledgers: DenseTable<EntityID, [LedgerAccount: Money]>
  /// The same in the currency of the entity's books.
  @exclusivity(unchecked) private(set) var functionalLedgers: DenseTable<EntityID, [LedgerAccount: Money]>
  /// Per `entity × items + item`.
  @exclusivity(unchecked) var stages: [StageTotals]
  /// Per entity.
  @exclusivity(unchecked) var documents: DenseTable<EntityID, DocumentTotals>
  /// Per entity, why its ledger is not complete at rest; `nil`: it is.
  @exclusivity(unchecked) private(set) var unfinished: DenseTable<EntityID, String?>
  /// Per entity: what was credited.
  @exclusivity(unchecked) private(set) var credits: DenseTable<EntityID, Money>
  @exclusivity(unchecked) private var creditedNets: [InvoiceNumber: Money] = [:]
  /// What is earned at the end of a month and billed later.
  @exclusivity(unchecked) var unbilled: UnbilledTruth
  /// What was credited of what is charged.
  @exclusivity(unchecked) var credit: CreditTruth
  @exclusivity(unchecked) var deferrals = Deferrals()
  /// The parts of the latest memo.
  @exclusivity(unchecked) var latestCredit: [CreditedPart] = []
  /// Per jurisdiction.
  @exclusivity(unchecked) var taxes: DenseTable<JurisdictionID, TaxTotals>
  /// What was invoiced without tax.
  @exclusivity(unchecked) private(set) var untaxed = UntaxedTotals()
  @exclusivity(unchecked) private var monthOfWindow: (window: Instant, day: UInt8, month: Int32) = (
    .distantPast, 1, 0
  )
  private let billingDayOf: DenseTable<SubscriptionID, UInt8>

  init(catalog: Catalog, window: Span, rules: OracleRules, promises: OraclePromises) {
    self.catalog = catalog
    self.promises = promises
    contracts = OracleContracts(catalog: catalog, rules: rules)
    revenue = OracleRevenue(catalog: catalog)
    wallet = OracleWallet(catalog: catalog)
    credit = CreditTruth(catalog: catalog)
    cash = CashTruth(entities: catalog.entities.count)
    billingDayOf = DenseTable(catalog.subscriptions.map(\.billingDay))
    meterCount = catalog.meters.count
    itemCount = catalog.items.count
    entityOf = DenseTable(catalog.subscriptions.map { Int(catalog[$0.account].entity.index) })
    unbilled = UnbilledTruth(catalog: catalog, contracts: contracts, entityOf: entityOf)
    usage = UsageTruth(catalog: catalog, window: window)
    stages = Array(repeating: StageTotals(), count: catalog.entities.count * itemCount)
    documents = DenseTable(repeating: DocumentTotals(), count: catalog.entities.count)
    unfinished = DenseTable(repeating: nil, count: catalog.entities.count)
    credits = DenseTable(repeating: .zero, count: catalog.entities.count)
    taxes = DenseTable(repeating: TaxTotals(), count: catalog.jurisdictions.count)
    ledgers = DenseTable(repeating: [:], count: catalog.entities.count)
    functionalLedgers = ledgers
    ledgerDocuments = DenseTable(repeating: 0, count: catalog.entities.count)
  }

  /// Takes a summary: returns the difference that is left in its window.
  func claim(_ summary: UsageSummary, at now: Instant) -> UsageCell {
    let day = billingDayOf[summary.subscription]
    if summary.window != monthOfWindow.window || day != monthOfWindow.day {
      monthOfWindow = (summary.window, day, calendar.month(holding: summary.window, day: day))
    }
    let slot = Int(summary.subscription.index) * meterCount + Int(summary.meter.index)
    let cells = catalog.subscriptions.count * meterCount
    let amounts = UsageCell(
      quantity: summary.quantity.units, digest: summary.digest, count: summary.count)
    meteredByMonth[
      monthOfWindow.month, default: ContiguousArray(repeating: UsageCell(), count: cells)][slot] += amounts
    if day != 1 {
      unbilled.add(summary, amounts, in: Period(ordinal: monthOfWindow.month, day: day), at: now)
    }
    if contracts.hasChanged(summary.subscription) {
      let key = OracleKey(
        subscription: summary.subscription, item: ItemID(summary.meter),
        period: Period(ordinal: monthOfWindow.month, day: day))
      // What is no sum is priced on the last terms of its period.
      let last = min(key.period.end, contracts.ends(summary.subscription)) - .seconds(1)
      let terms = contracts.terms(
        summary.subscription, at: isSum(summary.meter) ? summary.window : last)
      claimedByTerms[key, default: [:]][terms, default: UsageCell()] += amounts
    }
    let stage = entityOf[summary.subscription] * itemCount + Int(summary.meter.index)
    stages[stage].metered.count += summary.count
    stages[stage].metered.quantity += summary.quantity
    stages[stage].metered.digest &+= summary.digest
    return usage.claim(summary)
  }

  /// What the summaries of a month claim for a subscription and meter.
  func metered(_ subscription: SubscriptionID, _ meter: MeterID, month: Period) -> UsageCell {
    meteredByMonth[month.ordinal]?[Int(subscription.index) * meterCount + Int(meter.index)] ?? UsageCell()
  }

  /// What the summaries of a month claim for a subscription and meter, under each set of terms.
  func meteredByTerms(
    _ subscription: SubscriptionID, _ meter: MeterID, month: Period
  ) -> [Int: UsageCell] {
    guard contracts.hasChanged(subscription) else { return [0: metered(subscription, meter, month: month)] }
    let key = OracleKey(subscription: subscription, item: ItemID(meter), period: month)
    return claimedByTerms[key] ?? [:]
  }

  private func isSum(_ meter: MeterID) -> Bool {
    [.sum, .count].contains(catalog[meter].aggregation)
  }

  /// The billing period of a subscription that holds an instant, by the oracle's own calendar.
  func period(of subscription: Int, holding instant: Instant) -> Period {
    let day = billingDayOf[subscription]
    return Period(ordinal: calendar.month(holding: instant, day: day), day: day)
  }

  /// Whether an item is the usage of a meter.
  func isUsage(_ item: ItemID) -> Bool { Int(item.index) < meterCount }

  func accountName(of subscription: SubscriptionID) -> String {
    catalog[catalog[subscription].account].name
  }

  func add(rated charge: RatedCharge, at now: Instant) {
    credit.add(rated: charge, at: now)
    unbilled.add(rated: charge)
    stages[stage(of: charge)].add(rated: charge)
  }

  func add(issued invoice: Invoice) {
    oblige(PostingKey(invoice: invoice.number), .invoice(invoice))
    for line in invoice.lines where invoice.rebills == nil {
      stages[stage(of: line.charge)].add(invoiced: line)
      if catalog.creditLimit != nil { deferrals.add(line, on: invoice, revenue) }
    }
    for tax in invoice.taxes { taxes[tax.jurisdiction].invoiced += tax.amount }
    untaxed.add(invoice.taxes, of: invoice.number.entity, sign: 1)
    documents[invoice.number.entity].add(issued: invoice)
  }

  func add(recognised document: Recognition) { oblige(document.key, .recognition(document)) }

  func add(accrued document: Accrual) { oblige(document.key, .accrual(document)) }

  func add(transferred transfer: BalanceTransfer) { oblige(transfer.entry.key, .transfer(transfer)) }

  /// Balances that were moved under a key.
  func transfer(_ key: PostingKey) -> BalanceTransfer? {
    if case .transfer(let transfer) = source(key) { transfer } else { nil }
  }

  func add(held charge: RatedCharge) {
    let stage = stage(of: charge)
    stages[stage].held.add(charge)
    stages[stage].heldAmount += charge.amount
  }

  /// A charge that a person had to decide about is on an invoice.
  func release(_ charge: RatedCharge) {
    let stage = stage(of: charge)
    var negative = charge
    negative.count = -charge.count
    negative.quantity = .zero - charge.quantity
    negative.digest = 0 &- charge.digest
    stages[stage].held.add(negative)
    stages[stage].heldAmount -= charge.amount
  }

  func add(booked document: CashDocument) { oblige(document.key, .cash(document)) }

  /// What a document is; `nil` where none of the key is known.
  func source(_ key: PostingKey) -> PostingObligation.Source? {
    obligations.place(of: key).map { obligations[$0].source }
  }

  func accrual(_ key: PostingKey) -> Accrual? {
    if case .accrual(let document) = source(key) { document } else { nil }
  }

  func recognition(_ key: PostingKey) -> Recognition? {
    if case .recognition(let document) = source(key) { document } else { nil }
  }

  func add(credited memo: CreditMemo) {
    oblige(memo.key, .credit(memo))
    creditedNets[memo.request.invoice, default: .zero] += memo.net
    credits[memo.key.entity] += memo.total
    for tax in memo.taxes { taxes[tax.jurisdiction].invoiced -= tax.amount }
    untaxed.add(memo.taxes, of: memo.key.entity, sign: -1)
    addParts(of: memo)
  }

  /// What was credited of an invoice, without tax.
  func creditedNet(of invoice: InvoiceNumber) -> Money { creditedNets[invoice] ?? .zero }

  func creditMemo(_ key: PostingKey) -> CreditMemo? {
    guard key.kind == .creditMemo, case .credit(let memo) = source(key) else { return nil }
    return memo
  }

  func ids(of memo: CreditMemo) -> [String] {
    ["memo \(memo.key.text(in: catalog))", "request \(memo.request.id)"]
  }

  /// The document of a movement of money.
  func cashDocument(_ key: PostingKey) -> CashDocument? {
    if case .cash(let document) = source(key) { document } else { nil }
  }

  /// The sum of the issued invoices of an entity, less credits.
  func invoiced(_ entity: Int) -> Money { documents[entity].issuedAmount - credits[entity] }

  private func oblige(_ key: PostingKey, _ source: PostingObligation.Source) {
    obligations.oblige(key, source)
    postingOrder.append(key)
  }

  /// The issued invoice of a number.
  func invoice(_ key: PostingKey) -> Invoice? {
    if case .invoice(let invoice) = source(key) { invoice } else { nil }
  }

  /// The numbers under which the ledgers hold a document that was asked for: of a part, its own.
  func numbers(_ key: PostingKey) -> [UInt32] {
    if key.parts > 0 { return partNumbers[key] ?? [] }
    return obligations.place(of: key).map { obligations[$0].wholes } ?? []
  }

  func add(posted document: LedgerDocument) {
    let entity = Int(document.entity.index)
    let (key, whole) = (document.entry.key, document.entry.key.whole)
    let place = obligations.place(of: whole)
    let wasPosted = place.map { obligations[$0].isPosted } ?? false
    ledgerDocuments[entity] += 1
    for line in document.entry.lines {
      ledgers[entity][line.account, default: .zero] += line.amount
      functionalLedgers[entity][line.account, default: .zero] += line.functional ?? line.amount
      switch line.account {
      case .receivable:
        if document.entry.key.invoice != nil { documents[entity].postedAmount += line.amount }
      case .clearing, .bank, .gatewayFees, .unappliedCash, .creditsGiven, .unbilledReceivable, .exchangeGains,
        .badDebt, .migrationClearing:
        break
      case .revenue(let item): stages[entity * itemCount + Int(item.index)].ledgerAmount -= line.amount
      case .deferredRevenue(let item):
        // A credit ends a part of what was invoiced: `deferred-rolls-forward` follows it.
        guard document.entry.key.kind != .creditMemo else { break }
        stages[entity * itemCount + Int(item.index)].ledgerAmount -= line.amount
      case .taxPayable(let id): taxes[id].ledger -= line.amount
      }
    }
    if let place {
      if key.parts > 0 {
        obligations[place].partDocuments += 1
        obligations[place].parts[key.part] = document.entry
        partNumbers[key, default: []].append(document.number)
      } else {
        obligations[place].wholes.append(document.number)
      }
    } else {
      unasked[key, default: []].append(document.number)
    }
    let isPosted = place.map { obligations[$0].isPosted } ?? true
    if key.invoice != nil, isPosted, !wasPosted || key.parts == 0 { documents[entity].posted += 1 }
    // What an ERP had refused, and has taken after all, is no exception any more.
    if let place, obligations[place].isExcepted, obligations[place].refused.remove(key) != nil,
      !obligations[place].isExcepted
    {
      documents[entity].excepted -= 1
      if case .invoice(let invoice) = obligations[place].source {
        documents[entity].exceptedAmount -= invoice.total
      }
    }
  }

  /// A document as one, where it was split: once the ledger holds the last of its parts.
  func assembled(_ document: LedgerDocument) -> LedgerDocument? {
    guard document.entry.key.parts > 0 else { return document }
    guard let obligation = obligations[document.entry.key.whole], obligation.isPosted else { return nil }
    var whole = document
    whole.entry.key = document.entry.key.whole
    whole.entry.lines = obligation.parts.sorted { $0.key < $1.key }.flatMap(\.value.lines)
    return whole
  }

  func except(_ key: PostingKey) {
    guard let place = obligations.place(of: key.whole) else { return }
    let wasExcepted = obligations[place].isExcepted
    obligations[place].refused.insert(key)
    guard !wasExcepted else { return }
    let entity = Int(key.entity.index)
    documents[entity].excepted += 1
    if case .invoice(let invoice) = obligations[place].source {
      documents[entity].exceptedAmount += invoice.total
    }
  }

  private func stage(of charge: RatedCharge) -> Int {
    entityOf[charge.subscription] * itemCount + Int(charge.item.index)
  }

  func ids(of charge: RatedCharge) -> [String] { ["charge \(charge.id)"] + ids(of: OracleKey(charge)) }

  func ids(of key: OracleKey) -> [String] {
    let item = catalog[key.item]
    return [
      "account \(accountName(of: key.subscription))",
      "\(item.kind == .usage ? "meter" : "item") \(item.name)", "period \(key.period)",
    ]
  }

  var hasUnposted: Bool { obligations.values.contains { !$0.isPosted } }

  /// Finds, at rest, whose documents are still under way: their totals cannot be judged.
  func findUnfinished() {
    var missing = DenseTable<EntityID, Int>(repeating: 0, count: catalog.entities.count)
    for (place, key) in obligations.keys.enumerated() where !obligations[place].isPosted {
      missing[key.entity] += 1
    }
    let reasons = catalog.entities.indices.map { entity -> String? in
      let name = catalog.entities[entity].name
      if documents[entity].excepted > 0 {
        return "entity \(name): \(documents[entity].excepted) documents were rejected by its ERP"
      }
      return missing[entity] > 0 ? "entity \(name): \(missing[entity]) documents are not in its ledger" : nil
    }
    unfinished = DenseTable(reasons)
  }

  func ids(of key: RevenueKey) -> [String] {
    [
      "entity \(catalog[key.entity].name)",
      "item \(catalog[key.item].name)", "period \(key.period)",
    ]
  }

  func ids(of event: UsageEvent) -> [String] {
    let source = Int(event.source.index)
    let name = source < catalog.sources.count ? catalog.sources[source] : "source \(source)"
    return ["event \(name)/\(event.id)"]
      + (subscription(of: event.subject).map {
        ["account \(accountName(of: SubscriptionID(index: UInt32($0))))"]
      } ?? [])
  }

  /// Whose an identifier is, by the catalogue.
  func subscription(of subject: SubjectID) -> Int? { usage.subscription(of: subject) }

  func ids(of tax: TaxLine) -> [String] { ["jurisdiction \(catalog[tax.jurisdiction].name)"] }

  func ids(of invoice: InvoiceNumber) -> [String] {
    var ids = ["invoice \(invoice.text(in: catalog))"]
    if let issued = self.invoice(PostingKey(invoice: invoice)) {
      ids.append("account \(catalog[issued.account].name)")
    }
    return ids
  }

  func ids(of key: PostingKey) -> [String] {
    ["posting \(key.text(in: catalog))"] + (key.invoice.map { ids(of: $0) } ?? [])
  }

  func ids(of document: LedgerDocument) -> [String] {
    ["document \(catalog[document.entity].name)/\(document.number)"]
      + ids(of: document.entry.key)
  }
}

extension StageTotals.Usage {
  static func += (a: inout Self, b: Self) {
    a.count += b.count
    a.quantity += b.quantity
    a.digest &+= b.digest
  }

  mutating func add(_ charge: RatedCharge) {
    count += charge.count
    quantity += charge.quantity
    digest &+= charge.digest
  }
}
