import CanonicalModel
import Chronology

/// An entry of the load.
package struct LoadFile: Sendable {
  /// One meter that an event feeds.
  package struct MeterUse: Hashable, Sendable {
    /// The meter.
    package var meter: String
    /// How it aggregates.
    package var aggregation: Aggregation
  }

  /// Where usage comes from.
  package enum Pattern: Sendable {
    /// Drawn; one quantity a meter.
    case synthetic(ArrivalProcess, [QuantityFile])
    /// Replayed.
    case trace([TraceRecord])
  }

  /// A time without delivery.
  package struct Gap: Hashable, Sendable {
    package var from: Instant
    package var until: Instant
    package var backfilledAt: Instant
    /// Zero: never.
    package var misdeclaredBy: Span
    /// From the wrong declaration until its job is run again.
    package var misdeclaredAgainAfter = Span.hours(6)
    /// From the wrong declaration until the right one.
    package var correctedAfter = Span.days(1)
    /// From the right declaration until its job is run again.
    package var repeatedAfter = Span.days(1)
  }

  /// A new version of an event's schema.
  package struct SchemaChange: Hashable, Sendable {
    /// From when on producers emit it.
    package var at: Instant
    /// When it is registered with billing.
    package var registered: Instant
    /// Optional fields that it adds, and fields that it drops.
    package var adds: [String]
    package var drops: [String]
    /// From its registration until billing is told again.
    package var repeatedAfter = Span.hours(1)
  }

  /// What the usage is for.
  enum Use: String, CaseIterable, Sendable {
    case billable
    case operational
  }

  /// The type of event.
  package var event: String
  /// The meters that it feeds, one or two.
  package var meters: [MeterUse]
  /// The pattern.
  package var pattern: Pattern
  /// The number of producers.
  package var producers: Int
  /// A new version of the event's schema.
  package var schemaChange: SchemaChange?
  /// The values of the dimension by which the meters are grouped; empty: none.
  package var dimension: [String]
  /// Whose usage is backfilled.
  package var gap: Gap?
  /// Whether its rates were given per customer; they are totals here all the same.
  package var isPerCustomer = false

  /// The `load` section.
  static let list: Schema<[LoadFile]> = Schema<[LoadFile]>.list(schema, minimum: 1).map(refuseOtherwise)

  /// Entries that feed the same meters, or are of the same event, agree on them.
  @Sendable
  private static func refuseOtherwise(_ place: Place, _ loads: [LoadFile]) throws(InvalidInput) -> [LoadFile]
  {
    for (index, load) in loads.enumerated() {
      for earlier in loads[..<index] {
        if let problem = load.problem(beside: earlier) {
          throw InvalidInput(problem, at: place.position("\(index)"))
        }
      }
    }
    return loads
  }

  private func problem(beside earlier: LoadFile) -> String? {
    for meter in meters
    where earlier.dimension != dimension
      && (earlier.event == event || earlier.meters.contains { $0.meter == meter.meter })
    {
      return "the meter '\(meter.meter)' is grouped otherwise here than in an entry before"
    }
    if earlier.event == event, earlier.meters != meters {
      return "the event '\(event)' feeds other meters here than in an entry before"
    }
    for meter in meters {
      if let other = earlier.meters.first(where: { $0.meter == meter.meter }),
        other.aggregation != meter.aggregation
      {
        return
          "the meter '\(meter.meter)' is '\(meter.aggregation.rawValue)' here and '\(other.aggregation.rawValue)' in another entry"
      }
    }
    return nil
  }
}
