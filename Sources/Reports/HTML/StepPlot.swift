import RunRecord

/// Values over time in steps of equal length, one line each, named at their right ends.
struct StepPlot {
  /// A line of the plot.
  struct Line {
    var name: String
    /// One value per step; `nil` where there is none.
    var values: [Double?]
    /// A name of the style's colours.
    var colour: String
  }

  var title: String
  /// In words, what the axis at the left measures.
  var vertical: String
  /// Of a step, in seconds.
  var step: Double
  var lines: [Line]
  /// How a figure is written.
  var figure: (Double) -> String
  /// Whether each step at the left is ten times the one before, so that small values can be told apart beside great ones.
  var isLogarithmic = false

  /// The picture, in both sizes.
  var markup: String {
    guard lines.contains(where: { $0.values.contains { $0 != nil } }) else { return "" }
    return Drawing.both(picture)
  }

  /// The least and the greatest figure of the axis at the left, and those with a tick.
  private var scale: (low: Double, high: Double, ticks: [Double]) {
    let all = lines.flatMap { $0.values.compactMap(\.self) }
    let greatest = max(all.max() ?? 1, 1e-9)
    guard isLogarithmic else {
      let axis = Axis(from: 0, to: greatest, unit: .number(""), count: 5, isWhole: true)
      return (axis.low, axis.high, axis.ticks)
    }
    let least = max(1e-6, all.filter { $0 > 0 }.min() ?? 1e-3)
    var low = 1e-6
    while low * 10 <= least { low *= 10 }
    var ticks = [low]
    while let last = ticks.last, last < greatest, ticks.count < 14 { ticks.append(last * 10) }
    return (low, ticks.last ?? greatest, ticks)
  }

  private func picture(_ size: Drawing.Size) -> String {
    var drawing = Drawing()
    let isWide = size == .wide
    let (left, right, top) = (
      isWide ? 72.0 : 56.0, isWide ? 190.0 : 8.0, isWide ? 26.0 : 26.0 + 16 * Double(lines.count)
    )
    let (width, height) = (size.width - left - right, 170.0)
    let scale = scale
    let seconds = step * Double(max(1, lines.map(\.values.count).max() ?? 1))
    func x(_ index: Int) -> Double { left + (Double(index) + 0.5) * step / seconds * width }
    func y(_ value: Double) -> Double {
      let share =
        isLogarithmic
        ? Self.power(max(value, scale.low) / scale.low) / Self.power(scale.high / scale.low)
        : (value - scale.low) / (scale.high - scale.low)
      return top + height * (1 - min(1, max(0, share)))
    }
    drawing.text(0, 12, vertical, "start", "")
    for tick in scale.ticks {
      drawing.line(left, y(tick), left + width, y(tick), "class=\"axis\"")
      drawing.text(left - 8, y(tick) + 4, figure(tick), "end")
    }
    let time = Axis(from: 0, to: seconds, unit: .duration, count: size.ticks, isWhole: false)
    for tick in time.ticks {
      let at = left + tick / seconds * width
      drawing.line(at, top + height, at, top + height + 5, "class=\"axis\"")
      drawing.text(at, top + height + 19, time.label(tick), at > size.width - 14 ? "end" : "middle")
    }
    drawing.text(left + width, top + height + 36, "since the first scheduled send", "end")
    for line in lines { draw(line, &drawing, x, y) }
    label(&drawing, isWide, left + width + 10, y)
    let words = lines.map { "\($0.name), greatest \(figure($0.values.compactMap(\.self).max() ?? 0))" }
    return drawing.markup(
      size, height: top + height + 42, label: "\(title): \(words.joined(separator: "; "))")
  }

  /// The logarithm to the base 10, from 1 on, without libm: between powers of ten it is linear enough for a picture.
  private static func power(_ value: Double) -> Double {
    var (whole, rest) = (0.0, value)
    while rest >= 10, whole < 20 {
      rest /= 10
      whole += 1
    }
    // Halving by square roots, which are exact to the last digit on every machine.
    var (low, high, floor, ceiling) = (0.0, 1.0, 1.0, 10.0)
    for _ in 0..<12 {
      let middle = (floor * ceiling).squareRoot()
      if rest >= middle {
        (low, floor) = ((low + high) / 2, middle)
      } else {
        (high, ceiling) = ((low + high) / 2, middle)
      }
    }
    return whole + low
  }

  private func draw(
    _ line: Line, _ drawing: inout Drawing, _ x: (Int) -> Double, _ y: (Double) -> Double
  ) {
    var path = ""
    var isOpen = false
    for (index, value) in line.values.enumerated() {
      guard let value else {
        isOpen = false
        continue
      }
      path += (isOpen ? "L" : "M") + "\(HTML.number(x(index))) \(HTML.number(y(value)))"
      // A value alone is a point.
      let isAlone = !isOpen && (index + 1 >= line.values.count || line.values[index + 1] == nil)
      if isAlone { path += "h.1" }
      isOpen = true
    }
    drawing.raw(
      "<path d=\"\(path)\" fill=\"none\" stroke=\"var(--\(line.colour))\" stroke-width=\"2\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>"
    )
  }

  private func label(
    _ drawing: inout Drawing, _ isWide: Bool, _ x: Double, _ y: (Double) -> Double
  ) {
    var places = lines.indices.map { index in
      (index: index, y: y(lines[index].values.compactMap(\.self).last ?? 0) + 4)
    }
    if isWide {
      places.sort { ($1.y, $0.index) < ($0.y, $1.index) }
      for place in places.indices.dropFirst() {
        places[place].y = min(places[place].y, places[place - 1].y - 16)
      }
    }
    for place in places {
      let line = lines[place.index]
      let words = "\(line.name), peak \(figure(line.values.compactMap(\.self).max() ?? 0))"
      drawing.text(
        isWide ? x : 8, isWide ? place.y : 30 + 16 * Double(place.index), words, "start",
        "class=\"\(line.colour) halo\"")
    }
  }
}
