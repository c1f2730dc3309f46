import CanonicalModel
import Chronology

/// How designs are written.
extension DesignFile {
  /// A design: the settings that differ from the built-in one from which it starts.
  static let schema = Schema<DesignFile>.record(
    .defaulting(
      "extends", base, to: .middleware, "the built-in design to start from; middleware if left out"),
    .optional("name", .designName, "a name for reports; an asterisk says that it was changed"),
    .unread("description", .text, "what the design is"), .together(keys), make: design)

  @Sendable
  private static func design(
    _ place: Place, base: DesignFile, name: String?, description: Void, change: Change<DesignFile>
  ) throws(InvalidInput) -> DesignFile {
    var design = base
    design.name = name ?? "\(base.name)*"
    change.apply(&design)
    try design.check(place)
    return design
  }

  private static let base: Schema<DesignFile> = Schema<String>.name.map { place, name throws(InvalidInput) in
    try named(name, at: place.node.position)
  }

  /// The services of the core that a process can run.
  static let services = CoreService.allCases.map(\.name)

  private static let keys: [Key<Change<DesignFile>>] = [
    .set(
      "processes", \.processes, processes,
      "which services share a process, and crash together; each in its own if left out"),
    .within("log", log, "the durable log"),
    .within("ingestion", ingestion, "acceptance of usage events"),
    .within("metering", metering, "aggregation"),
    .within("billing", billing, "billing"),
    .within("posting", posting, "posting to the ERPs"),
    .within("reconciliation", reconciliation, "reconciliation"),
    .within(
      "payments", paymentKeys.map { $0.figure.inside(\.payments) }, "collecting through a payment gateway"),
  ]

  private static let processes: Schema<[[String]]> = Schema<[[String]]>.list(
    .list(.choice(services.map { ($0, $0) }), minimum: 1), minimum: 1
  ).map { place, groups throws(InvalidInput) in
    let named = groups.flatMap { $0 }
    for service in services where named.count(where: { $0 == service }) != 1 {
      throw InvalidInput(
        "each service runs in one process: '\(service)' is in \(named.count { $0 == service })",
        at: place.node.position)
    }
    return groups
  }.writing { groups in
    "[\(groups.map { "[\($0.joined(separator: ", "))]" }.joined(separator: ", "))]"
  }

  private static let log: [Key<Change<DesignFile>>] = [
    .setOptional(
      "syncEvery", \.syncEvery, .duration,
      "how often the log is synced; before any effect of an input if left out, as it should be",
      title: "time between syncs of the log", absent: "each input"),
    .set(
      "snapshotEvery", \.snapshotEvery, .integer(100...100_000_000),
      "inputs in the log after which a snapshot takes their place; 100,000 if left out",
      title: "inputs between snapshots of the log"),
  ]

  private static let ingestion: [Key<Change<DesignFile>>] = [
    .set(
      "capture", \.capture, .choice(),
      "through a broker (default), or by direct calls from producers, which eventually give up"),
    .set(
      "captureAttempts", \.captureAttempts, .integer(1...1000), "attempts of a direct call; 3 if left out",
      title: "attempts of a direct call"),
    .set(
      "capturePause", \.capturePause, capturePause,
      "base of the pauses between them: twice as long after the first attempt, doubled with each further one; 2s if left out",
      title: "pause after a direct call"
    ).figure,
    .set(
      "captureDoublings", \.captureDoublings, .integer(0...16),
      "maximum number of doublings of that pause; 10 if left out",
      title: "doublings of the pause after a direct call"
    ).figure,
    .set(
      "deduplication", \.deduplication, .choice(), "what identifies an event; sourceAndId (default)"),
    .set("store", \.deduplicationStore, .choice(), "where known events are kept; durable (default)"),
    .set(
      "deduplicationHorizon", \.deduplicationHorizon, .duration, "for how long copies are recognised",
      title: "time for which copies are recognised"),
    .setOptional(
      "contentHorizon", \.contentHorizon, .duration,
      "for how long events of a producer that differ in their identifier alone count as one; never if left out",
      title: "time for which equal events are taken for one", absent: "never"),
    .set(
      "clockTolerance", \.clockTolerance, .duration, "how far an event's time may lie ahead of the clock",
      title: "tolerance for clocks that are fast"),
  ]

  private static let metering: [Key<Change<DesignFile>>] = [
    .set(
      "window", \.window, .duration, "the width of a usage window; divides a day",
      title: "width of usage windows"),
    .set(
      "grace", \.grace, .duration, "how long a window stays open after its end",
      title: "grace period of usage windows"),
    .set(
      "idleTimeout", \.idleTimeout, .duration, "how long no usage may arrive before windows close anyway",
      title: "idle time after which usage windows close"),
  ]

  private static let billing: [Key<Change<DesignFile>>] = [
    .set(
      "lateUsage", \.lateUsage, .choice(),
      "usage that comes after its invoice: on the next one (default), at once on one of its own, accrued in its month until the next one, or held for a decision by finance"
    ), .within("tax", taxKeys.map { $0.figure.inside(\.tax) }, "asking the tax engine"),
  ]

  private static let posting: [Key<Change<DesignFile>>] = [
    .set(
      "batchSize", \.batchSize, .integer(1...1000), "documents per call", title: "documents per posting call"),
    .set(
      "concurrency", \.concurrency, .integer(1...1000), "concurrent calls to one ERP",
      title: "posting workers"),
    .set(
      "timeout", \.timeout, .duration,
      "timeout: how long a call may go unanswered before its outcome is unknown",
      title: "timeout of a posting call"),
    .set(
      "backoff", \.backoff, .duration, "the first pause after a refusal; doubled with each further one",
      title: "first pause after a refusal"),
    .set(
      "maximumBackoff", \.maximumBackoff, .duration,
      "the longest pause, but where the ERP says when to come back (Retry-After)",
      title: "longest pause after a refusal"),
    .set(
      "backoffStrategy", \.backoffStrategy, .choice(),
      "what waits after a refused call: the call and its worker (perCall), everything for that ERP (perOutbox), or nothing while the ERP processes other calls, with fewer concurrent calls until they succeed (adaptive, default)"
    ),
    .set("key", \.key, .choice(), "the idempotency key: of the document (default), the attempt, or none"),
    .set(
      "unknownOutcome", \.unknownOutcome, .choice(),
      "what a timeout leads to: a look-up (default), or a blind retry"),
    .set(
      "partialSuccess", \.partialSuccess, .choice(),
      "results of a call are read document by document (default), as all or nothing, or not at all"),
    .set(
      "order", \.order, .choice(),
      "one after another for each customer (default), or a worker for each kind of document"),
    .set("schedule", \.schedule, schedule, "when documents are sent; continuous if left out"),
    .setOptional(
      "attempts", \.attempts, .integer(1...1_000_000),
      "attempts after which a document is given up; never if left out", title: "attempts per document",
      absent: "never given up"),
    .set(
      "retryAfter", \.retryAfter, .choice(), "whether callers honour Retry-After; honoured (default)"),
    .set("outbox", \.outbox, .choice(), "where waiting documents are kept; durable (default)"),
    .set(
      "acceptance", \.acceptance, .choice(),
      "whether the outcome of what an ERP has only accepted is awaited (default)"),
    .set(
      "periodCheck", \.periodCheck, .choice(),
      "when the accounting period is looked at: atPosting (default) or atEnqueue"),
    .within(
      "jobs", jobKeys.map { $0.figure.inside(\.jobs) },
      "waiting for the jobs of ERPs that have accepted documents"),
  ]

  private static let reconciliation: [Key<Change<DesignFile>>] = [
    .set(
      "every", \.reconciliationCadence, .duration, "how often the boundaries are compared",
      title: "time between reconciliations"),
    .set(
      "readBackEvery", \.readBackInterval, .duration,
      "the least time between two readings of an ERP's ledger; each time its outbox has drained if left out",
      title: "least time between two readings of a ledger"),
  ]

  // MARK: The schedule

  private static let schedule = Schema<PostingSchedule>.either(
    .choice([("continuous", .continuous)]), .variant([linger, nightly])
  ).writing(\.written)

  private static let linger: Key<PostingSchedule> = .when(
    "linger", .duration, "once a batch is full, or the oldest has waited for so long",
    title: "longest wait for a full posting batch"
  ) { (span: Span) in span == .zero ? .continuous : .linger(span) }

  private static let nightly: Key<PostingSchedule> = .when(
    "nightly",
    .record(
      .required("at", .duration, "since midnight in UTC", title: "start of nightly posting"),
      .required("for", .duration, "for how long", title: "length of nightly posting"), make: night),
    "at a time of day"
  ) { (schedule: PostingSchedule) in schedule }

  @Sendable
  private static func night(
    _ place: Place, at: Span, length: Span
  ) throws(InvalidInput) -> PostingSchedule {
    guard at + length <= .days(1), length >= .minutes(1) else {
      throw InvalidInput(
        "a nightly run must last at least 1m, and end before midnight", at: place.node.position)
    }
    return .nightly(at: at, for: length)
  }

  // MARK: What does not hold together

  private func check(_ place: Place) throws(InvalidInput) {
    var problems: [Diagnostic] = []
    func require(_ holds: Bool, _ group: String, _ key: String, _ message: String) {
      guard !holds else { return }
      problems.append(Diagnostic(message, at: place.given(group, key) ?? place.node.position))
    }
    let day = Span.days(1).nanoseconds
    require(
      window >= .minutes(1) && window.nanoseconds <= day && day % window.nanoseconds == 0,
      "metering", "window",
      "a window must divide a day into equal parts of at least 1m, such as 15m, 1h or 1d")
    require(
      deduplicationHorizon >= .minutes(1), "ingestion", "deduplicationHorizon",
      "the deduplication horizon must be at least 1m")
    require(
      contentHorizon ?? .minutes(1) >= .minutes(1), "ingestion", "contentHorizon",
      "the content horizon must be at least 1m; leave it out to compare no contents")
    require(timeout >= .milliseconds(1), "posting", "timeout", "the timeout must be at least 1ms")
    require(backoff >= .milliseconds(1), "posting", "backoff", "the back-off must be at least 1ms")
    require(
      maximumBackoff >= backoff, "posting", "maximumBackoff",
      "the longest back-off must be at least the first one")
    require(
      reconciliationCadence >= .minutes(1), "reconciliation", "every",
      "the time between reconciliations must be at least 1m")
    require(
      readBackInterval <= .days(31), "reconciliation", "readBackEvery",
      "the ledgers must be read back at least every 31d")
    require(
      tax.maximumPause >= tax.pause, "billing", "tax",
      "the longest pause of the tax engine must be at least the first one")
    require(
      syncEvery ?? .milliseconds(1) >= .milliseconds(1), "log", "syncEvery",
      "the time between syncs must be at least 1ms; leave it out to sync each input")
    if !problems.isEmpty { throw InvalidInput(problems) }
  }
}
