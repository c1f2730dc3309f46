import Addresses
import ArgumentParser

package struct PipelineCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "pipeline", abstract: "Runs the built-in core as a service.",
    discussion: Examples.text(Serve.examples), subcommands: [Serve.self])

  package struct Serve: NetworkCommand, Exemplified {
    package static let configuration = CommandConfiguration(
      commandName: "serve",
      abstract:
        "Accepts usage as CloudEvents at /events, keeps it in a log on disk, and posts to ERPs over HTTP.",
      discussion: """
        Events answered with 200 are in the log, and stay there even if the process crashes. /health, /state and /metrics \
        report its condition; 429 with Retry-After means overloaded, 507 that the disk is full. A log can only be reopened under \
        the scenario that wrote it, and a damaged one is refused.

        """ + Examples.text(examples))

    static let examples: [Example] = [
      "meterstorm pipeline serve live/month-end --data data \\",
      "  --erps http://127.0.0.1:8381 --port 8380",
    ]

    @Argument(help: "The scenario's YAML file: its catalogue, contracts and design.")
    package var scenario: String

    @Option(help: ArgumentHelp("The folder of the log; created if it does not exist.", valueName: "dir"))
    package var data: String

    @Option(help: ArgumentHelp("The address of the ERPs, as 'erp serve' prints it.", valueName: "url"))
    package var erps: String

    @Flag(
      help:
        "Repairs a damaged log: keeps what precedes the damage and the usage that follows it, and the damaged file beside it."
    )
    package var repair = false

    @OptionGroup package var live: LiveOptions
    @OptionGroup package var service: ServiceOptions

    package func validate() throws { try ServiceAddress.check(erps, "--erps") }

    package init() {}
  }

  package init() {}
}
