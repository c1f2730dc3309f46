import CanonicalModel
import Chronology

/// Something that a person has to look at, with its business context.
public struct ExceptionCase: Hashable, Sendable {
  /// What went wrong.
  public enum Subject: Hashable, Sendable {
    /// An ERP refused a posting.
    case postingRejected(PostingKey, reason: String)
    /// A credit over the limit waits for a second person.
    case creditNeedsApproval(InvoiceNumber, request: UInt32)
    /// Usage that came after its invoice waits for a decision.
    case lateUsageHeld(AccountID, case: UInt32, amount: Money)
    /// All attempts to collect an invoice were declined.
    case uncollectible(InvoiceNumber)
    /// A customer has taken a payment back.
    case chargedBack(InvoiceNumber)
    /// The totals of two stages differ.
    case reconciliationBreak(boundary: ReconciliationBoundary, entity: EntityID, item: ItemID?)
    /// Usage events wait that could not be placed.
    case usageQuarantined(QuarantineReason, EventTypeID)
    /// A correction came too late.
    case correctionRefused(EventTypeID, SubjectID)
    /// A schema version is incompatible with the one before.
    case schemaRefused(EventTypeID, version: UInt16, reason: String)
    /// An identifier is claimed for two accounts.
    case identityConflict(SubjectID, known: SubscriptionID, claimed: SubscriptionID)
    /// A backfill would count usage twice, or has no clear boundary.
    case backfillRefused(SourceID, from: Instant, reason: String)
    /// Documents wait, as the exchange rate of their day has not come.
    case rateMissing(EntityID, day: Instant)
    /// A charge could not be rated.
    case unratable(SubscriptionID, MeterID, reason: String)
  }

  /// What went wrong.
  public var subject: Subject
  /// Who has to act.
  public var owner: CaseOwner
  /// When the case was raised.
  public var raised: Instant

  /// Makes a case.
  public init(subject: Subject, owner: CaseOwner, raised: Instant) {
    self.subject = subject
    self.owner = owner
    self.raised = raised
  }
}
