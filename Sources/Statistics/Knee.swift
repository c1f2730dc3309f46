/// Where a curve bends.
package enum Knee {
  /// A point of a curve.
  package struct Point: Hashable, Sendable {
    /// The value that was turned.
    package var x: Double
    /// The figure.
    package var y: Double
    /// How far it may be from the true one by chance: a standard error.
    package var noise: Double

    /// Makes a point.
    package init(x: Double, y: Double, noise: Double) {
      self.x = x
      self.y = y
      self.noise = noise
    }
  }

  /// The two neighbouring points between which a curve that consists of two straight lines turns up (D. Hinkley, "Inference in
  /// two-phase regression", Journal of the American Statistical Association 66, 1971).
  ///
  /// - Parameter points: in the order of `x`.
  /// - Returns: the index of the first of the two; `nil` where one line explains the points as well, two do not, there is more than
  ///   one such place, or there are fewer than three points on a side: through two there is always a line.
  package static func bracket(of points: [Point]) -> Int? {
    guard points.count >= 6, let least = points.map(\.y).min(), let greatest = points.map(\.y).max(),
      greatest > least
    else { return nil }
    let tolerances = points.map { max(2.5 * $0.noise, 0.002 * (greatest - least)) }
    let single = Line(points[...])
    let isBent = zip(points, tolerances).contains { (single.y($0.x) - $0.y).magnitude > $1 }
    guard isBent else { return nil }
    var found: [(index: Int, squares: Double)] = []
    for index in 2..<points.count - 3 {
      let (left, right) = (Line(points[...index]), Line(points[(index + 1)...]))
      guard right.slope > left.slope else { continue }
      let meeting = (left.offset - right.offset) / (right.slope - left.slope)
      let room = (points[index + 1].x - points[index].x) * 1e-6
      guard meeting >= points[index].x - room, meeting <= points[index + 1].x + room else { continue }
      let residuals = points.indices.map { (($0 <= index ? left : right).y(points[$0].x) - points[$0].y) }
      guard zip(residuals, tolerances).allSatisfy({ $0.magnitude <= $1 }) else { continue }
      found.append((index, residuals.reduce(0) { $0 + $1 * $1 }))
    }
    guard let best = found.min(by: { $0.squares < $1.squares }),
      found.allSatisfy({ abs($0.index - best.index) <= 1 })
    else { return nil }
    return best.index
  }

  /// A line of least squares.
  private struct Line {
    var slope: Double
    var offset: Double

    init(_ points: ArraySlice<Point>) {
      let (x, y) = (Moments(points.map(\.x)).mean, Moments(points.map(\.y)).mean)
      var (products, squares) = (0.0, 0.0)
      for point in points {
        products += (point.x - x) * (point.y - y)
        squares += (point.x - x) * (point.x - x)
      }
      slope = squares > 0 ? products / squares : 0
      offset = y - slope * x
    }

    func y(_ x: Double) -> Double { offset + slope * x }
  }
}
