import ArgumentParser
import Experiments
import Foundation
import Testing

@testable import Commands

/// What help texts show.
@Suite("Examples")
struct ExampleTests {
  /// All verbs with their words.
  private static func verbs(
    _ command: any ParsableCommand.Type = MeterstormCommand.self, _ words: [String] = []
  ) -> [(words: [String], command: any ParsableCommand.Type)] {
    [(words, command)]
      + command.configuration.subcommands.flatMap { verb in
        verbs(verb, words + [verb.configuration.commandName ?? ""])
      }
  }

  /// The words of a command line, without what a shell does with its output.
  private static func words(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in line {
      if character == "'" {
        isQuoted.toggle()
        word = word ?? ""
      } else if character == " ", !isQuoted {
        if let whole = word { words.append(whole) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let whole = word { words.append(whole) }
    return Array(words.prefix { $0 != ">" })
  }

  @Test("every verb has some, each of which the parser takes as that verb")
  func parsed() throws {
    var count = 0
    for (verb, command) in Self.verbs() where command.configuration.subcommands.isEmpty {
      let exemplified = try #require(command as? any Exemplified.Type, "\(verb) has no examples")
      let commands = Examples.commands(exemplified.examples)
      #expect(!commands.isEmpty)
      var isOwn = false
      for line in commands {
        let words = Self.words(line)
        #expect(words.first == "meterstorm", "\(line)")
        isOwn = isOwn || words.dropFirst().starts(with: verb)
        #expect(throws: Never.self, "\(line)") {
          _ = try MeterstormCommand.parseAsRoot(Array(words.dropFirst()))
        }
        count += 1
      }
      #expect(isOwn, "no example of \(verb) shows it")
    }
    #expect(count >= 40)
  }

  @Test("stand in the help of their verb as they are, in lines of at most 80 characters")
  func shown() throws {
    for (words, command) in Self.verbs() {
      let help = MeterstormCommand.helpMessage(for: command, columns: 80)
      // What the parser makes of the usage is its own.
      for line in help.split(separator: "\n") where !line.hasPrefix("USAGE:") {
        #expect(line.count <= 80, "\(words): \(line)")
      }
      #expect(help.contains("EXAMPLES:\n"), "\(words)")
      guard let exemplified = command as? any Exemplified.Type else { continue }
      for line in exemplified.examples { #expect(help.contains("  \(line)\n"), "\(words): \(line)") }
    }
  }

  @Test("every verb stands in one group of the root's help, and one that there is not gets the nearest")
  func verbs() throws {
    #expect(MeterstormCommand.configuration.groupedSubcommands.count == 6)
    #expect(MeterstormCommand.configuration.ungroupedSubcommands.isEmpty)
    for (words, sentence) in [
      (["rnu"], "there is no verb 'rnu'; did you mean 'run'?"),
      (["pipeline", "srve"], "there is no verb 'srve'; did you mean 'serve'?"),
      (["scenarios/chaos.yaml"], "to run the file: meterstorm run scenarios/chaos.yaml"),
    ] {
      let outcome = try Command.run(words)
      #expect(outcome.status == 64 && outcome.errors.contains(sentence), "\(outcome.errors)")
    }
    #expect(UnknownVerb.sentence(["run", "--sedd"]) == nil && UnknownVerb.sentence([]) == nil)
  }

  @Test("a list fits 80 columns, alone, with details, and as JSON")
  func lists() throws {
    for kind in ["designs", "erp-profiles", "invariants", "defects", "situations", "faults", "indicators"] {
      for more in [[], ["--verbose"]] {
        let outcome = try Command.run(["list", kind] + more)
        #expect(outcome.status == 0)
        for line in outcome.output.split(separator: "\n") where line.contains(" ") {
          // A word that is longer than a line stays whole.
          #expect(line.count <= 80 || line.split(separator: " ").contains { $0.count > 40 }, "\(line)")
        }
      }
    }
    #expect(try Command.run("list").output.contains("defects        \(Defect.all.count) known defects"))
    let one = try Command.run("list", "erp-profiles", "netsuite")
    #expect(one.output.hasPrefix("netsuite  ") && one.output.contains("\n    concurrency: 15\n"))
    #expect(try Command.run("list", "erp-profiles", "netsuit").errors.contains("did you mean 'netsuite'?"))
    let json = try Command.run("list", "--format", "json").output
    let kinds = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: String]]
    #expect(kinds?.count == 9)
  }

  @Test("colours: the option, then NO_COLOR, then FORCE_COLOR, then the terminal")
  func colours() {
    func isColoured(_ choice: ColourChoice, _ environment: [String: String], terminal: Bool) -> Bool {
      ColourChoice.isColoured(choice, in: environment, isTerminal: terminal)
    }
    #expect(isColoured(.always, ["NO_COLOR": "1"], terminal: false))
    #expect(!isColoured(.never, ["FORCE_COLOR": "1"], terminal: true))
    #expect(!isColoured(.auto, ["NO_COLOR": "1", "FORCE_COLOR": "1"], terminal: true))
    #expect(isColoured(.auto, ["FORCE_COLOR": "1", "NO_COLOR": ""], terminal: false))
    #expect(!isColoured(.auto, ["FORCE_COLOR": "0"], terminal: true))
    #expect(isColoured(.auto, [:], terminal: true) && !isColoured(.auto, [:], terminal: false))
    #expect(!isColoured(.auto, ["TERM": "dumb"], terminal: true))
  }
}
