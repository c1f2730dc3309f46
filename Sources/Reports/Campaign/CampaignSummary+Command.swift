import RunRecord

extension CampaignSummary {
  /// The command with which a verb such as `run` or `shrink` repeats a seed.
  public func command(_ verb: String, seed: UInt64, variant known: [String]? = nil) -> String {
    let (explores, isGuided) = (!options.contains("no-explore"), options.contains("guided"))
    let words = options.filter { $0 != "no-explore" && $0 != "guided" }.map { option in
      let parts = option.split(separator: " ", maxSplits: 1).map(String.init)
      let value = parts.count > 1 ? parts[1] : ""
      // What begins with a hyphen would be taken for an option.
      return "--\(parts[0])\(value.hasPrefix("-") ? "=" : " ")\(Self.quoted(value))"
    }
    let variant =
      isGuided
      ? known.map { $0.map { "--set=\(Self.quoted($0))" } } ?? ["--guided DATABASE"]
      : explores ? ["--explore"] : []
    return (["meterstorm \(verb) \(Self.quoted(scenario)) --seed \(seed)"] + variant + words)
      .joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String { ShellWords.quoted(word) }
}
