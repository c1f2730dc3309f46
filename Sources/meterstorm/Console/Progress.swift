import Foundation

/// Shows on standard error how far a run has come: a bar on a terminal, a plain line now and then elsewhere.
struct Progress {
  private let isQuiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let title: String
  private var shownAt = ContinuousClock.now
  private var hasBar = false

  init(title: String, isQuiet: Bool) {
    self.title = title
    self.isQuiet = isQuiet
  }

  mutating func show(_ share: Double) {
    guard !isQuiet else { return }
    let now = ContinuousClock.now
    guard now - shownAt > (isTerminal ? .milliseconds(100) : .seconds(5)) else { return }
    shownAt = now
    let percent = Int(share * 100)
    if isTerminal {
      let width = 30
      let full = Int(share * Double(width))
      let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
      Console.note("\r\(title) \(bar) \(percent)%", terminator: "")
      hasBar = true
    } else {
      Console.note("\(title): \(percent)%")
    }
  }

  /// Takes the bar away.
  mutating func end() {
    if hasBar { Console.note("\r\u{1B}[K", terminator: "") }
    hasBar = false
  }
}
