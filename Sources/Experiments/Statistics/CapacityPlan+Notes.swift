import CanonicalModel
import Chronology
import RunRecord
import Scenario

extension CapacityPlan {
  /// What the horizon does to the periods that an objective is about.
  static func periods(_ scenario: ScenarioFile, _ objectives: [Expectation]) -> [String] {
    guard objectives.contains(where: { $0.indicator.isMonthly }) else { return [] }
    let end = scenario.start + scenario.horizon
    let last = Period(holding: end - .nanoseconds(1))
    guard last.end > end else { return [] }
    return [
      last.start <= scenario.start
        ? "the horizon cuts off \(last), and there is no other period: closing is measured after usage has stopped, which delays it"
        : "the horizon cuts off \(last), which indicators of closing leave out"
    ]
  }

  /// What a mean over a run is where the load is not the same all along.
  ///
  /// Runs have a beginning and an end, and indicators are of all that happens between: they are no steady-state means, from which a
  /// beginning with nothing under way would have to be cut off (``SteadyState``).
  static func load(_ scenario: ScenarioFile, _ objectives: [Expectation]) -> [String] {
    let names = objectives.map(\.indicator.name).filter {
      $0.hasPrefix("postingLatency") || $0.hasPrefix("postingThroughput")
    }
    let changes = Set(scenario.load.flatMap(\.changes)).sorted()
    guard let first = names.first, !changes.isEmpty else { return [] }
    return [
      "usage is not stationary (\(changes.joined(separator: ", "))): \(first) is of the whole horizon, which begins with nothing under way, "
        + "and not of a steady state"
    ]
  }
}

extension ScenarioFile.Load {
  /// What of the load changes over time.
  fileprivate var changes: [String] {
    guard case .synthetic(let arrivals, _) = pattern else { return ["a trace"] }
    guard case .seasonal(let season) = arrivals else { return [] }
    var changes: [String] = []
    if season.nightlyDrop > 0 { changes.append("a daily cycle") }
    if season.weekend != 1 { changes.append("a weekly cycle") }
    if season.growth != 1 { changes.append("growth") }
    if season.monthEnd != 1, season.monthEndDays > 0 { changes.append("a month's end") }
    if !season.spikes.isEmpty { changes.append("spikes") }
    return changes
  }
}
