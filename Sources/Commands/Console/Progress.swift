/// Shows on standard error how far a run has come: a bar on a terminal, a plain line now and then elsewhere.
struct Progress {
  private let title: String
  private let line: ProgressLine

  init(title: String, isQuiet: Bool) {
    self.title = title
    line = ProgressLine(isQuiet: isQuiet)
  }

  func show(_ share: Double) {
    line.show { isTerminal in
      let percent = Int(share * 100)
      guard isTerminal else { return "\(title): \(percent)%" }
      let width = 30
      let full = Int(share * Double(width))
      return "\(title) " + String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
        + " \(percent)%"
    }
  }

  /// Takes the bar away.
  func end() { line.end() }
}
