import Chronology

/// What ingestion says of one delivery, by count.
public struct CaptureClaim: Hashable, Sendable {
  /// Events handed to ingestion.
  public var received: Int64 = 0
  /// Events that count from now on.
  public var accepted: Int64 = 0
  /// Copies of events that were seen before.
  public var duplicates: Int64 = 0
  /// Events that can never count, such as one with a negative quantity.
  public var rejected: Int64 = 0
  /// Events that wait in an exception case.
  public var quarantined: Int64 = 0
  /// Events that are valid and never billed: operational telemetry.
  public var operational: Int64 = 0

  /// Makes a claim of nothing.
  public init() {}

  /// Adds another claim.
  public static func += (a: inout CaptureClaim, b: CaptureClaim) {
    a.received += b.received
    a.accepted += b.accepted
    a.duplicates += b.duplicates
    a.rejected += b.rejected
    a.quarantined += b.quarantined
    a.operational += b.operational
  }
}

/// A queue that holds unfinished work when the world has come to rest.
public struct StuckWork: Hashable, Sendable {
  /// The queue.
  public var queue: WorkQueue
  /// How much waits in it.
  public var depth: Int
  /// What it waits for.
  public var waitsFor: String

  /// Makes a report.
  public init(queue: WorkQueue, depth: Int, waitsFor: String) {
    self.queue = queue
    self.depth = depth
    self.waitsFor = waitsFor
  }
}

/// Something that happened and that a checker may use as evidence: what a live system could deliver, too.
///
/// Facts of the world (what an ERP holds) are evidence; facts of the core (what it says it did) are claims.
public enum Fact: Sendable {
  /// Claim: the core put an event aside.
  case quarantined(UsageEvent, QuarantineReason)
  /// Claim: an event that was put aside could be placed, or was taken back.
  case quarantineLeft(UsageEvent)
  /// Claim: the core counted an event as never billable.
  case rejected(UsageEvent)
  /// World: CRM's word on an identifier has been taken in by the core.
  case identityTold(IdentityLink)
  /// World: CRM's word on a change of contract has been taken in by the core.
  case contractTold(ContractEvent)
  /// World: the platform's registration of a schema version has been taken in by the core, whatever came of it.
  case schemaTold(SchemaRegistration)
  /// World: a producer declares that it could not send the usage of a time, and sends it now.
  case backfillDeclared(Backfill)
  /// World: a producer has taken an event back, and perhaps put another in its place.
  case corrected(UsageCorrection)
  /// Claim: the core put a correction aside, in a visible case.
  case correctionRefused(UsageCorrection)
  /// Claim: the core rated a charge.
  case rated(RatedCharge)
  /// World: the rate of a day was fixed.
  case rateFixed(RateFixing)
  /// World: an invoice is final.
  case invoiceIssued(Invoice)
  /// World: an invoice has reached its customer, perhaps once more.
  case invoiceDelivered(Invoice)
  /// Claim: the core recognised deferred revenue.
  case recognised(Recognition)
  /// Claim: the core made a document of money that has moved.
  case cashBooked(CashDocument)
  /// Claim: the core gave a credit.
  case credited(CreditMemo)
  /// Claim: the core accrued revenue, or ended an accrual.
  case accrued(Accrual)
  /// Claim: the core moved balances from one ERP to the next.
  case balanceTransferred(BalanceTransfer)
  /// Claim: the core put a charge before a person rather than on an invoice.
  case chargeHeld(RatedCharge)
  /// Claim: the core took a snapshot of a period that closed.
  case snapshotTaken(CloseSnapshot)
  /// World: an auditor has read a snapshot at the end.
  case snapshotRead(CloseSnapshot)
  /// World: the gateway has collected an invoice's amount.
  case charged(ChargeKey, AccountID, Money)
  /// World: the gateway has declined an attempt.
  case declined(ChargeKey)
  /// Claim: a case is open at rest.
  case caseOpen(RoutedCase)
  /// World: the core has asked the gateway for a charge, for the nth time under its key.
  case chargeRequested(ChargeKey, AccountID, Money, repetition: UInt32)
  /// World: money has moved outside of billing, or was decided about; the number is that of the notices of it.
  case cashMoved(CashEvent, id: UInt32)
  /// World: an ERP's ledger holds a new document.
  case documentPosted(LedgerDocument)
  /// Claim: the core holds a posting for done, as this document of the ERP.
  case postingAcknowledged(PostingKey, documentNumber: UInt32)
  /// World: CRM was told of an invoice's status.
  case statusTold(InvoiceNumber, PaymentStatus)
  /// Claim: the core traced an event for an auditor.
  case traced(LineageTrace)
  /// World: a case has reached its owner.
  case caseRouted(RoutedCase)
  /// World: usage has expired in the broker before anybody took it.
  case expiredInBroker(partition: Int, events: Int, waited: Span)
  /// World: a producer has given up events that nobody took.
  case givenUp(events: Int)
  /// World: a call has reached an entity's ERP, or the one that has taken over.
  case erpCalled(EntityID, isSuccessor: Bool)
  /// World: an ERP's answer has reached the core, which says when to come back.
  case erpThrottled(EntityID, isSuccessor: Bool, until: Instant)
  /// World: a call with a number has been made to the tax engine, for the rates in force at an instant.
  case taxCalled(UInt64, asOf: Instant)
  /// World: the tax engine's refusal of a call has reached the core.
  case taxRefused(UInt64)
  /// Claim: the core's own reconciliation has read this of an entity's ledgers.
  case ledgersCompared(EntityID, documents: Int64, receivable: Money)
  /// Claim: the core's own reconciliation has read this of the statements of a bank or gateway.
  case statementsCompared(ReconciliationBoundary, EntityID, lines: Int64, amount: Money)
  /// Claim: the core's own reconciliation has found a difference.
  case breakReported(boundary: ReconciliationBoundary, EntityID)
  /// Claim: what the core still knows to have taken in, after one of its processes died.
  case recovered(CaptureClaim)
  /// Claim: the core put a posting aside, in a visible exception case.
  case postingExcepted(PostingKey)
}

/// Receives the facts of a run, in order. The hot ones come in batches.
public protocol FactSink: AnyObject {
  /// The sources emitted events, once each, whatever delivery does to them afterwards.
  func emitted(_ events: UnsafeBufferPointer<UsageEvent>)
  /// Events, copies included, were handed to the core, which claims this of them.
  func captured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant)
  /// The core closed or amended windows.
  func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant)
  /// Everything else.
  func record(_ fact: Fact, at instant: Instant)
  /// The world has come to rest, or its deadline passed; what is stuck is named.
  func concluded(stuck: [StuckWork], at instant: Instant)
}
