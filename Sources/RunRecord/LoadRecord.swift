import Foundation

/// What came of a load test on the real clock.
package struct LoadRecord: Codable, Equatable, Sendable {
  /// The version of this format.
  package static let currentSchema = "meterstorm.load/1"

  /// How usage was taken in.
  package struct Ingestion: Codable, Equatable, Sendable {
    /// Events that were to be sent, copies included.
    package var scheduled: Int
    /// Events that were acknowledged, copies included.
    package var acknowledged: Int
    /// Requests that were acknowledged.
    package var requests: Int
    /// Requests that were sent again.
    package var repetitions: Int
    /// Of them, those that were turned away.
    package var turnedAway: Int
    /// From the first event that was due until the last acknowledgment, in seconds.
    package var seconds: Double
    /// From a request's scheduled send time until its acknowledgement, in seconds, by percentile.
    package var latency: [String: Double]
    /// How it went over the test; missing in records of earlier versions, and where nothing was sent.
    package var timeline: Timeline?

    /// Makes figures.
    package init(
      scheduled: Int, acknowledged: Int, requests: Int, repetitions: Int, turnedAway: Int, seconds: Double,
      latency: [String: Double], timeline: Timeline? = nil
    ) {
      self.timeline = timeline
      self.scheduled = scheduled
      self.acknowledged = acknowledged
      self.requests = requests
      self.repetitions = repetitions
      self.turnedAway = turnedAway
      self.seconds = seconds
      self.latency = latency
    }
  }

  /// Throughput and latency over a test: arrays of equal length, one value per step.
  package struct Timeline: Codable, Equatable, Sendable {
    /// Latencies up to a limit.
    package struct Bin: Codable, Equatable, Sendable {
      /// The greatest latency in it, in seconds; the bin before ends below it.
      package var upTo: Double
      /// Acknowledged requests in it.
      package var requests: Int

      /// Makes a bin.
      package init(upTo: Double, requests: Int) {
        self.upTo = upTo
        self.requests = requests
      }
    }

    /// How long a step is, in seconds of the real clock, from the first scheduled send time on.
    package var step: Double
    /// Events whose scheduled send time lies in a step, copies included.
    package var due: [Int]
    /// Events that were acknowledged in it, copies included.
    package var acknowledged: [Int]
    /// Requests that were retried in it.
    package var retried: [Int]
    /// Latency of the requests whose scheduled send time lies in it, in seconds, by percentile (`p50`, `p95`, `p99`, `max`); `null`
    /// where there is none.
    package var latency: [String: [Double?]]
    /// How many requests took how long, over the whole test, in rising order.
    package var distribution: [Bin]

    /// Makes a timeline.
    package init(
      step: Double, due: [Int], acknowledged: [Int], retried: [Int], latency: [String: [Double?]],
      distribution: [Bin]
    ) {
      self.step = step
      self.due = due
      self.acknowledged = acknowledged
      self.retried = retried
      self.latency = latency
      self.distribution = distribution
    }
  }

  /// The version of the format.
  package var schema = LoadRecord.currentSchema
  /// The version of Meterstorm.
  package var meterstorm: String
  /// The scenario's name.
  package var scenario: String
  /// The root seed.
  package var seed: UInt64
  /// Where the usage was sent: an address, or `core`.
  package var target: String
  /// On which clock: `real`.
  package var clock = "real"
  /// The scenario's seconds in one.
  package var timeScale: Double
  /// Whether everything that was judged held, and everything was acknowledged.
  package var verdict: Verdict
  /// Whether it was stopped before its end.
  package var interrupted: Bool
  /// How usage was taken in.
  package var ingestion: Ingestion
  /// Documents in the ledgers.
  package var documents: Int
  /// Acknowledged events that the core's log does not hold; left out where there is no log.
  package var acknowledgedAndLost: Int?
  /// A figure on both clocks.
  package struct Compared: Codable, Equatable, Sendable {
    /// What is measured: `us: posting latency, median`.
    package var name: String
    /// `s`, of the scenario's time, or `1`.
    package var unit: String
    /// In the simulation.
    package var simulated: Double
    /// On the real clock.
    package var real: Double

    /// Makes a figure.
    package init(name: String, unit: String, simulated: Double, real: Double) {
      self.name = name
      self.unit = unit
      self.simulated = simulated
      self.real = real
    }
  }

  /// A latency of the model, fitted to the real clock.
  package struct Calibrated: Codable, Equatable, Sendable {
    /// Whose ERP.
    package var entity: String
    /// The latency in the scenario, in seconds.
    package var latency: Double
    /// The one with which the simulation has the real median, in seconds.
    package var fitted: Double
    /// The mean error of the simulated percentiles of posting latency, relative to the real ones, before.
    package var errorBefore: Double
    /// The same after.
    package var errorAfter: Double

    /// Makes a fit.
    package init(entity: String, latency: Double, fitted: Double, errorBefore: Double, errorAfter: Double) {
      self.entity = entity
      self.latency = latency
      self.fitted = fitted
      self.errorBefore = errorBefore
      self.errorAfter = errorAfter
    }
  }

  /// The model's latencies, fitted; empty where that was not asked for.
  package var calibrated: [Calibrated] = []
  /// The simulation of the same scenario beside it; empty where none was asked for.
  package var compared: [Compared]
  /// What the core still held at the end.
  package var stuck: [String]
  /// What went wrong.
  package var problems: [String]
  /// The invariants; those for which there was no evidence are `off`.
  package var invariants: [RunRecord.Invariant]

  /// Makes a record.
  package init(
    meterstorm: String, scenario: String, seed: UInt64, target: String, timeScale: Double, verdict: Verdict,
    interrupted: Bool, ingestion: Ingestion, documents: Int, acknowledgedAndLost: Int?,
    compared: [Compared] = [], stuck: [String], problems: [String], invariants: [RunRecord.Invariant]
  ) {
    self.compared = compared
    self.meterstorm = meterstorm
    self.scenario = scenario
    self.seed = seed
    self.target = target
    self.timeScale = timeScale
    self.verdict = verdict
    self.interrupted = interrupted
    self.ingestion = ingestion
    self.documents = documents
    self.acknowledgedAndLost = acknowledgedAndLost
    self.stuck = stuck
    self.problems = problems
    self.invariants = invariants
  }

  /// The record as JSON, indented, with sorted keys and a newline at the end.
  package func json() throws -> Data { try RecordJSON.encode(self) }
}
