// Written by scripts/registry from the files of Invariants.

import CanonicalModel

extension Audience {
  /// All invariants, in the order of the pipeline, each where it hears of what it says that it does.
  init() {
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
    let eRPLimitsHonoured = ERPLimitsHonoured()
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
    all = [
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
      eRPLimitsHonoured,
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
    accrued = [
      lateUsageResolved,
      closeCutOff,
      exchangeTies,
    ]
    backfillDeclared = [
      backfillsTaken,
      quarantineJustified,
    ]
    breakReported = [
      reconciliationDetects,
      reconciliationQuiet,
    ]
    captured = [
      captureBalances,
      backfillsTaken,
    ]
    caseOpen = [
      exceptionsSurface
    ]
    caseRouted = [
      backfillsTaken,
      fieldsMasked,
      exceptionsSurface,
    ]
    cashBooked = [
      unknownTerminates,
      dunningKept,
      cashBalances,
      paymentStatusTies,
      exchangeTies,
    ]
    cashMoved = [
      settlementTies
    ]
    chargeHeld = [
      ratedEqualsInvoiced,
      lateUsageResolved,
      exceptionsSurface,
    ]
    charged = [
      noDoubleCharge,
      unknownTerminates,
      dunningKept,
    ]
    contractTold = [
      quarantineJustified
    ]
    corrected = [
      captureBalances
    ]
    correctionRefused = [
      captureBalances,
      quarantineJustified,
    ]
    credited = [
      creditAppliedOnce,
      creditsCapped,
      creditsApproved,
      dunningKept,
      paymentStatusTies,
      exchangeTies,
    ]
    declined = [
      dunningKept
    ]
    documentPosted = [
      noDoublePosting,
      postingMatchesInvoice,
      splitComplete,
      postingOrderKept,
      noPostingIntoClosedPeriod,
      journalsBalance,
      snapshotImmutable,
      closeSnapshotted,
      entityIsolation,
      reconciliationQuiet,
    ]
    erpCalled = [
      eRPLimitsHonoured
    ]
    erpThrottled = [
      eRPLimitsHonoured
    ]
    expiredInBroker = [
      noFalseDeduplication,
      retentionNotOutrun,
    ]
    givenUp = [
      noFalseDeduplication
    ]
    identityTold = [
      quarantineJustified
    ]
    invoiceDelivered = [
      invoiceImmutable,
      invoicesDelivered,
    ]
    invoiceIssued = [
      commitmentIdentity,
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
      dunningKept,
      paymentStatusTies,
      revenueConserved,
      recognisedInPeriod,
      deferredRollsForward,
      closeCutOff,
      exchangeTies,
      snapshotImmutable,
      lineageComplete,
      exceptionsSurface,
    ]
    ledgersCompared = [
      reconciliationDetects,
      reconciliationQuiet,
    ]
    postingAcknowledged = [
      acknowledgedPostingIsReal,
      reconciliationQuiet,
    ]
    postingExcepted = [
      exceptionsSurface
    ]
    quarantineLeft = [
      captureBalances,
      quarantineJustified,
    ]
    quarantined = [
      captureBalances,
      backfillsTaken,
      quarantineJustified,
      exceptionsSurface,
    ]
    rateFixed = [
      exchangeTies
    ]
    rated = [
      ratingMatchesOracle,
      quantityConserved,
      tiersAdditive,
      spendBounded,
      ratedEqualsInvoiced,
      lateUsageResolved,
      walletNeverNegative,
      grantsConserved,
      closeCutOff,
      lineageComplete,
    ]
    recognised = [
      grantsConserved,
      revenueConserved,
      recognisedInPeriod,
      deferredRollsForward,
      exchangeTies,
    ]
    recovered = [
      acknowledgedIsDurable
    ]
    rejected = [
      quarantineJustified
    ]
    schemaTold = [
      quarantineJustified
    ]
    snapshotRead = [
      snapshotImmutable
    ]
    snapshotTaken = [
      snapshotImmutable,
      closeSnapshotted,
    ]
    statusTold = [
      paymentStatusTies
    ]
    summary = [
      noDoubleCounting,
      meteringBalances,
      snapshotImmutable,
    ]
    taxCalled = [
      taxMatchesJurisdiction,
      eRPLimitsHonoured,
    ]
    taxRefused = [
      eRPLimitsHonoured
    ]
    traced = [
      lineageComplete
    ]
    wholeDocument = [
      mappingComplete,
      settlementTies,
      revenueConserved,
      noEarlyRecognition,
      exchangeTies,
    ]
    judgesAtRest = [
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
    judgesLast = [
      reconciliationQuiet
    ]
    judgesUsage = [
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

  /// What each of them says.
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
}
