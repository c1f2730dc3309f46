import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// How fast the tax engine answers. The figures are assumed: no vendor has published such.
public struct TaxEngineConfiguration: Hashable, Sendable {
  /// How long it takes to answer, before faults: the median of a log-normal distribution. Where it takes longer than the core waits, the call
  /// is made again.
  public var latency = Span.milliseconds(250)
  /// The standard deviation of the logarithm of that time.
  public var latencySigma = 0.5
  /// How long it takes to say that it is not available.
  public var refusalAfter = Span.seconds(1)

  /// Makes the defaults.
  public init() {}
}

/// The tax engine: knows every jurisdiction's rate at every instant, and answers unless a fault keeps it from it.
struct TaxEngine: Sendable {
  /// An answer on its way.
  struct PendingAnswer: Sendable {
    var call: TaxCallID
    var answer: TaxAnswer
    /// The life of the process that waits for it.
    var life: UInt32
  }

  private let catalog: Catalog
  private let configuration: TaxEngineConfiguration
  private var stream: RandomStream
  private var answers = SlotTable<PendingAnswer>()
  /// Answers on their way.
  var underWay: Int { answers.count }
  /// Faults that hold at the moment.
  var faults = ActiveFaults()

  init(
    catalog: Catalog, configuration: TaxEngineConfiguration = TaxEngineConfiguration(), rootSeed: UInt64
  ) {
    self.catalog = catalog
    self.configuration = configuration
    stream = RandomStream(rootSeed: rootSeed, name: "tax")
  }

  /// The core asks; the answer, if there is one, comes as an event of its own.
  ///
  /// - Parameter life: of the process that waits for it.
  mutating func ask(_ call: TaxCall, life: UInt32, _ surroundings: inout Surroundings) {
    if faults.isDown { surroundings.count(.draftedWithoutTax, call.drafts.count) }
    surroundings.record(.taxCalled(call.id.number, asOf: call.at))
    guard !surroundings.isLost(&faults) else { return surroundings.count(.requestLost) }
    guard let (answer, latency) = answer(call, at: surroundings.now), !surroundings.isLost(&faults) else {
      return surroundings.count(.taxAnswerLost)
    }
    if answer == .unavailable { surroundings.count(.taxRefused) }
    let delay = latency + surroundings.delay(&faults)
    assert(delay >= .zero, "an answer does not arrive before its call")
    let slot = answers.insert(PendingAnswer(call: call.id, answer: answer, life: life))
    surroundings.schedule(
      WorldEvent(.taxAnswer, index: slot, detail: call.id.number), at: surroundings.now + delay)
  }

  /// Receives an answer.
  mutating func receiveAnswer(_ slot: Int) -> PendingAnswer { answers.remove(slot) }

  /// Answers a call; `nil` when the caller hears nothing.
  ///
  /// - Returns: the answer and how long it takes.
  private mutating func answer(_ call: TaxCall, at now: Instant) -> (answer: TaxAnswer, after: Span)? {
    guard !faults.isDown, faults.maintenanceEnd == nil else {
      faults.hit(faults.isDown ? .outage : .maintenance)
      return (.unavailable, configuration.refusalAfter)
    }
    if let share = faults.errors, stream.bernoulli(share) {
      faults.hit(.brownOut)
      return (.unavailable, configuration.refusalAfter)
    }
    let work = Span(
      seconds: stream.logNormal(median: configuration.latency.seconds, sigma: configuration.latencySigma))
    let latency = faults.slowed(work, at: now)
    if let share = faults.lostAnswers, stream.bernoulli(share) {
      faults.hit(.timeoutAfterCommit)
      return nil
    }
    return (.quoted(call.drafts.map { quote($0, at: call.at) }), latency)
  }

  private func quote(_ draft: DraftInvoice, at instant: Instant) -> TaxQuote {
    let id = catalog[draft.account].jurisdiction ?? JurisdictionID(index: 0)
    let rates = catalog[id].rates
    let rate = (rates.last { $0.from <= instant } ?? rates[0]).rate
    let lines = draft.lines.map { line in
      // Amounts are whole minor units and rates have at most 12 digits: the product is exact after the division.
      Money(units: line.amount.units / 1_000_000_000_000 * rate.units)
    }
    return TaxQuote(jurisdiction: id, rate: rate, lines: lines)
  }
}
