import CanonicalModel
import Chronology

/// An entry of the load.
public struct LoadFile: Sendable {
  /// One meter that an event feeds.
  public struct MeterUse: Hashable, Sendable {
    /// The meter.
    public var meter: String
    /// How it aggregates.
    public var aggregation: Aggregation
  }

  /// Where usage comes from.
  public enum Pattern: Sendable {
    /// Drawn; one quantity a meter.
    case synthetic(ArrivalsFile, [QuantityFile])
    /// Replayed.
    case trace([TraceRecord])
  }

  /// A time without delivery.
  public struct Gap: Hashable, Sendable {
    public var from: Instant
    public var until: Instant
    public var backfilledAt: Instant
    /// Zero: never.
    public var misdeclaredBy: Span
  }

  /// A new version of an event's schema.
  public struct SchemaChange: Hashable, Sendable {
    /// From when on producers emit it.
    public var at: Instant
    /// When it is registered with billing.
    public var registered: Instant
    /// Optional fields that it adds, and fields that it drops.
    public var adds: [String]
    public var drops: [String]
  }

  /// What the usage is for.
  enum Use: String, CaseIterable, Sendable {
    case billable
    case operational
  }

  /// The type of event.
  public var event: String
  /// The meters that it feeds, one or two.
  public var meters: [MeterUse]
  /// The pattern.
  public var pattern: Pattern
  /// The number of producers.
  public var producers: Int
  /// A new version of the event's schema.
  public var schemaChange: SchemaChange?
  /// The values of the dimension by which the meters are grouped; empty: none.
  public var dimension: [String]
  /// Whose usage is backfilled.
  public var gap: Gap?
  /// Whether its rates were given per customer; they are totals here all the same.
  public var isPerCustomer = false

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
