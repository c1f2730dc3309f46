import CanonicalModel
import Chronology

// What an invariant can hear of, and when it can judge. The books have taken a fact before any invariant hears of it; in which order
// invariants do is nothing that one of them may rely on.

/// How everything stands when all queues have drained, or time was up.
struct Rest {
  var at: Instant
  /// The queues that are not empty.
  var stuck: [StuckWork]
  /// What is due of usage.
  var due: Due
  /// The totals of each stage.
  var stages: [StageTotals]
  /// Whether anything was ever queued.
  var hadWork: Bool

  /// Usage that is still under way, in a visible queue: it is neither lost nor counted, and `drains` speaks for it.
  var usageUnderWay: StuckWork? {
    stuck.first(where: \.queue.holdsUsage)
  }

  /// Why nothing can be said of payments; `nil`: something can.
  var paymentsUnderWay: String? {
    stuck.first { $0.queue == .payments }.map { "\($0.depth) payments are still under way" }
  }
}

/// Judges at rest.
protocol JudgesAtRest: Invariant {
  mutating func judge(_ rest: Rest, _ books: Books)
}

/// Judges at rest once all usage has arrived.
protocol JudgesUsage: Invariant {
  mutating func judgeUsage(_ rest: Rest, _ books: Books)
  /// Whether there is anything to judge in this run: what is left out is named only then.
  func isConcerned(_ books: Books) -> Bool
}

extension JudgesUsage {
  func isConcerned(_ books: Books) -> Bool { true }
}

/// Judges at rest after all others.
protocol JudgesLast: Invariant {
  /// - Parameter allElseHolds: whether no other invariant is broken.
  mutating func judgeLast(_ rest: Rest, allElseHolds: Bool, _ books: Books)
}

/// Events, copies included, were handed to the core, which claims this of them.
protocol HearsCaptured: Invariant {
  mutating func hear(
    captured events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, _ books: Books, at now: Instant)
}

/// Claim: the core closed or amended a window.
protocol HearsSummary: Invariant {
  /// - Parameter left: the difference that is left in the window.
  mutating func hear(summary: UsageSummary, left: UsageCell, _ books: Books, at now: Instant)
}

/// Claim: the core put an event aside.
protocol HearsQuarantined: Invariant {
  mutating func hear(
    quarantined event: UsageEvent, _ reason: QuarantineReason, _ books: Books, at instant: Instant)
}

/// Claim: an event that was put aside could be placed, or was taken back.
protocol HearsQuarantineLeft: Invariant {
  mutating func hear(quarantineLeft event: UsageEvent, _ books: Books, at instant: Instant)
}

/// Claim: the core counted an event as never billable.
protocol HearsRejected: Invariant {
  mutating func hear(rejected event: UsageEvent, _ books: Books, at instant: Instant)
}

/// World: CRM's word on an identifier has been taken in by the core.
protocol HearsIdentityTold: Invariant {
  mutating func hear(identityTold link: IdentityLink, _ books: Books, at instant: Instant)
}

/// World: CRM's word on a change of contract has been taken in by the core.
protocol HearsContractTold: Invariant {
  mutating func hear(contractTold event: ContractEvent, _ books: Books, at instant: Instant)
}

/// World: the platform's registration of a schema version has been taken in by the core, whatever came of it.
protocol HearsSchemaTold: Invariant {
  mutating func hear(schemaTold schema: SchemaRegistration, _ books: Books, at instant: Instant)
}

/// World: a producer declares that it could not send the usage of a time, and sends it now.
protocol HearsBackfillDeclared: Invariant {
  mutating func hear(backfillDeclared backfill: Backfill, _ books: Books, at instant: Instant)
}

/// World: CRM was told of an invoice's status.
protocol HearsStatusTold: Invariant {
  mutating func hear(
    statusTold invoice: InvoiceNumber, _ status: PaymentStatus, _ books: Books, at instant: Instant)
}

/// Claim: the core traced an event for an auditor.
protocol HearsTraced: Invariant {
  mutating func hear(traced trace: LineageTrace, _ books: Books, at instant: Instant)
}

/// World: a case has reached its owner.
protocol HearsCaseRouted: Invariant {
  mutating func hear(caseRouted routed: RoutedCase, _ books: Books, at instant: Instant)
}

/// World: a producer has taken an event back, and perhaps put another in its place.
protocol HearsCorrected: Invariant {
  mutating func hear(corrected correction: UsageCorrection, _ books: Books, at instant: Instant)
}

/// Claim: the core put a correction aside, in a visible case.
protocol HearsCorrectionRefused: Invariant {
  mutating func hear(correctionRefused correction: UsageCorrection, _ books: Books, at instant: Instant)
}

/// World: the rate of a day was fixed.
protocol HearsRateFixed: Invariant {
  mutating func hear(rateFixed fixing: RateFixing, _ books: Books, at instant: Instant)
}

/// Claim: the core rated a charge.
protocol HearsRated: Invariant {
  mutating func hear(rated charge: RatedCharge, _ books: Books, at instant: Instant)
}

/// World: an invoice is final.
protocol HearsInvoiceIssued: Invariant {
  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at instant: Instant)
}

/// World: an invoice has reached its customer, perhaps once more.
protocol HearsInvoiceDelivered: Invariant {
  mutating func hear(invoiceDelivered invoice: Invoice, _ books: Books, at instant: Instant)
}

/// Claim: the core recognised deferred revenue.
protocol HearsRecognised: Invariant {
  mutating func hear(recognised document: Recognition, _ books: Books, at instant: Instant)
}

/// Claim: the core accrued revenue, or ended an accrual.
protocol HearsAccrued: Invariant {
  mutating func hear(accrued document: Accrual, _ books: Books, at instant: Instant)
}

/// Claim: the core put a charge before a person rather than on an invoice.
protocol HearsChargeHeld: Invariant {
  mutating func hear(chargeHeld charge: RatedCharge, _ books: Books, at instant: Instant)
}

/// Claim: the core took a snapshot of a period that closed.
protocol HearsSnapshotTaken: Invariant {
  mutating func hear(snapshotTaken snapshot: CloseSnapshot, _ books: Books, at instant: Instant)
}

/// World: an auditor has read a snapshot at the end.
protocol HearsSnapshotRead: Invariant {
  mutating func hear(snapshotRead snapshot: CloseSnapshot, _ books: Books, at instant: Instant)
}

/// Claim: the core made a document of money that has moved.
protocol HearsCashBooked: Invariant {
  mutating func hear(cashBooked document: CashDocument, _ books: Books, at instant: Instant)
}

/// Claim: the core gave a credit.
protocol HearsCredited: Invariant {
  mutating func hear(credited memo: CreditMemo, _ books: Books, at instant: Instant)
}

/// World: the gateway has collected an invoice's amount.
protocol HearsCharged: Invariant {
  mutating func hear(
    charged key: ChargeKey, _ account: AccountID, _ amount: Money, _ books: Books, at instant: Instant)
}

/// World: the core has asked the gateway for a charge, for the nth time under its key.
protocol HearsChargeRequested: Invariant {
  mutating func hear(
    chargeRequested key: ChargeKey, _ account: AccountID, _ amount: Money, _ repetition: UInt32,
    _ books: Books, at instant: Instant)
}

/// World: money has moved outside of billing, or was decided about; the number is that of the notices of it.
protocol HearsCashMoved: Invariant {
  mutating func hear(cashMoved event: CashEvent, _ id: UInt32, _ books: Books, at instant: Instant)
}

/// World: an ERP's ledger holds a new document.
protocol HearsDocumentPosted: Invariant {
  mutating func hear(documentPosted document: LedgerDocument, _ books: Books, at instant: Instant)
}

/// Claim: the core holds a posting for done, as this document of the ERP.
protocol HearsPostingAcknowledged: Invariant {
  mutating func hear(
    postingAcknowledged key: PostingKey, _ number: UInt32, _ books: Books, at instant: Instant)
}

/// World: usage has expired in the broker before anybody took it.
protocol HearsExpiredInBroker: Invariant {
  mutating func hear(
    expiredInBroker partition: Int, _ events: Int, _ waited: Span, _ books: Books, at instant: Instant)
}

/// World: the gateway has declined an attempt.
protocol HearsDeclined: Invariant {
  mutating func hear(declined key: ChargeKey, _ books: Books, at instant: Instant)
}

/// Claim: a case is open at rest.
protocol HearsCaseOpen: Invariant {
  mutating func hear(caseOpen routed: RoutedCase, _ books: Books, at instant: Instant)
}

/// World: a producer has given up events that nobody took.
protocol HearsGivenUp: Invariant {
  mutating func hear(givenUp events: Int, _ books: Books, at instant: Instant)
}

/// World: a call has reached an entity's ERP, or the one that has taken over.
protocol HearsErpCalled: Invariant {
  mutating func hear(erpCalled entity: EntityID, _ isSuccessor: Bool, _ books: Books, at instant: Instant)
}

/// World: an ERP's answer has reached the core, which says when to come back.
protocol HearsErpThrottled: Invariant {
  mutating func hear(
    erpThrottled entity: EntityID, _ isSuccessor: Bool, _ until: Instant, _ books: Books, at instant: Instant)
}

/// World: a call with a number has been made to the tax engine, for the rates in force at an instant.
protocol HearsTaxCalled: Invariant {
  mutating func hear(taxCalled call: UInt64, _ asOf: Instant, _ books: Books, at instant: Instant)
}

/// World: the tax engine's refusal of a call has reached the core.
protocol HearsTaxRefused: Invariant {
  mutating func hear(taxRefused call: UInt64, _ books: Books, at instant: Instant)
}

/// Claim: the core's own reconciliation has read this of an entity's ledgers.
protocol HearsLedgersCompared: Invariant {
  mutating func hear(
    ledgersCompared entity: EntityID, _ documents: Int64, _ receivable: Money, _ books: Books,
    at instant: Instant)
}

/// Claim: the core's own reconciliation has read this of the statements of a bank or gateway.
protocol HearsStatementsCompared: Invariant {
  mutating func hear(
    statementsCompared boundary: ReconciliationBoundary, _ entity: EntityID, _ lines: Int64, _ amount: Money,
    _ books: Books, at instant: Instant)
}

/// Claim: the core's own reconciliation has found a difference.
protocol HearsBreakReported: Invariant {
  mutating func hear(
    breakReported boundary: ReconciliationBoundary, _ entity: EntityID, _ books: Books, at instant: Instant)
}

/// Claim: what the core still knows to have taken in, after one of its processes died.
protocol HearsRecovered: Invariant {
  mutating func hear(recovered claim: CaptureClaim, _ books: Books, at instant: Instant)
}

/// Claim: the core put a posting aside, in a visible exception case.
protocol HearsPostingExcepted: Invariant {
  mutating func hear(postingExcepted key: PostingKey, _ books: Books, at instant: Instant)
}

/// World: an ERP's ledger holds a document as a whole: one that was split once it has the last of its parts.
protocol HearsWholeDocument: Invariant {
  mutating func hear(wholeDocument whole: LedgerDocument, _ books: Books, at instant: Instant)
}
