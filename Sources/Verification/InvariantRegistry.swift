// Written by scripts/registry from the files of Invariants and Evidence.swift.

import CanonicalModel
import Chronology

/// All invariants of a run, and which of them hear of what.
struct Audience {
  let noLostUsage = NoLostUsage()
  let noDoubleCounting = NoDoubleCounting()
  let noFalseDeduplication = NoFalseDeduplication()
  let captureBalances = CaptureBalances()
  let acknowledgedIsDurable = AcknowledgedIsDurable()
  let retentionNotOutrun = RetentionNotOutrun()
  let backfillsTaken = BackfillsTaken()
  let quarantineJustified = QuarantineJustified()
  let meteringBalances = MeteringBalances()
  let summaryHashMatches = SummaryHashMatches()
  let periodPartition = PeriodPartition()
  let filterPartition = FilterPartition()
  let orderInsensitive = OrderInsensitive()
  let ratingMatchesOracle = RatingMatchesOracle()
  let quantityConserved = QuantityConserved()
  let tiersAdditive = TiersAdditive()
  let commitmentIdentity = CommitmentIdentity()
  let spendBounded = SpendBounded()
  let ratedEqualsInvoiced = RatedEqualsInvoiced()
  let invoiceFoots = InvoiceFoots()
  let allocationExact = AllocationExact()
  let invoiceNumbersGapless = InvoiceNumbersGapless()
  let oneInvoicePerPeriod = OneInvoicePerPeriod()
  let billedInTime = BilledInTime()
  let invoiceImmutable = InvoiceImmutable()
  let invoicesDelivered = InvoicesDelivered()
  let prorationBounded = ProrationBounded()
  let taxFoots = TaxFoots()
  let taxMatchesJurisdiction = TaxMatchesJurisdiction()
  let lateUsageResolved = LateUsageResolved()
  let walletNeverNegative = WalletNeverNegative()
  let grantsConserved = GrantsConserved()
  let creditAppliedOnce = CreditAppliedOnce()
  let creditsCapped = CreditsCapped()
  let creditsApproved = CreditsApproved()
  let noDoublePosting = NoDoublePosting()
  let noLostPosting = NoLostPosting()
  let acknowledgedPostingIsReal = AcknowledgedPostingIsReal()
  let postingMatchesInvoice = PostingMatchesInvoice()
  let splitComplete = SplitComplete()
  let mappingComplete = MappingComplete()
  let postingOrderKept = PostingOrderKept()
  let voidsPropagate = VoidsPropagate()
  let noPostingIntoClosedPeriod = NoPostingIntoClosedPeriod()
  let erpLimitsHonoured = ERPLimitsHonoured()
  let noDoubleCharge = NoDoubleCharge()
  let unknownTerminates = UnknownTerminates()
  let dunningKept = DunningKept()
  let cashBalances = CashBalances()
  let settlementTies = SettlementTies()
  let paymentStatusTies = PaymentStatusTies()
  let revenueConserved = RevenueConserved()
  let noEarlyRecognition = NoEarlyRecognition()
  let recognisedInPeriod = RecognisedInPeriod()
  let deferredRollsForward = DeferredRollsForward()
  let closeCutOff = CloseCutOff()
  let journalsBalance = JournalsBalance()
  let trialBalanceZero = TrialBalanceZero()
  let subledgerEqualsGL = SubledgerEqualsGL()
  let stageTotalsBalance = StageTotalsBalance()
  let exchangeTies = ExchangeTies()
  let snapshotImmutable = SnapshotImmutable()
  let closeSnapshotted = CloseSnapshotted()
  let lineageComplete = LineageComplete()
  let entityIsolation = EntityIsolation()
  let fieldsMasked = FieldsMasked()
  let reconciliationDetects = ReconciliationDetects()
  let reconciliationQuiet = ReconciliationQuiet()
  let drains = Drains()
  let exceptionsSurface = ExceptionsSurface()

  /// What each of them says, in the order of the pipeline.
  static let definitions: [InvariantDefinition] = [
    NoLostUsage.definition,
    NoDoubleCounting.definition,
    NoFalseDeduplication.definition,
    CaptureBalances.definition,
    AcknowledgedIsDurable.definition,
    RetentionNotOutrun.definition,
    BackfillsTaken.definition,
    QuarantineJustified.definition,
    MeteringBalances.definition,
    SummaryHashMatches.definition,
    PeriodPartition.definition,
    FilterPartition.definition,
    OrderInsensitive.definition,
    RatingMatchesOracle.definition,
    QuantityConserved.definition,
    TiersAdditive.definition,
    CommitmentIdentity.definition,
    SpendBounded.definition,
    RatedEqualsInvoiced.definition,
    InvoiceFoots.definition,
    AllocationExact.definition,
    InvoiceNumbersGapless.definition,
    OneInvoicePerPeriod.definition,
    BilledInTime.definition,
    InvoiceImmutable.definition,
    InvoicesDelivered.definition,
    ProrationBounded.definition,
    TaxFoots.definition,
    TaxMatchesJurisdiction.definition,
    LateUsageResolved.definition,
    WalletNeverNegative.definition,
    GrantsConserved.definition,
    CreditAppliedOnce.definition,
    CreditsCapped.definition,
    CreditsApproved.definition,
    NoDoublePosting.definition,
    NoLostPosting.definition,
    AcknowledgedPostingIsReal.definition,
    PostingMatchesInvoice.definition,
    SplitComplete.definition,
    MappingComplete.definition,
    PostingOrderKept.definition,
    VoidsPropagate.definition,
    NoPostingIntoClosedPeriod.definition,
    ERPLimitsHonoured.definition,
    NoDoubleCharge.definition,
    UnknownTerminates.definition,
    DunningKept.definition,
    CashBalances.definition,
    SettlementTies.definition,
    PaymentStatusTies.definition,
    RevenueConserved.definition,
    NoEarlyRecognition.definition,
    RecognisedInPeriod.definition,
    DeferredRollsForward.definition,
    CloseCutOff.definition,
    JournalsBalance.definition,
    TrialBalanceZero.definition,
    SubledgerEqualsGL.definition,
    StageTotalsBalance.definition,
    ExchangeTies.definition,
    SnapshotImmutable.definition,
    CloseSnapshotted.definition,
    LineageComplete.definition,
    EntityIsolation.definition,
    FieldsMasked.definition,
    ReconciliationDetects.definition,
    ReconciliationQuiet.definition,
    Drains.definition,
    ExceptionsSurface.definition,
  ]

  /// All of them, in the same order.
  var all: [any Invariant] {
    [
      noLostUsage,
      noDoubleCounting,
      noFalseDeduplication,
      captureBalances,
      acknowledgedIsDurable,
      retentionNotOutrun,
      backfillsTaken,
      quarantineJustified,
      meteringBalances,
      summaryHashMatches,
      periodPartition,
      filterPartition,
      orderInsensitive,
      ratingMatchesOracle,
      quantityConserved,
      tiersAdditive,
      commitmentIdentity,
      spendBounded,
      ratedEqualsInvoiced,
      invoiceFoots,
      allocationExact,
      invoiceNumbersGapless,
      oneInvoicePerPeriod,
      billedInTime,
      invoiceImmutable,
      invoicesDelivered,
      prorationBounded,
      taxFoots,
      taxMatchesJurisdiction,
      lateUsageResolved,
      walletNeverNegative,
      grantsConserved,
      creditAppliedOnce,
      creditsCapped,
      creditsApproved,
      noDoublePosting,
      noLostPosting,
      acknowledgedPostingIsReal,
      postingMatchesInvoice,
      splitComplete,
      mappingComplete,
      postingOrderKept,
      voidsPropagate,
      noPostingIntoClosedPeriod,
      erpLimitsHonoured,
      noDoubleCharge,
      unknownTerminates,
      dunningKept,
      cashBalances,
      settlementTies,
      paymentStatusTies,
      revenueConserved,
      noEarlyRecognition,
      recognisedInPeriod,
      deferredRollsForward,
      closeCutOff,
      journalsBalance,
      trialBalanceZero,
      subledgerEqualsGL,
      stageTotalsBalance,
      exchangeTies,
      snapshotImmutable,
      closeSnapshotted,
      lineageComplete,
      entityIsolation,
      fieldsMasked,
      reconciliationDetects,
      reconciliationQuiet,
      drains,
      exceptionsSurface,
    ]
  }

  /// Those that judge at rest.
  var judgesAtRest: [any JudgesAtRest] {
    [
      noDoubleCounting,
      retentionNotOutrun,
      backfillsTaken,
      quarantineJustified,
      orderInsensitive,
      invoicesDelivered,
      taxFoots,
      noLostPosting,
      splitComplete,
      voidsPropagate,
      unknownTerminates,
      dunningKept,
      cashBalances,
      settlementTies,
      paymentStatusTies,
      revenueConserved,
      deferredRollsForward,
      closeCutOff,
      trialBalanceZero,
      subledgerEqualsGL,
      stageTotalsBalance,
      exchangeTies,
      snapshotImmutable,
      closeSnapshotted,
      reconciliationDetects,
      drains,
      exceptionsSurface,
    ]
  }

  /// Those that judge once all usage has arrived.
  var judgesUsage: [any JudgesUsage] {
    [
      noLostUsage,
      noFalseDeduplication,
      captureBalances,
      meteringBalances,
      summaryHashMatches,
      periodPartition,
      filterPartition,
      ratingMatchesOracle,
      quantityConserved,
      commitmentIdentity,
      spendBounded,
      ratedEqualsInvoiced,
      prorationBounded,
      lateUsageResolved,
      grantsConserved,
    ]
  }

  /// Those that judge after all others.
  var judgesLast: [any JudgesLast] {
    [
      reconciliationQuiet
    ]
  }

  @inline(__always)
  func hear(
    captured events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, _ books: Books, at now: Instant
  ) {
    captureBalances.hear(captured: events, claim: claim, books, at: now)
    backfillsTaken.hear(captured: events, claim: claim, books, at: now)
  }

  @inline(__always)
  func hear(summary: UsageSummary, left: UsageCell, _ books: Books, at now: Instant) {
    noDoubleCounting.hear(summary: summary, left: left, books, at: now)
    meteringBalances.hear(summary: summary, left: left, books, at: now)
    snapshotImmutable.hear(summary: summary, left: left, books, at: now)
  }

  @inline(__always)
  func hear(quarantined event: UsageEvent, _ reason: QuarantineReason, _ books: Books, at instant: Instant) {
    captureBalances.hear(quarantined: event, reason, books, at: instant)
    backfillsTaken.hear(quarantined: event, reason, books, at: instant)
    quarantineJustified.hear(quarantined: event, reason, books, at: instant)
    exceptionsSurface.hear(quarantined: event, reason, books, at: instant)
  }

  @inline(__always)
  func hear(quarantineLeft event: UsageEvent, _ books: Books, at instant: Instant) {
    captureBalances.hear(quarantineLeft: event, books, at: instant)
    quarantineJustified.hear(quarantineLeft: event, books, at: instant)
  }

  @inline(__always)
  func hear(rejected event: UsageEvent, _ books: Books, at instant: Instant) {
    quarantineJustified.hear(rejected: event, books, at: instant)
  }

  @inline(__always)
  func hear(identityTold link: IdentityLink, _ books: Books, at instant: Instant) {
    quarantineJustified.hear(identityTold: link, books, at: instant)
  }

  @inline(__always)
  func hear(contractTold event: ContractEvent, _ books: Books, at instant: Instant) {
    quarantineJustified.hear(contractTold: event, books, at: instant)
  }

  @inline(__always)
  func hear(schemaTold schema: SchemaRegistration, _ books: Books, at instant: Instant) {
    quarantineJustified.hear(schemaTold: schema, books, at: instant)
  }

  @inline(__always)
  func hear(backfillDeclared backfill: Backfill, _ books: Books, at instant: Instant) {
    backfillsTaken.hear(backfillDeclared: backfill, books, at: instant)
    quarantineJustified.hear(backfillDeclared: backfill, books, at: instant)
  }

  @inline(__always)
  func hear(statusTold invoice: InvoiceNumber, _ status: PaymentStatus, _ books: Books, at instant: Instant) {
    paymentStatusTies.hear(statusTold: invoice, status, books, at: instant)
  }

  @inline(__always)
  func hear(traced trace: LineageTrace, _ books: Books, at instant: Instant) {
    lineageComplete.hear(traced: trace, books, at: instant)
  }

  @inline(__always)
  func hear(caseRouted routed: RoutedCase, _ books: Books, at instant: Instant) {
    backfillsTaken.hear(caseRouted: routed, books, at: instant)
    fieldsMasked.hear(caseRouted: routed, books, at: instant)
    exceptionsSurface.hear(caseRouted: routed, books, at: instant)
  }

  @inline(__always)
  func hear(corrected correction: UsageCorrection, _ books: Books, at instant: Instant) {
    captureBalances.hear(corrected: correction, books, at: instant)
  }

  @inline(__always)
  func hear(correctionRefused correction: UsageCorrection, _ books: Books, at instant: Instant) {
    captureBalances.hear(correctionRefused: correction, books, at: instant)
    quarantineJustified.hear(correctionRefused: correction, books, at: instant)
  }

  @inline(__always)
  func hear(rateFixed fixing: RateFixing, _ books: Books, at instant: Instant) {
    exchangeTies.hear(rateFixed: fixing, books, at: instant)
  }

  @inline(__always)
  func hear(rated charge: RatedCharge, _ books: Books, at instant: Instant) {
    ratingMatchesOracle.hear(rated: charge, books, at: instant)
    quantityConserved.hear(rated: charge, books, at: instant)
    tiersAdditive.hear(rated: charge, books, at: instant)
    spendBounded.hear(rated: charge, books, at: instant)
    ratedEqualsInvoiced.hear(rated: charge, books, at: instant)
    lateUsageResolved.hear(rated: charge, books, at: instant)
    walletNeverNegative.hear(rated: charge, books, at: instant)
    grantsConserved.hear(rated: charge, books, at: instant)
    closeCutOff.hear(rated: charge, books, at: instant)
    lineageComplete.hear(rated: charge, books, at: instant)
  }

  @inline(__always)
  func hear(invoiceIssued invoice: Invoice, _ books: Books, at instant: Instant) {
    commitmentIdentity.hear(invoiceIssued: invoice, books, at: instant)
    ratedEqualsInvoiced.hear(invoiceIssued: invoice, books, at: instant)
    invoiceFoots.hear(invoiceIssued: invoice, books, at: instant)
    allocationExact.hear(invoiceIssued: invoice, books, at: instant)
    invoiceNumbersGapless.hear(invoiceIssued: invoice, books, at: instant)
    oneInvoicePerPeriod.hear(invoiceIssued: invoice, books, at: instant)
    billedInTime.hear(invoiceIssued: invoice, books, at: instant)
    invoiceImmutable.hear(invoiceIssued: invoice, books, at: instant)
    invoicesDelivered.hear(invoiceIssued: invoice, books, at: instant)
    prorationBounded.hear(invoiceIssued: invoice, books, at: instant)
    taxFoots.hear(invoiceIssued: invoice, books, at: instant)
    taxMatchesJurisdiction.hear(invoiceIssued: invoice, books, at: instant)
    lateUsageResolved.hear(invoiceIssued: invoice, books, at: instant)
    dunningKept.hear(invoiceIssued: invoice, books, at: instant)
    paymentStatusTies.hear(invoiceIssued: invoice, books, at: instant)
    revenueConserved.hear(invoiceIssued: invoice, books, at: instant)
    recognisedInPeriod.hear(invoiceIssued: invoice, books, at: instant)
    deferredRollsForward.hear(invoiceIssued: invoice, books, at: instant)
    closeCutOff.hear(invoiceIssued: invoice, books, at: instant)
    exchangeTies.hear(invoiceIssued: invoice, books, at: instant)
    snapshotImmutable.hear(invoiceIssued: invoice, books, at: instant)
    lineageComplete.hear(invoiceIssued: invoice, books, at: instant)
    exceptionsSurface.hear(invoiceIssued: invoice, books, at: instant)
  }

  @inline(__always)
  func hear(invoiceDelivered invoice: Invoice, _ books: Books, at instant: Instant) {
    invoiceImmutable.hear(invoiceDelivered: invoice, books, at: instant)
    invoicesDelivered.hear(invoiceDelivered: invoice, books, at: instant)
  }

  @inline(__always)
  func hear(recognised document: Recognition, _ books: Books, at instant: Instant) {
    grantsConserved.hear(recognised: document, books, at: instant)
    revenueConserved.hear(recognised: document, books, at: instant)
    recognisedInPeriod.hear(recognised: document, books, at: instant)
    deferredRollsForward.hear(recognised: document, books, at: instant)
    exchangeTies.hear(recognised: document, books, at: instant)
  }

  @inline(__always)
  func hear(accrued document: Accrual, _ books: Books, at instant: Instant) {
    lateUsageResolved.hear(accrued: document, books, at: instant)
    closeCutOff.hear(accrued: document, books, at: instant)
    exchangeTies.hear(accrued: document, books, at: instant)
  }

  @inline(__always)
  func hear(chargeHeld charge: RatedCharge, _ books: Books, at instant: Instant) {
    ratedEqualsInvoiced.hear(chargeHeld: charge, books, at: instant)
    lateUsageResolved.hear(chargeHeld: charge, books, at: instant)
    exceptionsSurface.hear(chargeHeld: charge, books, at: instant)
  }

  @inline(__always)
  func hear(snapshotTaken snapshot: CloseSnapshot, _ books: Books, at instant: Instant) {
    snapshotImmutable.hear(snapshotTaken: snapshot, books, at: instant)
    closeSnapshotted.hear(snapshotTaken: snapshot, books, at: instant)
  }

  @inline(__always)
  func hear(snapshotRead snapshot: CloseSnapshot, _ books: Books, at instant: Instant) {
    snapshotImmutable.hear(snapshotRead: snapshot, books, at: instant)
  }

  @inline(__always)
  func hear(cashBooked document: CashDocument, _ books: Books, at instant: Instant) {
    unknownTerminates.hear(cashBooked: document, books, at: instant)
    dunningKept.hear(cashBooked: document, books, at: instant)
    cashBalances.hear(cashBooked: document, books, at: instant)
    paymentStatusTies.hear(cashBooked: document, books, at: instant)
    exchangeTies.hear(cashBooked: document, books, at: instant)
  }

  @inline(__always)
  func hear(credited memo: CreditMemo, _ books: Books, at instant: Instant) {
    creditAppliedOnce.hear(credited: memo, books, at: instant)
    creditsCapped.hear(credited: memo, books, at: instant)
    creditsApproved.hear(credited: memo, books, at: instant)
    dunningKept.hear(credited: memo, books, at: instant)
    paymentStatusTies.hear(credited: memo, books, at: instant)
    exchangeTies.hear(credited: memo, books, at: instant)
  }

  @inline(__always)
  func hear(
    charged key: ChargeKey, _ account: AccountID, _ amount: Money, _ books: Books, at instant: Instant
  ) {
    noDoubleCharge.hear(charged: key, account, amount, books, at: instant)
    unknownTerminates.hear(charged: key, account, amount, books, at: instant)
    dunningKept.hear(charged: key, account, amount, books, at: instant)
  }

  @inline(__always)
  func hear(cashMoved event: CashEvent, _ books: Books, at instant: Instant) {
    settlementTies.hear(cashMoved: event, books, at: instant)
  }

  @inline(__always)
  func hear(documentPosted document: LedgerDocument, _ books: Books, at instant: Instant) {
    noDoublePosting.hear(documentPosted: document, books, at: instant)
    postingMatchesInvoice.hear(documentPosted: document, books, at: instant)
    splitComplete.hear(documentPosted: document, books, at: instant)
    postingOrderKept.hear(documentPosted: document, books, at: instant)
    noPostingIntoClosedPeriod.hear(documentPosted: document, books, at: instant)
    journalsBalance.hear(documentPosted: document, books, at: instant)
    snapshotImmutable.hear(documentPosted: document, books, at: instant)
    closeSnapshotted.hear(documentPosted: document, books, at: instant)
    entityIsolation.hear(documentPosted: document, books, at: instant)
    reconciliationQuiet.hear(documentPosted: document, books, at: instant)
  }

  @inline(__always)
  func hear(postingAcknowledged key: PostingKey, _ number: UInt32, _ books: Books, at instant: Instant) {
    acknowledgedPostingIsReal.hear(postingAcknowledged: key, number, books, at: instant)
    reconciliationQuiet.hear(postingAcknowledged: key, number, books, at: instant)
  }

  @inline(__always)
  func hear(
    expiredInBroker partition: Int, _ events: Int, _ waited: Span, _ books: Books, at instant: Instant
  ) {
    noFalseDeduplication.hear(expiredInBroker: partition, events, waited, books, at: instant)
    retentionNotOutrun.hear(expiredInBroker: partition, events, waited, books, at: instant)
  }

  @inline(__always)
  func hear(declined key: ChargeKey, _ books: Books, at instant: Instant) {
    dunningKept.hear(declined: key, books, at: instant)
  }

  @inline(__always)
  func hear(caseOpen routed: RoutedCase, _ books: Books, at instant: Instant) {
    exceptionsSurface.hear(caseOpen: routed, books, at: instant)
  }

  @inline(__always)
  func hear(givenUp events: Int, _ books: Books, at instant: Instant) {
    noFalseDeduplication.hear(givenUp: events, books, at: instant)
  }

  @inline(__always)
  func hear(erpCalled entity: EntityID, _ isSuccessor: Bool, _ books: Books, at instant: Instant) {
    erpLimitsHonoured.hear(erpCalled: entity, isSuccessor, books, at: instant)
  }

  @inline(__always)
  func hear(
    erpThrottled entity: EntityID, _ isSuccessor: Bool, _ until: Instant, _ books: Books, at instant: Instant
  ) {
    erpLimitsHonoured.hear(erpThrottled: entity, isSuccessor, until, books, at: instant)
  }

  @inline(__always)
  func hear(taxCalled call: UInt64, _ asOf: Instant, _ books: Books, at instant: Instant) {
    taxMatchesJurisdiction.hear(taxCalled: call, asOf, books, at: instant)
    erpLimitsHonoured.hear(taxCalled: call, asOf, books, at: instant)
  }

  @inline(__always)
  func hear(taxRefused call: UInt64, _ books: Books, at instant: Instant) {
    erpLimitsHonoured.hear(taxRefused: call, books, at: instant)
  }

  @inline(__always)
  func hear(
    ledgersCompared entity: EntityID, _ documents: Int64, _ receivable: Money, _ books: Books,
    at instant: Instant
  ) {
    reconciliationDetects.hear(ledgersCompared: entity, documents, receivable, books, at: instant)
    reconciliationQuiet.hear(ledgersCompared: entity, documents, receivable, books, at: instant)
  }

  @inline(__always)
  func hear(breakReported boundary: String, _ entity: EntityID, _ books: Books, at instant: Instant) {
    reconciliationDetects.hear(breakReported: boundary, entity, books, at: instant)
    reconciliationQuiet.hear(breakReported: boundary, entity, books, at: instant)
  }

  @inline(__always)
  func hear(recovered claim: CaptureClaim, _ books: Books, at instant: Instant) {
    acknowledgedIsDurable.hear(recovered: claim, books, at: instant)
  }

  @inline(__always)
  func hear(postingExcepted key: PostingKey, _ books: Books, at instant: Instant) {
    exceptionsSurface.hear(postingExcepted: key, books, at: instant)
  }

  @inline(__always)
  func hear(wholeDocument whole: LedgerDocument, _ books: Books, at instant: Instant) {
    mappingComplete.hear(wholeDocument: whole, books, at: instant)
    settlementTies.hear(wholeDocument: whole, books, at: instant)
    revenueConserved.hear(wholeDocument: whole, books, at: instant)
    noEarlyRecognition.hear(wholeDocument: whole, books, at: instant)
    exchangeTies.hear(wholeDocument: whole, books, at: instant)
  }
}
