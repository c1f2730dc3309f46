import Chronology
import Scenario
import UsageToCash

/// From the words of a design file to the strategies of the core.
extension LateBilling {
  init(_ policy: DesignFile.LateUsage) {
    switch policy {
    case .nextInvoice: self = .nextInvoice
    case .supplementary: self = .supplementary
    case .accrue: self = .accrue
    case .exception: self = .exception
    }
  }
}

extension PipelinePolicy {
  init(_ design: DesignFile) {
    var ingestion = IngestionPolicy(
      deduplicationHorizon: design.deduplicationHorizon, clockTolerance: design.clockTolerance,
      store: StateStore(design.deduplicationStore))
    ingestion.contentHorizon = design.contentHorizon
    switch design.deduplication {
    case .sourceAndID: ingestion.keying = .sourceAndID
    case .idOnly: ingestion.keying = .idOnly
    case .none: ingestion.keying = .none
    }
    self.init(
      ingestion: ingestion,
      metering: MeteringPolicy(
        window: design.window, grace: design.grace, idleTimeout: design.idleTimeout,
        lateBilling: LateBilling(design.lateUsage)),
      posting: PostingPolicy(design), reconciliationCadence: design.reconciliationCadence,
      sync: design.syncEvery.map { .every($0) } ?? .eachInput)
    inputsBetweenSnapshots = design.snapshotEvery
  }
}

extension StateStore {
  init(_ store: DesignFile.Store) {
    switch store {
    case .durable: self = .durable
    case .memory: self = .memory
    }
  }
}

extension PostingPolicy {
  init(_ design: DesignFile) {
    self.init(
      batchSize: design.batchSize, concurrency: design.concurrency, timeout: design.timeout,
      backoff: design.backoff, maximumBackoff: design.maximumBackoff, store: StateStore(design.outbox))
    switch design.backoffStrategy {
    case .perCall: backoffStrategy = .perCall
    case .perOutbox: backoffStrategy = .perOutbox
    case .adaptive: backoffStrategy = .adaptive
    }
    readBackInterval = design.readBackInterval
    switch design.key {
    case .document: idempotency = .documentDerived
    case .attempt: idempotency = .perAttempt
    case .none: idempotency = .none
    }
    switch design.unknownOutcome {
    case .lookUp: unknownOutcome = .lookUp
    case .retry: unknownOutcome = .retry
    }
    switch design.partialSuccess {
    case .perDocument: partialSuccess = .perDocument
    case .allOrNothing: partialSuccess = .allOrNothing
    case .ignored: partialSuccess = .ignored
    }
    switch design.order {
    case .perAccount: order = .perAccount
    case .perKind: order = .perKind
    }
    switch design.schedule {
    case .continuous: schedule = .continuous
    case .linger(let span): schedule = .linger(span)
    case .nightly(let at, let length): schedule = .nightly(at: at, for: length)
    }
    attempts = design.attempts
    honoursRetryAfter = design.retryAfter == .honoured
    trustsAcceptance = design.acceptance == .trusted
    periodCheck = design.periodCheck == .atPosting ? .atPosting : .atEnqueue
  }
}

extension MeteringPolicy {
  /// From the arrival of usage that comes after its invoice until finance is asked about it: until its window closes. `nil`: nobody is.
  package var decisionAfter: Span? { lateBilling == .exception ? window + grace + idleTimeout : nil }
}
