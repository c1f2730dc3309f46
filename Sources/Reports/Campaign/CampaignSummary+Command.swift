import RunRecord

extension CampaignSummary {
  /// The command with which a verb such as `run` or `shrink` repeats a seed: from any folder, where the summary knows where the campaign
  /// was run.
  ///
  /// A guided campaign's variant is taken from its database, or said value by value where the caller knows it and there is none.
  package func command(_ verb: String, seed: UInt64, variant known: [String]? = nil) -> String {
    var words = ["meterstorm", verb, scenario, "--seed", "\(seed)"]
    if options.contains("guided") {
      let database = origin?.database
      words +=
        database == nil
        ? known.map { $0.map { "--set=\($0)" } } ?? ["--guided", "DATABASE"]
        : ["--guided", database ?? ""]
    } else if !options.contains("no-explore") {
      words.append("--explore")
    }
    for option in options where option != "no-explore" && option != "guided" {
      let parts = option.split(separator: " ", maxSplits: 1).map(String.init)
      let value = parts.count > 1 ? parts[1] : ""
      // What begins with a hyphen would be taken for an option.
      words += value.hasPrefix("-") ? ["--\(parts[0])=\(value)"] : ["--\(parts[0])", value]
    }
    if origin?.allowsLarge == true { words.append("--allow-large") }
    let text = ShellWords.text(words)
    return origin.map { "cd \(ShellWords.quoted($0.directory)) && \(text)" } ?? text
  }
}
