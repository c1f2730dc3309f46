import CanonicalModel

/// The meters that a type of usage event feeds, one or two, flat: reading it counts no references.
struct TypeLayout: Sendable {
  let meter0: Int
  /// −1 where the type has one meter.
  let meter1: Int
  let aggregation0: Aggregation
  let aggregation1: Aggregation
  /// Whether both aggregates are sums.
  let isAdditive: Bool

  /// The layout of a type; one without meters, which is never billed, feeds the first.
  init(_ type: EventType, in catalog: Catalog) {
    precondition(type.meters.count <= 2, "a type of event feeds more than two meters")
    let aggregations = type.meters.map { catalog[$0].aggregation }
    meter0 = type.meters.first.map { Int($0.index) } ?? 0
    meter1 = type.meters.count > 1 ? Int(type.meters[1].index) : -1
    aggregation0 = aggregations.first ?? .sum
    aggregation1 = aggregations.last ?? .sum
    isAdditive = aggregations.allSatisfy(\.isAdditive)
  }
}
