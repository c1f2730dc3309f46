import Foundation
import Synchronization

/// One line on standard error that says how far something has come: written over on a terminal, a plain line now and then
/// elsewhere, nothing where it is not wanted. Any thread may call it.
final class ProgressLine: Sendable {
  private struct State {
    var shownAt = ContinuousClock.now
    var hasLine = false
  }

  private let isQuiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let state = Mutex(State())

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Shows a text, unless one was shown a moment ago.
  ///
  /// - Parameter text: made only where it is shown; told whether it goes to a terminal.
  func show(_ text: (_ isTerminal: Bool) -> String) {
    guard !isQuiet else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      guard now - state.shownAt > (isTerminal ? .milliseconds(200) : .seconds(5)) else { return }
      state.shownAt = now
      Console.note(
        isTerminal ? "\r\u{1B}[K" + text(true) : text(false), terminator: isTerminal ? "" : "\n")
      state.hasLine = isTerminal
    }
  }

  /// Takes the line away.
  func end() {
    state.withLock { state in
      if state.hasLine { Console.note("\r\u{1B}[K", terminator: "") }
      state.hasLine = false
    }
  }
}
