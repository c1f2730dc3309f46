/// The Universal Scalability Law: what so many workers achieve, `λ·n / (1 + σ·(n − 1) + κ·n·(n − 1))` (N. Gunther, "Guerrilla
/// Capacity Planning", 2007).
package struct ScalabilityLaw: Hashable, Sendable {
  /// What one worker achieves.
  package var single: Double
  /// σ: the share of the work that only one can do at a time.
  package var contention: Double
  /// κ: what agreeing between two of them costs.
  package var coherency: Double
  /// The greatest distance of a point from the law, as a share of the point.
  package var greatestResidual: Double

  /// What so many workers achieve.
  package func throughput(_ workers: Double) -> Double {
    single * workers / (1 + contention * (workers - 1) + coherency * workers * (workers - 1))
  }

  /// How many achieve most; `nil` where more are always better.
  package var peak: Double? {
    coherency > 0 && contention < 1 ? ((1 - contention) / coherency).squareRoot() : nil
  }

  /// The law closest to some points: least squares of `n / throughput`, which is a parabola in `n`, neither share below 0.
  ///
  /// - Returns: `nil` for fewer than three different numbers of workers, or a throughput that is not above 0.
  package init?(fitting points: [(workers: Double, throughput: Double)]) {
    guard Set(points.map(\.workers)).count >= 3, points.allSatisfy({ $0.throughput > 0 && $0.workers > 0 })
    else { return nil }
    // n / x = (1 / λ)·(1 + σ·(n − 1) + κ·n·(n − 1)), relative to each point's own n / x, so that all count alike.
    let rows = points.map { point -> [Double] in
      let (n, scale) = (point.workers, point.throughput / point.workers)
      return [scale, scale * (n - 1), scale * n * (n - 1)]
    }
    var best: (error: Double, terms: [Double])?
    for kept in [[0, 1, 2], [0, 1], [0, 2], [0]] {
      guard let terms = LeastSquares.solve(rows.map { row in kept.map { row[$0] } }) else { continue }
      var all = [0.0, 0.0, 0.0]
      for (index, term) in zip(kept, terms) { all[index] = term }
      guard all[0] > 0, all[1] >= 0, all[2] >= 0 else { continue }
      let error = rows.reduce(0) { sum, row in
        let distance = 1 - (row[0] * all[0] + row[1] * all[1] + row[2] * all[2])
        return sum + distance * distance
      }
      if best.map({ error < $0.error }) ?? true { best = (error, all) }
    }
    guard let terms = best?.terms else { return nil }
    single = 1 / terms[0]
    contention = terms[1] / terms[0]
    coherency = terms[2] / terms[0]
    greatestResidual = 0
    for point in points {
      let distance = (throughput(point.workers) - point.throughput) / point.throughput
      greatestResidual = max(greatestResidual, distance.magnitude)
    }
  }
}

/// Linear least squares of a few unknowns.
enum LeastSquares {
  /// The unknowns for which the rows come closest to 1: the normal equations, by elimination with pivots.
  ///
  /// - Returns: `nil` where they do not determine them.
  static func solve(_ rows: [[Double]]) -> [Double]? {
    guard let size = rows.first?.count else { return nil }
    var matrix = (0..<size).map { i in
      (0..<size).map { j in rows.reduce(0) { $0 + $1[i] * $1[j] } } + [rows.reduce(0) { $0 + $1[i] }]
    }
    for column in 0..<size {
      let pivot =
        (column..<size).max { matrix[$0][column].magnitude < matrix[$1][column].magnitude } ?? column
      guard matrix[pivot][column].magnitude > 1e-12 * matrix[pivot].reduce(0, { max($0, $1.magnitude) }),
        matrix[pivot][column] != 0
      else { return nil }
      matrix.swapAt(column, pivot)
      for row in 0..<size where row != column {
        let factor = matrix[row][column] / matrix[column][column]
        for index in column...size { matrix[row][index] -= factor * matrix[column][index] }
      }
    }
    return (0..<size).map { matrix[$0][size] / matrix[$0][$0] }
  }
}
