import CanonicalModel
import Chronology

/// A pipeline design as data: what a design file or the `design` key of a scenario sets.
public struct DesignFile: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The built-in design from which it starts.
  public private(set) var base: String
  /// Which services share a process.
  public var processes = [["ingestion"], ["billing"], ["posting"], ["payments"]]
  /// How often the log is synced; `nil`: before any effect of an input leaves.
  public var syncEvery: Span?
  /// Inputs in the log after which a snapshot takes their place.
  public var snapshotEvery = 100_000
  public var capture = CaptureStrategy.broker
  /// Attempts of a producer, where it calls directly.
  public var captureAttempts = 3
  public var deduplication = DeduplicationKeying.sourceAndID
  public var deduplicationStore = StateStore.durable
  /// For how long copies are recognised.
  public var deduplicationHorizon = Span.days(14)
  /// For how long events that differ in their identifier alone are taken for one; `nil`: never.
  public var contentHorizon: Span?
  /// How far an event's time may lie ahead of the clock.
  public var clockTolerance = Span.minutes(5)
  /// The width of a usage window.
  public var window = Span.hours(1)
  /// How long a window stays open after its end, by event time.
  public var grace = Span.hours(1)
  /// After which silence, by the clock, windows close all the same.
  public var idleTimeout = Span.hours(1)
  public var lateUsage = LateBilling.nextInvoice
  /// Documents a call to the ERP.
  public var batchSize = 20
  /// Calls to one ERP at once.
  public var concurrency = 2
  /// Silence after which a call's outcome is unknown.
  public var timeout = Span.seconds(60)
  /// The first pause after a refusal.
  public var backoff = Span.seconds(2)
  /// The longest pause.
  public var maximumBackoff = Span.minutes(5)
  /// What waits after a refusal.
  public var backoffStrategy = BackoffStrategy.adaptive
  public var key = IdempotencyStrategy.documentDerived
  public var unknownOutcome = UnknownOutcomeStrategy.lookUp
  public var partialSuccess = PartialSuccessStrategy.perDocument
  public var order = PostingOrder.perAccount
  public var schedule = PostingSchedule.continuous
  /// Attempts after which a document is given up; `nil`: never.
  public var attempts: Int?
  public var retryAfter = RetryAfterStrategy.honoured
  public var outbox = StateStore.durable
  public var acceptance = AcceptanceStrategy.awaited
  public var periodCheck = PeriodCheck.atPosting
  /// How often the boundaries are reconciled.
  public var reconciliationCadence = Span.days(1)
  /// The least time between two readings of an ERP's ledger; nothing: each time its outbox has drained.
  public var readBackInterval = Span.zero

  /// A design like `middleware`, under a name.
  init(name: String) {
    self.name = name
    base = name
  }

  /// Whether a text names a design file rather than a built-in design.
  static func isFile(_ text: String) -> Bool {
    text.hasSuffix(".yaml") || text.hasSuffix(".yml") || text.contains("/")
  }

  /// The built-in design of a name.
  static func named(_ name: String, at position: Position) throws(InvalidInput) -> DesignFile {
    if let known = builtIn.first(where: { $0.design.name == name }) { return known.design }
    throw InvalidInput(
      "there is no design '\(name)'" + NearestKey.hint(for: name, among: builtIn.map(\.design.name)),
      at: position)
  }

  /// Reads a design by name or from a file.
  ///
  /// - Parameter position: where the name stands, for errors.
  public static func read(_ nameOrFile: String, at position: Position) throws(InvalidInput) -> DesignFile {
    if let known = builtIn.first(where: { $0.design.name == nameOrFile })?.design { return known }
    guard isFile(nameOrFile) else { return try named(nameOrFile, at: position) }
    do throws(InvalidInput) {
      return try schema.value(of: try YAMLReader.read(file: nameOrFile))
    } catch {
      if error.diagnostics.first?.position.line == 0 {
        throw InvalidInput("design \(error.diagnostics[0])", at: position)
      }
      throw error
    }
  }

  /// Reads a design file.
  public static func read(file: String) throws(InvalidInput) -> DesignFile {
    try schema.value(of: try YAMLReader.read(file: file))
  }
}
