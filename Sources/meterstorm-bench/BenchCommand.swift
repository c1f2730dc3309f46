import ArgumentParser

@main
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meterstorm-bench",
    abstract: "Measures Meterstorm's own speed. Compare ratios within one run, never times between runs.",
    subcommands: [
      PholdBenchmark.self, QueueBenchmark.self, PipelineBenchmark.self, TheoryTable.self, CoverageTable.self,
      SensitivityTable.self,
    ])
}

enum BenchFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}
