import CanonicalModel
import Chronology

/// Something that the core wants done or known. Effects are values: the driver performs them in order, in a
/// simulated world or a real one.
public enum Effect: Sendable {
  /// Put an event aside for a person, with the reason.
  case quarantined(UsageEvent, QuarantineReason)
  /// An event that was put aside for a reason was placed after all, or waits for something else now.
  case replayed(UsageEvent, QuarantineReason)
  /// A case reaches its owner.
  case routed(RoutedCase)
  /// An event can never count.
  case rejected(UsageEvent)
  /// A correction came too late, or for an event that never counted: a person has to look at it.
  case correctionRefused(UsageCorrection)
  /// A charge was rated.
  case rated(RatedCharge)
  /// Ask the tax engine for the tax of drafts.
  case askForTax(TaxCall)
  /// Issue an invoice to the customer.
  case issue(Invoice)
  /// Deferred revenue was recognised.
  case recognised(Recognition)
  /// Revenue was accrued, or an accrual ended.
  case accrued(Accrual)
  /// Balances move from one ERP to the next.
  case transferred(BalanceTransfer)
  /// A charge waits for a person.
  case held(RatedCharge)
  /// A credit was given.
  case credited(CreditMemo)
  /// Give money back to a customer, once for each order.
  case refund(RefundOrder)
  /// Ask the gateway for a charge.
  case charge(ChargeRequest)
  /// A movement of money was booked.
  case cashBooked(CashDocument)
  /// A statement has shown a movement of money of which no notice had come.
  case foundOnStatement(CashEvent)
  /// Tell CRM of an invoice's status.
  ///
  /// Told again after a crash, it can come after a newer one: the greater revision counts.
  case tellStatus(InvoiceNumber, PaymentStatus, revision: UInt32)
  /// Call an ERP.
  case call(ERPCall)
  /// A posting is done.
  case acknowledged(PostingKey, documentNumber: UInt32)
  /// Raise an exception case.
  case raise(ExceptionCase)
  /// An accounting period has closed.
  case closed(CloseSnapshot)
  /// A reconciliation run ended.
  case reconciled(ReconciliationReport)
}

/// The effects of one input, in order: first ``claim``, then ``summaries``, then ``outputs``.
///
/// Reused from input to input, so that the hot path does not allocate.
public struct Effects: Sendable {
  /// What ingestion says of the delivery.
  public var claim = CaptureClaim()
  /// Windows that were closed or amended.
  public var summaries: ContiguousArray<UsageSummary> = []
  /// Everything else, in order.
  public var outputs: [Effect] = []

  /// Makes an empty buffer.
  public init() {}

  /// Empties the buffer and keeps its memory.
  public mutating func removeAll() {
    claim = CaptureClaim()
    if !summaries.isEmpty { summaries.removeAll(keepingCapacity: true) }
    if !outputs.isEmpty { outputs.removeAll(keepingCapacity: true) }
  }
}
