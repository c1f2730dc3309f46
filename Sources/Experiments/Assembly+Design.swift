import CanonicalModel
import Chronology
import Scenario
import UsageToCash

/// From a design file, whose choices are those of the core, to the rules of the stages.
extension PipelinePolicy {
  init(_ design: DesignFile) {
    var ingestion = IngestionPolicy(
      deduplicationHorizon: design.deduplicationHorizon, clockTolerance: design.clockTolerance,
      store: design.deduplicationStore)
    ingestion.contentHorizon = design.contentHorizon
    ingestion.keying = design.deduplication
    self.init(
      ingestion: ingestion,
      metering: MeteringPolicy(
        window: design.window, grace: design.grace, idleTimeout: design.idleTimeout,
        lateBilling: design.lateUsage),
      posting: PostingPolicy(design), reconciliationCadence: design.reconciliationCadence,
      sync: design.syncEvery.map { .every($0) } ?? .eachInput)
    inputsBetweenSnapshots = design.snapshotEvery
    tax = design.tax
    payments = design.payments
  }
}

extension PostingPolicy {
  init(_ design: DesignFile) {
    self.init(
      batchSize: design.batchSize, concurrency: design.concurrency, timeout: design.timeout,
      backoff: design.backoff, maximumBackoff: design.maximumBackoff, idempotency: design.key,
      unknownOutcome: design.unknownOutcome, order: design.order, periodCheck: design.periodCheck,
      store: design.outbox)
    backoffStrategy = design.backoffStrategy
    readBackInterval = design.readBackInterval
    partialSuccess = design.partialSuccess
    schedule = design.schedule
    attempts = design.attempts
    honoursRetryAfter = design.retryAfter == .honoured
    trustsAcceptance = design.acceptance == .trusted
  }
}

extension MeteringPolicy {
  /// From the arrival of usage that comes after its invoice until finance is asked about it: until its window closes. `nil`: nobody is.
  package var decisionAfter: Span? { lateBilling == .exception ? window + grace + idleTimeout : nil }
}
