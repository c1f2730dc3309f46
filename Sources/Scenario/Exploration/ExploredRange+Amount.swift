import Chronology

/// What stands in a scenario today, of which a study takes per cent.
extension ExploredRange {
  /// A figure in millionths and its unit.
  package struct Amount: Hashable, Sendable {
    package var millionths: Int128
    package var unit: String

    /// Reads a figure such as `2000` or `20/h`; `nil` on anything else.
    package init?(_ text: String) {
      guard let (millionths, unit) = ExploredRange.figure(text) else { return nil }
      self.millionths = millionths
      self.unit = unit
    }

    /// So many per cent of it, as YAML: whole where the figure has no unit, at least one; else to the millionth.
    package func text(percent: Int64) -> String {
      let product = millionths * Int128(percent)
      if unit.isEmpty { return "\(max(1, (product + 50_000_000) / 100_000_000))" }
      return ExploredRange.text((product + 50) / 100, digits: 6) + unit
    }
  }

  /// A value as a number as ``value(step:)`` has it; `nil` where it is in another unit.
  package func number(of text: String) -> Double? {
    switch self {
    case .duration: return Unit.duration(text)?.seconds
    case .stepped(let range, _): return range.number(of: text)
    case .between(_, _, _, let unit):
      guard let amount = Amount(text), amount.unit == unit else { return nil }
      return Double(amount.millionths) / 1e6
    case .figures(let figures):
      guard let first = figures.first else { return nil }
      if Unit.duration(first.text) != nil { return Unit.duration(text)?.seconds }
      guard let amount = Amount(text), amount.unit == Amount(first.text)?.unit else { return nil }
      return Double(amount.millionths) / 1e6
    case .oneOf: return nil
    }
  }
}

extension CapacityQuestion.Knob {
  /// The whole load of a scenario, from a tenth of today's to ten times as much: its customers, and all rates that are totals.
  package init(loadOf root: LocatedNode) {
    let customers = root.find(["customers", "count"])?.text.flatMap(ExploredRange.Amount.init)
    let places = (customers.map { [(["customers", "count"], $0)] } ?? []) + Self.rates(of: root)
    self.init(
      paths: places.isEmpty ? [["customers", "count"]] : places.map(\.0),
      range: .between(low: 10, high: 1000, digits: 0, unit: "%"))
    today = places.map(\.1)
  }

  /// Where the rates of a scenario's load stand that are totals, and what they are.
  static func rates(of root: LocatedNode) -> [([String], ExploredRange.Amount)] {
    var places: [[String]] = []
    for (index, load) in (root["load"]?.elements ?? []).enumerated() {
      guard let arrivals = load["arrivals"], arrivals["perCustomer"]?.text != "true" else { continue }
      let path = ["load", "\(index)", "arrivals"]
      places.append(path)
      for rate in ["constant", "poisson", "bursts.base", "bursts.peak", "seasonal.rate"] {
        places.append(path + rate.split(separator: ".").map(String.init))
      }
      for state in (arrivals["modulated"]?.elements ?? []).indices {
        places.append(path + ["modulated", "\(state)", "rate"])
      }
    }
    return places.compactMap { place in
      root.find(place)?.text.flatMap(ExploredRange.Amount.init).map { (place, $0) }
    }
  }

  /// Whether the values are per cent of the whole load.
  package var isLoad: Bool { !today.isEmpty }

  /// What the value so many steps above the least changes.
  package func edits(step: Int64) -> [ScenarioTemplate.Edit] {
    let value = range.value(step: step)
    guard isLoad else { return paths.map { .set(path: $0, value: value.text) } }
    return zip(paths, today).map { .set(path: $0, value: $1.text(percent: Int64(value.number))) }
  }
}
