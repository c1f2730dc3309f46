import ArgumentParser
import CanonicalModel

package struct ERPCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "erp", abstract: "Runs the simulated ERPs as a service.",
    discussion: Examples.text(Serve.examples), subcommands: [Serve.self])

  package struct Serve: NetworkCommand, Exemplified {
    package static let configuration = CommandConfiguration(
      commandName: "serve",
      abstract:
        "Emulates ERPs over HTTP: limits, latency, lost answers, outages, look-ups with index lag, and a ledger to audit.",
      discussion: """
        With a scenario: one ERP per entity, and its faults at their times. With --profile alone: one ERP for one \
        entity, to point any integration at. Documents go to /erp/ENTITY/documents, look-ups to /erp/ENTITY/lookups; \
        /ledger lists what was posted, and POST /faults injects a fault.

        """ + Examples.text(examples))

    static let examples: [Example] = [
      "meterstorm erp serve --profile netsuite --port 8381",
      "meterstorm erp serve live/month-end --port 8381",
    ]

    @Argument(help: "A scenario's YAML file.")
    package var scenario: String?

    @Option(help: ArgumentHelp("A built-in profile (list erp-profiles).", valueName: "name"))
    package var profile: String?

    @Option(help: ArgumentHelp("The entity, with --profile.", valueName: "name"))
    package var entity = "us"

    @Option(help: ArgumentHelp("Its currency, with --profile.", valueName: "code"))
    package var currency = "USD"

    @OptionGroup package var live: LiveOptions
    @OptionGroup package var service: ServiceOptions

    package func validate() throws {
      guard (scenario == nil) != (profile == nil) else {
        throw ValidationError("name a scenario, or a --profile (list erp-profiles)")
      }
      guard Currency(code: currency) != nil else {
        throw ValidationError("there is no currency '\(currency)'")
      }
      let isName = !entity.isEmpty && entity.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
      guard isName else { throw ValidationError("--entity must be a name of letters and digits") }
    }

    package init() {}
  }

  package init() {}
}
