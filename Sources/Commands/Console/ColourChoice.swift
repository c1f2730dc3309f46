import ArgumentParser
import Foundation
import Synchronization

/// When texts are coloured.
enum ColourChoice: String, ExpressibleByArgument, CaseIterable {
  case auto
  case always
  case never

  private static let chosen = Mutex(ColourChoice.auto)

  /// Has what this process prints follow a choice.
  static func follow(_ choice: ColourChoice) { chosen.withLock { $0 = choice } }

  /// Whether standard output is coloured: what `--color` says; then what `NO_COLOR` (https://no-color.org) and `FORCE_COLOR`
  /// (https://force-color.org) say, in this order; then whether it is a terminal that knows colours.
  static var isColoured: Bool {
    isColoured(
      chosen.withLock { $0 }, in: ProcessInfo.processInfo.environment, isTerminal: isatty(STDOUT_FILENO) == 1)
  }

  static func isColoured(
    _ choice: ColourChoice, in environment: [String: String], isTerminal: Bool
  ) -> Bool {
    func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
    switch choice {
    case .always: return true
    case .never: return false
    case .auto:
      if isSet("NO_COLOR") { return false }
      if isSet("FORCE_COLOR") { return environment["FORCE_COLOR"] != "0" }
      return isTerminal && environment["TERM"] != "dumb"
    }
  }
}

/// How texts on standard output look.
struct TextOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Colours text output; auto: on a terminal, unless NO_COLOR or FORCE_COLOR is set.", valueName: "when"))
  var color: ColourChoice = .auto

  func validate() throws { ColourChoice.follow(color) }
}
