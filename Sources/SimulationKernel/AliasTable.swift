/// A discrete distribution over `0 ..< count` with given weights, drawn in O(1): the alias method
/// (A. Walker 1977; M. Vose, "A linear algorithm for generating random numbers with a given
/// distribution", IEEE TSE 17(9), 1991).
public struct AliasTable: Sendable {
  @usableFromInline let thresholds: ContiguousArray<UInt64>
  /// For each slot its own outcome and the one that takes the rest of the slot.
  @usableFromInline let outcomes: ContiguousArray<UInt32>

  /// Makes a table from weights that are finite, not negative and not all zero.
  ///
  /// - Complexity: O(`weights.count`).
  public init(weights: [Double]) {
    let total = weights.reduce(0, +)
    precondition(total > 0 && total < .infinity, "the weights of a table must have a positive, finite sum")
    precondition(weights.allSatisfy { $0 >= 0 }, "no outcome is less likely than never")
    let count = weights.count
    var scaled = weights.map { $0 * Double(count) / total }
    var thresholds = ContiguousArray(repeating: UInt64.max, count: count)
    var outcomes = ContiguousArray((0..<2 * count).map { UInt32($0 / 2) })
    var small = (0..<count).filter { scaled[$0] < 1 }
    var large = (0..<count).filter { scaled[$0] >= 1 }
    while let low = small.popLast(), let high = large.last {
      thresholds[low] = UInt64(max(0, scaled[low]) * 0x1p63) << 1
      outcomes[2 * low + 1] = UInt32(high)
      scaled[high] -= 1 - scaled[low]
      if scaled[high] < 1 {
        large.removeLast()
        small.append(high)
      }
    }
    assert(outcomes.allSatisfy { $0 < count }, "a slot leads to an outcome of the table")
    self.thresholds = thresholds
    self.outcomes = outcomes
  }

  /// A Zipf distribution over ranks `0 ..< count`: weight `1 / (rank + 1)^exponent`.
  public static func zipf(count: Int, exponent: Double) -> AliasTable {
    precondition(count > 0, "nothing can be drawn from among none")
    return AliasTable(weights: (1...count).map { DeterministicMath.pow(Double($0), -exponent) })
  }

  /// The number of outcomes.
  public var count: Int { thresholds.count }

  /// Draws an outcome.
  @inlinable
  @inline(__always)
  public func draw(from stream: inout RandomStream) -> Int {
    let slot = Int(truncatingIfNeeded: stream.below(UInt64(truncatingIfNeeded: thresholds.count)))
    // Looked up rather than decided: which of the two it is, no branch could foresee.
    let isOther = stream.next() < thresholds[slot] ? 0 : 1
    return Int(truncatingIfNeeded: outcomes[2 &* slot &+ isOther])
  }
}

/// An empirical distribution: values with weights, drawn as given, without interpolation.
public struct EmpiricalDistribution: Sendable {
  @usableFromInline let values: [Double]
  @usableFromInline let table: AliasTable

  /// Makes a distribution from `(value, weight)` pairs; see ``AliasTable`` for the weights.
  public init(_ pairs: [(value: Double, weight: Double)]) {
    values = pairs.map(\.value)
    table = AliasTable(weights: pairs.map(\.weight))
  }

  /// Draws a value.
  @inlinable
  public func draw(from stream: inout RandomStream) -> Double { values[table.draw(from: &stream)] }
}
