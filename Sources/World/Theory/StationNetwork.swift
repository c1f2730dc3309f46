import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// Simulated ERPs on their own, with calls that come to them at random and go on from one to another: what queueing theory
/// can foretell, so that the model of an ERP with its places, its queue and its limits can be held against it.
public final class StationNetwork {
  /// An ERP, and what comes to it.
  public struct Station: Sendable {
    /// Its behaviour.
    public var profile: ERPProfile
    /// Calls a second that come from outside, as a Poisson process.
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
    /// Seconds that each call waited for a place, in the order of arrival; of those that were taken.
    public fileprivate(set) var waits: [Double] = []
    /// Seconds that each call spent there, waiting included.
    public fileprivate(set) var stays: [Double] = []
    /// Calls that came.
    public fileprivate(set) var calls = 0
    /// Calls that were turned away.
    public fileprivate(set) var refused = 0
    /// The mean number of calls that were there, over the time in which calls came.
    public fileprivate(set) var meanNumber = 0.0
  }

  private struct Visit {
    var station: Int
    var arrived: Instant
    /// Its place in the order of arrival.
    var index: Int
  }

  private let stations: [Station]
  private var erps: [SimulatedERP]
  private var accounts: [ERPAccount]
  private var kernel: Kernel<StationEvent>
  private var visits = Slab<Visit>()
  private var streams: [RandomStream]
  private var routes: RandomStream
  private var measures: [Measures]
  private var present: [Int]
  /// The integrals of the numbers present over time, until calls from outside end.
  private var integrals: [Double]
  private var changed: [Instant]
  private let start = Instant(nanoseconds: 0)

  /// Makes a network in which nothing is yet.
  public init(_ stations: [Station], seed: UInt64) {
    self.stations = stations
    let catalog = Catalog(
      entities: [], meters: [], eventTypes: [], accounts: [], subscriptions: [], priceBooks: [], sources: [])
    erps = stations.enumerated().map { index, station in
      SimulatedERP(
        profile: station.profile, entity: EntityID(index: 0), rootSeed: seed,
        name: "station-\(index)", catalog: catalog)
    }
    accounts = stations.map { ERPAccount($0.profile, start: Instant(nanoseconds: 0)) }
    kernel = Kernel(start: start)
    streams = stations.indices.map { RandomStream(rootSeed: seed, name: "arrivals-\($0)") }
    routes = RandomStream(rootSeed: seed, name: "routing")
    measures = Array(repeating: Measures(), count: stations.count)
    present = Array(repeating: 0, count: stations.count)
    integrals = Array(repeating: 0, count: stations.count)
    changed = Array(repeating: start, count: stations.count)
  }

  /// Has so many calls come from outside, and works all of them off.
  public func run(calls: Int) -> [Measures] {
    for index in stations.indices where stations[index].arrivals > 0 { scheduleArrival(at: index) }
    var left = calls
    while let event = kernel.next() {
      switch event.kind {
      case .arrival:
        guard left > 0 else { continue }
        left -= 1
        arrive(at: Int(event.place))
        if left > 0 { scheduleArrival(at: Int(event.place)) } else { closeIntegrals() }
      case .commit: commit(Int(event.place), goesOn: true)
      case .reopening: break
      }
    }
    return measures
  }

  /// Has the first station be down for a while, in which its callers wait, and then work until nobody is there.
  ///
  /// - Returns: seconds from the end of the outage until then.
  public func drain(after outage: Span) -> Double {
    kernel.schedule(StationEvent(kind: .reopening, place: 0), at: start + outage)
    scheduleArrival(at: 0)
    var held = 0
    var isDown = true
    while let event = kernel.next() {
      switch event.kind {
      case .arrival:
        if isDown { held += 1 } else { arrive(at: 0) }
        scheduleArrival(at: 0)
      case .commit: commit(Int(event.place), goesOn: false)
      case .reopening:
        isDown = false
        for _ in 0..<held { arrive(at: 0) }
      }
      if !isDown, present[0] == 0 { return (kernel.now - start - outage).seconds }
    }
    return 0
  }

  /// How long a caller needs who sends so many calls to the first station, and waits each time for as long as it is told.
  public func push(calls: Int) -> Double {
    var sent = 0
    var now = start
    while sent < calls {
      switch erps[0].receive(.statement, slot: 0, at: now, account: &accounts[0]) {
      case .working:
        sent += 1
        _ = erps[0].commit(.statement, at: now, account: &accounts[0]) { _ in }
      case .refused(.throttled(let wait?), _): now = now + max(wait, Span(nanoseconds: 1))
      default: return .infinity
      }
    }
    return (now - start).seconds
  }

  private func scheduleArrival(at index: Int) {
    let gap = streams[index].exponential(mean: 1 / stations[index].arrivals)
    kernel.schedule(StationEvent(kind: .arrival, place: UInt32(index)), at: kernel.now + Span(seconds: gap))
  }

  private func arrive(at index: Int) {
    let slot = visits.insert(Visit(station: index, arrived: kernel.now, index: measures[index].stays.count))
    measures[index].calls += 1
    switch erps[index].receive(.statement, slot: slot, at: kernel.now, account: &accounts[index]) {
    case .working(let span): begin(slot, span)
    case .queued: note(index, change: 1)
    case .refused, .abandoned:
      measures[index].refused += 1
      visits.free(slot)
      return
    }
    measures[index].waits.append(0)
    measures[index].stays.append(0)
  }

  private func begin(_ slot: Int, _ span: Span) {
    note(visits[slot].station, change: 1)
    kernel.schedule(StationEvent(kind: .commit, place: UInt32(slot)), at: kernel.now + span)
  }

  private func commit(_ slot: Int, goesOn: Bool) {
    let visit = visits.take(slot)
    let index = visit.station
    note(index, change: -1)
    measures[index].stays[visit.index] = (kernel.now - visit.arrived).seconds
    _ = erps[index].commit(.statement, at: kernel.now, account: &accounts[index]) { _ in }
    while let next = erps[index].takeQueued(of: &accounts[index]) {
      guard case .working(let span) = erps[index].begin(.statement, at: kernel.now, account: &accounts[index])
      else { break }
      measures[index].waits[visits[next].index] = (kernel.now - visits[next].arrived).seconds
      kernel.schedule(StationEvent(kind: .commit, place: UInt32(next)), at: kernel.now + span)
    }
    guard goesOn, !stations[index].routing.isEmpty else { return }
    var position = routes.unit()
    for (other, share) in stations[index].routing.enumerated() {
      position -= share
      if position < 0 { return arrive(at: other) }
    }
  }

  private func note(_ index: Int, change: Int) {
    integrals[index] += Double(present[index]) * (kernel.now - changed[index]).seconds
    assert(changed[index] <= kernel.now, "what is in a station is noted in the order of time")
    present[index] += change
    assert(present[index] >= 0, "no more calls leave a station than came")
    changed[index] = kernel.now
  }

  /// The time in which calls came is over: integrals become means.
  private func closeIntegrals() {
    for index in stations.indices {
      note(index, change: 0)
      measures[index].meanNumber = integrals[index] / (kernel.now - start).seconds
    }
  }
}

/// What happens at a station.
struct StationEvent: SimulationEvent {
  enum Kind: UInt8, BitwiseCopyable { case arrival, commit, reopening }
  var kind: Kind
  /// The station that a call comes to, or the call that is worked off.
  var place: UInt32
  var fingerprintWords: (UInt64, UInt64) { (UInt64(kind.rawValue), UInt64(place)) }
}
