import CanonicalModel
import Chronology

/// What the sources emitted for meters whose aggregates are no sums: every event, to be aggregated at rest by the naive
/// definition of each aggregate.
struct AggregateTruth: Sendable {
  /// An event's value for a meter.
  struct Value: Sendable {
    var time: Instant
    var digest: UInt64
    var value: Int64
  }

  /// Per `subscription × meters + meter`.
  private(set) var values: [Int: [Value]] = [:]
  /// Approximate counts may be off by five standard errors of 1.04 / √4096, or by 3.
  static let approximationError: (part: Int128, of: Int128, minimum: Int128) = (8125, 100_000, 3)

  mutating func add(_ slot: Int, _ event: UsageEvent, _ value: Int64) {
    values[slot, default: []].append(Value(time: event.time, digest: event.key.digest, value: value))
  }

  /// The aggregate of some events of a period, in millionths.
  static func aggregate(_ values: [Value], _ aggregation: Aggregation, in period: Period) -> Int128 {
    switch aggregation {
    case .count: return Int128(values.count) * 1_000_000
    case .sum: return values.reduce(0) { $0 + Int128($1.value) }
    case .max: return Int128(values.reduce(0) { max($0, $1.value) })
    case .unique, .approximateUnique: return Int128(Set(values.map(\.value)).count) * 1_000_000
    case .latest:
      // A later event takes the place of an earlier one; of two at one instant, the one with the greater hash.
      var latest: Value?
      for value in values {
        guard let last = latest else {
          latest = value
          continue
        }
        if value.time > last.time || (value.time == last.time && value.digest > last.digest) {
          latest = value
        }
      }
      return Int128(latest?.value ?? 0)
    case .timeWeightedSum:
      // Level by level: how long each held, from one event to the next.
      let sorted = values.sorted { $0.time < $1.time }
      let length = Int128(period.end.nanoseconds - period.start.nanoseconds)
      var level: Int128 = 0
      // The area under the levels, in periods' lengths and what is left over.
      var full: Int128 = 0
      var left: Int128 = 0
      for (index, value) in sorted.enumerated() {
        level += Int128(value.value)
        let until = index + 1 < sorted.count ? sorted[index + 1].time : period.end
        let held = Int128(until.nanoseconds - value.time.nanoseconds)
        full += level / length * held
        left += level % length * held
      }
      full += left / length
      left %= length
      if left < 0 { (full, left) = (full - 1, left + length) }
      // Half and more rounds up; below zero, only more than half does.
      return full + (left * 2 > length || (left * 2 == length && full >= 0) ? 1 : 0)
    }
  }
}
