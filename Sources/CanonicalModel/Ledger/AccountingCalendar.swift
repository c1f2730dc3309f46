import Chronology

/// When accounting periods are open for posting: master data, which core, ERPs and oracle each read on their own.
///
/// A period is open from its beginning until some time after its end; then it may be soft-closed, when only closing entries
/// are taken, then closed; and it is open again while it is reopened.
public struct AccountingCalendar: Hashable, Sendable {
  /// A period that finance opens again for a while.
  public struct Reopening: Hashable, Sendable {
    /// The legal entity.
    public var entity: EntityID
    /// The period.
    public var period: Period
    /// The first instant at which it is open again.
    public var from: Instant
    /// The first instant at which it is closed again.
    public var until: Instant
    /// The person who opened it.
    public var requestedBy: String
    /// The person who approved of it; `nil`: nobody.
    public var approvedBy: String?
    /// Whether a second person approved of it.
    public var isApproved: Bool { approvedBy.map { $0 != requestedBy } ?? false }

    /// Makes a reopening.
    public init(
      entity: EntityID, period: Period, from: Instant, until: Instant, requestedBy: String = "accountant",
      approvedBy: String? = "controller"
    ) {
      self.entity = entity
      self.period = period
      self.from = from
      self.until = until
      self.requestedBy = requestedBy
      self.approvedBy = approvedBy
    }
  }

  /// What a period takes.
  public enum State: Hashable, Sendable {
    /// Every document.
    case open
    /// Closing entries only.
    case softClosed
    /// Nothing.
    case closed
    /// Every document again; with a second person's approval, or without.
    case reopened(isApproved: Bool)
  }

  /// From a period's end until it is soft-closed; `nil`: it never is.
  public var softCloseAfter: Span?
  /// From a period's end until it closes.
  public var closeAfter: Span
  /// The reopenings.
  public var reopenings: [Reopening]

  /// Makes a calendar.
  public init(closeAfter: Span, softCloseAfter: Span? = nil, reopenings: [Reopening] = []) {
    self.closeAfter = closeAfter
    self.softCloseAfter = softCloseAfter
    self.reopenings = reopenings
  }

  /// What a period takes at an instant.
  public func state(of period: Period, for entity: EntityID, at instant: Instant) -> State {
    if instant < period.end + (softCloseAfter ?? closeAfter) { return .open }
    if instant < period.end + closeAfter { return .softClosed }
    let again = reopenings.first {
      $0.entity == entity && $0.period == period && $0.from <= instant && instant < $0.until
    }
    return again.map { .reopened(isApproved: $0.isApproved) } ?? .closed
  }
}

extension DocumentKind {
  /// Whether a soft-closed period still takes it: what belongs to closing the books rather than to new business.
  public var isClosingEntry: Bool {
    switch self {
    case .recognition, .accrual, .accrualReversal, .creditMemo: true
    case .invoice, .creditNote, .payment, .payout, .chargeback, .refund, .cashApplication,
      .chargebackReversal, .writeOff,
      .closingBalance, .openingBalance:
      false
    }
  }
}
