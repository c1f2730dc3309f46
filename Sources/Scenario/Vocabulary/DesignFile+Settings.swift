import CanonicalModel
import Chronology

extension DesignFile {
  /// Every setting with its path in a design file and its value as it would be written there; `never` and `each input` for what is
  /// left out.
  public var settings: [(path: String, value: String)] {
    [
      ("processes", "[\(processes.map { "[\($0.joined(separator: ", "))]" }.joined(separator: ", "))]"),
      ("log.syncEvery", syncEvery?.written ?? "each input"),
      ("log.snapshotEvery", "\(snapshotEvery)"),
      ("ingestion.capture", capture.rawValue),
      ("ingestion.captureAttempts", "\(captureAttempts)"),
      ("ingestion.deduplication", deduplication.rawValue),
      ("ingestion.store", deduplicationStore.rawValue),
      ("ingestion.deduplicationHorizon", deduplicationHorizon.written),
      ("ingestion.contentHorizon", contentHorizon?.written ?? "never"),
      ("ingestion.clockTolerance", clockTolerance.written),
      ("metering.window", window.written),
      ("metering.grace", grace.written),
      ("metering.idleTimeout", idleTimeout.written),
      ("billing.lateUsage", lateUsage.rawValue),
      ("posting.batchSize", "\(batchSize)"),
      ("posting.concurrency", "\(concurrency)"),
      ("posting.timeout", timeout.written),
      ("posting.backoff", backoff.written),
      ("posting.maximumBackoff", maximumBackoff.written),
      ("posting.backoffStrategy", backoffStrategy.rawValue),
      ("posting.key", key.rawValue),
      ("posting.unknownOutcome", unknownOutcome.rawValue),
      ("posting.partialSuccess", partialSuccess.rawValue),
      ("posting.order", order.rawValue),
      ("posting.schedule", scheduleText),
      ("posting.attempts", attempts.map { "\($0)" } ?? "never given up"),
      ("posting.retryAfter", retryAfter.rawValue),
      ("posting.outbox", outbox.rawValue),
      ("posting.acceptance", acceptance.rawValue),
      ("posting.periodCheck", periodCheck.rawValue),
      ("reconciliation.every", reconciliationCadence.written),
      ("reconciliation.readBackEvery", readBackInterval.written),
    ]
  }

  /// The schedule as it is written in a design file.
  var scheduleText: String {
    switch schedule {
    case .continuous: "continuous"
    case .linger(let span): "{ linger: \(span.written) }"
    case .nightly(let at, let length): "{ nightly: { at: \(at.written), for: \(length.written) } }"
    }
  }
}

extension Span {
  /// The span as a scenario file has it: `1h30m`, `250ms`, `0s`.
  public var written: String {
    guard nanoseconds != 0 else { return "0s" }
    var rest = nanoseconds.magnitude
    var text = nanoseconds < 0 ? "-" : ""
    for (size, unit) in [
      (86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s"),
      (1_000_000, "ms"), (1_000, "us"), (1, "ns"),
    ] as [(UInt64, String)] where rest >= size {
      text += "\(rest / size)\(unit)"
      rest %= size
    }
    return text
  }
}
