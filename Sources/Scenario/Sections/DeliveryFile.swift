import CanonicalModel
import Chronology

/// What happens to events on their way.
package struct DeliveryFile: Hashable, Sendable {
  package var duplicateShare = 0.0
  package var duplicateDelay = DelayDistribution.exponential(mean: .minutes(1))
  package var lateShare = 0.0
  package var lateDelay = DelayDistribution.constant(.zero)
  package var reorder = Span.zero
  package var unknownAccountShare = 0.0
  package var correctionShare = 0.0
  package var voidShare = 0.5
  package var correctionDelay = DelayDistribution.exponential(mean: .days(1))
  package var invalidShare = 0.0
  package var crossRegionShare = 0.0
  package var restampedShare = 0.0
  package var producerBuffer = Span.seconds(10)
  package var restampedDelay = SpanRangeFile(min: .minutes(5), max: .minutes(15))
  package var minimumCorrection = 0.2
  package var maximumCorrection = 1.8
  package var correctionRepeatedAfter = Span.minutes(10)
  package var faultyEvery = 2

  /// The `delivery` section.
  static let schema = Schema.changing(DeliveryFile(), keys, check: refuseNoCorrection)

  private static let keys: [Key<Change<DeliveryFile>>] = [
    .change(
      "duplicates", duplicates, "events that are sent more than once", title: "share of duplicated events"),
    .within("late", late, "events that arrive late", title: ""),
    .within("corrections", corrections, "events that are amended or voided", title: ""),
    .set(
      "reorder", \.reorder, .duration, "every copy is delayed by up to this much",
      title: "longest delay by reordering"),
    .set(
      "unknownAccounts", \.unknownAccountShare, .share,
      "events with a customer reference that is unknown to billing",
      title: "share of events of unknown customers"),
    .set(
      "invalid", \.invalidShare, .share, "events with a negative quantity", title: "share of invalid events"),
    .set(
      "restamped", \.restampedShare, .share,
      "events that their producer sends again under another identifier",
      title: "share of events sent again under another identifier"),
    .set(
      "crossRegion", \.crossRegionShare, .share,
      "events that are copied through another region, under another name of their producer",
      title: "share of events copied from another region"),
    .set(
      "producerBuffer", \.producerBuffer, .duration,
      "for how long producers collect events before they send them; 10s if left out",
      title: "time for which producers collect events"),
    .set(
      "restampedDelay", \.restampedDelay, SpanRangeFile.schema(minimum: .zero),
      "from an event until it comes under another identifier; 5m to 15m if left out", title: ""),
    .set(
      "faultyEvery", \.faultyEvery, .integer(1...10_000),
      "faults of producers hit every n-th one; every second if left out",
      title: "producers of which a fault hits one"),
  ]

  @Sendable
  private static func refuseNoCorrection(_ place: Place, _ delivery: inout DeliveryFile) throws(InvalidInput)
  {
    guard delivery.minimumCorrection <= delivery.maximumCorrection else {
      throw InvalidInput(
        "the smallest correction, \(delivery.minimumCorrection), is above the greatest, \(delivery.maximumCorrection)",
        at: place.position("corrections"))
    }
  }

  private static let duplicates: Schema<Change<DeliveryFile>> = Schema<Change<DeliveryFile>>.either(
    Schema<Double>.share.map { _, share in Change { $0.duplicateShare = share } }, .changes(copies)
  ).map(refuseMost)

  private static let copies: [Key<Change<DeliveryFile>>] = [
    .setRequired(
      "share", \.duplicateShare, .share, "the share of events that are sent again",
      title: "share of duplicated events"),
    .set(
      "delay", \.duplicateDelay, DelayDistribution.schema, "how long after the copy before",
      title: "delay of duplicated events"),
  ]

  private static let late: [Key<Change<DeliveryFile>>] = [
    .setRequired(
      "share", \.lateShare, .share, "the share of events that are late", title: "share of late events"),
    .setRequired(
      "delay", \.lateDelay, DelayDistribution.schema, "how late they are", title: "delay of late events"),
  ]

  private static let corrections: [Key<Change<DeliveryFile>>] = [
    .setRequired(
      "share", \.correctionShare, .share, "the share of events that their producer takes back",
      title: "share of corrected events"),
    .set(
      "voids", \.voidShare, .share,
      "the share of those that void the event without a replacement; half if left out",
      title: "share of corrections that only void"),
    .set(
      "delay", \.correctionDelay, DelayDistribution.schema,
      "how long after the event; 1d on average if left out",
      title: "delay of corrections"),
    .set(
      "minimum", \.minimumCorrection, .number(0...1000),
      "the smallest part of its quantity that an event is corrected to; 0.2 if left out",
      title: "smallest corrected part of a quantity"),
    .set(
      "maximum", \.maximumCorrection, .number(0...1000),
      "the greatest such part; 1.8 if left out", title: "greatest corrected part of a quantity"),
    .set(
      "repeatedAfter", \.correctionRepeatedAfter, .duration(minimum: .zero),
      "from a correction until its duplicate; 10m if left out", title: "time until a correction comes again"),
  ]

  /// Copies of copies form a geometric series, which must end.
  @Sendable
  private static func refuseMost(
    _ place: Place, _ change: Change<DeliveryFile>
  ) throws(InvalidInput) -> Change<DeliveryFile> {
    var delivery = DeliveryFile()
    change.apply(&delivery)
    guard delivery.duplicateShare <= 0.9 else {
      throw InvalidInput("duplicates must not exceed 90%", at: place.node.position)
    }
    return change
  }
}
