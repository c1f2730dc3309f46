import CanonicalModel
import Chronology
import CoreInterface

/// The core: the stages of usage-to-cash in one process, sans-IO. Input and time go in, effects come out.
///
/// The driver hands in deliveries, ERP answers and the passing of ``nextDeadline``; it performs the effects in
/// order. Equal inputs at equal instants give equal effects, which is what recovery from the log relies on.
public struct Pipeline: CoreState {
  let catalog: Catalog
  /// The first stage.
  public private(set) var ingestion: Ingestion
  /// The second stage.
  public private(set) var metering: Metering
  /// The third stage.
  public internal(set) var rating: Rating
  /// The fourth stage.
  public internal(set) var billing: Billing
  /// Charges for late usage that are accrued or wait for a decision.
  private var lateUsage: LateUsageDesk
  private let lateBilling: LateBilling
  let planted: PlantedDefects
  /// Billing periods that were invoiced.
  private(set) var invoiced: Set<Period> = []
  /// Credits on what was billed.
  public internal(set) var credits: Credits
  /// The stage beside billing that earns what was invoiced.
  public internal(set) var revenue: Revenue
  /// The fifth stage.
  public private(set) var posting: Posting
  /// The stage that collects and applies money.
  public internal(set) var payments: Payments
  /// From the billing currency into that of the books.
  private(set) var translation: Translation
  /// What leads from usage to the ledger and back.
  public private(set) var lineage: Lineage
  /// Exception cases.
  public private(set) var cases: CaseDesk
  /// Snapshots of closed accounting periods.
  public internal(set) var closes: CloseBook
  /// The comparison of all of them.
  public internal(set) var reconciliation: Reconciliation
  private var accepted: ContiguousArray<BillableEvent> = []
  /// Services whose process is down.
  var stopped: Set<CoreService> = []
  /// When contracts with recurring charges become active, in order, as far as they are still to come.
  private var activations: [Instant] = []

  /// Assembles the stages.
  public init(catalog: Catalog, policy: PipelinePolicy) {
    self.catalog = catalog
    planted = policy.planted
    ingestion = Ingestion(catalog: catalog, policy: policy.ingestion, planted: planted)
    metering = Metering(catalog: catalog, policy: policy.metering, planted: planted)
    rating = Rating(catalog: catalog, contractsChange: policy.contractsChange, planted: planted)
    billing = Billing(catalog: catalog, tax: policy.tax, planted: planted)
    lateUsage = LateUsageDesk(catalog: catalog)
    lateBilling = policy.metering.lateBilling
    credits = Credits(catalog: catalog, planted: planted)
    revenue = Revenue(catalog: catalog, planted: planted)
    payments = Payments(catalog: catalog, policy: policy.payments, planted: planted)
    posting = Posting(catalog: catalog, policy: policy.posting, planted: planted)
    translation = Translation(catalog: catalog, planted: planted)
    lineage = Lineage(catalog: catalog, window: policy.metering.window, planted: planted)
    cases = CaseDesk(catalog: catalog, planted: planted)
    closes = CloseBook(catalog: catalog, planted: planted)
    reconciliation = Reconciliation(
      catalog: catalog, cadence: policy.reconciliationCadence, planted: planted)
    if catalog.expectsPeriods || catalog.billingDays.contains(where: { $0 != 1 }) {
      activations = metering.expectPeriods(of: catalog)
    }
    refresh()
  }

  /// Documents that wait for a rate of exchange, for an entity.
  public func waitingForRate(of entity: EntityID) -> Int { translation.depth(of: entity) }

  /// When each service has something due next, if nothing else happens before; as of the last input.
  public private(set) var deadlines = ServiceDeadlines()
  /// Whether no stage holds unfinished work; as of the last input.
  public private(set) var isIdle = true

  /// What posting has answered when it last changed: most inputs are usage and leave it alone.
  private var postingChanges: UInt64?
  private var postingDeadline: Instant?
  private var postingIsIdle = true

  /// Asks the stages what is due and whether all is done: once an input, as asking takes longer than doing little. What they
  /// answer with is inlined here, as each would be handed a copy of itself.
  private mutating func refresh() {
    let runs = { [stopped] service in !stopped.contains(service) }
    deadlines.billing =
      runs(.billing)
      ? earlier(
        earlier(metering.nextDeadline, billing.nextDeadline),
        earlier(reconciliation.nextDeadline, activations.first)) : nil
    if posting.changes != postingChanges {
      postingChanges = posting.changes
      postingDeadline = posting.nextDeadline
      postingIsIdle = posting.isIdle
    }
    deadlines.posting = runs(.posting) ? postingDeadline : nil
    deadlines.payments = runs(.payments) ? payments.nextDeadline : nil
    isIdle =
      metering.isIdle && rating.isIdle && postingIsIdle && reconciliation.nextDeadline == nil
      && billing.isIdle && payments.isIdle && translation.isIdle && activations.isEmpty
  }

  /// Takes a delivery of usage events.
  public mutating func handle(
    _ events: UnsafeBufferPointer<UsageEvent>, at now: Instant, effects: inout Effects
  ) {
    let first = effects.outputs.count
    accepted.removeAll(keepingCapacity: true)
    ingestion.handle(events, at: now, accepted: &accepted, effects: &effects)
    forwardAccepted(at: now, effects: &effects)
    finish(&effects, from: first, at: now)
    refresh()
  }

  /// Numbers and routes the cases of an input, and notes its lineage; what earlier inputs left in the buffer is theirs.
  private mutating func finish(_ effects: inout Effects, from first: Int, at now: Instant) {
    guard effects.outputs.count > first else { return }
    for change in payments.dequeueStatuses() {
      effects.outputs.append(.tellStatus(change.invoice, change.status, revision: change.revision))
    }
    cases.process(&effects, from: first, at: now)
    lineage.record(effects.outputs[first...])
  }

  /// Forwards what ingestion has accepted.
  private mutating func forwardAccepted(at now: Instant, effects: inout Effects) {
    accepted.withUnsafeBufferPointer { events in
      reconciliation.recordCaptured(events, at: now)
      metering.handle(events, at: now)
      rating.handle(events, effects: &effects, at: now)
    }
    closePeriods(at: now, effects: &effects)
  }

  /// Takes what a counterpart tells or answers.
  public mutating func handle(_ input: CoreInput, at now: Instant, effects: inout Effects) {
    let first = effects.outputs.count
    dispatch(input, at: now, effects: &effects)
    finish(&effects, from: first, at: now)
    refresh()
  }

  private mutating func dispatch(_ input: CoreInput, at now: Instant, effects: inout Effects) {
    switch input {
    case .contract(let event): handle(event, at: now, effects: &effects)
    case .schema(let schema): handle(schema, at: now, effects: &effects)
    case .identity(let link):
      accepted.removeAll(keepingCapacity: true)
      ingestion.link(link, at: now, accepted: &accepted, effects: &effects)
      forwardAccepted(at: now, effects: &effects)
    case .backfill(let backfill):
      accepted.removeAll(keepingCapacity: true)
      ingestion.backfill(backfill, at: now, accepted: &accepted, effects: &effects)
      forwardAccepted(at: now, effects: &effects)
    case .correction(let correction):
      accepted.removeAll(keepingCapacity: true)
      ingestion.correct(correction, at: now, accepted: &accepted, effects: &effects)
      forwardAccepted(at: now, effects: &effects)
    case .rate(let fixing): handle(fixing, at: now, effects: &effects)
    case .erp(let answer, let call, let entity):
      handle(answer, to: call, of: entity, at: now, effects: &effects)
    case .tax(let answer, let call): handle(answer, to: call, at: now, effects: &effects)
    case .charge(let answer, let key): handle(answer, to: key, at: now, effects: &effects)
    case .cash(let notice): handle(notice, at: now, effects: &effects)
    case .statement(let statement): handle(statement, at: now, effects: &effects)
    case .replay(let key):
      cases.replay(key, at: now)
      posting.replay(key, at: now, effects: &effects)
    case .release(let number):
      cases.release(number, at: now)
      for day in lateUsage.release(number) { metering.expectNext(atLeast: Period(holding: now, day: day)) }
    case .credit(let request): handle(request, at: now, effects: &effects)
    case .service(.stopped(let services)):
      stopped.formUnion(services)
      posting.isStopped = stopped.contains(.posting)
    case .service(.started(let services)):
      stopped.subtract(services)
      if services.contains(.ingestion) { ingestion.forgetMemory() }
      if services.contains(.posting) {
        posting.isStopped = false
        posting.forgetMemory()
      }
      catchUp(at: now, effects: &effects)
    }
  }

  /// Takes a schema version that was registered: what has waited for it is accepted.
  private mutating func handle(_ schema: SchemaRegistration, at now: Instant, effects: inout Effects) {
    accepted.removeAll(keepingCapacity: true)
    ingestion.register(schema, at: now, accepted: &accepted, effects: &effects)
    forwardAccepted(at: now, effects: &effects)
  }

  /// Takes a change of contract from CRM.
  private mutating func handle(_ event: ContractEvent, at now: Instant, effects: inout Effects) {
    let isRepriced = rating.handle(event, at: now)
    revenue.take(end: rating.endOfLastDay(event.subscription), of: event.subscription, at: now)
    accepted.removeAll(keepingCapacity: true)
    ingestion.receive(event, at: now, accepted: &accepted, effects: &effects)
    if !accepted.isEmpty { forwardAccepted(at: now, effects: &effects) }
    if isRepriced || catalog.expectsPeriods {
      metering.expectNext(
        atLeast: catalog.billingPeriod(of: event.subscription, holding: event.terms.from))
    }
    closePeriods(at: now, effects: &effects)
  }

  /// Takes an ERP's answer to a call.
  private mutating func handle(
    _ answer: ERPAnswer, to call: ERPCallID, of entity: EntityID, at now: Instant, effects: inout Effects
  ) {
    let statement = posting.handle(answer, to: call, of: entity, at: now, effects: &effects)
    recordTransfers(at: now)
    for closed in posting.dequeueClosed() {
      effects.outputs.append(.closed(closes.close(closed, at: now)))
    }
    if let statement {
      reconciliation.record(statement, at: now)
      reconcile(at: now, effects: &effects)
    }
  }

  /// Takes the tax engine's answer to a call.
  private mutating func handle(
    _ answer: TaxAnswer, to call: TaxCallID, at now: Instant, effects: inout Effects
  ) {
    issue(billing.handle(answer, to: call, at: now), at: now, effects: &effects)
    askForTax(at: now, effects: &effects)
    closeMonths(at: now, effects: &effects)
  }

  /// Takes the gateway's answer to a charge.
  private mutating func handle(
    _ answer: ChargeAnswer, to key: ChargeKey, at now: Instant, effects: inout Effects
  ) {
    let (payment, isExhausted) = payments.handle(answer, to: key, at: now)
    if let payment { book(payment, at: now, effects: &effects) }
    if isExhausted { raise(.uncollectible(key.invoice), at: now, effects: &effects) }
    collect(at: now, effects: &effects)
  }

  /// Hands documents on to posting, in the currency of the books; those whose day has no rate yet wait in sight.
  mutating func post(
    _ documents: [Translation.Document], at now: Instant, effects: inout Effects
  ) {
    var ready: [JournalEntry] = []
    for document in documents {
      posting.record(document.entry.key, about: document.invoices)
      let (entries, missing) = translation.submit(document, at: now)
      ready += entries
      if let missing {
        raise(.rateMissing(document.entry.key.entity, day: missing), at: now, effects: &effects)
      }
    }
    if !ready.isEmpty { posting.handle(ready, at: now, effects: &effects) }
  }

  /// Takes a day's rate of exchange: what has waited for it goes on.
  private mutating func handle(_ fixing: RateFixing, at now: Instant, effects: inout Effects) {
    cases.receive(fixing, at: now)
    let ready = translation.receive(fixing)
    if !ready.isEmpty { posting.handle(ready, at: now, effects: &effects) }
  }

  func raise(_ subject: ExceptionCase.Subject, at now: Instant, effects: inout Effects) {
    effects.outputs.append(.raise(ExceptionCase(subject: subject, owner: .finance, raised: now)))
  }

  /// Reconciliation counts what posting has made of balances that move.
  private mutating func recordTransfers(at now: Instant) {
    for transfer in posting.dequeueTransfers() {
      reconciliation.record(document: transfer.entry.key, receivable: transfer.entry.receivable, at: now)
    }
  }

  /// Does what the passing of time alone makes due.
  public mutating func advance(to now: Instant, effects: inout Effects) {
    let first = effects.outputs.count
    catchUp(at: now, effects: &effects)
    finish(&effects, from: first, at: now)
    refresh()
  }

  /// Does what is due of every service that runs.
  private mutating func catchUp(at now: Instant, effects: inout Effects) {
    closePeriods(at: now, effects: &effects)
    askForTax(at: now, effects: &effects)
    collect(at: now, effects: &effects)
    posting.advance(to: now, effects: &effects)
    recordTransfers(at: now)
    reconcile(at: now, effects: &effects)
  }

  private mutating func closePeriods(at now: Instant, effects: inout Effects) {
    guard !stopped.contains(.billing) else { return }
    while let first = activations.first, first <= now {
      activations.removeFirst()
      let charges = rating.activate(from: first, through: first)
      for day in catalog.billingDays {
        invoice(
          charges.filter { catalog[$0.subscription].billingDay == day },
          for: Period(holding: first, day: day), at: now, effects: &effects)
      }
    }
    let firstNew = effects.summaries.count
    let complete = metering.advance(to: now, effects: &effects)
    if effects.summaries.count > firstNew {
      let summaries = effects.summaries[firstNew...]
      reconciliation.record(summaries)
      closes.record(summaries)
      rating.handle(summaries)
    }
    if !complete.isEmpty { payments.reconsiderUnapplied() }
    for period in complete {
      let charges = rating.rate(period, at: now, effects: &effects)
      // Credits expire with the last day of a billing period, in the month that holds it, and before the next ones are bought.
      let month = Period(holding: period.end - Span(nanoseconds: 1))
      book(revenue.recognise(expired: rating.dequeueExpired(), in: month), at: now, effects: &effects)
      if !invoiced.insert(period).inserted, [.accrue, .exception].contains(lateBilling) {
        deferLateUsage(charges, of: period, at: now, effects: &effects)
      } else {
        recordRated(charges, effects: &effects)
        let all = charges + lateUsage.dequeue(day: period.day)
        issue(billing.draft(all, closing: period, at: now), at: now, effects: &effects)
        askForTax(at: now, effects: &effects)
      }
      if period.day == 1 { revenue.close(period) }
    }
    closeMonths(at: now, effects: &effects)
  }

  /// Closes months in their order, each once all its invoices are final: earns what was deferred for it, and accrues what is earned in it and billed
  /// later.
  private mutating func closeMonths(at now: Instant, effects: inout Effects) {
    while let month = revenue.nextMonth, !billing.waits(for: month) {
      book(revenue.recognise(through: month), at: now, effects: &effects)
      let (unbilled, expired) = rating.closeMonth(at: month.end)
      book(lateUsage.accrue(unbilled: unbilled, in: month, planted), at: now, effects: &effects)
      book(revenue.recognise(expired: expired, in: month), at: now, effects: &effects)
    }
  }

  private mutating func book(
    _ documents: [Recognition], at now: Instant, effects: inout Effects
  ) {
    guard !documents.isEmpty else { return }
    for document in documents {
      reconciliation.record(document: document.key, at: now)
      effects.outputs.append(.recognised(document))
    }
    post(documents.map { .init($0) }, at: now, effects: &effects)
  }

  /// Defers late usage that is not invoiced yet: accrues it in the last month of its period, or holds it for approval.
  private mutating func deferLateUsage(
    _ charges: [RatedCharge], of period: Period, at now: Instant, effects: inout Effects
  ) {
    recordRated(charges, effects: &effects)
    guard !planted.contains(.lateChargesDropped) else { return }
    if planted.contains(.lateUsageOnIssuedInvoice) {
      for invoice in billing.amend(charges, of: period) { effects.outputs.append(.issue(invoice)) }
      return
    }
    guard lateBilling == .accrue else {
      for held in lateUsage.holdForApproval(charges) {
        for charge in held.charges { effects.outputs.append(.held(charge)) }
        let amount = held.charges.reduce(Money.zero) { $0 + $1.amount }
        raise(
          .lateUsageHeld(held.account, case: held.number, amount: amount), at: now, effects: &effects)
      }
      return
    }
    let month = Period(holding: period.end - Span(nanoseconds: 1))
    book(lateUsage.accrue(charges, in: month, billing, at: now), at: now, effects: &effects)
  }

  private mutating func book(_ documents: [Accrual], at now: Instant, effects: inout Effects) {
    guard !documents.isEmpty else { return }
    for document in documents {
      reconciliation.record(document: document.key, at: now)
      effects.outputs.append(.accrued(document))
    }
    post(documents.map { .init($0, of: catalog) }, at: now, effects: &effects)
  }

  private mutating func recordRated(_ charges: [RatedCharge], effects: inout Effects) {
    for charge in charges {
      reconciliation.record(rated: charge)
      effects.outputs.append(.rated(charge))
    }
  }

  private mutating func invoice(
    _ charges: [RatedCharge], for period: Period, at now: Instant, effects: inout Effects
  ) {
    guard !charges.isEmpty else { return }
    recordRated(charges, effects: &effects)
    issue(billing.draft(charges, for: period, at: now), at: now, effects: &effects)
    askForTax(at: now, effects: &effects)
  }

  private mutating func askForTax(at now: Instant, effects: inout Effects) {
    guard !stopped.contains(.billing) else { return }
    for call in billing.advance(to: now) { effects.outputs.append(.askForTax(call)) }
  }

  private mutating func issue(_ invoices: [Invoice], at now: Instant, effects: inout Effects) {
    guard !invoices.isEmpty else { return }
    var releases: [CashDocument] = []
    for invoice in invoices {
      reconciliation.record(issued: invoice, at: now)
      revenue.record(issued: invoice)
      if let release = payments.record(issued: invoice, at: now) { releases.append(release) }
      credits.record(issued: invoice)
      effects.outputs.append(.issue(invoice))
    }
    let entries = invoices.map { JournalMapping.entry(for: $0, revenue: revenue) }
    for (invoice, entry) in zip(invoices, entries) { closes.record(issued: invoice, in: entry.period) }
    post(
      zip(invoices, entries).map { .init($1, of: $0, revenue: revenue, catalog) }, at: now, effects: &effects)
    for release in releases { book(release, at: now, effects: &effects) }
    settleUnapplied(at: now, effects: &effects)
    guard lateBilling == .accrue, !planted.contains(.accrualNotReversed) else { return }
    for (invoice, entry) in zip(invoices, entries) {
      book(lateUsage.reverse(on: invoice, in: entry.period), at: now, effects: &effects)
    }
  }

  mutating func reconcile(at now: Instant, effects: inout Effects) {
    // Asked here: the call takes copies of all stages.
    guard let due = reconciliation.nextDeadline, due <= now, !stopped.contains(.billing) else { return }
    reconciliation.advance(
      to: now, metering: metering, rating: rating, billing: billing, lateUsage: lateUsage,
      translation: translation, posting: posting,
      payments: payments, revenue: revenue,
      effects: &effects)
  }
}
