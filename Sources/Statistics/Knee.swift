/// Where a curve bends.
public enum Knee {
  /// The point of a rising curve at which the return turns: the one that lies furthest below the line between its ends, both
  /// axes from 0 to 1 (V. Satopaa and others, "Finding a kneedle in a haystack", 2011).
  ///
  /// - Parameter points: in the order of `x`.
  /// - Returns: its index; `nil` where the curve is nearly straight, or has fewer than three points.
  public static func index(of points: [(x: Double, y: Double)]) -> Int? {
    guard points.count >= 3, let first = points.first, let last = points.last, last.x > first.x,
      last.y > first.y
    else { return nil }
    var best: (distance: Double, index: Int)?
    for (index, point) in points.enumerated() {
      let x = (point.x - first.x) / (last.x - first.x)
      let y = (point.y - first.y) / (last.y - first.y)
      if x - y > best?.distance ?? 0.1 { best = (x - y, index) }
    }
    return best?.index
  }
}
