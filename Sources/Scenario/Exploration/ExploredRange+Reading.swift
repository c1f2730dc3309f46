import Chronology

/// Ranges, steps and lists as people write them.
extension ExploredRange {
  /// Reads the bounds of a range; `nil` where they are not two figures of one kind, the lower one first, or the step is none.
  ///
  /// - Parameter step: from one value to the next, in the unit of the bounds; `nil`: as fine as they are written.
  package init?(from low: String, to high: String, step: String? = nil) {
    guard let range = Self.range(low, high, step) else { return nil }
    self = range
  }

  private static func range(_ low: String, _ high: String, _ step: String?) -> ExploredRange? {
    if let first = Unit.duration(low), let last = Unit.duration(high) {
      guard first <= last else { return nil }
      let by = step.flatMap(Unit.duration)
      guard step == nil || by != nil else { return nil }
      let second: Int64 = 1_000_000_000
      let isWhole = ([first, last] + (by.map { [$0] } ?? [])).allSatisfy { $0.nanoseconds % second == 0 }
      let unit = isWhole ? second : 1
      let range = ExploredRange.duration(
        first.nanoseconds / unit...last.nanoseconds / unit, unit: isWhole ? "s" : "ns")
      return by.map { range.stepped(by: Int128($0.nanoseconds / unit)) } ?? range
    }
    guard let (first, unit) = figure(low), let (last, other) = figure(high), unit == other, first <= last
    else { return nil }
    var all = [first, last]
    if let step {
      guard let (by, own) = figure(step), own == unit else { return nil }
      all.append(by)
    }
    // Whole numbers without a unit stay whole; anything else has three digits, so that 0% to 10% has fractions, or six where
    // it is written with more.
    let digits =
      unit.isEmpty && all.allSatisfy { $0 % 1_000_000 == 0 } ? 0 : all.allSatisfy { $0 % 1_000 == 0 } ? 3 : 6
    let scale: Int128 = digits == 0 ? 1_000_000 : digits == 3 ? 1_000 : 1
    let range = ExploredRange.between(low: first / scale, high: last / scale, digits: digits, unit: unit)
    return step == nil ? range : range.stepped(by: all[2] / scale)
  }

  /// Every so many steps; `nil` for none, or for more than there are.
  private func stepped(by step: Int128) -> ExploredRange? {
    guard step > 0, step <= Int128(steps) else { return nil }
    return .stepped(self, by: Int64(step))
  }

  /// Reads a list of figures with one unit, in any order; `nil` where they are not, or one is given twice.
  package init?(listing texts: [String]) {
    guard !texts.isEmpty else { return nil }
    var figures: [Figure] = []
    let spans = texts.compactMap(Unit.duration)
    if spans.count == texts.count {
      figures = zip(texts, spans).map { Figure(text: $0, number: $1.seconds) }
    } else {
      let read = texts.compactMap(Self.figure)
      guard read.count == texts.count, read.allSatisfy({ $0.1 == read[0].1 }) else { return nil }
      figures = zip(texts, read).map { Figure(text: $0, number: Double($1.0) / 1e6) }
    }
    figures.sort { $0.number < $1.number }
    guard zip(figures, figures.dropFirst()).allSatisfy({ $0.number < $1.number }) else { return nil }
    self = .figures(figures)
  }

  /// A number in millionths and what follows it.
  static func figure(_ text: String) -> (Int128, String)? {
    let number = text.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
    guard let units = Unit.decimal(String(number), digits: 6) else { return nil }
    return (Int128(units), String(text.dropFirst(number.count)))
  }

  /// The values themselves, where they were listed.
  package var listed: [String]? {
    if case .figures(let figures) = self { figures.map(\.text) } else { nil }
  }

  /// From one value to the next, where that was said.
  package var step: String? {
    guard case .stepped(let range, let by) = self else { return nil }
    switch range {
    case .duration(_, let unit): return "\(by)\(unit)"
    case .between(_, _, let digits, let unit): return Self.text(Int128(by), digits: digits) + unit
    case .oneOf, .stepped, .figures: return nil
    }
  }

  /// Whether every value is tried: all that were listed, and the steps of a range where there are few.
  package var isTriedThroughout: Bool {
    switch self {
    case .figures: true
    case .stepped: steps < 12
    case .oneOf, .between, .duration: false
    }
  }
}
