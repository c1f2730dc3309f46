/// Two neighbouring stages whose totals a reconciliation compares.
public enum ReconciliationBoundary: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  /// Usage that counts, and usage in windows.
  case capturedMetered = "captured-metered"
  /// Usage in windows, and in charges.
  case meteredRated = "metered-rated"
  /// Charges, and lines of invoices.
  case ratedInvoiced = "rated-invoiced"
  /// Invoices and other documents, and what the ERPs have confirmed.
  case invoicedPosted = "invoiced-posted"
  /// What the ERPs have confirmed, and what their ledgers hold.
  case postedLedger = "posted-ledger"
  /// Money that came in, and what it settles.
  case settledApplied = "settled-applied"
  /// What was booked of charges, and what the gateway reports.
  case cashGateway = "cash-gateway"
  /// What was booked of money at the bank, and what its statements show.
  case cashBank = "cash-bank"
  /// Revenue that was deferred, and what was recognised.
  case deferredRecognised = "deferred-recognised"

  /// Its name in files and reports.
  public var description: String { rawValue }
}
