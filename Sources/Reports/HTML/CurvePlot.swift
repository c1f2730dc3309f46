import RunRecord

/// An indicator against a value that was turned, a line for each setting, with its threshold and the answers.
struct CurvePlot {
  /// A point with its interval.
  struct Point {
    var x: Double
    var estimate: Estimate
    /// Whether that was judged; otherwise a few replications have led the search.
    var isJudged: Bool
    var text: String
  }

  /// The points of one setting.
  struct Line {
    var name: String
    var points: [Point]
    /// The answer, and what is written at it.
    var answer: (x: Double, text: String)?
  }

  var title: String
  /// What stands along the bottom.
  var horizontal: String
  /// Whether that is a span of time, in seconds.
  var isDuration = false
  /// What stands above the axis at the left.
  var vertical: String
  var unit: String
  var threshold: Double?
  var lines: [Line]

  private var points: [Point] { lines.flatMap(\.points) }

  /// The picture, in both sizes, with what its lines are.
  var markup: String {
    guard !points.isEmpty else { return "" }
    return legend + Drawing.both(picture)
  }

  private var legend: String {
    guard lines.count > 1 else { return "" }
    let keys = lines.enumerated().map { index, line in
      "<span><span class=\"key\" style=\"background:\(Drawing.colour(index))\"></span>\(HTML.isolated(line.name))</span>"
    }
    return "<p class=\"legend\">" + keys.joined() + "</p>"
  }

  /// In which figures the value is given; its texts where it has no numbers.
  private var across: Axis.Unit {
    if isDuration { return .duration }
    let texts = points.map(\.text)
    func number(_ text: String) -> String { String(text.prefix { $0.isNumber || $0 == "." }) }
    let units = Set(texts.map { $0.dropFirst(number($0).count) })
    let isPlain = points.allSatisfy { Double(number($0.text)) == $0.x }
    guard let unit = units.first, units.count == 1, isPlain else {
      let greatest = Int(exactly: points.map(\.x).max() ?? 0) ?? 1000
      guard points.allSatisfy({ $0.x >= 0 && $0.x == $0.x.rounded() }), greatest < 1000,
        !texts.contains(where: { $0.hasSuffix("s") })
      else { return .duration }
      return .places(
        (0...greatest).map { place in points.first { Int($0.x) == place }?.text ?? "" })
    }
    return unit == "s" ? .duration : .number(String(unit))
  }

  private func picture(_ size: Drawing.Size) -> String {
    var drawing = Drawing()
    let answers = lines.enumerated().filter { $0.element.answer != nil }
    let left = size == .wide ? 84.0 : 58.0
    let right = size == .wide ? 24.0 : 14.0
    let top = 26.0 + 16 * Double(answers.count)
    let height = size == .wide ? 240.0 : 220.0
    let width = size.width - left - right
    let xs = points.map(\.x)
    let horizontal = Axis(
      from: xs.min() ?? 0, to: xs.max() ?? 1, unit: across, count: size.ticks, isWhole: false)
    let highest =
      points.map { max($0.estimate.mean, min($0.estimate.ends.high, $0.estimate.mean * 3)) }.max() ?? 1
    let lowest = min(0, points.map(\.estimate.mean).min() ?? 0)
    let vertical = Axis(
      from: lowest, to: max(highest, threshold ?? lowest), unit: .init(indicator: unit), count: 6,
      isWhole: true)
    func x(_ value: Double) -> Double {
      left + (value - horizontal.low) / (horizontal.high - horizontal.low) * width
    }
    func y(_ value: Double) -> Double {
      let share = (value - vertical.low) / (vertical.high - vertical.low)
      return top + height * (1 - min(1, max(0, share)))
    }
    drawing.text(0, 12, self.vertical, "start")
    for tick in vertical.ticks {
      drawing.line(left, y(tick), left + width, y(tick), "class=\"axis\"")
      drawing.text(left - 8, y(tick) + 4, vertical.label(tick), "end")
    }
    for tick in horizontal.ticks {
      drawing.line(x(tick), top + height, x(tick), top + height + 5, "class=\"axis\"")
      drawing.text(x(tick), top + height + 19, horizontal.label(tick), "middle")
    }
    drawing.text(left + width, top + height + 38, self.horizontal, "end")
    if let threshold {
      drawing.line(
        left, y(threshold), left + width, y(threshold), "stroke=\"var(--bad)\" stroke-dasharray=\"6 4\"")
      // At the end of the lines, on the side that they leave free.
      let last = lines.compactMap(\.points.last?.estimate.mean)
      // Above the uppermost line stand the answers.
      let isBelow = last.count(where: { $0 > threshold }) * 2 > last.count || y(threshold) < top + 14
      drawing.text(
        left + width, isBelow ? y(threshold) + 15 : y(threshold) - 6,
        "objective \(Wording.indicator(threshold, unit: unit))", "end",
        "class=\"halo\" style=\"fill:var(--bad)\"")
    }
    for (place, (index, line)) in answers.enumerated() {
      guard let answer = line.answer else { continue }
      let (colour, row) = (Drawing.colour(index), 30 + 16 * Double(place))
      drawing.line(
        x(answer.x), row + 4, x(answer.x), top + height, "stroke=\"\(colour)\" stroke-dasharray=\"2 3\"")
      let isLate = x(answer.x) > left + width / 2
      drawing.text(
        x(answer.x) + (isLate ? -5 : 5), row + 2, answer.text, isLate ? "end" : "start",
        "style=\"fill:\(colour);font-weight:600\"")
    }
    for (index, line) in lines.enumerated() {
      draw(line, Drawing.colour(index), &drawing, x, y)
    }
    return drawing.markup(
      size, height: top + height + 46, label: "\(title): the tables below have the figures")
  }

  private func draw(
    _ line: Line, _ colour: String, _ drawing: inout Drawing, _ x: (Double) -> Double, _ y: (Double) -> Double
  ) {
    let path = line.points.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(HTML.number(x(point.x))) \(HTML.number(y(point.estimate.mean)))"
    }.joined()
    drawing.raw("<path d=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.8\"/>")
    for point in line.points {
      let (low, high) = point.estimate.ends
      drawing.line(
        x(point.x), y(low), x(point.x), y(high),
        "stroke=\"\(colour)\" stroke-width=\"5\" stroke-opacity=\".35\"")
      let words =
        "\(point.text): \(StudyWording.estimate(point.estimate, unit: unit, of: point.estimate.count))"
      let paint =
        point.isJudged
        ? "r=\"4.5\" fill=\"\(colour)\""
        : "r=\"3\" fill=\"var(--bg)\" stroke=\"\(colour)\" stroke-width=\"1.5\""
      drawing.raw(
        "<circle cx=\"\(HTML.number(x(point.x)))\" cy=\"\(HTML.number(y(point.estimate.mean)))\" \(paint)><title>\(HTML.escaped(line.name.isEmpty ? words : "\(line.name), \(words)"))</title></circle>"
      )
    }
  }
}

extension Estimate {
  /// The ends of the interval to draw; the mean where there is none.
  var ends: (low: Double, high: Double) {
    (lower ?? mean - (halfWidth ?? 0), upper ?? mean + (halfWidth ?? 0))
  }
}
