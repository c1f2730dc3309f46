import Foundation

/// The figures of one benchmark, for people or for scripts.
struct BenchResult {
  var name: String
  var parameters: [(key: String, value: Int)]
  var figures: [(key: String, value: Double)]
  /// Tells that the same work was done.
  var checksum: String

  func text(_ format: BenchFormat) throws -> String {
    switch format {
    case .json:
      var object: [String: Any] = ["benchmark": name, "checksum": checksum]
      for parameter in parameters { object[parameter.key] = parameter.value }
      for figure in figures { object[figure.key] = figure.value }
      let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
      return String(decoding: data, as: UTF8.self)
    case .text:
      let settings = parameters.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      let lines = figures.map { "  \($0.key) \(Int($0.value * 1000) / 1000)" + decimals($0.value) }
      return (["\(name): \(settings), checksum \(checksum)"] + lines).joined(separator: "\n")
    }
  }

  private func decimals(_ value: Double) -> String {
    guard value < 1000 else { return "" }
    let thousandths = Int((value - value.rounded(.down)) * 1000)
    return "." + String(repeating: "0", count: 3 - "\(thousandths)".count) + "\(thousandths)"
  }
}

/// The wall clock around some work.
func seconds(_ work: () throws -> Void) rethrows -> Double {
  let duration = try ContinuousClock().measure(work)
  return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
}
