import Chronology

/// The message broker.
package struct BrokerFile: Hashable, Sendable {
  package var partitions = 4
  package var batchSize = 500
  package var linger = Span.seconds(1)
  package var redeliveryShare = 0.0
  package var redeliveryTimeout = Span.seconds(30)
  package var retention: Span?
  package var capacity: Int?
  package var throughput: Double?
  package var backpressure = SpanRangeFile(min: .seconds(5), max: .seconds(10))
  package var comeback = SpanRangeFile(min: .zero, max: .seconds(60))

  /// The `broker` section.
  static let schema = Schema.changing(BrokerFile(), keys)

  private static let keys: [Key<Change<BrokerFile>>] = [
    .set("partitions", \.partitions, .integer(1...1024), "partitions; 4 if left out"),
    .set(
      "batchSize", \.batchSize, .integer(1...100_000), "maximum number of events per batch; 500 if left out",
      title: "events per batch of {}"),
    .set(
      "linger", \.linger, .duration, "how long a batch waits to fill; 1s if left out",
      title: "longest wait for a full batch of {}"),
    .within("redelivery", redelivery, "batches whose acknowledgement is lost", title: ""),
    .setOptional(
      "retention", \.retention, .duration, "how long unconsumed events are retained; forever if left out"),
    .setOptional(
      "capacity", \.capacity, .integer(1...1_000_000_000),
      "how many events fit in a partition; producers wait while it is full; unlimited if left out",
      title: "capacity of a partition of {}"),
    .setOptional(
      "throughput", \.throughput, throughput,
      "how much the consumer of a partition processes; unlimited if left out",
      title: "consumer throughput per partition"),
    .set(
      "backpressure", \.backpressure, SpanRangeFile.schema(minimum: .milliseconds(1)),
      "from a full partition's refusal until the producer tries again; 5s to 10s if left out", title: ""),
    .set(
      "comeback", \.comeback, SpanRangeFile.schema(minimum: .zero),
      "from the end of an outage until waiting producers send again; within 60s if left out", title: ""),
  ]

  private static let redelivery: [Key<Change<BrokerFile>>] = [
    .setRequired(
      "share", \.redeliveryShare, .share, "the share of batches that are delivered twice",
      title: "share of batches delivered twice"),
    .set(
      "after", \.redeliveryTimeout, timeout, "how long after; 30s if left out",
      title: "delay of batches delivered twice"),
  ]

  private static let timeout: Schema<Span> = .duration.refusing { (span: Span, _) -> String? in
    span >= .seconds(1) ? nil : "a batch must not be redelivered before 1s"
  }

  private static let throughput: Schema<Double> = .rate.refusing { (rate: Double, _) -> String? in
    rate >= 1.0 / 86_400 ? nil : "a consumer must process at least 1/d"
  }
}
