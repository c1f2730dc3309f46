/// A continuous distribution drawn by inversion from a table of its quantile function: one random word, one multiplication.
///
/// Between 1/64 and 63/64 the quantile is interpolated linearly between 4,096 points; outside it is computed, so that tails
/// are exact. What interpolation adds to the mean is below a millionth of it for the distributions used here, and a draw is
/// that of plain inversion from the same word to within as much: it stays monotone, which keeps common random numbers in step.
@frozen
public struct QuantileTable: Sendable {
  @usableFromInline static var bits: UInt64 { 12 }
  /// Cells at each end in which the quantile is computed.
  @usableFromInline static var tail: UInt64 { 64 }

  @usableFromInline let points: ContiguousArray<Double>
  @usableFromInline let quantile: @Sendable (Double) -> Double

  /// Makes a table.
  ///
  /// - Parameter quantile: the quantile function, monotone on the open interval (0, 1).
  /// - Complexity: some four thousand calls of it.
  public init(_ quantile: @escaping @Sendable (Double) -> Double) {
    let count = 1 << Int(Self.bits)
    let tail = Int(Self.tail)
    // The outermost points are never read: a quantile may be infinite at 0 and 1.
    points = ContiguousArray(
      (0...count).map { (tail...(count - tail)).contains($0) ? quantile(Double($0) / Double(count)) : 0 })
    self.quantile = quantile
    let isGrowing = points[tail] <= points[count - tail]
    let inner = points[tail...(count - tail)]
    assert(
      zip(inner, inner.dropFirst()).allSatisfy { isGrowing ? $0 <= $1 : $0 >= $1 },
      "a quantile function is monotone")
  }

  /// The exponential distribution with mean 1: multiply by the mean that is wanted.
  public static let exponential = QuantileTable { -DeterministicMath.log($0) }

  /// Draws a value.
  @inlinable
  @inline(__always)
  public func draw(from stream: inout RandomStream) -> Double {
    let word = stream.next()
    let cell = word &>> (64 &- Self.bits)
    guard cell &- Self.tail < (1 &<< Self.bits) &- 2 &* Self.tail else {
      return quantile((Double(word &>> 11) + 0.5) * 0x1p-53)
    }
    // The bits below the cell's become a fraction in [1, 2).
    let fraction = Double(bitPattern: 0x3ff0_0000_0000_0000 | (word & (~0 &>> Self.bits))) - 1
    return points.withUnsafeBufferPointer { points in
      let low = points[Int(truncatingIfNeeded: cell)]
      return low + (points[Int(truncatingIfNeeded: cell &+ 1)] - low) * fraction
    }
  }
}
