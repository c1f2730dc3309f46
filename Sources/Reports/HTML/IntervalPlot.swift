import RunRecord

/// Figures with their intervals, one line each, on one axis.
struct IntervalPlot {
  /// A line of the plot.
  struct Line {
    var name: String
    var estimate: Estimate?
  }

  var title: String
  /// What stands at the axis.
  var axis: String
  var unit: String
  var lines: [Line]
  /// The level of its heading.
  var level = 3

  /// The picture in both sizes, with the figures beside or above the lines.
  var markup: String {
    "<h\(level)>\(HTML.escaped(title))</h\(level)>" + Drawing.both(picture)
  }

  private func figure(_ estimate: Estimate?) -> String {
    estimate.map { StudyWording.estimate($0, unit: unit, of: $0.count) } ?? "not measured"
  }

  private func picture(_ size: Drawing.Size) -> String {
    var drawing = Drawing()
    let row = size == .wide ? 26.0 : 56.0
    let (left, right) = size == .wide ? (290.0, 190.0) : (16.0, 24.0)
    let width = size.width - left - right
    let bottom = Double(lines.count) * row + 4
    let known = lines.compactMap(\.estimate)
    // An interval that reaches far beyond all figures would hide the differences between them.
    let farthest = known.map { abs($0.mean) }.max() ?? 1
    let ends = known.flatMap { [max($0.ends.low, -4 * farthest), min($0.ends.high, 4 * farthest), $0.mean] }
    let axis = Axis(
      from: min(0, ends.min() ?? 0), to: max(0, ends.max() ?? 1), unit: .init(indicator: unit),
      count: size == .wide ? 7 : 4, isWhole: true)
    func x(_ value: Double) -> Double {
      left + (min(max(value, axis.low), axis.high) - axis.low) / (axis.high - axis.low) * width
    }
    for tick in axis.ticks {
      drawing.line(x(tick), 0, x(tick), bottom + 4, "class=\"axis\"")
      // A long figure at an end begins or ends there, so that the picture does not cut it off.
      let label = axis.label(tick)
      let half = Double(label.count) * 4
      let anchor = x(tick) < half ? "start" : x(tick) + half > size.width ? "end" : "middle"
      drawing.text(anchor == "start" ? max(0, x(tick) - 14) : x(tick), bottom + 18, label, anchor)
    }
    drawing.text(left + width, bottom + 36, self.axis, "end")
    for (index, line) in lines.enumerated() {
      let base = Double(index) * row
      let y = base + (size == .wide ? row / 2 : 45)
      let name = line.name.count > 46 ? line.name.prefix(45) + "…" : line.name
      switch size {
      case .wide:
        drawing.text(left - 12, y + 4, name, "end", "")
        drawing.text(left + width + 14, y + 4, figure(line.estimate))
      case .slim:
        drawing.text(0, base + 17, name, "start", "class=\"halo\"")
        drawing.text(0, base + 33, figure(line.estimate), "start", "class=\"label halo\"")
      }
      guard let estimate = line.estimate else { continue }
      drawing.line(
        x(estimate.ends.low), y, x(estimate.ends.high), y,
        "stroke=\"var(--a)\" stroke-width=\"6\" stroke-opacity=\".4\" stroke-linecap=\"round\"")
      drawing.raw(
        "<circle cx=\"\(HTML.number(x(estimate.mean)))\" cy=\"\(HTML.number(y))\" r=\"4.5\" fill=\"var(--a)\"/>"
      )
    }
    let words = lines.map { "\($0.name) \(figure($0.estimate))" }.joined(separator: "; ")
    return drawing.markup(size, height: bottom + 42, label: "\(title): \(words)")
  }
}
