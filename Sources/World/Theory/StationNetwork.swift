import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// Simulated ERPs on their own, with calls that come to them at random and go on from one to another: what queueing theory
/// can foretell, so that the life of a call at an ERP with its places, its queue and its limits can be validated against it. It is the one
/// of every simulation (``ERPCalls``), answer included.
public final class StationNetwork {
  /// An ERP, and what comes to it.
  public struct Station: Sendable {
    /// Its behaviour. Refusals and answers take time, too: theory knows of none.
    public var profile: ERPProfile
    /// Calls per second that come from outside, as a Poisson process.
    public var arrivals: Double
    /// The share of its calls that go on to each station; the others leave.
    public var routing: [Double]

    /// Makes a station.
    public init(_ profile: ERPProfile, arrivals: Double, routing: [Double] = []) {
      self.profile = profile
      self.arrivals = arrivals
      self.routing = routing
    }
  }

  /// What was seen at a station.
  public struct Measures: Sendable {
    /// Seconds that each call waited for a place, in the order of arrival; of those that were accepted.
    public fileprivate(set) var waits: [Double] = []
    /// Seconds that each call spent there, waiting included.
    public fileprivate(set) var stays: [Double] = []
    /// Calls that came.
    public fileprivate(set) var calls = 0
    /// Calls that were rejected.
    public fileprivate(set) var refused = 0
    /// The mean number of calls that were there, over the time in which calls came.
    public fileprivate(set) var meanNumber = 0.0
  }

  private let stations: [Station]
  private var calls: ERPCalls
  private var kernel: Kernel<StationEvent>
  private var observer: StationObserver
  private var streams: [RandomStream]
  private var routes: RandomStream
  private let start = Instant(nanoseconds: 0)

  /// Makes a network in which nothing is yet.
  public init(_ stations: [Station], seed: UInt64) {
    guard let currency = Currency(code: "USD") else { preconditionFailure("there are dollars") }
    self.stations = stations
    let catalog = Catalog(
      entities: stations.enumerated().map {
        LegalEntity(name: "station-\($0.offset)", currency: currency)
      },
      meters: [], eventTypes: [], accounts: [], subscriptions: [], priceBooks: [], sources: [])
    calls = ERPCalls(
      WorldConfiguration(
        catalog: catalog, start: start, horizon: start, load: [], erps: stations.map(\.profile)),
      seed: seed)
    kernel = Kernel(start: start)
    observer = StationObserver(stations: stations.count, start: start)
    streams = stations.indices.map { RandomStream(rootSeed: seed, name: "arrivals-\($0)") }
    routes = RandomStream(rootSeed: seed, name: "routing")
  }

  /// Has so many calls come from outside, and processes all of them.
  public func run(calls: Int) -> [Measures] {
    for index in stations.indices where stations[index].arrivals > 0 { scheduleArrival(at: index) }
    var left = calls
    while let event = next() {
      guard event.kind == .arrival else {
        if let station = process(event) { goOn(from: station) }
        continue
      }
      guard left > 0 else { continue }
      left -= 1
      arrive(at: Int(event.place))
      if left > 0 { scheduleArrival(at: Int(event.place)) } else { observer.close(since: start) }
    }
    return observer.measures
  }

  /// Has the first station be down for a while, in which its callers wait, and then work until nobody is there.
  ///
  /// - Returns: seconds from the end of the outage until then.
  public func drain(after outage: Span) -> Double {
    kernel.schedule(StationEvent(.reopening, place: 0), at: start + outage)
    scheduleArrival(at: 0)
    var held = 0
    var isDown = true
    while let event = next() {
      switch event.kind {
      case .arrival:
        if isDown { held += 1 } else { arrive(at: 0) }
        scheduleArrival(at: 0)
      case .reopening:
        isDown = false
        for _ in 0..<held { arrive(at: 0) }
      case .step: _ = process(event)
      }
      if !isDown, observer.present[0] == 0 { return (kernel.now - start - outage).seconds }
    }
    return 0
  }

  /// How long a caller needs who sends so many calls to the first station, and waits each time for as long as it is told.
  public func push(calls: Int) -> Double {
    kernel.schedule(StationEvent(.arrival, place: 0), at: start)
    var sent = 0
    while let event = next() {
      guard event.kind == .arrival else {
        _ = process(event)
        continue
      }
      while sent < calls {
        observer.refusal = nil
        arrive(at: 0)
        guard let refusal = observer.refusal else {
          sent += 1
          continue
        }
        guard case .throttled(let wait?) = refusal else { return .infinity }
        kernel.schedule(StationEvent(.arrival, place: 0), at: kernel.now + max(wait, Span(nanoseconds: 1)))
        break
      }
      if sent == calls { return (kernel.now - start).seconds }
    }
    return .infinity
  }

  // MARK: Events

  private func next() -> StationEvent? {
    let event = kernel.next()
    observer.now = kernel.now
    return event
  }

  private func scheduleArrival(at index: Int) {
    let gap = streams[index].exponential(mean: 1 / stations[index].arrivals)
    kernel.schedule(StationEvent(.arrival, place: UInt32(index)), at: kernel.now + Span(seconds: gap))
  }

  private func arrive(at index: Int) {
    let call = ERPCall(
      id: observer.expect(at: index), entity: EntityID(index: UInt32(index)), request: .statement)
    if let slot = calls.send(call, life: 0, &observer) { calls.arrive(slot, &observer) }
    scheduleSteps()
  }

  /// What is due of a call happens.
  ///
  /// - Returns: the station that has answered one.
  private func process(_ event: StationEvent) -> Int? {
    let slot = Int(event.place)
    var answered: Int?
    switch event.step {
    case .arrive: calls.arrive(slot, &observer)
    case .expire: calls.expire(slot, call: ERPCallID(number: event.call), &observer)
    case .commit: calls.commit(slot, &observer) { _, _ in }
    case .completeJob: calls.completeJob(slot, &observer) { _, _ in }
    case .answer:
      let heard = calls.receiveAnswer(slot)
      if case .statement = heard.answer { answered = Int(heard.call.entity.index) }
    }
    scheduleSteps()
    return answered
  }

  private func scheduleSteps() {
    calls.dequeueSteps { kernel.schedule(StationEvent($0), at: $0.at) }
  }

  /// A call that was answered goes on to another station, or leaves.
  private func goOn(from index: Int) {
    guard !stations[index].routing.isEmpty else { return }
    var position = routes.unit()
    for (other, share) in stations[index].routing.enumerated() {
      position -= share
      if position < 0 { return arrive(at: other) }
    }
  }
}

/// Hears of the calls at stations, and measures. Its network loses and delays nothing.
private struct StationObserver: CallSurroundings {
  private struct Visit {
    var arrived: Instant
    /// Its place in the order of arrival, once it was accepted.
    var index: Int?
  }

  var now: Instant
  private(set) var measures: [StationNetwork.Measures]
  /// Calls that are there.
  private(set) var present: [Int]
  /// The last refusal.
  var refusal: ERPAnswer?
  private var visits: [Visit] = []
  /// The integrals of the numbers present over time, until calls from outside end.
  private var integrals: [Double]
  private var changed: [Instant]

  init(stations: Int, start: Instant) {
    now = start
    measures = Array(repeating: StationNetwork.Measures(), count: stations)
    present = Array(repeating: 0, count: stations)
    integrals = Array(repeating: 0, count: stations)
    changed = Array(repeating: start, count: stations)
  }

  mutating func isLost(_ faults: inout ActiveFaults) -> Bool { false }
  mutating func delay(_ faults: inout ActiveFaults) -> Span { .zero }
  mutating func isDuplicated(_ faults: inout ActiveFaults) -> Bool { false }
  mutating func lag(below steps: UInt64) -> Int64 { 0 }

  /// A call is about to come to a station.
  ///
  /// - Returns: its number.
  mutating func expect(at station: Int) -> ERPCallID {
    measures[station].calls += 1
    visits.append(Visit(arrived: now))
    return ERPCallID(number: UInt64(visits.count - 1))
  }

  mutating func record(_ fact: CallFact, of call: borrowing PendingCall) {
    let (station, number) = (Int(call.call.entity.index), Int(call.call.id.number))
    let sinceArrival = (now - visits[number].arrived).seconds
    switch fact {
    case .queued: accept(number, at: station)
    case .begun:
      if let index = visits[number].index {
        measures[station].waits[index] = sinceArrival
      } else {
        accept(number, at: station)
      }
    case .processed:
      change(station, by: -1)
      if let index = visits[number].index { measures[station].stays[index] = sinceArrival }
    case .refused(let answer):
      measures[station].refused += 1
      refusal = answer
    case .abandoned:
      measures[station].refused += 1
      change(station, by: -1)
    case .requestLost, .requestDuplicated, .answerLost: break
    }
  }

  private mutating func accept(_ number: Int, at station: Int) {
    assert(visits[number].index == nil, "a call is accepted once")
    visits[number].index = measures[station].stays.count
    measures[station].waits.append(0)
    measures[station].stays.append(0)
    change(station, by: 1)
  }

  private mutating func change(_ station: Int, by change: Int) {
    integrals[station] += Double(present[station]) * (now - changed[station]).seconds
    assert(changed[station] <= now, "what is in a station is noted in the order of time")
    present[station] += change
    assert(present[station] >= 0, "no more calls leave a station than came")
    changed[station] = now
  }

  /// The time in which calls came is over: integrals become means.
  mutating func close(since start: Instant) {
    for station in measures.indices {
      change(station, by: 0)
      measures[station].meanNumber = integrals[station] / (now - start).seconds
    }
  }
}

/// What happens at a station.
struct StationEvent: SimulationEvent {
  enum Kind: UInt8, BitwiseCopyable { case arrival, reopening, step }
  var call: UInt64
  /// The station that a call comes to, or where the call is kept of which a step is due.
  var place: UInt32
  var kind: Kind
  var step: CallStep.Kind

  init(_ kind: Kind, place: UInt32) {
    self.kind = kind
    self.place = place
    call = 0
    step = .arrive
  }

  init(_ step: CallStep) {
    kind = .step
    place = UInt32(step.slot)
    call = step.call.number
    self.step = step.kind
  }

  var fingerprintWords: (UInt64, UInt64) {
    (UInt64(kind.rawValue) << 40 | UInt64(step.rawValue) << 32 | UInt64(place), call)
  }
}
