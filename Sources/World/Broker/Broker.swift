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
  /// How long events are kept that nobody takes; `nil`: forever.
  public var retention: Span?
  /// Events that a partition holds; producers wait while it is full. `nil`: any number.
  public var capacity: Int?
  /// Events a second that the consumer of a partition works off; `nil`: as fast as they come.
  public var throughput: Double?
  /// From an event that a full partition does not take until its producer tries again, in whole milliseconds: more than nothing. Assumed.
  public var backpressureDelay = DelayRange(from: .seconds(5), below: .seconds(10))
  /// From the end of an outage until a producer that waits for it sends again, in whole milliseconds: they do not come back all at once.
  /// Assumed.
  public var comebackDelay = DelayRange(from: .zero, below: .seconds(60))
  /// Whether there is none: producers call ingestion themselves, and what is not taken is theirs.
  public var isDirect = false
  /// Attempts of a producer that calls ingestion itself.
  public var directAttempts = 3
  /// What such a producer's pauses are made of: it waits for twice as long after the first attempt, and doubles that with each: more than
  /// nothing. Assumed.
  public var directPause = Span.seconds(2)
  /// How often the pause is doubled, at most: 0 to 16. Assumed.
  public var directDoublings = 10

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
  /// When each of them arrived; kept where retention is limited.
  var arrived: ContiguousArray<Instant> = []
  /// The batch that was handed over last; kept where consumers are rebalanced.
  var last: ContiguousArray<UsageEvent> = []
  /// Until when its consumer is at work.
  var busyUntil = Instant.distantPast
  /// Attempts that were made with what it holds, where producers call ingestion themselves.
  var attempts = 0
  /// Counts the batches, so that a poll that came too late for its batch is told from the next one's.
  var turn: UInt64 = 0

  /// Takes the first events out.
  mutating func removeFirst(_ count: Int) {
    assert(count <= events.count, "no more leaves a partition than it holds")
    assert(
      arrived.isEmpty || arrived.count == events.count,
      "each event of a partition arrived at an instant of its own")
    if count == events.count {
      events.removeAll(keepingCapacity: true)
      arrived.removeAll(keepingCapacity: true)
    } else {
      events.removeSubrange(..<count)
      if !arrived.isEmpty { arrived.removeSubrange(..<count) }
    }
  }
}

/// Remainders by a number that stays the same: a mask where it is a power of two, as a division takes as long as all the rest of
/// finding a partition.
struct Modulus {
  private let divisor: UInt32
  private let mask: UInt32?

  init(_ divisor: Int) {
    precondition(divisor > 0, "nothing can be shared out among none")
    self.divisor = UInt32(divisor)
    mask = divisor.nonzeroBitCount == 1 ? UInt32(divisor) - 1 : nil
  }

  @inline(__always)
  func remainder(of number: UInt32) -> Int { Int(mask.map { number & $0 } ?? number % divisor) }
}
