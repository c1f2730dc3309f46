// Written by scripts/registry from the files of Invariants and Evidence.swift.

/// All invariants of a run, and which of them hear of what.
struct Audience {
  var noLostUsage = NoLostUsage()
  var noDoubleCounting = NoDoubleCounting()
  var noFalseDeduplication = NoFalseDeduplication()
  var captureBalances = CaptureBalances()
  var acknowledgedIsDurable = AcknowledgedIsDurable()
  var retentionNotOutrun = RetentionNotOutrun()
  var backfillsTaken = BackfillsTaken()
  var quarantineJustified = QuarantineJustified()
  var meteringBalances = MeteringBalances()
  var summaryHashMatches = SummaryHashMatches()
  var periodPartition = PeriodPartition()
  var filterPartition = FilterPartition()
  var orderInsensitive = OrderInsensitive()
  var ratingMatchesOracle = RatingMatchesOracle()
  var quantityConserved = QuantityConserved()
  var tiersAdditive = TiersAdditive()
  var commitmentIdentity = CommitmentIdentity()
  var spendBounded = SpendBounded()
  var ratedEqualsInvoiced = RatedEqualsInvoiced()
  var chargedInForce = ChargedInForce()
  var invoiceFoots = InvoiceFoots()
  var allocationExact = AllocationExact()
  var invoiceNumbersGapless = InvoiceNumbersGapless()
  var oneInvoicePerPeriod = OneInvoicePerPeriod()
  var billedInTime = BilledInTime()
  var invoiceImmutable = InvoiceImmutable()
  var invoicesDelivered = InvoicesDelivered()
  var prorationBounded = ProrationBounded()
  var taxFoots = TaxFoots()
  var taxMatchesJurisdiction = TaxMatchesJurisdiction()
  var lateUsageResolved = LateUsageResolved()
  var walletNeverNegative = WalletNeverNegative()
  var grantsConserved = GrantsConserved()
  var creditAppliedOnce = CreditAppliedOnce()
  var creditsCapped = CreditsCapped()
  var creditsApproved = CreditsApproved()
  var creditsByLine = CreditsByLine()
  var correctionsBounded = CorrectionsBounded()
  var creditNotesRefer = CreditNotesRefer()
  var totalAsPriced = TotalAsPriced()
  var taxedBySupply = TaxedBySupply()
  var taxGivenBack = TaxGivenBack()
  var noDoublePosting = NoDoublePosting()
  var noLostPosting = NoLostPosting()
  var acknowledgedPostingIsReal = AcknowledgedPostingIsReal()
  var postingMatchesInvoice = PostingMatchesInvoice()
  var splitComplete = SplitComplete()
  var mappingComplete = MappingComplete()
  var postingOrderKept = PostingOrderKept()
  var voidsPropagate = VoidsPropagate()
  var noPostingIntoClosedPeriod = NoPostingIntoClosedPeriod()
  var erpLimitsHonoured = ERPLimitsHonoured()
  var noDoubleCharge = NoDoubleCharge()
  var unknownTerminates = UnknownTerminates()
  var dunningKept = DunningKept()
  var cashBalances = CashBalances()
  var settlementTies = SettlementTies()
  var paymentStatusTies = PaymentStatusTies()
  var chargedAsDue = ChargedAsDue()
  var cashBookedAsMoved = CashBookedAsMoved()
  var unappliedResolved = UnappliedResolved()
  var givenBackAsOwed = GivenBackAsOwed()
  var givenBackBounded = GivenBackBounded()
  var writeOffsJustified = WriteOffsJustified()
  var revenueConserved = RevenueConserved()
  var noEarlyRecognition = NoEarlyRecognition()
  var recognisedInPeriod = RecognisedInPeriod()
  var deferredRollsForward = DeferredRollsForward()
  var closeCutOff = CloseCutOff()
  var servedAsAgreed = ServedAsAgreed()
  var unbilledAccrued = UnbilledAccrued()
  var journalsBalance = JournalsBalance()
  var trialBalanceZero = TrialBalanceZero()
  var subledgerEqualsGL = SubledgerEqualsGL()
  var stageTotalsBalance = StageTotalsBalance()
  var exchangeTies = ExchangeTies()
  var snapshotImmutable = SnapshotImmutable()
  var closeSnapshotted = CloseSnapshotted()
  var cutOverMovesOpenItems = CutOverMovesOpenItems()
  var lineageComplete = LineageComplete()
  var entityIsolation = EntityIsolation()
  var fieldsMasked = FieldsMasked()
  var reconciliationDetects = ReconciliationDetects()
  var reconciliationQuiet = ReconciliationQuiet()
  var drains = Drains()
  var exceptionsSurface = ExceptionsSurface()

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
    ChargedInForce.definition,
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
    CreditsByLine.definition,
    CorrectionsBounded.definition,
    CreditNotesRefer.definition,
    TotalAsPriced.definition,
    TaxedBySupply.definition,
    TaxGivenBack.definition,
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
    ChargedAsDue.definition,
    CashBookedAsMoved.definition,
    UnappliedResolved.definition,
    GivenBackAsOwed.definition,
    GivenBackBounded.definition,
    WriteOffsJustified.definition,
    RevenueConserved.definition,
    NoEarlyRecognition.definition,
    RecognisedInPeriod.definition,
    DeferredRollsForward.definition,
    CloseCutOff.definition,
    ServedAsAgreed.definition,
    UnbilledAccrued.definition,
    JournalsBalance.definition,
    TrialBalanceZero.definition,
    SubledgerEqualsGL.definition,
    StageTotalsBalance.definition,
    ExchangeTies.definition,
    SnapshotImmutable.definition,
    CloseSnapshotted.definition,
    CutOverMovesOpenItems.definition,
    LineageComplete.definition,
    EntityIsolation.definition,
    FieldsMasked.definition,
    ReconciliationDetects.definition,
    ReconciliationQuiet.definition,
    Drains.definition,
    ExceptionsSurface.definition,
  ]

  /// What each of them has found, in the same order.
  var results: [InvariantResult] {
    [
      Self.result(of: noLostUsage),
      Self.result(of: noDoubleCounting),
      Self.result(of: noFalseDeduplication),
      Self.result(of: captureBalances),
      Self.result(of: acknowledgedIsDurable),
      Self.result(of: retentionNotOutrun),
      Self.result(of: backfillsTaken),
      Self.result(of: quarantineJustified),
      Self.result(of: meteringBalances),
      Self.result(of: summaryHashMatches),
      Self.result(of: periodPartition),
      Self.result(of: filterPartition),
      Self.result(of: orderInsensitive),
      Self.result(of: ratingMatchesOracle),
      Self.result(of: quantityConserved),
      Self.result(of: tiersAdditive),
      Self.result(of: commitmentIdentity),
      Self.result(of: spendBounded),
      Self.result(of: ratedEqualsInvoiced),
      Self.result(of: chargedInForce),
      Self.result(of: invoiceFoots),
      Self.result(of: allocationExact),
      Self.result(of: invoiceNumbersGapless),
      Self.result(of: oneInvoicePerPeriod),
      Self.result(of: billedInTime),
      Self.result(of: invoiceImmutable),
      Self.result(of: invoicesDelivered),
      Self.result(of: prorationBounded),
      Self.result(of: taxFoots),
      Self.result(of: taxMatchesJurisdiction),
      Self.result(of: lateUsageResolved),
      Self.result(of: walletNeverNegative),
      Self.result(of: grantsConserved),
      Self.result(of: creditAppliedOnce),
      Self.result(of: creditsCapped),
      Self.result(of: creditsApproved),
      Self.result(of: creditsByLine),
      Self.result(of: correctionsBounded),
      Self.result(of: creditNotesRefer),
      Self.result(of: totalAsPriced),
      Self.result(of: taxedBySupply),
      Self.result(of: taxGivenBack),
      Self.result(of: noDoublePosting),
      Self.result(of: noLostPosting),
      Self.result(of: acknowledgedPostingIsReal),
      Self.result(of: postingMatchesInvoice),
      Self.result(of: splitComplete),
      Self.result(of: mappingComplete),
      Self.result(of: postingOrderKept),
      Self.result(of: voidsPropagate),
      Self.result(of: noPostingIntoClosedPeriod),
      Self.result(of: erpLimitsHonoured),
      Self.result(of: noDoubleCharge),
      Self.result(of: unknownTerminates),
      Self.result(of: dunningKept),
      Self.result(of: cashBalances),
      Self.result(of: settlementTies),
      Self.result(of: paymentStatusTies),
      Self.result(of: chargedAsDue),
      Self.result(of: cashBookedAsMoved),
      Self.result(of: unappliedResolved),
      Self.result(of: givenBackAsOwed),
      Self.result(of: givenBackBounded),
      Self.result(of: writeOffsJustified),
      Self.result(of: revenueConserved),
      Self.result(of: noEarlyRecognition),
      Self.result(of: recognisedInPeriod),
      Self.result(of: deferredRollsForward),
      Self.result(of: closeCutOff),
      Self.result(of: servedAsAgreed),
      Self.result(of: unbilledAccrued),
      Self.result(of: journalsBalance),
      Self.result(of: trialBalanceZero),
      Self.result(of: subledgerEqualsGL),
      Self.result(of: stageTotalsBalance),
      Self.result(of: exchangeTies),
      Self.result(of: snapshotImmutable),
      Self.result(of: closeSnapshotted),
      Self.result(of: cutOverMovesOpenItems),
      Self.result(of: lineageComplete),
      Self.result(of: entityIsolation),
      Self.result(of: fieldsMasked),
      Self.result(of: reconciliationDetects),
      Self.result(of: reconciliationQuiet),
      Self.result(of: drains),
      Self.result(of: exceptionsSurface),
    ]
  }

  /// Those that judge at rest.
  mutating func judgeAtRest(_ rest: Rest, _ books: Books) {
    noDoubleCounting.judge(rest, books)
    retentionNotOutrun.judge(rest, books)
    backfillsTaken.judge(rest, books)
    quarantineJustified.judge(rest, books)
    orderInsensitive.judge(rest, books)
    invoicesDelivered.judge(rest, books)
    taxFoots.judge(rest, books)
    taxedBySupply.judge(rest, books)
    noLostPosting.judge(rest, books)
    splitComplete.judge(rest, books)
    voidsPropagate.judge(rest, books)
    unknownTerminates.judge(rest, books)
    dunningKept.judge(rest, books)
    cashBalances.judge(rest, books)
    settlementTies.judge(rest, books)
    paymentStatusTies.judge(rest, books)
    chargedAsDue.judge(rest, books)
    cashBookedAsMoved.judge(rest, books)
    unappliedResolved.judge(rest, books)
    givenBackAsOwed.judge(rest, books)
    writeOffsJustified.judge(rest, books)
    revenueConserved.judge(rest, books)
    recognisedInPeriod.judge(rest, books)
    deferredRollsForward.judge(rest, books)
    closeCutOff.judge(rest, books)
    trialBalanceZero.judge(rest, books)
    subledgerEqualsGL.judge(rest, books)
    stageTotalsBalance.judge(rest, books)
    exchangeTies.judge(rest, books)
    snapshotImmutable.judge(rest, books)
    closeSnapshotted.judge(rest, books)
    cutOverMovesOpenItems.judge(rest, books)
    reconciliationDetects.judge(rest, books)
    drains.judge(rest, books)
    exceptionsSurface.judge(rest, books)
  }

  /// Those that judge once all usage has arrived.
  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    Self.judgeUsage(&noLostUsage, rest, books)
    Self.judgeUsage(&noFalseDeduplication, rest, books)
    Self.judgeUsage(&captureBalances, rest, books)
    Self.judgeUsage(&meteringBalances, rest, books)
    Self.judgeUsage(&summaryHashMatches, rest, books)
    Self.judgeUsage(&periodPartition, rest, books)
    Self.judgeUsage(&filterPartition, rest, books)
    Self.judgeUsage(&ratingMatchesOracle, rest, books)
    Self.judgeUsage(&quantityConserved, rest, books)
    Self.judgeUsage(&commitmentIdentity, rest, books)
    Self.judgeUsage(&spendBounded, rest, books)
    Self.judgeUsage(&ratedEqualsInvoiced, rest, books)
    Self.judgeUsage(&chargedInForce, rest, books)
    Self.judgeUsage(&prorationBounded, rest, books)
    Self.judgeUsage(&lateUsageResolved, rest, books)
    Self.judgeUsage(&grantsConserved, rest, books)
    Self.judgeUsage(&correctionsBounded, rest, books)
    Self.judgeUsage(&servedAsAgreed, rest, books)
    Self.judgeUsage(&unbilledAccrued, rest, books)
  }

  /// Those that judge after all others.
  mutating func judgeLast(_ rest: Rest, allElseHolds: Bool, _ books: Books) {
    reconciliationQuiet.judgeLast(rest, allElseHolds: allElseHolds, books)
  }
}
