import Chronology

// How ERPs differ, in the words of scenario files.

/// What keeps a repeated document from being posted twice.
public enum ERPIdempotency: Hashable, Sendable {
  /// Nothing: a plain add.
  case none
  /// One document for an external id, for good: repeating it finds the first (an upsert).
  case externalID
  /// An idempotency key that is known for a while.
  ///
  /// - Parameter refusesOtherBodies: whether the same key with another document is an error.
  case key(retention: Span, refusesOtherBodies: Bool)
  /// A number that must be unique: repeating it is an error that does not say which document has it.
  case uniqueNumber

  /// The name in scenario files.
  public var name: String {
    switch self {
    case .none: "none"
    case .externalID: "externalId"
    case .key: "key"
    case .uniqueNumber: "uniqueNumber"
    }
  }
}

/// How the time to work off a call is distributed.
public enum LatencyLaw: String, Hashable, Sendable, CaseIterable {
  /// About a median, with a long tail.
  case logNormal
  /// About a mean, whatever has passed already.
  case exponential
}

/// The shape in which an ERP takes documents.
public enum PayloadShape: String, Hashable, Sendable, CaseIterable {
  /// The canonical entry, for ERPs without a shape of their own here.
  case canonical
  /// SAP's accounting document: header and items, each with its debit or credit indicator.
  case sap
  /// NetSuite's record: an invoice or credit memo with its lines, or a journal entry.
  case netSuite
}

/// What becomes of a document that is dated to a closed period.
public enum ClosedPeriodMode: String, Hashable, Sendable, CaseIterable {
  /// It is refused.
  case reject
  /// It is posted to the next open period, without a word.
  case nextOpen
  /// It is posted all the same.
  case accept
}

/// How many calls or documents an ERP takes in a span of time.
public struct RateLimit: Hashable, Sendable {
  /// How the limit is kept.
  public enum Window: String, Hashable, Sendable, CaseIterable {
    /// At most so many within the span that ends now, wherever it begins.
    case sliding
    /// Tokens come back evenly; a full bucket may be used at once.
    case tokenBucket
    /// Counted anew at each multiple of the span since 1970, such as midnight.
    case fixed
  }

  /// What is counted.
  public enum Unit: String, Hashable, Sendable, CaseIterable {
    case calls
    case documents
  }

  /// How the limit is kept.
  public var window: Window
  /// How many.
  public var limit: Int
  /// In which span.
  public var per: Span
  /// Of what.
  public var unit: Unit

  /// Makes a limit.
  public init(_ limit: Int, _ unit: Unit = .calls, per: Span, _ window: Window) {
    self.window = window
    self.limit = limit
    self.per = per
    self.unit = unit
  }

  /// `6000 calls in 5m, sliding`.
  public var text: String { "\(limit) \(unit.rawValue) in \(per), \(window.rawValue)" }
}
