import ArgumentParser
import CBuildIdentity
import Experiments

/// The command line: what `meterstorm` parses, and `meterstorm-live` with it.
package struct MeterstormCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "meterstorm",
    abstract:
      "Simulates usage-to-cash pipelines under load and faults, and proves or refutes their invariants.",
    discussion: """
      Exit codes: 0 everything held; 1 an invariant broke or an expectation was missed; 64 bad usage; \
      65 a bad scenario, design, price book or data file; 70 internal error; 130 interrupted.

      A file .meterstorm.yaml in the current folder, or in the nearest folder above it up to the root of the git repository \
      or the home folder, sets defaults for run, campaign, compare and capacity: jobs (1 to 256), database (a file) and \
      format (text, json or html). Options override it. It does not affect what is simulated, but a campaign resumes from the \
      database that it names; in CI, METERSTORM_DEFAULTS=none ignores it. A file owned by another user is ignored.

      """ + Examples.text(examples),
    version: BuildIdentity.text,
    groupedSubcommands: [
      CommandGroup(
        name: "Start",
        subcommands: [InitCommand.self, ValidateCommand.self, ListCommand.self, SchemaCommand.self]),
      CommandGroup(
        name: "Simulate",
        subcommands: [
          RunCommand.self, CampaignCommand.self, CompareCommand.self, CapacityCommand.self, QuoteCommand.self,
        ]),
      CommandGroup(
        name: "Understand", subcommands: [ExplainCommand.self, ReplayCommand.self, ShrinkCommand.self]),
      CommandGroup(
        name: "Keep and report",
        subcommands: [
          ReportCommand.self, GateCommand.self, ServeCommand.self, MergeCommand.self,
        ]),
      CommandGroup(
        name: "Connect", subcommands: [LoadCommand.self, PipelineCommand.self, ERPCommand.self]),
      CommandGroup(name: "Set up", subcommands: [CompletionsCommand.self]),
    ])

  static let examples: [Example] = [
    "meterstorm init my-pipeline",
    "meterstorm run azure-llm-tokens",
    "meterstorm list faults",
  ]

  package init() {}
}

/// What `--version` prints: the version, and the commit where the build knows it, as those of packages do. Records hold the version alone:
/// they are the same bytes whatever commit they are of.
enum BuildIdentity {
  static var text: String {
    let commit = String(cString: meterstorm_commit())
    return commit.isEmpty ? Meterstorm.version : "\(Meterstorm.version) (\(commit))"
  }
}
