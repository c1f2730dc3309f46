import ArgumentParser
import Experiments

@main
struct MeterstormCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meterstorm",
    abstract:
      "Simulates usage-to-cash pipelines under load and faults, and proves or refutes their invariants.",
    discussion: """
      Exit codes: 0 everything held; 1 an invariant broke or an expectation was missed; 64 bad usage; \
      65 a bad scenario, design, price book or data file; 70 internal error; 130 interrupted.
      """,
    version: Meterstorm.version,
    subcommands: [
      RunCommand.self, CampaignCommand.self, MergeCommand.self, ShrinkCommand.self, ExplainCommand.self,
      ReplayCommand.self,
      ValidateCommand.self,
      SchemaCommand.self,
      QuoteCommand.self, ListCommand.self,
      ReportCommand.self, CompareCommand.self, CapacityCommand.self, ServeCommand.self,
      LoadCommand.self, PipelineCommand.self, ERPCommand.self,
    ])
}
