import Foundation

/// What came of a load test on the real clock.
public struct LoadRecord: Codable, Equatable, Sendable {
  /// The version of this format.
  public static let currentSchema = "meterstorm.load/1"

  /// How usage was taken in.
  public struct Ingestion: Codable, Equatable, Sendable {
    /// Events that were to be sent, copies included.
    public var scheduled: Int
    /// Events that were acknowledged, copies included.
    public var acknowledged: Int
    /// Requests that were acknowledged.
    public var requests: Int
    /// Requests that were sent again.
    public var repetitions: Int
    /// Of them, those that were turned away.
    public var turnedAway: Int
    /// From the first event that was due until the last acknowledgment, in seconds.
    public var seconds: Double
    /// From when a request was due until its acknowledgment, in seconds, by percentile.
    public var latency: [String: Double]

    /// Makes figures.
    public init(
      scheduled: Int, acknowledged: Int, requests: Int, repetitions: Int, turnedAway: Int, seconds: Double,
      latency: [String: Double]
    ) {
      self.scheduled = scheduled
      self.acknowledged = acknowledged
      self.requests = requests
      self.repetitions = repetitions
      self.turnedAway = turnedAway
      self.seconds = seconds
      self.latency = latency
    }
  }

  /// The version of the format.
  public var schema = LoadRecord.currentSchema
  /// The version of Meterstorm.
  public var meterstorm: String
  /// The scenario's name.
  public var scenario: String
  /// The root seed.
  public var seed: UInt64
  /// Where the usage was sent: an address, or `core`.
  public var target: String
  /// On which clock: `real`.
  public var clock = "real"
  /// The scenario's seconds in one.
  public var timeScale: Double
  /// Whether everything that was judged held, and everything was acknowledged.
  public var verdict: Verdict
  /// Whether it was stopped before its end.
  public var interrupted: Bool
  /// How usage was taken in.
  public var ingestion: Ingestion
  /// Documents in the ledgers.
  public var documents: Int
  /// Acknowledged events that the core's log does not hold; left out where there is no log.
  public var acknowledgedAndLost: Int?
  /// A figure on both clocks.
  public struct Compared: Codable, Equatable, Sendable {
    /// What is measured: `us: posting latency, median`.
    public var name: String
    /// `s`, of the scenario's time, or `1`.
    public var unit: String
    /// In the simulation.
    public var simulated: Double
    /// On the real clock.
    public var real: Double

    /// Makes a figure.
    public init(name: String, unit: String, simulated: Double, real: Double) {
      self.name = name
      self.unit = unit
      self.simulated = simulated
      self.real = real
    }
  }

  /// A latency of the model, fitted to the real clock.
  public struct Calibrated: Codable, Equatable, Sendable {
    /// Whose ERP.
    public var entity: String
    /// The latency in the scenario, in seconds.
    public var latency: Double
    /// The one with which the simulation has the real median, in seconds.
    public var fitted: Double
    /// The mean error of the simulated percentiles of posting latency, relative to the real ones, before.
    public var errorBefore: Double
    /// The same after.
    public var errorAfter: Double

    /// Makes a fit.
    public init(entity: String, latency: Double, fitted: Double, errorBefore: Double, errorAfter: Double) {
      self.entity = entity
      self.latency = latency
      self.fitted = fitted
      self.errorBefore = errorBefore
      self.errorAfter = errorAfter
    }
  }

  /// The model's latencies, fitted; empty where that was not asked for.
  public var calibrated: [Calibrated] = []
  /// The simulation of the same scenario beside it; empty where none was asked for.
  public var compared: [Compared]
  /// What the core still held at the end.
  public var stuck: [String]
  /// What went wrong.
  public var problems: [String]
  /// The invariants; those for which there was no evidence are `off`.
  public var invariants: [RunRecord.Invariant]

  /// Makes a record.
  public init(
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
  public func json() throws -> Data { try RecordJSON.encode(self) }
}
