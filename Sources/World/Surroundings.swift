import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// What all counterparts of the core have around them: the clock, the network on which they talk with the core, and those who watch.
///
/// Everything that a counterpart does beyond its own state goes through here, so that the order of events and of the network's lots is
/// one, whoever asks for them.
struct Surroundings: ~Copyable {
  var kernel: Kernel<WorldEvent>
  private let sink: any FactSink
  /// Hears of what happens between the core and its counterparts; `nil`: nobody does.
  var witness: (any Witness)?
  /// What was noted down.
  var observations: Observations
  private var network: MessageNetwork
  /// What has to happen before a run can end: pending events, but for wakes of the core, samples and faults that nobody
  /// waits for; and what waits for a counterpart that is down for good.
  private(set) var essential = 0

  init(_ configuration: WorldConfiguration, seed: UInt64, sink: any FactSink) {
    kernel = Kernel(start: configuration.start, minimumCapacity: 4096)
    self.sink = sink
    network = MessageNetwork(rootSeed: seed)
    observations = Observations(entities: configuration.catalog.entities.count)
  }

  var now: Instant { kernel.now }

  // MARK: What is still to come

  /// Schedules an event that must happen before a run can end, unless it is of a kind that nobody waits for.
  @inline(__always)
  mutating func schedule(_ event: WorldEvent, at instant: Instant) {
    if event.kind.isEssential { essential &+= 1 }
    kernel.schedule(event, at: instant)
  }

  /// Something has to happen, or wait for good, that is no event of its own.
  @inline(__always)
  mutating func expect() { essential &+= 1 }

  /// What was expected has happened.
  @inline(__always)
  mutating func met() {
    assert(essential > 0, "something has happened that nobody waited for")
    essential &-= 1
  }

  // MARK: Those who watch

  @inline(__always)
  func record(_ fact: Fact) { sink.record(fact, at: kernel.now) }

  func recordEmitted(_ events: UnsafeBufferPointer<UsageEvent>) { sink.emitted(events) }

  func recordCaptured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim) {
    sink.captured(events, claim: claim, at: kernel.now)
  }

  /// What ingestion says of events that an input has carried.
  func recordCapture(of input: CoreInput, claim: CaptureClaim) {
    if case .backfill(let backfill) = input {
      return backfill.events.withUnsafeBufferPointer { recordCaptured($0, claim: claim) }
    }
    guard claim != CaptureClaim() else { return }
    let events: [UsageEvent] =
      switch input {
      case .correction(let correction): correction.replacement.map { [$0] } ?? []
      default: []
      }
    events.withUnsafeBufferPointer {
      recordCaptured(UnsafeBufferPointer(rebasing: $0.prefix(Int(claim.received))), claim: claim)
    }
  }

  func recordSummaries(_ summaries: UnsafeBufferPointer<UsageSummary>) {
    sink.summarised(summaries, at: kernel.now)
  }

  func conclude(stuck: [StuckWork]) { sink.concluded(stuck: stuck, at: kernel.now) }

  @inline(__always)
  mutating func count(_ situation: Situation, _ times: Int = 1) { observations.count(situation, times) }

  @inline(__always)
  func saw(_ happening: @autoclosure () -> Happening) {
    if let witness { witness.saw(happening(), at: kernel.now) }
  }

  // MARK: The network

  /// Whether a message gets lost.
  mutating func isLost(_ faults: inout ActiveFaults) -> Bool { network.isLost(&faults) }

  /// By how much a message is delayed.
  mutating func delay(_ faults: inout ActiveFaults) -> Span {
    guard let delay = network.delay(&faults) else { return .zero }
    count(.messageDelayed)
    return delay
  }

  /// Whether a message arrives twice.
  mutating func isDoubled(_ faults: inout ActiveFaults, _ situation: Situation) -> Bool {
    guard network.isDuplicated(&faults) else { return false }
    count(situation)
    return true
  }

  /// How many of so many steps a copy comes after its original.
  mutating func lag(below steps: UInt64) -> Int64 { network.lag(below: steps) }

  /// How long a copy comes after its original.
  mutating func lag(in range: DelayRange, step: Span) -> Span {
    range.from + step * network.lag(below: range.count(of: step))
  }
}
