import ArgumentParser

struct CompletionsCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Prints the completion script for a shell.",
    discussion: Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm completions bash > meterstorm.bash",
    "meterstorm completions zsh > _meterstorm",
    "meterstorm completions fish > meterstorm.fish",
  ]

  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash
    case zsh
    case fish
  }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() throws {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    let script = MeterstormCommand.completionScript(for: kind)
    // Where a word is none of the program's, bash completes the names of files.
    try Console.print(
      script.replacing("complete -o filenames -F", with: "complete -o default -o filenames -F") + "\n")
  }
}
