/// Why a usage event was not accepted, with the business context that a person needs to act.
public enum QuarantineReason: UInt8, Sendable, CaseIterable {
  /// No account answers to the event's customer reference.
  case unknownSubject
  /// No event type of that name, or a schema version that is not registered.
  case unknownType
  /// The quantity is negative.
  case invalid
  /// Older than the deduplication horizon: a copy could no longer be told from a new event.
  case beyondHorizon
  /// The contract at the event's time does not include any of its meters, or there is none.
  case notEntitled
  /// Its time lies ahead of the clock by more than the tolerance: its producer's clock is wrong.
  case aheadOfClock
  /// The contract is paused at the event's time.
  case paused

  /// The name in cases and reports.
  public var name: String {
    switch self {
    case .unknownSubject: "unknown-customer"
    case .unknownType: "unknown-schema"
    case .invalid: "invalid"
    case .beyondHorizon: "beyond-horizon"
    case .notEntitled: "not-entitled"
    case .aheadOfClock: "ahead-of-clock"
    case .paused: "paused"
    }
  }

  /// A sentence for the exception case.
  public var explanation: String {
    switch self {
    case .unknownSubject: "no account answers to the customer reference on the event"
    case .unknownType: "the event's type or schema version is not registered"
    case .invalid: "the quantity is negative"
    case .aheadOfClock: "the event's time lies in the future: its producer's clock is wrong"
    case .notEntitled: "the contract at the event's time does not include what was used"
    case .paused: "the contract is paused at the event's time"
    case .beyondHorizon:
      "older than the deduplication horizon: a copy could no longer be told from a new event"
    }
  }
}
