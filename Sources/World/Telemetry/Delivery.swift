import CanonicalModel
import Chronology
import SimulationKernel

extension DelayDistribution {
  /// Draws a delay of at most 10 years.
  func draw(_ stream: inout RandomStream) -> Span {
    let seconds =
      switch self {
      case .constant(let span): span.seconds
      case .uniform(let low, let high): stream.uniform(low.seconds, high.seconds)
      case .exponential(let mean): stream.exponential(mean: mean.seconds)
      case .lognormal(let median, let sigma): stream.logNormal(median: median.seconds, sigma: sigma)
      case .pareto(let low, let shape, let high):
        Swift.min(stream.pareto(minimum: low.seconds, shape: shape), high.seconds)
      }
    return Span(seconds: Swift.min(Swift.max(seconds, 0), 3.2e8))
  }
}

/// What happens to usage events between their producer and the broker.
public struct DeliveryConfiguration: Sendable {
  /// The share of events of which a further copy is sent; copies may be copied again.
  public var duplicateShare: Double
  /// How long after the first copy a further one follows.
  public var duplicateDelay: DelayDistribution
  /// The share of events that are late.
  public var lateShare: Double
  /// How late they are.
  public var lateDelay: DelayDistribution
  /// Every copy is delayed by up to this much, so that events overtake each other.
  public var reorder: Span
  /// The share of events with a customer reference that billing does not know.
  public var unknownAccountShare: Double
  /// The share of events with a negative quantity.
  public var invalidShare: Double
  /// The share of events that their producer takes back.
  public var correctionShare: Double
  /// The share of those that nothing takes the place of.
  public var voidShare: Double
  /// For how long producers collect events before they send them: what dies with them.
  public var producerBuffer = Span.seconds(10)
  /// Faults of producers hit every n-th of them, from the first one on: 1 or more; 1: all. Assumed.
  public var faultyEvery = 2
  /// The share of events of which a copy comes by way of another region, under the name that the producer has there.
  public var crossRegionShare = 0.0
  /// The share of events that their producer sends again under another identifier, some minutes later.
  public var restampedShare = 0.0
  /// From the arrival of such an event until it comes under the other one, in whole seconds. Assumed.
  public var restampedDelay = DelayRange(from: .minutes(5), below: .minutes(15))
  /// How long after the event its correction comes.
  public var correctionDelay: DelayDistribution
  /// The least part of its quantities that an event is corrected to: not below zero. Assumed.
  public var minimumCorrection = 0.2
  /// The greatest part of its quantities that an event is corrected to: no less than ``minimumCorrection``. Assumed.
  public var maximumCorrection = 1.8
  /// From a correction until it comes again, where it is sent twice: as often as events are. Assumed.
  public var correctionRepeatedAfter = Span.minutes(10)

  /// Makes a configuration; by default delivery is perfect.
  public init(
    duplicateShare: Double = 0, duplicateDelay: DelayDistribution = .exponential(mean: .minutes(1)),
    lateShare: Double = 0, lateDelay: DelayDistribution = .constant(.zero), reorder: Span = .zero,
    unknownAccountShare: Double = 0, invalidShare: Double = 0,
    correctionShare: Double = 0, voidShare: Double = 0.5,
    correctionDelay: DelayDistribution = .exponential(mean: .days(1))
  ) {
    self.correctionShare = correctionShare
    self.voidShare = voidShare
    self.correctionDelay = correctionDelay
    self.duplicateShare = duplicateShare
    self.duplicateDelay = duplicateDelay
    self.lateShare = lateShare
    self.lateDelay = lateDelay
    self.reorder = reorder
    self.unknownAccountShare = unknownAccountShare
    self.invalidShare = invalidShare
  }
}
