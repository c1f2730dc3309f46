import ArgumentParser
import Experiments
import Foundation
import Live
import Scenario

@main
struct LiveBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meterstorm-live-bench",
    abstract:
      "Measures how fast usage is taken in on the real clock, beside an HTTP handler that does nothing.")

  @Argument(help: "The scenario whose usage is sent.")
  var scenario = "scenarios/live/month-end.yaml"

  @Option(help: "Events of a request.")
  var batch = 500

  @Option(help: "Requests at once.")
  var connections = 16

  func run() async throws {
    let file = try ScenarioTemplate(file: scenario).scenario
    let assembly = try Assembly(file)
    let benchmark = try IngestionBenchmark(
      assembly.world, policy: assembly.policy, seed: file.seed, batch: max(1, batch),
      connections: max(1, connections))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "meterstorm-\(UUID().uuidString)"
    ).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let figures = try await benchmark.run(in: folder)
    let bare = figures.first?.eventsPerSecond ?? 1
    for figure in figures {
      func milliseconds(_ seconds: Double) -> String { "\((seconds * 100_000).rounded() / 100) ms" }
      let rate = Int(figure.eventsPerSecond / 1000)
      print(
        "\(figure.name): \(rate) k events/s, \((figure.eventsPerSecond / bare * 1000).rounded() / 1000) of bare; "
          + "p50 \(milliseconds(figure.latency.p50)), p99 \(milliseconds(figure.latency.p99)), max \(milliseconds(figure.latency.max))"
      )
    }
  }
}
