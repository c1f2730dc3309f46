import Addresses
import ArgumentParser

package struct LoadCommand: NetworkCommand, Exemplified {
  package static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Sends a scenario's usage in real time, and audits the outcome.",
    discussion: """
      An open workload: usage is sent at its scheduled send time, whatever the target does, and latency counts from then (no coordinated \
      omission). --target core runs the core in this process, with a log on a real disk; an address receives CloudEvents in batches at \
      /events. The audit judges by what was acknowledged, by the ERPs' ledgers and, with --log, by the core's own log; without evidence \
      nothing is judged.

      An address that does not answer within 10 seconds is an error (exit code 65). A target that stops answering for longer than \
      --patience fails the test (exit code 1), which reports what it measured until then.

      """ + Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm load live/month-end --target core --log data \\",
    "  --time-scale 2000",
    "meterstorm load live/month-end \\",
    "  --target http://127.0.0.1:8380 --erps http://127.0.0.1:8381",
  ]

  @Argument(help: "The scenario's YAML file, or the name of one that is built in.")
  package var scenario: String

  @Option(
    help: ArgumentHelp("'core', or an address such as http://127.0.0.1:8380.", valueName: "core-or-url"))
  package var target: String

  @Option(help: ArgumentHelp("The address of the ERPs whose ledgers are audited.", valueName: "url"))
  package var erps: String?

  @Option(
    help: ArgumentHelp(
      "The folder of the core's log: of --target core, or of 'pipeline serve'.", valueName: "dir"))
  package var log: String?

  @Option(help: ArgumentHelp("Maximum events per request.", valueName: "n"))
  package var batch = 500

  @Option(help: ArgumentHelp("Maximum concurrent requests.", valueName: "n"))
  package var connections = 32

  @Option(
    help: ArgumentHelp(
      "Seconds to wait for all queues to drain, and for a target that does not answer.", valueName: "n"))
  package var patience = 60.0

  @Flag(help: "Also simulates the scenario and compares posting latencies side by side; requires --log.")
  package var againstSimulation = false

  @Flag(help: "Fits the latencies of the simulated ERPs to the measured posting latencies; requires --log.")
  package var calibrate = false

  @OptionGroup package var live: LiveOptions
  @OptionGroup var texts: TextOptions

  @Option(
    help: ArgumentHelp(
      "Aborts when the p99 latency, over at least 100 requests, exceeds N seconds.",
      valueName: "seconds"))
  package var stopAbove: Double?

  @Option(
    help:
      "Format of standard output: text (a summary), json (the record), or html (one self-contained page)."
  )
  package var format: StudyFormat = .text

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  package var quiet = false

  package func validate() throws {
    if let stopAbove, !(stopAbove > 0) { throw ValidationError("--stop-above must be more than 0") }
    if againstSimulation || calibrate, log == nil {
      throw ValidationError("--against-simulation and --calibrate require the core's --log")
    }
    guard (1...10_000).contains(batch) else { throw ValidationError("--batch must be between 1 and 10000") }
    guard (1...1000).contains(connections) else {
      throw ValidationError("--connections must be between 1 and 1000")
    }
    guard patience > 0, patience <= 86_400 else {
      throw ValidationError("--patience must be more than 0 and at most 86400")
    }
    if target == "core" {
      if erps != nil { throw ValidationError("--target core brings its own ERPs: leave out --erps") }
      if log == nil { throw ValidationError("--target core requires a folder for its log: --log DIR") }
    } else {
      try ServiceAddress.check(target, "--target")
      guard let erps else { throw ValidationError("name the ERPs whose ledgers to audit with --erps") }
      try ServiceAddress.check(erps, "--erps")
    }
  }

  package init() {}
}
