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

/// The tax engine: knows every jurisdiction's rate at every instant, and which items and customers it taxes otherwise, and answers unless a fault keeps it from it.
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
  /// Drafts that were quoted, by their first charge: what is asked for again is known.
  private var quoted: Set<UInt64> = []
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
    var quotes: [TaxQuote] = []
    for draft in call.drafts {
      // Before the call: what it is made on would be held, and the set of what was quoted copied for each draft.
      let error = error(in: draft)
      quotes.append(quote(draft, at: call.at, tooHighBy: error))
    }
    if let share = faults.lostAnswers, stream.bernoulli(share) {
      faults.hit(.timeoutAfterCommit)
      return nil
    }
    return (.quoted(quotes), latency)
  }

  /// By how much the rates of a draft's quote are wrong: as much in all of them.
  private mutating func error(in draft: DraftInvoice) -> Price {
    let isRepeated = draft.lines.first.map { !quoted.insert($0.charge.id).inserted } ?? false
    for sort in [FaultKind.Sort.wrongRate, .changesMind] where sort == .wrongRate || isRepeated {
      guard let share = faults.share(of: sort), let most = faults.wrongBy(sort), stream.bernoulli(share)
      else {
        continue
      }
      faults.hit(sort)
      return Price(units: most.units / 1000 * Int128(1 + stream.below(1000)))
    }
    return .zero
  }

  private func quote(_ draft: DraftInvoice, at instant: Instant, tooHighBy error: Price) -> TaxQuote {
    let account = catalog[draft.account]
    let parts = draft.lines.enumerated().flatMap { place, line in
      supplies(line, at: instant).enumerated().map { number, supply in
        TaxQuote.Part(
          line: place, supply: number, price: supply.amount,
          levies: levies(on: supply.amount, line.charge.item, account, at: supply.from, tooHighBy: error))
      }
    }
    return TaxQuote(
      isIncluded: account.jurisdictions.contains { catalog[$0].isIncluded }, parts: parts)
  }

  /// The parts of a line, each with the instant whose rates count.
  private func supplies(_ line: InvoiceLine, at instant: Instant) -> [SupplyPart] {
    guard catalog.taxPoint == .supply else { return [SupplyPart(from: instant, amount: line.price)] }
    guard line.supply.isEmpty else { return line.supply }
    let charge = line.charge
    return [SupplyPart(from: charge.served?.from ?? charge.servicePeriod.start, amount: line.price)]
  }

  private func levies(
    on price: Money, _ item: ItemID, _ account: Account, at instant: Instant, tooHighBy error: Price
  ) -> [TaxQuote.Levy] {
    let rates = account.jurisdictions.map { id -> (rate: Price, reason: TaxReason?) in
      let own = rate(in: catalog[id], item, account, at: instant)
      return own.reason == nil ? (Price(units: own.rate.units + error.units), nil) : own
    }
    // What is included is taken out of the price as a whole: of 121 at 21 %, 21.
    let one: Int128 = 1_000_000_000_000
    let whole = zip(account.jurisdictions, rates).reduce(one) { sum, own in
      catalog[own.0].isIncluded ? sum + own.1.rate.units : sum
    }
    return zip(account.jurisdictions, rates).map { id, own in
      // Amounts are whole minor units and rates have at most 12 digits: the product is exact after the division.
      let product = price.units / one * own.rate.units
      let (quotient, remainder) = product.quotientAndRemainder(dividingBy: whole)
      return TaxQuote.Levy(
        jurisdiction: id, rate: own.rate,
        amount: Money(units: whole == one ? product : quotient * one + remainder * one / whole),
        reason: own.reason)
    }
  }

  /// The rate of an item for a customer, or why there is none.
  private func rate(
    in jurisdiction: TaxJurisdiction, _ item: ItemID, _ account: Account, at instant: Instant
  ) -> (rate: Price, reason: TaxReason?) {
    if let reason = account.taxExemption { return (.zero, .exemptCustomer(reason)) }
    let rule = jurisdiction.items.first { $0.item == catalog[item].charge }
    if let reason = rule?.reason { return (.zero, .exemptItem(reason)) }
    if jurisdiction.isReverseCharge { return (.zero, .reverseCharge) }
    if let rate = rule?.rate { return (rate, nil) }
    let rates = jurisdiction.rates
    return ((rates.last { $0.from <= instant } ?? rates[0]).rate, nil)
  }
}
