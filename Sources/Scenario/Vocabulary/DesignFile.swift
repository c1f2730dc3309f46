import CanonicalModel
import Chronology

/// A pipeline design as data: what a design file or the `design` key of a scenario sets.
package struct DesignFile: Hashable, Sendable {
  /// The name.
  package var name: String
  /// The built-in design from which it starts.
  package private(set) var base: String
  /// Which services share a process.
  package var processes = [["ingestion"], ["billing"], ["posting"], ["payments"]]
  /// How often the log is synced; `nil`: before any effect of an input leaves.
  package var syncEvery: Span?
  /// Inputs in the log after which a snapshot takes their place.
  package var snapshotEvery = 100_000
  package var capture = CaptureStrategy.broker
  /// Attempts of a producer, where it calls directly.
  package var captureAttempts = 3
  /// What its pauses are made of: twice as long after the first attempt, doubled with each.
  package var capturePause = Span.seconds(2)
  /// How often its pause is doubled, at most.
  package var captureDoublings = 10
  package var deduplication = DeduplicationKeying.sourceAndID
  package var deduplicationStore = StateStore.durable
  /// For how long copies are recognised.
  package var deduplicationHorizon = Span.days(14)
  /// For how long events that differ in their identifier alone are taken for one; `nil`: never.
  package var contentHorizon: Span?
  /// How far an event's time may lie ahead of the clock.
  package var clockTolerance = Span.minutes(5)
  /// The width of a usage window.
  package var window = Span.hours(1)
  /// How long a window stays open after its end, by event time.
  package var grace = Span.hours(1)
  /// After which silence, by the clock, windows close all the same.
  package var idleTimeout = Span.hours(1)
  package var lateUsage = LateBilling.nextInvoice
  /// Documents a call to the ERP.
  package var batchSize = 20
  /// Calls to one ERP at once.
  package var concurrency = 2
  /// Silence after which a call's outcome is unknown.
  package var timeout = Span.seconds(60)
  /// The first pause after a refusal.
  package var backoff = Span.seconds(2)
  /// The longest pause.
  package var maximumBackoff = Span.minutes(5)
  /// What waits after a refusal.
  package var backoffStrategy = BackoffStrategy.adaptive
  package var key = IdempotencyStrategy.documentDerived
  package var unknownOutcome = UnknownOutcomeStrategy.lookUp
  package var partialSuccess = PartialSuccessStrategy.perDocument
  package var order = PostingOrder.perAccount
  package var schedule = PostingSchedule.continuous
  /// Attempts after which a document is given up; `nil`: never.
  package var attempts: Int?
  package var retryAfter = RetryAfterStrategy.honoured
  package var outbox = StateStore.durable
  package var acceptance = AcceptanceStrategy.awaited
  package var periodCheck = PeriodCheck.atPosting
  /// How often the boundaries are reconciled.
  package var reconciliationCadence = Span.days(1)
  /// The least time between two readings of an ERP's ledger; nothing: each time its outbox has drained.
  package var readBackInterval = Span.zero
  /// The rules of asking the tax engine.
  package var tax = TaxPolicy()
  /// The rules of collecting.
  package var payments = PaymentPolicy()
  /// For how long it waits for jobs of ERPs.
  package var jobs = JobPatience()

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
  package static func read(_ nameOrFile: String, at position: Position) throws(InvalidInput) -> DesignFile {
    if let known = builtIn.first(where: { $0.design.name == nameOrFile })?.design { return known }
    guard isFile(nameOrFile) else { return try named(nameOrFile, at: position) }
    do throws(InvalidInput) {
      return try read(file: nameOrFile)
    } catch {
      if error.diagnostics.first?.position.line == 0 {
        throw InvalidInput("design \(error.diagnostics[0])", at: position)
      }
      throw error
    }
  }

  /// Reads a design file.
  package static func read(file: String) throws(InvalidInput) -> DesignFile {
    let node = try YAMLReader.read(file: file)
    try FileKind.expect(.design, node, file: file)
    return try schema.value(of: node)
  }
}
