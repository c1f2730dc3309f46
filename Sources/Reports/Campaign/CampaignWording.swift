import RunRecord

/// What a campaign allows to say of seeds that it has not run.
enum CampaignWording {
  /// How sure a result without a failure is, and whether there are enough seeds.
  static func certainty(_ summary: CampaignSummary) -> [String] {
    var lines: [String] = []
    if summary.hasTooFewSeeds {
      lines.append(
        "\(seeds(summary.runs)) of at least \(Wording.grouped(summary.minimumSeeds ?? 0)): fewer than required"
      )
    }
    if let bound = summary.failureBound {
      lines.append(
        "no failure in \(seeds(summary.runs)): below \(percent(above: bound)) of seeds with \(confidence(summary)) confidence"
      )
    }
    return lines
  }

  /// What failed where something else had failed before, and stands in no group: in the order of the list.
  static func alsoFailing(_ summary: CampaignSummary) -> [String] {
    let first = Set(summary.failures.map(\.invariant))
    return summary.judged.filter { summary.failing[$0, default: 0] > 0 && !first.contains($0) }
  }

  /// How many clean seeds show that a kind of failure is fixed; `nil` where nothing can be said.
  static func fix(_ group: CampaignSummary.Group, _ summary: CampaignSummary) -> String? {
    group.seedsToShowFix.map {
      "\($0 == 1 ? "1 new seed passes" : "\(Wording.grouped($0)) new seeds pass"), with \(confidence(summary)) confidence"
    }
  }

  /// On how many seeds a fault hit something.
  static func hits(_ fault: CampaignSummary.Fault) -> String {
    guard let hits = fault.hits else { return "" }
    return hits == 0 ? "hit nothing" : Wording.grouped(hits)
  }

  private static func seeds(_ count: Int) -> String {
    "\(Wording.grouped(count)) seed\(count == 1 ? "" : "s")"
  }

  private static func confidence(_ summary: CampaignSummary) -> String {
    plain(100 * (summary.confidence ?? 0)) + " %"
  }

  /// A share in percent with two digits, rounded up: what is stated as a limit is never less than it.
  static func percent(above share: Double) -> String {
    var decimals = 0
    var unit = 1.0
    while share * 100 < 10 * unit, decimals < 6 {
      unit /= 10
      decimals += 1
    }
    // What is a round figure but for its last bits is not rounded up to the next one.
    let rounded = (share * 100 / unit - 1e-9).rounded(.up) * unit
    return trimmed(Wording.fixed(rounded, decimals: decimals)) + " %"
  }

  private static func plain(_ value: Double) -> String { trimmed(Wording.fixed(value, decimals: 2)) }

  private static func trimmed(_ text: String) -> String {
    var text = text
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
