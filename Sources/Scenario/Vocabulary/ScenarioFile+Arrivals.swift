import CanonicalModel

extension ScenarioFile.Arrivals {
  /// The same process with rates so many times as high.
  func scaled(by factor: Double) -> Self {
    switch self {
    case .constant(let rate): return .constant(rate * factor)
    case .poisson(let rate): return .poisson(rate * factor)
    case .bursts(let base, let peak, let on, let off):
      return .bursts(base: base * factor, peak: peak * factor, on: on, off: off)
    case .modulated(let states):
      return .modulated(states.map { State(rate: $0.rate * factor, stay: $0.stay) })
    case .seasonal(var season):
      season.rate *= factor
      return .seasonal(season)
    }
  }

  /// The greatest of its rates, before seasonal factors.
  fileprivate var greatestRate: Double {
    switch self {
    case .constant(let rate), .poisson(let rate): rate
    case .bursts(let base, let peak, _, _): max(base, peak)
    case .modulated(let states): states.map(\.rate).max() ?? 0
    case .seasonal(let season): season.rate
    }
  }
}

extension ScenarioDecoder {
  /// Whether arrivals are given per customer.
  func isPerCustomer(_ node: LocatedNode?) -> Bool { node?["perCustomer"]?.text == "true" }

  /// The arrivals of all customers: as they are written, or so many times as many where they are those of one.
  func total(_ arrivals: ScenarioFile.Arrivals, at node: LocatedNode) throws(InvalidInput)
    -> ScenarioFile.Arrivals
  {
    guard isPerCustomer(node) else { return arrivals }
    let customers = integer(root["customers"]?["count"]) ?? 1
    let total = arrivals.scaled(by: Double(customers))
    guard total.greatestRate <= 1e7 else {
      throw InvalidInput(
        "\(customers) customers with this rate each are more than 10000000/s; use fewer, or a lower rate",
        at: node["perCustomer"]?.position ?? node.position)
    }
    return total
  }
}
