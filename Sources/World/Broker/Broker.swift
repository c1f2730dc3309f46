import CanonicalModel
import Chronology

/// The message broker between producers and ingestion.
public struct BrokerConfiguration: Sendable {
  /// Partitions; a customer's events share one.
  public var partitions: Int
  /// Events that are handed over at once, at most.
  public var batchSize: Int
  /// How long a partition waits for a batch to fill.
  public var linger: Span
  /// The share of batches whose acknowledgement is lost.
  public var redeliveryShare: Double
  /// After which an unacknowledged batch is delivered again.
  public var redeliveryTimeout: Span
  /// Whether there is none: producers call ingestion themselves, and what is not taken is theirs.
  public var isDirect = false
  /// Attempts of a producer that calls ingestion itself.
  public var directAttempts = 3

  /// Makes a configuration.
  public init(
    partitions: Int = 4, batchSize: Int = 500, linger: Span = .seconds(1), redeliveryShare: Double = 0,
    redeliveryTimeout: Span = .seconds(30)
  ) {
    self.partitions = partitions
    self.batchSize = batchSize
    self.linger = linger
    self.redeliveryShare = redeliveryShare
    self.redeliveryTimeout = redeliveryTimeout
  }
}

/// One partition: what has arrived and was not handed over yet.
struct BrokerPartition {
  var events: ContiguousArray<UsageEvent> = []
  /// Attempts that were made with what it holds, where producers call ingestion themselves.
  var attempts = 0
  /// Counts the batches, so that a poll that came too late for its batch is told from the next one's.
  var turn: UInt64 = 0
}
