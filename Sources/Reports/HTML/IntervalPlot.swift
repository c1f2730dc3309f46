import RunRecord

/// Means with their intervals, one line each, on one axis.
struct IntervalPlot {
  /// A line of the plot.
  struct Line {
    var name: String
    var estimate: Estimate?
  }

  var title: String
  var unit: String
  var lines: [Line]

  private static let (left, width) = (190.0, 560.0)

  /// The picture, with the figures beside it.
  var markup: String {
    let known = lines.compactMap(\.estimate)
    var ends = [0.0]
    for estimate in known {
      ends += [estimate.ends.low, estimate.ends.high]
    }
    let (low, high) = (ends.min() ?? 0, ends.max() ?? 1)
    let span = high > low ? high - low : 1
    func x(_ value: Double) -> Double { Self.left + (value - low) / span * Self.width }
    var parts = [
      "<line class=\"axis\" x1=\"\(HTML.number(x(0)))\" x2=\"\(HTML.number(x(0)))\" y1=\"0\" y2=\"\(HTML.number(Double(lines.count) * 24))\"/>"
    ]
    for (index, line) in lines.enumerated() {
      let y = Double(index) * 24 + 12
      parts.append(
        "<text x=\"\(HTML.number(Self.left - 8))\" y=\"\(HTML.number(y + 4))\" text-anchor=\"end\">\(HTML.escaped(String(line.name.suffix(26))))</text>"
      )
      guard let estimate = line.estimate else {
        parts.append(
          "<text class=\"label\" x=\"\(HTML.number(Self.left + 8))\" y=\"\(HTML.number(y + 4))\">not measured</text>"
        )
        continue
      }
      parts.append(
        "<line x1=\"\(HTML.number(x(estimate.ends.low)))\" x2=\"\(HTML.number(x(estimate.ends.high)))\" y1=\"\(HTML.number(y))\" y2=\"\(HTML.number(y))\" stroke=\"var(--a)\" stroke-width=\"5\" stroke-opacity=\".45\" stroke-linecap=\"round\"/><circle cx=\"\(HTML.number(x(estimate.mean)))\" cy=\"\(HTML.number(y))\" r=\"4.5\" fill=\"var(--a)\"/>"
      )
      parts.append(
        "<text class=\"label\" x=\"\(HTML.number(Self.left + Self.width + 14))\" y=\"\(HTML.number(y + 4))\">\(HTML.escaped(StudyWording.estimate(estimate, unit: unit, of: estimate.count)))</text>"
      )
    }
    let words = lines.map { line in
      "\(line.name) \(line.estimate.map { StudyWording.estimate($0, unit: unit, of: $0.count) } ?? "not measured")"
    }.joined(separator: "; ")
    return
      "<h3>\(HTML.escaped(title))</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(HTML.escaped(title))\"><svg viewBox=\"0 0 960 \(HTML.number(Double(lines.count) * 24))\" style=\"min-width:42rem\" role=\"img\" aria-label=\"\(HTML.escaped("\(title): \(words)"))\">\(parts.joined())</svg></div>"
  }
}

/// An indicator against a value that was turned, with its threshold.
struct CurvePlot {
  /// A point with its interval.
  struct Point {
    var x: Double
    var estimate: Estimate
    var isMet: Bool
    /// Whether that was judged; otherwise a few replications have led the search.
    var isJudged: Bool
    var text: String
  }

  var title: String
  var horizontal: String
  var unit: String
  var threshold: Double?
  var points: [Point]

  private static let (left, top, width, height) = (80.0, 12.0, 840.0, 220.0)

  /// The picture.
  var markup: String {
    guard let first = points.first, let last = points.last else { return "" }
    let highest = points.map(\.estimate.ends.high).max() ?? 1
    let greatest = max(highest, threshold ?? 0) * 1.05
    let span = last.x > first.x ? last.x - first.x : 1
    func x(_ value: Double) -> Double { Self.left + (value - first.x) / span * Self.width }
    func y(_ value: Double) -> Double {
      Self.top + Self.height * (1 - (greatest > 0 ? max(0, value) / greatest : 0))
    }
    var parts = [
      line(Self.left, y(0), Self.left + Self.width, y(0), "class=\"axis\""),
      text(Self.left - 6, y(0), "0", "end"),
      text(Self.left - 6, Self.top + 8, Wording.indicator(greatest, unit: unit), "end"),
      text(Self.left, y(0) + 18, first.text, "start"),
      text(Self.left + Self.width, y(0) + 18, last.text, "end"),
      text(Self.left + Self.width / 2, y(0) + 18, horizontal, "middle"),
    ]
    if let threshold {
      parts.append(
        line(
          Self.left, y(threshold), Self.left + Self.width, y(threshold),
          "stroke=\"var(--bad)\" stroke-dasharray=\"6 4\""))
      parts.append(
        text(
          Self.left + Self.width, y(threshold) - 5, "objective \(Wording.indicator(threshold, unit: unit))",
          "end"))
    }
    let path = points.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(HTML.number(x(point.x))) \(HTML.number(y(point.estimate.mean)))"
    }.joined()
    parts.append("<path d=\"\(path)\" fill=\"none\" stroke=\"var(--a)\" stroke-width=\"1.6\"/>")
    for point in points {
      parts.append(
        line(
          x(point.x), y(point.estimate.ends.low), x(point.x), y(point.estimate.ends.high),
          "stroke=\"var(--a)\" stroke-width=\"4\" stroke-opacity=\".4\""))
      let colour = "var(--\(point.isMet ? "good" : "bad"))"
      let paint =
        point.isJudged ? "fill=\"\(colour)\"" : "fill=\"var(--bg)\" stroke=\"\(colour)\" stroke-width=\"2\""
      parts.append(
        "<circle cx=\"\(HTML.number(x(point.x)))\" cy=\"\(HTML.number(y(point.estimate.mean)))\" r=\"4.5\" \(paint)><title>\(HTML.escaped("\(point.text): \(StudyWording.estimate(point.estimate, unit: unit, of: point.estimate.count))"))</title></circle>"
      )
    }
    return
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(HTML.escaped(title))\"><svg viewBox=\"0 0 960 260\" style=\"min-width:42rem\" role=\"img\" aria-label=\"\(HTML.escaped("\(title): the table below has the figures"))\">\(parts.joined())</svg></div>"
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
    "<line x1=\"\(HTML.number(x1))\" y1=\"\(HTML.number(y1))\" x2=\"\(HTML.number(x2))\" y2=\"\(HTML.number(y2))\" \(style)/>"
  }

  private func text(_ x: Double, _ y: Double, _ text: String, _ anchor: String) -> String {
    "<text class=\"label\" x=\"\(HTML.number(x))\" y=\"\(HTML.number(y))\" text-anchor=\"\(anchor)\">\(HTML.escaped(text))</text>"
  }
}

extension Estimate {
  /// The ends of the interval to draw; the mean where there is none.
  fileprivate var ends: (low: Double, high: Double) {
    (lower ?? mean - (halfWidth ?? 0), upper ?? mean + (halfWidth ?? 0))
  }
}
