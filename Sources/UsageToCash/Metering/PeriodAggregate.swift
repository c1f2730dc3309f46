import CanonicalModel
import Chronology

/// What is kept of the events of a billing period for a meter whose aggregate is no sum of its windows' aggregates: as much
/// as it takes to give the aggregate anew when an event comes late, out of order, or is withdrawn.
///
/// The aggregate is a function of the set of events alone, whatever order they came in.
struct PeriodAggregate: Sendable {
  /// An event's value at its time.
  struct Point: Comparable, Sendable {
    var time: Instant
    /// Decides between events of one instant.
    var digest: UInt64
    var value: Int64

    static func < (a: Point, b: Point) -> Bool { (a.time, a.digest, a.value) < (b.time, b.digest, b.value) }
  }

  private enum Memory: Sendable {
    /// How often each value occurs.
    case values([Int64: Int32])
    /// The events in the order of time.
    case points([Point])
    case sketch(DistinctSketch)
  }

  private let aggregation: Aggregation
  private var memory: Memory
  /// What the summaries have said so far.
  private(set) var told: Int128 = 0

  init(_ aggregation: Aggregation) {
    self.aggregation = aggregation
    memory =
      switch aggregation {
      case .latest, .timeWeightedSum: .points([])
      case .approximateUnique: .sketch(DistinctSketch())
      case .count, .sum, .max, .unique: .values([:])
      }
  }

  /// Takes an event in, or back where it is withdrawn. A sketch cannot forget: what it has counted stays counted.
  mutating func add(_ point: Point, isWithdrawn: Bool = false) {
    switch memory {
    case .values(var values):
      memory = .values([:])  // one owner, so that the table is changed in place
      let count = values[point.value, default: 0] + (isWithdrawn ? -1 : 1)
      values[point.value] = count == 0 ? nil : count
      assert(values[point.value] != 0, "a value is kept that occurs not at all")
      memory = .values(values)
    case .points(var points):
      memory = .points([])
      // The first position that is not before the point, from the end: events come nearly in order.
      var position = points.count
      while position > 0, !(points[position - 1] < point) { position -= 1 }
      if !isWithdrawn {
        points.insert(point, at: position)
        assert(
          (position == 0 || points[position - 1] < point)
            && (position + 1 == points.count || !(points[position + 1] < point)),
          "events are not in the order of time")
      } else if position < points.count, points[position] == point {
        points.remove(at: position)
      }
      memory = .points(points)
    case .sketch(var sketch):
      memory = .sketch(DistinctSketch(empty: ()))
      if !isWithdrawn { sketch.insert(point.value) }
      memory = .sketch(sketch)
    }
  }

  /// The aggregate of all events so far, in millionths.
  func value(in period: Period) -> Int128 {
    switch memory {
    case .values(let values):
      // A value may have been taken back before it has come.
      if aggregation == .max {
        return values.reduce(0) { $1.value > 0 ? max($0, Int128($1.key)) : $0 }
      }
      return values.reduce(0) { $1.value > 0 ? $0 + Quantity.one : $0 }
    case .points(let points):
      return aggregation == .latest
        ? Int128(points.last?.value ?? 0) : Self.timeWeightedSum(points, from: period.start, to: period.end)
    case .sketch(let sketch):
      return Int128(sketch.estimate) * Quantity.one
    }
  }

  /// The running sum of the values, averaged over a period: a value counts from its time to the period's end. To the
  /// nearest millionth, ties away from zero.
  static func timeWeightedSum(_ points: [Point], from start: Instant, to end: Instant) -> Int128 {
    precondition(start < end, "a period ends before it begins")
    let length = Int128((end - start).nanoseconds)
    var whole: Int128 = 0  // the integral is whole × length + rest: its own digits would not hold every sum
    var rest: Int128 = 0
    for point in points {
      let (quotient, remainder) = (Int128(point.value) * Int128((end - point.time).nanoseconds))
        .quotientAndRemainder(dividingBy: length)
      whole += quotient
      rest += remainder
    }
    let (carry, remainder) = rest.quotientAndRemainder(dividingBy: length)
    whole += carry
    // Of one sign, so that the tie is seen.
    if whole > 0, remainder < 0 {
      return whole - 1 + (remainder + length).divided(by: length, rounding: .halfAwayFromZero)
    }
    if whole < 0, remainder > 0 {
      return whole + 1 + (remainder - length).divided(by: length, rounding: .halfAwayFromZero)
    }
    return whole + remainder.divided(by: length, rounding: .halfAwayFromZero)
  }

  /// What the aggregate has changed by since the last time: the increments of a period sum to its aggregate.
  mutating func increment(in period: Period) -> Int128 {
    let value = value(in: period)
    assert(aggregation != .unique || value % Quantity.one == 0, "a part of a value is counted")
    defer { told = value }
    return value - told
  }
}

/// Counts distinct values in 4 KiB: HyperLogLog with 4,096 registers, with linear counting for small counts (Flajolet et
/// al., 2007). The standard error is 1.04 / √4096 = 1.6 %.
struct DistinctSketch: Sendable {
  private static let bits = 12
  private var registers: ContiguousArray<UInt8>

  init() { registers = ContiguousArray(repeating: 0, count: 1 << Self.bits) }
  /// Holds a place while the sketch is changed elsewhere.
  init(empty: Void) { registers = [] }

  mutating func insert(_ value: Int64) {
    precondition(registers.count == 1 << Self.bits, "a placeholder of a sketch counts")
    let hash = UsageEventKey(source: SourceID(index: 0), id: UInt64(bitPattern: value)).digest
    let index = Int(hash >> UInt64(64 - Self.bits))
    let rank = UInt8(min(64 - Self.bits, (hash << UInt64(Self.bits)).leadingZeroBitCount) + 1)
    if rank > registers[index] { registers[index] = rank }
  }

  /// The number of distinct values, rounded. In integers: the sum of 2⁻ʳ is kept in units of 2⁻⁵³.
  var estimate: Int64 {
    precondition(registers.count == 1 << Self.bits, "a placeholder of a sketch is asked")
    let count = Int128(registers.count)
    var sum: Int128 = 0
    var empty: Int128 = 0
    for register in registers {
      sum += Int128(1) << Int128(53 - Int(min(register, 53)))
      if register == 0 { empty += 1 }
    }
    // α m² / Σ 2⁻ʳ with α = 0.7213 / (1 + 1.079 / m), in millionths.
    let alpha = Int128(721_300) * count * 1000 / (count * 1000 + 1079)
    let raw = (alpha * count * count / 1_000_000 * (Int128(1) << 53)) / sum
    guard raw * 2 <= 5 * count, empty > 0 else { return Int64(raw) }
    return Int64(Self.linear(count, empty))
  }

  /// m ln(m / empty), by the logarithm's series in integers of millionths: ln x = k ln 2 + 2 artanh((y − 1) / (y + 1)).
  private static func linear(_ count: Int128, _ empty: Int128) -> Int128 {
    let one: Int128 = 1_000_000_000_000
    var ratio = count * one / empty
    var log: Int128 = 0
    while ratio >= 2 * one {
      ratio /= 2
      log += 693_147_180_560
    }
    let z = (ratio - one) * one / (ratio + one)
    var power = z
    var term = 1 as Int128
    while power != 0 {
      log += 2 * power / term
      power = power * z / one * z / one
      term += 2
    }
    return (count * log + one / 2) / one
  }
}
