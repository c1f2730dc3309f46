/// Where the ticks of an axis are, and what stands at them: round figures in the unit of the axis.
struct Axis: Equatable {
  /// What the figures are.
  enum Unit: Equatable {
    /// Seconds, shown as spans.
    case duration
    /// Shares of one, shown in percent.
    case share
    /// Numbers, with what follows them: `%`, `/h`, or nothing.
    case number(String)
    /// Places in a list, each with its own words.
    case places([String])

    /// Of an indicator.
    init(indicator unit: String) {
      switch unit {
      case "s": self = .duration
      case "share": self = .share
      default: self = .number("")
      }
    }
  }

  /// The figure at the beginning of the axis.
  var low: Double
  /// The figure at its end.
  var high: Double
  /// Figures with a tick, rising.
  var ticks: [Double]
  private var unit: Unit
  private var step: Double

  /// Spans between ticks that a person can count in.
  private static let spans: [Double] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
    432_000, 864_000, 1_728_000, 4_320_000, 8_640_000,
  ]

  /// An axis that shows everything from `low` to `high`.
  ///
  /// - Parameters:
  ///   - count: ticks that there is room for, at most.
  ///   - isWhole: whether the axis ends with ticks; else it ends with the figures.
  init(from low: Double, to high: Double, unit: Unit, count: Int, isWhole: Bool) {
    self.unit = unit
    // Figures beyond all measure, as in a damaged record, have an axis without ticks.
    guard low.isFinite, high.isFinite, (high - low).isFinite, max(abs(low), abs(high)) < 1e15 else {
      (self.low, self.high, ticks, step) = (0, 1, [], 1)
      return
    }
    let span = high > low ? high - low : max(abs(low), 1)
    let (low, high) = high > low ? (low, high) : (low, low + span)
    var step = Self.step(span / Double(max(1, count - 1)), unit)
    if isWhole, step * Double(count - 1) < span * 1.0001 {
      step = Self.step(span / Double(max(1, count - 2)), unit)
    }
    self.step = step
    let first = (low / step + (isWhole ? 1e-9 : -1e-9)).rounded(isWhole ? .down : .up)
    let last = (high / step + (isWhole ? -1e-9 : 1e-9)).rounded(isWhole ? .up : .down)
    let ticks = first <= last ? (0...Int(min(50, last - first))).map { (first + Double($0)) * step } : []
    self.ticks = ticks
    self.low = isWhole ? ticks.first ?? low : low
    self.high = isWhole ? ticks.last ?? high : high
  }

  /// The least round figure that is not below one.
  private static func step(_ least: Double, _ unit: Unit) -> Double {
    if unit == .duration, least > 1 {
      return spans.first { $0 >= least * 0.9999 } ?? round(least, of: 86_400)
    }
    if case .places = unit { return max(1, round(max(1, least), of: 1)) }
    return round(least, of: 1)
  }

  /// 1, 2 or 5 times a power of ten.
  private static func round(_ least: Double, of unit: Double) -> Double {
    var power = unit
    while power > least { power /= 10 }
    while power * 10 <= least { power *= 10 }
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= least * 0.9999 } ?? 10 * power
  }

  /// What stands at a figure.
  func label(_ value: Double) -> String {
    switch unit {
    case .duration: return value == 0 ? "0" : Self.span(value)
    case .share: return number(value * 100, step * 100) + " %"
    case .number(let suffix):
      return number(value, step) + (suffix == "%" ? " %" : suffix)
    case .places(let words):
      let place = Int(exactly: value.rounded()) ?? -1
      return words.indices.contains(place) ? words[place] : ""
    }
  }

  /// `1.5s`, `20s`, `2h`: no more digits than a tick needs.
  private static func span(_ seconds: Double) -> String {
    guard abs(seconds) < 60, seconds != seconds.rounded() else {
      return abs(seconds) < 60 ? Wording.whole(seconds) + "s" : Wording.span(seconds)
    }
    return trimmed(Wording.fixed(seconds, decimals: 3)) + "s"
  }

  private func number(_ value: Double, _ step: Double) -> String {
    var decimals = 0
    var unit = step
    while unit < 0.999, decimals < 6 {
      unit *= 10
      decimals += 1
    }
    return decimals == 0 ? Wording.whole(value) : Wording.fixed(value, decimals: decimals)
  }

  private static func trimmed(_ text: String) -> String {
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
