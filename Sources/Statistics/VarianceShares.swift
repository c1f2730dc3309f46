import SimulationKernel

/// How much of a figure's variance each of some assumptions explains, where all of them vary evenly over their ranges (I. Sobol',
/// "Sensitivity estimates for nonlinear mathematical models", 1993; the designs and estimators of A. Saltelli and others, "Variance
/// based sensitivity analysis of model output", Computer Physics Communications 181, 2010, which SALib uses, too).
///
/// Rows are drawn independently of each other, so that intervals over them are what they say. The points of a row have chance in
/// common: it is an assumption more, whose share is estimated beside the others.
package struct VarianceShares: Hashable, Sendable {
  /// What an assumption explains.
  package struct Share: Hashable, Sendable {
    /// Alone, whatever the others are: the index of first order.
    package var first: MeanLimits
    /// Alone and together with others: the total index.
    package var total: MeanLimits
  }

  /// What a design came to.
  package struct Result: Hashable, Sendable {
    /// By assumption.
    package var shares: [Share]
    /// What chance explains alone.
    package var chance: MeanLimits
    /// The variance of the figure.
    package var variance: Double
    /// Rows in which all points could be measured.
    package var rows: Int
  }

  /// Positions of the assumptions in their ranges, from 0 to 1. A row has a first point, then one for each assumption, which has
  /// the value of the last point in that alone, and a last point.
  package let rows: [[[Double]]]

  /// Draws a design: `count` rows of `assumptions + 2` points.
  package init(assumptions: Int, rows count: Int, seed: UInt64) {
    var stream = RandomStream(rootSeed: seed, name: "variance-shares")
    rows = (0..<count).map { _ in
      let first = (0..<assumptions).map { _ in stream.unit() }
      let last = (0..<assumptions).map { _ in stream.unit() }
      let between = (0..<assumptions).map { index in
        var point = first
        point[index] = last[index]
        return point
      }
      return [first] + between + [last]
    }
  }

  /// What each assumption explains.
  ///
  /// - Parameters:
  ///   - results: by row, which may be fewer than were drawn, and point; `nan`: could not be measured.
  ///   - confidence: of each interval.
  /// - Returns: `nil` where fewer than two rows could be measured, or the figure does not vary.
  package static func shares(of results: [[Double]], confidence: Double) -> Result? {
    let rows = results.filter { $0.allSatisfy(\.isFinite) }
    guard rows.count > 1, let size = rows.first?.count, size > 2 else { return nil }
    let count = Double(rows.count)
    // Products are of what is left without the mean of all points, which costs the least precision.
    let mean = Moments(rows.joined()).mean
    let middle = Moments(rows.flatMap { [$0[0], $0[size - 1]] }).mean
    // What a row adds to the variance.
    let squares = rows.map { row in
      let (a, b) = (row[0] - middle, row[size - 1] - middle)
      return (a * a + b * b) / 2
    }
    let variance = squares.reduce(0, +) / count
    guard variance > 0 else { return nil }
    // The index is a ratio of means: its limits are those of the mean of what each row adds to it, to first order.
    func limits(_ part: ([Double]) -> Double) -> MeanLimits {
      let parts = rows.map(part)
      let index = parts.reduce(0, +) / count / variance
      return MeanLimits(
        of: zip(parts, squares).map { index + ($0 - index * $1) / variance }, confidence: confidence)
    }
    let shares = (1..<size - 1).map { place in
      Share(
        first: limits { ($0[size - 1] - mean) * ($0[place] - $0[0]) },
        total: limits { row in
          let difference = row[0] - row[place]
          return difference * difference / 2
        })
    }
    return Result(
      shares: shares, chance: limits { ($0[0] - mean) * ($0[size - 1] - mean) }, variance: variance,
      rows: rows.count)
  }
}
