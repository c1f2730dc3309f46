import RunRecord

/// A figure over commits: a point and its interval for each, joined by a line.
struct TrendPlot {
  /// A commit.
  struct Point {
    var name: String
    /// `nil`: not measured; the line ends there.
    var estimate: Estimate?
  }

  var title: String
  /// What the figures are.
  var axis: String
  var unit: String
  var points: [Point]

  /// The picture in both sizes, under its heading.
  var markup: String {
    "<h3>\(HTML.escaped(title))</h3>" + HTML.paragraph(axis, "quiet") + Drawing.both(picture)
  }

  private func figure(_ value: Double) -> String { Wording.indicator(value, unit: unit) }

  private func picture(_ size: Drawing.Size) -> String {
    var drawing = Drawing()
    let (left, right, top, height) = (16.0, size == .wide ? 120.0 : 90.0, 14.0, 130.0)
    let width = size.width - left - right
    let known = points.compactMap(\.estimate)
    let greatest = known.map(\.mean.magnitude).max() ?? 1
    // An interval far beyond all figures would hide how they move.
    let ends = known.flatMap {
      [
        max($0.lower ?? $0.mean - ($0.halfWidth ?? 0), -2 * greatest),
        min($0.upper ?? $0.mean + ($0.halfWidth ?? 0), 2 * greatest),
      ]
    }
    let axis = Axis(
      from: ends.min() ?? 0, to: ends.max() ?? 1, unit: .init(indicator: unit), count: 4, isWhole: true)
    func y(_ value: Double) -> Double {
      top + height - (min(max(value, axis.low), axis.high) - axis.low) / (axis.high - axis.low) * height
    }
    // What stands at the ticks stands before the first commit.
    let inset = 72.0
    func x(_ index: Int) -> Double {
      left + inset + (points.count > 1 ? Double(index) / Double(points.count - 1) : 0.5) * (width - inset)
    }
    for tick in axis.ticks {
      drawing.line(left, y(tick), left + width, y(tick), "class=\"axis\"")
      drawing.text(left, y(tick) - 3, axis.label(tick))
    }
    for index in points.indices {
      guard let estimate = points[index].estimate else { continue }
      if let half = estimate.halfWidth, half > 0 {
        drawing.line(
          x(index), y(estimate.mean - half), x(index), y(estimate.mean + half),
          "stroke=\"var(--a)\" stroke-width=\"6\" stroke-opacity=\".3\" stroke-linecap=\"round\"")
      }
      if index > 0, let before = points[index - 1].estimate {
        drawing.line(
          x(index - 1), y(before.mean), x(index), y(estimate.mean), "stroke=\"var(--a)\" stroke-width=\"2\"")
      }
      drawing.raw(
        "<circle cx=\"\(HTML.number(x(index)))\" cy=\"\(HTML.number(y(estimate.mean)))\" r=\"4\" fill=\"var(--a)\"><title>\(HTML.escaped("\(points[index].name): \(figure(estimate.mean))"))</title></circle>"
      )
    }
    if let last = points.last?.estimate {
      drawing.text(left + width + 12, y(last.mean) + 4, figure(last.mean), "start", "")
    }
    if let first = points.first { drawing.text(left + inset, top + height + 20, first.name) }
    if points.count > 1, let last = points.last {
      drawing.text(left + width, top + height + 20, last.name, "end")
    }
    let words = points.map { point in
      "\(point.name) \(point.estimate.map { figure($0.mean) } ?? "not measured")"
    }.joined(separator: "; ")
    return drawing.markup(size, height: top + height + 30, label: "\(title): \(words)")
  }
}
