import Foundation
import Reports
import Synchronization

/// One line on standard error that says how far something has come: written over on a terminal, a plain line now and then
/// elsewhere, nothing where it is not wanted. With `METERSTORM_PROGRESS=json` in the environment it is a line `{"progress":"…"}`, for
/// programs that show progress in a way of their own. Any thread may call it.
package final class ProgressLine: Sendable {
  private struct State {
    var shownAt = ContinuousClock.now
    var hasLine = false
  }

  private let isQuiet: Bool
  private let isJSON = ProcessInfo.processInfo.environment["METERSTORM_PROGRESS"] == "json"
  private let isTerminal: Bool
  private let state = Mutex(State())

  package init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isTerminal = !isJSON && isatty(STDERR_FILENO) == 1
  }

  /// Shows a text, unless one was shown a moment ago.
  ///
  /// - Parameter text: made only where it is shown; told whether it goes to a terminal.
  package func show(_ text: (_ isTerminal: Bool) -> String) {
    guard !isQuiet else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      guard now - state.shownAt > (isTerminal || isJSON ? .milliseconds(200) : .seconds(5)) else { return }
      state.shownAt = now
      if isJSON, let line = try? JSONEncoder().encode(["progress": text(false)]) {
        return Console.note(String(decoding: line, as: UTF8.self))
      }
      if isTerminal {
        Console.control("\r\u{1B}[K" + Printable.message(text(true)))
      } else {
        Console.note(text(false))
      }
      state.hasLine = isTerminal
    }
  }

  /// Takes the line away.
  package func end() {
    state.withLock { state in
      if state.hasLine { Console.control("\r\u{1B}[K") }
      state.hasLine = false
    }
  }
}
