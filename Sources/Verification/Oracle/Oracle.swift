import CanonicalModel
import Chronology

/// Judges a run from its facts alone. Has its own books, arithmetic and calendar; the package graph keeps it
/// from calling the core.
///
/// Safety is checked as facts come in and again in ``concluded(stuck:at:)``; liveness there.
public final class Oracle: FactSink {
  let books: Books
  private var trail = Trail()
  private let closesPeriods: Bool
  private var noLostUsage = NoLostUsage()
  private var noDoubleCounting = NoDoubleCounting()
  private var noFalseDeduplication = NoFalseDeduplication()
  private var captureBalances = CaptureBalances()
  private var acknowledgedIsDurable = AcknowledgedIsDurable()
  private var retentionNotOutrun = RetentionNotOutrun()
  private var meteringBalances = MeteringBalances()
  private var summaryHashMatches = SummaryHashMatches()
  private var periodPartition = PeriodPartition()
  private var filterPartition = FilterPartition()
  private var orderInsensitive = OrderInsensitive()
  private var backfillsTaken = BackfillsTaken()
  private var quarantineJustified = QuarantineJustified()
  private var ratingMatchesOracle = RatingMatchesOracle()
  private var quantityConserved = QuantityConserved()
  private var tiersAdditive = TiersAdditive()
  private var spendBounded = SpendBounded()
  private var commitmentIdentity = CommitmentIdentity()
  private var ratedEqualsInvoiced = RatedEqualsInvoiced()
  private var invoiceFoots = InvoiceFoots()
  private var allocationExact = AllocationExact()
  private var invoiceNumbersGapless = InvoiceNumbersGapless()
  private var oneInvoicePerPeriod = OneInvoicePerPeriod()
  private var invoiceImmutable = InvoiceImmutable()
  private var lateUsageResolved = LateUsageResolved()
  private var invoicesDelivered = InvoicesDelivered()
  private var prorationBounded = ProrationBounded()
  private var taxFoots = TaxFoots()
  private var taxMatchesJurisdiction = TaxMatchesJurisdiction()
  private var noDoublePosting = NoDoublePosting()
  private var noLostPosting = NoLostPosting()
  private var acknowledgedPostingIsReal = AcknowledgedPostingIsReal()
  private var voidsPropagate = VoidsPropagate()
  private var mappingComplete = MappingComplete()
  private var erpLimitsHonoured = ERPLimitsHonoured()
  private var splitComplete = SplitComplete()
  private var postingMatchesInvoice = PostingMatchesInvoice()
  private var walletNeverNegative = WalletNeverNegative()
  private var grantsConserved = GrantsConserved()
  private var creditAppliedOnce = CreditAppliedOnce()
  private var creditsCapped = CreditsCapped()
  private var creditsApproved = CreditsApproved()
  private var postingOrderKept = PostingOrderKept()
  private var noPostingIntoClosedPeriod = NoPostingIntoClosedPeriod()
  private var noDoubleCharge = NoDoubleCharge()
  private var unknownTerminates = UnknownTerminates()
  private var dunningKept = DunningKept()
  private var billedInTime = BilledInTime()
  private var cashBalances = CashBalances()
  private var paymentStatusTies = PaymentStatusTies()
  private var settlementTies = SettlementTies()
  private var revenueConserved = RevenueConserved()
  private var noEarlyRecognition = NoEarlyRecognition()
  private var recognisedInPeriod = RecognisedInPeriod()
  private var deferredRollsForward = DeferredRollsForward()
  private var closeCutOff = CloseCutOff()
  private var journalsBalance = JournalsBalance()
  private var trialBalanceZero = TrialBalanceZero()
  private var subledgerEqualsGL = SubledgerEqualsGL()
  private var stageTotalsBalance = StageTotalsBalance()
  private var exchangeTies = ExchangeTies()
  private var snapshotImmutable = SnapshotImmutable()
  private var closeSnapshotted = CloseSnapshotted()
  private var lineageComplete = LineageComplete()
  private var entityIsolation = EntityIsolation()
  private var fieldsMasked = FieldsMasked()
  private var reconciliationDetects = ReconciliationDetects()
  private var reconciliationQuiet = ReconciliationQuiet()
  private var exceptionsSurface = ExceptionsSurface()
  private var drains = Drains()
  private var settledStages: [StageTotals]?

  /// Makes an oracle.
  ///
  /// - Parameters:
  ///   - window: the width of the usage summaries' windows.
  ///   - promises: what the scenario and its design promise beside contracts and master data.
  public init(
    catalog: Catalog, window: Span, rules: OracleRules = OracleRules(),
    promises: OraclePromises = OraclePromises()
  ) {
    books = Books(catalog: catalog, window: window, rules: rules, promises: promises)
    closesPeriods = catalog.accountingCalendar != nil
  }

  /// The last things that happened to what violations are about, in the order of the violations.
  public func events(of violations: [Violation]) -> [[String]] {
    guard !violations.isEmpty else { return [] }
    let names = trail.names(books.catalog)
    return violations.map { trail.events(ids: $0.ids, until: $0.at, books.catalog, names: names) }
  }

  /// All invariants, in the order of the pipeline.
  public static let invariants: [InvariantDefinition] = Oracle(
    catalog: Catalog(
      entities: [], meters: [], eventTypes: [], accounts: [], subscriptions: [], priceBooks: [], sources: []),
    window: .hours(1)
  ).results.map(\.definition)

  /// The verdicts so far, in the order of ``invariants``.
  public var results: [InvariantResult] {
    let capture: [any Invariant] = [
      noLostUsage, noDoubleCounting, noFalseDeduplication, captureBalances, acknowledgedIsDurable,
      retentionNotOutrun, backfillsTaken, quarantineJustified,
    ]
    let metering: [any Invariant] = [
      meteringBalances, summaryHashMatches, periodPartition, filterPartition, orderInsensitive,
    ]
    let rating: [any Invariant] = [
      ratingMatchesOracle, quantityConserved, tiersAdditive, commitmentIdentity, spendBounded,
      ratedEqualsInvoiced,
    ]
    let billing: [any Invariant] = [
      invoiceFoots, allocationExact, invoiceNumbersGapless, oneInvoicePerPeriod, billedInTime,
      invoiceImmutable,
      invoicesDelivered,
      prorationBounded, taxFoots, taxMatchesJurisdiction, lateUsageResolved, walletNeverNegative,
      grantsConserved, creditAppliedOnce, creditsCapped, creditsApproved,
    ]
    let posting: [any Invariant] = [
      noDoublePosting, noLostPosting, acknowledgedPostingIsReal, postingMatchesInvoice, splitComplete,
      mappingComplete,
      postingOrderKept, voidsPropagate, noPostingIntoClosedPeriod, erpLimitsHonoured,
    ]
    let money: [any Invariant] = [
      noDoubleCharge, unknownTerminates, dunningKept, cashBalances, settlementTies, paymentStatusTies,
      revenueConserved,
      noEarlyRecognition, recognisedInPeriod, deferredRollsForward, closeCutOff,
    ]
    let ledger: [any Invariant] = [
      journalsBalance, trialBalanceZero, subledgerEqualsGL, stageTotalsBalance, exchangeTies,
      snapshotImmutable, closeSnapshotted, lineageComplete, entityIsolation, fieldsMasked,
    ]
    let honesty: [any Invariant] = [reconciliationDetects, reconciliationQuiet, drains, exceptionsSurface]
    let all = capture + metering + rating + billing + posting + money + ledger + honesty
    return all.map { InvariantResult(definition: type(of: $0).definition, findings: $0.findings) }
  }

  /// The totals of each stage, per `entity × items + item`.
  /// Where nothing has been concluded, without what was put aside.
  public var stages: [StageTotals] { settledStages ?? books.stages(due: books.usage.emittedSoFar) }
  /// Events that their producers took back: ``StageTotals/emitted`` is without them.
  public var takenBack: Int64 { books.usage.takenBackCount }
  /// Usage of customers whom nobody knows, per meter: emitted and put aside.
  public private(set) var unattributed: [StageTotals] = []
  /// The totals of documents, per entity.
  public var documents: [DocumentTotals] { books.documents }
  /// The general ledger of each entity: the balance of every account, debits positive.
  public var ledgers: [[LedgerAccount: Money]] { books.functionalLedgers }
  /// The totals of taxes, per jurisdiction.
  public var taxes: [TaxTotals] { books.taxes }
  /// What ingestion said in total.
  public var capture: CaptureClaim { books.capture }
  /// Events that sources emitted and that can be billed.
  public var billable: Int64 { books.usage.billable }
  /// Events that sources emitted.
  public var emitted: Int64 { books.usage.billable + books.usage.unbillable }

  public func emitted(_ events: UnsafeBufferPointer<UsageEvent>) { books.usage.emit(events) }

  public func captured(
    _ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant
  ) {
    books.capture += claim
    captureBalances.observe(claim, delivered: events.count, books, at: instant)
    if books.catalog.hasBackfills { backfillsTaken.observe(delivered: events) }
  }

  public func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {
    for summary in summaries {
      let left = books.claim(summary)
      noDoubleCounting.observe(summary, left: left, books, at: instant)
      if closesPeriods { snapshotImmutable.observe(summary, books) }
      meteringBalances.observe(summary, left: left, books, at: instant)
    }
    books.usage.compact(at: instant)
  }

  public func record(_ fact: Fact, at instant: Instant) {
    trail.observe(fact, at: instant)
    switch fact {
    case .quarantined(let event, let reason):
      books.usage.hold(event)
      quarantineJustified.observe(putAside: event, reason, books, at: instant)
      exceptionsSurface.observe(event, reason)
      backfillsTaken.observe(putAside: event, reason, books, at: instant)
      if reason == .beyondHorizon { books.beyondHorizon += 1 }
      captureBalances.observePutAside()
    case .quarantineLeft(let event):
      books.usage.release(event)
      captureBalances.observe(released: event)
      quarantineJustified.observe(left: event)
    case .rejected(let event):
      books.usage.reject(event)
      quarantineJustified.observe(rejected: event, books, at: instant)
    case .identityTold(let link): quarantineJustified.observe(link)
    case .contractTold(let event): quarantineJustified.observe(event)
    case .schemaTold(let schema): quarantineJustified.observe(schema, books)
    case .backfillDeclared(let backfill):
      backfillsTaken.observe(backfill)
      quarantineJustified.observe(backfill)
    case .statusTold(let invoice, let status):
      paymentStatusTies.observe(status, of: invoice)
    case .traced(let trace):
      lineageComplete.observe(trace, books, at: instant)
    case .caseRouted(let routed):
      fieldsMasked.observe(routed, books, at: instant)
      exceptionsSurface.observe(routed)
      backfillsTaken.observe(routed, books, at: instant)
    case .corrected(let correction):
      if let replacement = correction.replacement {
        withUnsafePointer(to: replacement) {
          books.usage.emit(UnsafeBufferPointer(start: $0, count: 1))
        }
      }
      books.usage.withdraw(correction.original)
      captureBalances.observe(takenBack: correction.original)
    case .correctionRefused(let correction):
      books.usage.refuse(correction)
      quarantineJustified.observe(refused: correction)
      captureBalances.observe(refused: correction.original)
    case .rateFixed(let fixing):
      exchangeTies.observe(fixing)
    case .rated(let charge):
      books.add(rated: charge)
      ratingMatchesOracle.observe(charge, books, at: instant)
      ratedEqualsInvoiced.observe(charge, books, at: instant)
      quantityConserved.observe(charge, books)
      tiersAdditive.observe(charge, books, at: instant)
      spendBounded.observe(charge, books)
      lateUsageResolved.observe(charge)
      closeCutOff.observe(charge)
      lineageComplete.observe(charge)
      walletNeverNegative.observe(charge, books, at: instant)
      grantsConserved.observe(charge, books)
    case .invoiceIssued(let invoice):
      books.add(issued: invoice)
      oneInvoicePerPeriod.observe(invoice, books, at: instant)
      billedInTime.observe(invoice, books, at: instant)
      dunningKept.observe(invoice)
      exceptionsSurface.observe(invoice)
      snapshotImmutable.observe(invoice, books)
      invoiceImmutable.observe(issued: invoice, books, at: instant)
      lateUsageResolved.observe(invoice)
      deferredRollsForward.observe(invoice, books)
      invoicesDelivered.observe(final: invoice)
      ratedEqualsInvoiced.observe(invoice, books, at: instant)
      exchangeTies.observe(invoice, books, at: instant)
      paymentStatusTies.observe(invoice)
      closeCutOff.observe(invoice)
      lineageComplete.observe(invoice)
      commitmentIdentity.observe(invoice, books)
      prorationBounded.observe(invoice, books)
      revenueConserved.observe(invoice, books)
      recognisedInPeriod.observe(invoice, books)
      taxFoots.observe(invoice, books, at: instant)
      taxMatchesJurisdiction.observe(invoice, books, at: instant)
      invoiceFoots.observe(invoice, books, at: instant)
      allocationExact.observe(invoice, books, at: instant)
      invoiceNumbersGapless.observe(invoice, books, at: instant)
    case .invoiceDelivered(let invoice):
      invoicesDelivered.observe(delivered: invoice, books, at: instant)
      invoiceImmutable.observe(delivered: invoice, books, at: instant)
    case .recognised(let document):
      books.add(recognised: document)
      deferredRollsForward.observe(document)
      revenueConserved.observe(document, books, at: instant)
      recognisedInPeriod.observe(document, books, at: instant)
      grantsConserved.observe(document, books)
      exchangeTies.observe(document, books)
    case .accrued(let document):
      books.add(accrued: document)
      lateUsageResolved.observe(document)
      exchangeTies.observe(document, books, at: instant)
      closeCutOff.observe(document, books, at: instant)
    case .chargeHeld(let charge):
      books.add(held: charge)
      ratedEqualsInvoiced.hold(charge)
      lateUsageResolved.hold(charge)
      exceptionsSurface.observe(held: charge)
    case .snapshotTaken(let snapshot):
      snapshotImmutable.observe(taken: snapshot, books, at: instant)
      closeSnapshotted.observe(taken: snapshot)
    case .snapshotRead(let snapshot):
      snapshotImmutable.observe(read: snapshot, books, at: instant)
    case .cashBooked(let document):
      books.add(booked: document)
      unknownTerminates.observe(document)
      dunningKept.observe(document)
      exchangeTies.observe(document, books, at: instant)
      paymentStatusTies.observe(document)
      cashBalances.observe(document, books, at: instant)
    case .credited(let memo):
      books.add(credited: memo)
      exchangeTies.observe(memo, books)
      paymentStatusTies.observe(memo)
      creditAppliedOnce.observe(memo, books, at: instant)
      dunningKept.observe(memo)
      creditsCapped.observe(memo, books, at: instant)
      creditsApproved.observe(memo, books, at: instant)
    case .charged(let key, let account, let amount):
      unknownTerminates.observe(charged: account, amount)
      dunningKept.observe(collected: key)
      books.cash.add(charge: key, amount)
      noDoubleCharge.observe(key, books, at: instant)
    case .cashMoved(let event):
      books.cash.add(event)
      settlementTies.observe(event)
    case .documentPosted(let document):
      books.add(posted: document)
      noDoublePosting.observe(document, books, at: instant)
      splitComplete.observe(document, books, at: instant)
      postingMatchesInvoice.observe(document, books, at: instant)
      reconciliationQuiet.observe(document)
      entityIsolation.observe(document, books, at: instant)
      postingOrderKept.observe(document, books, at: instant)
      noPostingIntoClosedPeriod.observe(document, books, at: instant)
      journalsBalance.observe(document, books, at: instant)
      if let whole = books.assembled(document) {
        mappingComplete.observe(whole, books, at: instant)
        revenueConserved.observe(whole, books, at: instant)
        settlementTies.observe(whole, books, at: instant)
        noEarlyRecognition.observe(whole, books, at: instant)
        exchangeTies.observe(whole, books, at: instant)
      }
      snapshotImmutable.observe(document, at: instant)
      closeSnapshotted.observe(document, at: instant)
    case .postingAcknowledged(let key, let number):
      reconciliationQuiet.observe(acknowledged: key)
      acknowledgedPostingIsReal.observe(acknowledged: key, document: number, books, at: instant)
    case .expiredInBroker(let partition, let events, let waited):
      noFalseDeduplication.observe(lost: events)
      retentionNotOutrun.observe(partition: partition, events: events, waited: waited, at: instant)
    case .declined(let key):
      dunningKept.observe(declined: key)
    case .caseOpen(let routed):
      exceptionsSurface.observe(open: routed)
    case .givenUp(let events):
      noFalseDeduplication.observe(lost: events)
    case .erpCalled(let entity, let isSuccessor):
      erpLimitsHonoured.observe(called: entity, isSuccessor: isSuccessor, books, at: instant)
    case .erpThrottled(let entity, let isSuccessor, let until):
      erpLimitsHonoured.observe(throttled: entity, isSuccessor: isSuccessor, until: until)
    case .taxCalled(let call, let asOf):
      erpLimitsHonoured.observe(taxCalled: call, at: instant)
      taxMatchesJurisdiction.observe(asOf: asOf, at: instant)
    case .taxRefused(let call): erpLimitsHonoured.observe(taxRefused: call)
    case .ledgersCompared(let entity, let documents, let receivable):
      reconciliationDetects.observe(compared: entity, documents: documents, receivable: receivable)
      reconciliationQuiet.observe(comparedLedgerOf: entity)
    case .breakReported(let boundary, let entity):
      reconciliationDetects.observe(reported: entity)
      reconciliationQuiet.observe(boundary: boundary, entity, at: instant)
    case .recovered(let claim):
      acknowledgedIsDurable.observe(recovered: claim, books, at: instant)
    case .postingExcepted(let key):
      books.except(key)
      exceptionsSurface.observe(excepted: key, books)
    }
  }

  public func concluded(stuck: [StuckWork], at instant: Instant) {
    let hadWork = books.capture.received > 0 || !books.postingOrder.isEmpty
    drains.conclude(
      stuck: stuck, hadWork: hadWork, mayLeaveWork: books.promises.mayLeaveWork, at: instant)
    backfillsTaken.conclude(at: instant)
    retentionNotOutrun.conclude(
      isBounded: books.promises.brokerDropsUsage && books.capture.received > 0, at: instant)
    let settled = books.usage.settled()
    let due = Due(usage: settled.due, differences: settled.differences)
    books.findUnfinished()
    let stages = books.stages(due: settled.due)
    settledStages = stages
    unattributed = books.unattributedStages()
    orderInsensitive.conclude(books, at: instant)
    // What still waits in a visible queue is neither lost nor counted: `drains` speaks for it.
    let underWay = stuck.first { ["broker", "metering", "rating", "billing"].contains($0.queue) }
    if let underWay {
      leaveUsageOut("usage is still under way: \(underWay.depth) in \(underWay.queue)")
    } else {
      concludeUsage(due, at: instant)
    }
    quarantineJustified.conclude(books, at: instant)
    invoicesDelivered.conclude(books, at: instant)
    taxFoots.conclude(books, at: instant)
    noDoubleCounting.conclude(books, due: due, at: instant)
    cashBalances.conclude(books, at: instant)
    if let waiting = stuck.first(where: { $0.queue == "payments" }) {
      let reason = "\(waiting.depth) payments are still under way"
      unknownTerminates.findings.leaveOut(reason)
      dunningKept.findings.leaveOut(reason)
    } else {
      unknownTerminates.conclude(books, at: instant)
      dunningKept.conclude(books, at: instant)
    }
    deferredRollsForward.conclude(books, at: instant)
    voidsPropagate.conclude(books, stuck: stuck, at: instant)
    reconciliationDetects.conclude(books, stuck: stuck, at: instant)
    paymentStatusTies.conclude(books, at: instant)
    settlementTies.conclude(books, usageIsComplete: stuck.isEmpty, at: instant)
    revenueConserved.conclude(books, at: instant)
    closeCutOff.conclude(books, at: instant)
    trialBalanceZero.conclude(books, at: instant)
    exchangeTies.conclude(books, at: instant)
    snapshotImmutable.conclude(books, at: instant)
    closeSnapshotted.conclude(books, stuck: stuck, at: instant)
    exceptionsSurface.conclude(books, stuck: stuck, at: instant)
    subledgerEqualsGL.conclude(books, at: instant)
    splitComplete.conclude(books, stuck: stuck, at: instant)
    noLostPosting.conclude(books, stuck: stuck, at: instant)
    stageTotalsBalance.conclude(
      books, stages: stages, usageIsComplete: underWay == nil, waiting: stuck.map(\.queue), at: instant)
    reconciliationQuiet.conclude(
      books, allElseHolds: results.allSatisfy { $0.outcome != .broken }, at: instant)
  }

  /// What is judged of usage once all of it has arrived.
  private func concludeUsage(_ due: Due, at instant: Instant) {
    captureBalances.conclude(books, due: due, at: instant)
    noFalseDeduplication.conclude(books, at: instant)
    periodPartition.conclude(books, due: due, at: instant)
    filterPartition.conclude(books, due: due, at: instant)
    quantityConserved.conclude(books, at: instant)
    spendBounded.conclude(books, at: instant)
    lateUsageResolved.conclude(books, at: instant)
    noLostUsage.conclude(books, due: due, at: instant)
    meteringBalances.conclude(books, due: due, at: instant)
    summaryHashMatches.conclude(books, due: due, at: instant)
    ratingMatchesOracle.conclude(books, at: instant)
    commitmentIdentity.conclude(books, at: instant)
    grantsConserved.conclude(books, at: instant)
    ratedEqualsInvoiced.conclude(books, at: instant)
    prorationBounded.conclude(books, at: instant)
  }

  /// What is not judged where usage is still under way: only what the scenario has anything of.
  private func leaveUsageOut(_ reason: String) {
    captureBalances.findings.leaveOut(reason)
    noFalseDeduplication.findings.leaveOut(reason)
    periodPartition.findings.leaveOut(reason)
    if books.catalog.meters.contains(where: { $0.name != $0.base }) {
      filterPartition.findings.leaveOut(reason)
    }
    quantityConserved.findings.leaveOut(reason)
    let charges = books.catalog.priceBooks.flatMap(\.charges)
    if charges.contains(where: { $0.minimum != nil || $0.maximum != nil }) {
      spendBounded.findings.leaveOut(reason)
    }
    if lateUsageResolved.hasAny { lateUsageResolved.findings.leaveOut(reason) }
    noLostUsage.findings.leaveOut(reason)
    meteringBalances.findings.leaveOut(reason)
    summaryHashMatches.findings.leaveOut(reason)
    ratingMatchesOracle.findings.leaveOut(reason)
    if books.catalog.priceBooks.contains(where: { $0.minimumSpend != nil }) {
      commitmentIdentity.findings.leaveOut(reason)
    }
    if books.wallet.isUsed { grantsConserved.findings.leaveOut(reason) }
    ratedEqualsInvoiced.findings.leaveOut(reason)
    if books.catalog.items.contains(where: { $0.kind == .recurring }) {
      prorationBounded.findings.leaveOut(reason)
    }
  }
}
