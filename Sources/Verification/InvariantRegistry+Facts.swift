// Written by scripts/registry from the files of Invariants and Evidence.swift.

import CanonicalModel
import Chronology

extension Audience {
  @inline(__always)
  mutating func hear(
    captured events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, _ books: Books, at now: Instant
  ) {
    captureBalances.hear(captured: events, claim: claim, books, at: now)
    backfillsTaken.hear(captured: events, claim: claim, books, at: now)
  }

  @inline(__always)
  mutating func hear(summary: UsageSummary, left: UsageCell, _ books: Books, at now: Instant) {
    noDoubleCounting.hear(summary: summary, left: left, books, at: now)
    meteringBalances.hear(summary: summary, left: left, books, at: now)
    taxedBySupply.hear(summary: summary, left: left, books, at: now)
    snapshotImmutable.hear(summary: summary, left: left, books, at: now)
  }

  @inline(__always)
  mutating func hear(
    quarantined event: UsageEvent, _ reason: QuarantineReason, _ books: Books, at instant: Instant
  ) {
    captureBalances.hear(quarantined: event, reason, books, at: instant)
    backfillsTaken.hear(quarantined: event, reason, books, at: instant)
    quarantineJustified.hear(quarantined: event, reason, books, at: instant)
    exceptionsSurface.hear(quarantined: event, reason, books, at: instant)
  }

  @inline(__always)
  mutating func hear(quarantineLeft event: UsageEvent, _ books: Books, at instant: Instant) {
    captureBalances.hear(quarantineLeft: event, books, at: instant)
    quarantineJustified.hear(quarantineLeft: event, books, at: instant)
  }

  @inline(__always)
  mutating func hear(rejected event: UsageEvent, _ books: Books, at instant: Instant) {
    quarantineJustified.hear(rejected: event, books, at: instant)
  }

  @inline(__always)
  mutating func hear(identityTold link: IdentityLink, _ books: Books, at instant: Instant) {
    quarantineJustified.hear(identityTold: link, books, at: instant)
  }

  @inline(__always)
  mutating func hear(contractTold event: ContractEvent, _ books: Books, at instant: Instant) {
    quarantineJustified.hear(contractTold: event, books, at: instant)
    recognisedInPeriod.hear(contractTold: event, books, at: instant)
  }

  @inline(__always)
  mutating func hear(schemaTold schema: SchemaRegistration, _ books: Books, at instant: Instant) {
    quarantineJustified.hear(schemaTold: schema, books, at: instant)
  }

  @inline(__always)
  mutating func hear(backfillDeclared backfill: Backfill, _ books: Books, at instant: Instant) {
    backfillsTaken.hear(backfillDeclared: backfill, books, at: instant)
    quarantineJustified.hear(backfillDeclared: backfill, books, at: instant)
  }

  @inline(__always)
  mutating func hear(
    statusTold invoice: InvoiceNumber, _ status: PaymentStatus, _ books: Books, at instant: Instant
  ) {
    paymentStatusTies.hear(statusTold: invoice, status, books, at: instant)
  }

  @inline(__always)
  mutating func hear(traced trace: LineageTrace, _ books: Books, at instant: Instant) {
    lineageComplete.hear(traced: trace, books, at: instant)
  }

  @inline(__always)
  mutating func hear(caseRouted routed: RoutedCase, _ books: Books, at instant: Instant) {
    backfillsTaken.hear(caseRouted: routed, books, at: instant)
    fieldsMasked.hear(caseRouted: routed, books, at: instant)
    exceptionsSurface.hear(caseRouted: routed, books, at: instant)
  }

  @inline(__always)
  mutating func hear(corrected correction: UsageCorrection, _ books: Books, at instant: Instant) {
    captureBalances.hear(corrected: correction, books, at: instant)
  }

  @inline(__always)
  mutating func hear(correctionRefused correction: UsageCorrection, _ books: Books, at instant: Instant) {
    captureBalances.hear(correctionRefused: correction, books, at: instant)
    quarantineJustified.hear(correctionRefused: correction, books, at: instant)
  }

  @inline(__always)
  mutating func hear(rateFixed fixing: RateFixing, _ books: Books, at instant: Instant) {
    exchangeTies.hear(rateFixed: fixing, books, at: instant)
  }

  @inline(__always)
  mutating func hear(rated charge: RatedCharge, _ books: Books, at instant: Instant) {
    ratingMatchesOracle.hear(rated: charge, books, at: instant)
    quantityConserved.hear(rated: charge, books, at: instant)
    tiersAdditive.hear(rated: charge, books, at: instant)
    spendBounded.hear(rated: charge, books, at: instant)
    ratedEqualsInvoiced.hear(rated: charge, books, at: instant)
    lateUsageResolved.hear(rated: charge, books, at: instant)
    walletNeverNegative.hear(rated: charge, books, at: instant)
    grantsConserved.hear(rated: charge, books, at: instant)
    correctionsBounded.hear(rated: charge, books, at: instant)
    taxedBySupply.hear(rated: charge, books, at: instant)
    closeCutOff.hear(rated: charge, books, at: instant)
    lineageComplete.hear(rated: charge, books, at: instant)
  }

  @inline(__always)
  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at instant: Instant) {
    commitmentIdentity.hear(invoiceIssued: invoice, books, at: instant)
    ratedEqualsInvoiced.hear(invoiceIssued: invoice, books, at: instant)
    chargedInForce.hear(invoiceIssued: invoice, books, at: instant)
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
    creditNotesRefer.hear(invoiceIssued: invoice, books, at: instant)
    totalAsPriced.hear(invoiceIssued: invoice, books, at: instant)
    taxedBySupply.hear(invoiceIssued: invoice, books, at: instant)
    dunningKept.hear(invoiceIssued: invoice, books, at: instant)
    paymentStatusTies.hear(invoiceIssued: invoice, books, at: instant)
    chargedAsDue.hear(invoiceIssued: invoice, books, at: instant)
    cashBookedAsMoved.hear(invoiceIssued: invoice, books, at: instant)
    unappliedResolved.hear(invoiceIssued: invoice, books, at: instant)
    givenBackAsOwed.hear(invoiceIssued: invoice, books, at: instant)
    writeOffsJustified.hear(invoiceIssued: invoice, books, at: instant)
    revenueConserved.hear(invoiceIssued: invoice, books, at: instant)
    recognisedInPeriod.hear(invoiceIssued: invoice, books, at: instant)
    deferredRollsForward.hear(invoiceIssued: invoice, books, at: instant)
    closeCutOff.hear(invoiceIssued: invoice, books, at: instant)
    servedAsAgreed.hear(invoiceIssued: invoice, books, at: instant)
    exchangeTies.hear(invoiceIssued: invoice, books, at: instant)
    snapshotImmutable.hear(invoiceIssued: invoice, books, at: instant)
    lineageComplete.hear(invoiceIssued: invoice, books, at: instant)
    exceptionsSurface.hear(invoiceIssued: invoice, books, at: instant)
  }

  @inline(__always)
  mutating func hear(invoiceDelivered invoice: Invoice, _ books: Books, at instant: Instant) {
    invoiceImmutable.hear(invoiceDelivered: invoice, books, at: instant)
    invoicesDelivered.hear(invoiceDelivered: invoice, books, at: instant)
  }

  @inline(__always)
  mutating func hear(recognised document: Recognition, _ books: Books, at instant: Instant) {
    grantsConserved.hear(recognised: document, books, at: instant)
    revenueConserved.hear(recognised: document, books, at: instant)
    recognisedInPeriod.hear(recognised: document, books, at: instant)
    deferredRollsForward.hear(recognised: document, books, at: instant)
    exchangeTies.hear(recognised: document, books, at: instant)
  }

  @inline(__always)
  mutating func hear(accrued document: Accrual, _ books: Books, at instant: Instant) {
    lateUsageResolved.hear(accrued: document, books, at: instant)
    grantsConserved.hear(accrued: document, books, at: instant)
    deferredRollsForward.hear(accrued: document, books, at: instant)
    closeCutOff.hear(accrued: document, books, at: instant)
    unbilledAccrued.hear(accrued: document, books, at: instant)
    exchangeTies.hear(accrued: document, books, at: instant)
  }

  @inline(__always)
  mutating func hear(chargeHeld charge: RatedCharge, _ books: Books, at instant: Instant) {
    ratedEqualsInvoiced.hear(chargeHeld: charge, books, at: instant)
    lateUsageResolved.hear(chargeHeld: charge, books, at: instant)
    exceptionsSurface.hear(chargeHeld: charge, books, at: instant)
  }

  @inline(__always)
  mutating func hear(snapshotTaken snapshot: CloseSnapshot, _ books: Books, at instant: Instant) {
    snapshotImmutable.hear(snapshotTaken: snapshot, books, at: instant)
    closeSnapshotted.hear(snapshotTaken: snapshot, books, at: instant)
  }

  @inline(__always)
  mutating func hear(snapshotRead snapshot: CloseSnapshot, _ books: Books, at instant: Instant) {
    snapshotImmutable.hear(snapshotRead: snapshot, books, at: instant)
  }

  @inline(__always)
  mutating func hear(cashBooked document: CashDocument, _ books: Books, at instant: Instant) {
    unknownTerminates.hear(cashBooked: document, books, at: instant)
    dunningKept.hear(cashBooked: document, books, at: instant)
    cashBalances.hear(cashBooked: document, books, at: instant)
    paymentStatusTies.hear(cashBooked: document, books, at: instant)
    chargedAsDue.hear(cashBooked: document, books, at: instant)
    cashBookedAsMoved.hear(cashBooked: document, books, at: instant)
    unappliedResolved.hear(cashBooked: document, books, at: instant)
    givenBackAsOwed.hear(cashBooked: document, books, at: instant)
    writeOffsJustified.hear(cashBooked: document, books, at: instant)
    exchangeTies.hear(cashBooked: document, books, at: instant)
    reconciliationDetects.hear(cashBooked: document, books, at: instant)
  }

  @inline(__always)
  mutating func hear(credited memo: CreditMemo, _ books: Books, at instant: Instant) {
    walletNeverNegative.hear(credited: memo, books, at: instant)
    grantsConserved.hear(credited: memo, books, at: instant)
    creditAppliedOnce.hear(credited: memo, books, at: instant)
    creditsCapped.hear(credited: memo, books, at: instant)
    creditsApproved.hear(credited: memo, books, at: instant)
    creditsByLine.hear(credited: memo, books, at: instant)
    correctionsBounded.hear(credited: memo, books, at: instant)
    taxGivenBack.hear(credited: memo, books, at: instant)
    dunningKept.hear(credited: memo, books, at: instant)
    paymentStatusTies.hear(credited: memo, books, at: instant)
    chargedAsDue.hear(credited: memo, books, at: instant)
    cashBookedAsMoved.hear(credited: memo, books, at: instant)
    unappliedResolved.hear(credited: memo, books, at: instant)
    givenBackAsOwed.hear(credited: memo, books, at: instant)
    writeOffsJustified.hear(credited: memo, books, at: instant)
    revenueConserved.hear(credited: memo, books, at: instant)
    recognisedInPeriod.hear(credited: memo, books, at: instant)
    deferredRollsForward.hear(credited: memo, books, at: instant)
    exchangeTies.hear(credited: memo, books, at: instant)
  }

  @inline(__always)
  mutating func hear(
    charged key: ChargeKey, _ account: AccountID, _ amount: Money, _ books: Books, at instant: Instant
  ) {
    noDoubleCharge.hear(charged: key, account, amount, books, at: instant)
    unknownTerminates.hear(charged: key, account, amount, books, at: instant)
    dunningKept.hear(charged: key, account, amount, books, at: instant)
    cashBookedAsMoved.hear(charged: key, account, amount, books, at: instant)
    givenBackBounded.hear(charged: key, account, amount, books, at: instant)
    writeOffsJustified.hear(charged: key, account, amount, books, at: instant)
  }

  @inline(__always)
  mutating func hear(
    chargeRequested key: ChargeKey, _ account: AccountID, _ amount: Money, _ repetition: UInt32,
    _ books: Books, at instant: Instant
  ) {
    dunningKept.hear(chargeRequested: key, account, amount, repetition, books, at: instant)
    chargedAsDue.hear(chargeRequested: key, account, amount, repetition, books, at: instant)
    unappliedResolved.hear(chargeRequested: key, account, amount, repetition, books, at: instant)
    writeOffsJustified.hear(chargeRequested: key, account, amount, repetition, books, at: instant)
  }

  @inline(__always)
  mutating func hear(cashMoved event: CashEvent, _ id: UInt32, _ books: Books, at instant: Instant) {
    settlementTies.hear(cashMoved: event, id, books, at: instant)
    chargedAsDue.hear(cashMoved: event, id, books, at: instant)
    cashBookedAsMoved.hear(cashMoved: event, id, books, at: instant)
    unappliedResolved.hear(cashMoved: event, id, books, at: instant)
    givenBackAsOwed.hear(cashMoved: event, id, books, at: instant)
    givenBackBounded.hear(cashMoved: event, id, books, at: instant)
    writeOffsJustified.hear(cashMoved: event, id, books, at: instant)
  }

  @inline(__always)
  mutating func hear(documentPosted document: LedgerDocument, _ books: Books, at instant: Instant) {
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
  mutating func hear(
    postingAcknowledged key: PostingKey, _ number: UInt32, _ books: Books, at instant: Instant
  ) {
    acknowledgedPostingIsReal.hear(postingAcknowledged: key, number, books, at: instant)
    reconciliationQuiet.hear(postingAcknowledged: key, number, books, at: instant)
  }

  @inline(__always)
  mutating func hear(
    expiredInBroker partition: Int, _ events: Int, _ waited: Span, _ books: Books, at instant: Instant
  ) {
    noFalseDeduplication.hear(expiredInBroker: partition, events, waited, books, at: instant)
    retentionNotOutrun.hear(expiredInBroker: partition, events, waited, books, at: instant)
  }

  @inline(__always)
  mutating func hear(declined key: ChargeKey, _ books: Books, at instant: Instant) {
    dunningKept.hear(declined: key, books, at: instant)
    writeOffsJustified.hear(declined: key, books, at: instant)
  }

  @inline(__always)
  mutating func hear(caseOpen routed: RoutedCase, _ books: Books, at instant: Instant) {
    exceptionsSurface.hear(caseOpen: routed, books, at: instant)
  }

  @inline(__always)
  mutating func hear(givenUp events: Int, _ books: Books, at instant: Instant) {
    noFalseDeduplication.hear(givenUp: events, books, at: instant)
  }

  @inline(__always)
  mutating func hear(erpCalled entity: EntityID, _ isSuccessor: Bool, _ books: Books, at instant: Instant) {
    erpLimitsHonoured.hear(erpCalled: entity, isSuccessor, books, at: instant)
  }

  @inline(__always)
  mutating func hear(
    erpThrottled entity: EntityID, _ isSuccessor: Bool, _ until: Instant, _ books: Books, at instant: Instant
  ) {
    erpLimitsHonoured.hear(erpThrottled: entity, isSuccessor, until, books, at: instant)
  }

  @inline(__always)
  mutating func hear(taxCalled call: UInt64, _ asOf: Instant, _ books: Books, at instant: Instant) {
    taxMatchesJurisdiction.hear(taxCalled: call, asOf, books, at: instant)
    erpLimitsHonoured.hear(taxCalled: call, asOf, books, at: instant)
  }

  @inline(__always)
  mutating func hear(taxRefused call: UInt64, _ books: Books, at instant: Instant) {
    erpLimitsHonoured.hear(taxRefused: call, books, at: instant)
  }

  @inline(__always)
  mutating func hear(
    ledgersCompared entity: EntityID, _ documents: Int64, _ receivable: Money, _ books: Books,
    at instant: Instant
  ) {
    reconciliationDetects.hear(ledgersCompared: entity, documents, receivable, books, at: instant)
    reconciliationQuiet.hear(ledgersCompared: entity, documents, receivable, books, at: instant)
  }

  @inline(__always)
  mutating func hear(
    statementsCompared boundary: ReconciliationBoundary, _ entity: EntityID, _ lines: Int64, _ amount: Money,
    _ books: Books, at instant: Instant
  ) {
    reconciliationDetects.hear(statementsCompared: boundary, entity, lines, amount, books, at: instant)
  }

  @inline(__always)
  mutating func hear(
    breakReported boundary: ReconciliationBoundary, _ entity: EntityID, _ books: Books, at instant: Instant
  ) {
    reconciliationDetects.hear(breakReported: boundary, entity, books, at: instant)
    reconciliationQuiet.hear(breakReported: boundary, entity, books, at: instant)
  }

  @inline(__always)
  mutating func hear(recovered claim: CaptureClaim, _ books: Books, at instant: Instant) {
    acknowledgedIsDurable.hear(recovered: claim, books, at: instant)
  }

  @inline(__always)
  mutating func hear(postingExcepted key: PostingKey, _ books: Books, at instant: Instant) {
    exceptionsSurface.hear(postingExcepted: key, books, at: instant)
  }

  @inline(__always)
  mutating func hear(wholeDocument whole: LedgerDocument, _ books: Books, at instant: Instant) {
    mappingComplete.hear(wholeDocument: whole, books, at: instant)
    settlementTies.hear(wholeDocument: whole, books, at: instant)
    cashBookedAsMoved.hear(wholeDocument: whole, books, at: instant)
    revenueConserved.hear(wholeDocument: whole, books, at: instant)
    noEarlyRecognition.hear(wholeDocument: whole, books, at: instant)
    exchangeTies.hear(wholeDocument: whole, books, at: instant)
    cutOverMovesOpenItems.hear(wholeDocument: whole, books, at: instant)
  }
}
