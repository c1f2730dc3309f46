import Chronology

/// The designs that are built in: the patterns that the field's articles compare, all assembled from the same stages.
extension DesignFile {
  /// All of them, from the naive ones to the sound ones.
  public static let builtIn: [(design: DesignFile, description: String)] = [
    (
      directAPI,
      "point to point: producers call billing, billing calls the ERP for each invoice, tries five times and keeps nothing"
    ),
    (
      nightlyBatch,
      "a file a night: daily windows, one large batch that counts as sent or not as a whole, sent again the night after"
    ),
    (
      customScripts,
      "scripts every quarter of an hour: parallel workers, blind retries under a key of the attempt, state saved now and then"
    ),
    (
      middleware,
      "durable queues, an outbox, idempotency keys from the document, look-up before any retry"
    ),
    (microBatch, "middleware that collects documents for five minutes into larger calls"),
  ]

  /// Durable queues between services of their own, an outbox, keys from the document, look-up before any retry.
  public static let middleware = DesignFile(name: "middleware")

  /// ``middleware`` that waits for five minutes, or a hundred documents, before it calls the ERP.
  public static let microBatch: DesignFile = {
    var design = DesignFile(name: "micro-batch")
    design.schedule = .linger(.minutes(5))
    design.batchSize = 100
    return design
  }()

  /// Point to point and synchronous: whoever calls tries a few times and then moves on.
  public static let directAPI: DesignFile = {
    var design = DesignFile(name: "direct-api")
    design.processes = [["ingestion", "billing", "posting", "payments"]]
    design.capture = .direct
    design.deduplicationStore = .memory
    design.batchSize = 1
    design.concurrency = 4
    design.timeout = .seconds(30)
    design.backoff = .seconds(1)
    design.maximumBackoff = .seconds(30)
    design.backoffStrategy = .perCall
    design.key = .none
    design.unknownOutcome = .retry
    design.attempts = 5
    design.retryAfter = .ignored
    design.outbox = .memory
    design.acceptance = .trusted
    design.reconciliationCadence = .days(7)
    return design
  }()

  /// Export files: one large run a night.
  public static let nightlyBatch: DesignFile = {
    var design = DesignFile(name: "nightly-batch")
    design.processes = [["ingestion"], ["billing", "posting", "payments"]]
    design.window = .days(1)
    design.grace = .hours(6)
    design.idleTimeout = .hours(6)
    design.batchSize = 100
    design.concurrency = 1
    design.timeout = .minutes(10)
    design.backoff = .minutes(30)
    design.maximumBackoff = .hours(12)
    design.backoffStrategy = .perOutbox
    design.schedule = .nightly(at: .hours(2), for: .hours(3))
    design.key = .none
    design.unknownOutcome = .retry
    design.partialSuccess = .allOrNothing
    design.periodCheck = .atEnqueue
    design.acceptance = .trusted
    design.reconciliationCadence = .days(7)
    return design
  }()

  /// Ad-hoc jobs that were written one after another.
  public static let customScripts: DesignFile = {
    var design = DesignFile(name: "custom-scripts")
    design.processes = [["ingestion", "billing"], ["posting", "payments"]]
    design.syncEvery = .minutes(5)
    design.deduplication = .idOnly
    design.schedule = .linger(.minutes(15))
    design.batchSize = 50
    design.concurrency = 4
    design.timeout = .seconds(20)
    design.backoff = .seconds(1)
    design.maximumBackoff = .seconds(5)
    design.backoffStrategy = .perCall
    design.key = .attempt
    design.unknownOutcome = .retry
    design.partialSuccess = .ignored
    design.order = .perKind
    design.retryAfter = .ignored
    design.acceptance = .trusted
    design.periodCheck = .atEnqueue
    design.reconciliationCadence = .days(30)
    return design
  }()
}

extension Shape {
  private static func choice<Word: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Word.Type, _ help: String
  ) -> Field where Word.RawValue == String {
    Field(key, .choice(type.allCases.map(\.rawValue)), help)
  }

  /// A design file.
  public static let design = Shape.record([
    Field("extends", .name, "the built-in design to start from; middleware if left out"),
    Field("name", .unit(.designName), "a name for reports; an asterisk says that it was changed"),
    Field("description", .text, "what the design is"),
    Field(
      "processes", .list(.list(.choice(ScenarioFile.FaultTarget.services), minimum: 1), minimum: 1),
      "which services share a process, and die together; each in its own if left out"),
    Field(
      "log",
      .record([
        Field(
          "syncEvery", .unit(.duration),
          "how often the log is synced; before any effect of an input if left out, as it should be",
          title: "time between syncs of the log"),
        Field(
          "snapshotEvery", .unit(.integer(100...100_000_000)),
          "inputs in the log after which a snapshot takes their place; 100,000 if left out",
          title: "inputs between snapshots of the log"),
      ]), "the durable log"),
    Field(
      "ingestion",
      .record([
        choice(
          "capture", DesignFile.Capture.self,
          "through a broker (default), or direct calls of producers who give up in the end"),
        Field(
          "captureAttempts", .unit(.integer(1...1000)), "attempts of a direct call; 3 if left out",
          title: "attempts of a direct call"),
        choice(
          "deduplication", DesignFile.Deduplication.self, "what identifies an event; sourceAndId (default)"),
        choice("store", DesignFile.Store.self, "where known events are kept; durable (default)"),
        Field(
          "deduplicationHorizon", .unit(.duration), "for how long copies are recognised",
          title: "time for which copies are recognised"),
        Field(
          "contentHorizon", .unit(.duration),
          "for how long events of a producer that differ in their identifier alone are taken for one; never if left out",
          title: "time for which equal events are taken for one"
        ),
        Field(
          "clockTolerance", .unit(.duration), "how far an event's time may lie ahead of the clock",
          title: "tolerance for clocks that are fast"),
      ]), "acceptance of usage events"),
    Field(
      "metering",
      .record([
        Field(
          "window", .unit(.duration), "the width of a usage window; divides a day",
          title: "width of usage windows"),
        Field(
          "grace", .unit(.duration), "how long a window stays open after its end",
          title: "grace period of usage windows"),
        Field(
          "idleTimeout", .unit(.duration), "after which silence windows close all the same",
          title: "idle time after which usage windows close"),
      ]), "aggregation"),
    Field(
      "billing",
      .record([
        Field(
          "lateUsage", .choice(DesignFile.LateUsage.allCases.map(\.rawValue)),
          "usage that comes after its invoice: on the next one (default), at once on one of its own, accrued in its month until the next one, or put before a person"
        )
      ]), "billing"),
    Field("posting", posting, "posting to the ERPs"),
    Field(
      "reconciliation",
      .record([
        Field(
          "every", .unit(.duration), "how often the boundaries are compared",
          title: "time between reconciliations"),
        Field(
          "readBackEvery", .unit(.duration),
          "the least time between two readings of an ERP's ledger; each time its outbox has drained if left out",
          title: "least time between two readings of a ledger"
        ),
      ]), "reconciliation"),
  ])

  private static let posting = Shape.record([
    Field("batchSize", .unit(.integer(1...1000)), "documents a call", title: "documents per posting call"),
    Field("concurrency", .unit(.integer(1...1000)), "calls to one ERP at once", title: "posting workers"),
    Field(
      "timeout", .unit(.duration), "silence after which a call's outcome is unknown",
      title: "timeout of a posting call"),
    Field(
      "backoff", .unit(.duration), "the first pause after a refusal; doubled with each further one",
      title: "first pause after a refusal"),
    Field(
      "maximumBackoff", .unit(.duration),
      "the longest pause, but where the ERP says when to come back (Retry-After)",
      title: "longest pause after a refusal"),
    choice(
      "backoffStrategy", DesignFile.BackoffStrategy.self,
      "what waits after a refused call: the call and its worker (perCall), everything for that ERP (perOutbox), or nothing while the ERP works on other calls, of which fewer are made at once until they succeed (adaptive, default)"
    ),
    choice(
      "key", DesignFile.Key.self, "the idempotency key: of the document (default), the attempt, or none"),
    choice(
      "unknownOutcome", DesignFile.UnknownOutcome.self,
      "what silence leads to: a look-up (default), or a blind retry"),
    choice(
      "partialSuccess", DesignFile.PartialSuccess.self,
      "results of a call are read document by document (default), as all or nothing, or not at all"),
    choice(
      "order", DesignFile.Order.self,
      "one after another for each customer (default), or a worker for each kind of document"),
    Field(
      "schedule",
      .either([
        .choice(["continuous"]),
        .variant(
          [
            Field(
              "linger", .unit(.duration), "once a batch is full, or the oldest has waited for so long",
              title: "longest wait for a full posting batch"),
            Field(
              "nightly",
              .record([
                .required("at", .unit(.duration), "since midnight in UTC", title: "start of nightly posting"),
                .required("for", .unit(.duration), "for how long", title: "length of nightly posting"),
              ]), "at a time of day"),
          ], common: []),
      ]), "when documents are sent; continuous if left out"),
    Field(
      "attempts", .unit(.integer(1...1_000_000)),
      "after how many a document is given up; never if left out", title: "attempts per document"),
    choice(
      "retryAfter", DesignFile.RetryAfter.self, "whether callers wait as they are told; honoured (default)"),
    choice("outbox", DesignFile.Store.self, "where documents wait; durable (default)"),
    choice(
      "acceptance", DesignFile.Acceptance.self,
      "whether the outcome of what an ERP has only accepted is awaited (default)"),
    choice(
      "periodCheck", DesignFile.PeriodCheck.self,
      "when the accounting period is looked at: atPosting (default) or atEnqueue"),
  ])
}
