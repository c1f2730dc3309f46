/// How far an invoice is settled, as billing tells CRM.
public enum PaymentStatus: String, Hashable, Sendable, CaseIterable {
  /// Nothing of it.
  case open
  /// A part of it.
  case partlySettled
  /// All of it, by payments or credits.
  case settled
  /// What was left of it was written off.
  case writtenOff
}
