import CanonicalModel
import Chronology

/// The designs that are built in: the patterns that the field's articles compare, all assembled from the same stages.
extension DesignFile {
  /// All of them, from the naive ones to the sound ones.
  package static let builtIn: [(design: DesignFile, description: String)] = [
    (
      directAPI,
      "point to point: producers call billing, billing calls the ERP for each invoice, tries five times and persists nothing"
    ),
    (
      nightlyBatch,
      "one file per night: daily windows, one large batch that counts as sent or not as a whole, resent the next night"
    ),
    (
      customScripts,
      "scripts every 15 minutes: parallel workers, blind retries with a new key per attempt, state saved now and then"
    ),
    (
      middleware,
      "durable queues, an outbox, one idempotency key per document, look-up before retry"
    ),
    (microBatch, "middleware that collects documents for five minutes into larger calls"),
  ]

  /// Durable queues between services of their own, an outbox, keys from the document, look-up before any retry.
  package static let middleware = DesignFile(name: "middleware")

  /// ``middleware`` that waits for five minutes, or a hundred documents, before it calls the ERP.
  package static let microBatch: DesignFile = {
    var design = DesignFile(name: "micro-batch")
    design.schedule = .linger(.minutes(5))
    design.batchSize = 100
    return design
  }()

  /// Point to point and synchronous: whoever calls tries a few times and then moves on.
  package static let directAPI: DesignFile = {
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
  package static let nightlyBatch: DesignFile = {
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
  package static let customScripts: DesignFile = {
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
    design.key = .perAttempt
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
