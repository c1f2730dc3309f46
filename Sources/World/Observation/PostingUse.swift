import CanonicalModel
import Chronology

/// How much of what posting to one ERP needs was in use, while documents waited for it: what is used up binds.
public struct PostingUse: Sendable {
  /// What an ERP and its posting have at a moment.
  struct State: Sendable {
    /// Documents that wait, are under way or unknown.
    var depth = 0
    /// Calls that the ERP works on, and how many it can; `nil`: unlimited.
    var calls = 0
    var places: Int?
    /// Calls that the core waits for, and how many it may.
    var pending = 0
    var workers = 1
    /// Whether the ERP cannot be reached.
    var isDown = false
    /// Whether the core waits after refusals with documents that could be under way but for that.
    var waitsAfterRefusals = false
    /// The share of its limits that the ERP grants.
    var share = 1.0

    /// Whether the ERP could take one call more, as far as its places go.
    var hasPlace: Bool { !isDown && places.map { calls < $0 } ?? true }
  }

  /// A limit of an ERP, and what was taken of it while documents waited.
  public struct LimitUse: Sendable {
    /// The limit.
    public let rule: RateLimit
    /// What was taken while documents waited.
    public fileprivate(set) var taken = 0
    /// What could have been taken meanwhile.
    public fileprivate(set) var available = 0.0
    /// The greatest part of the limit that was in use at once, whenever.
    public internal(set) var peak = 0.0
    /// What had been taken in all at the last note.
    private var total = 0
    /// Until when the limit has been counted as available.
    private var counted: Instant?

    init(_ rule: RateLimit) { self.rule = rule }

    /// The share of what could have been taken that was taken: never more than the whole.
    public var utilization: Double { available > 0 ? min(1, Double(taken) / available) : 0 }

    /// Documents have waited from one instant to another, and something was taken up to the second.
    ///
    /// A whole limit may be there at the start of such a time, or what has come back since the last; from then on it comes back
    /// evenly, or with each new span where it is counted anew.
    fileprivate mutating func record(busyFrom from: Instant, to now: Instant, share: Double, total: Int) {
      assert(total >= self.total, "what was taken of a limit is counted up")
      assert(from <= now && counted.map { $0 <= from } ?? true, "time is counted once")
      taken += total - self.total
      self.total = total
      let limit = Double(rule.limit)
      switch rule.window {
      case .fixed:
        let before = counted.map { $0.index(of: rule.per) }
        available += limit * share * Double(min(1, before.map { from.index(of: rule.per) - $0 } ?? 1))
        available += limit * share * Double(now.index(of: rule.per) - from.index(of: rule.per))
      case .tokenBucket, .sliding:
        let back = counted.map { min(1, (from - $0).seconds / rule.per.seconds) } ?? 1
        available += limit * share * (back + (now - from).seconds / rule.per.seconds)
      }
      counted = now
    }

    /// Nothing has waited: what was taken counts for nothing here.
    fileprivate mutating func skip(total: Int) {
      assert(total >= self.total, "what was taken of a limit is counted up")
      self.total = total
    }
  }

  /// Seconds in which documents waited.
  public private(set) var busy = 0.0
  /// Of them, those in which the ERP could not be reached.
  public private(set) var down = 0.0
  /// Of them, those in which the core waited after refusals although the ERP had a place free.
  public private(set) var afterRefusals = 0.0
  /// The mean share of the ERP's places that were in use meanwhile, and the greatest; `nil` where there is no end of them.
  public var places: (mean: Double, peak: Double)? {
    placesThere > 0 ? (placesUsed / placesThere, peakPlaces) : nil
  }
  /// The mean share of the calls that the core may make at once, and the greatest.
  public var workers: (mean: Double, peak: Double) {
    (busy > 0 ? workersUsed / busy : 0, peakWorkers)
  }
  /// Each limit of the ERP.
  public internal(set) var limits: [LimitUse] = []

  /// Makes notes of an ERP with limits.
  init(limits: [RateLimit] = []) { self.limits = limits.map(LimitUse.init) }

  private var placesUsed = 0.0
  private var placesThere = 0.0
  private var workersUsed = 0.0
  private var peakPlaces = 0.0
  private var peakWorkers = 0.0
  private var state = State()
  private var since: Instant?

  /// Whether nothing has waited since the last note.
  var isAtRest: Bool { since != nil && state.depth == 0 }

  /// Records what has been taken of a limit in all, before the next state is noted.
  mutating func record(taken total: Int, ofLimit index: Int, at now: Instant) {
    guard let since, state.depth > 0 else { return limits[index].skip(total: total) }
    limits[index].record(busyFrom: since, to: now, share: state.share, total: total)
  }

  /// Records how things stand from now on.
  mutating func record(_ next: State, at now: Instant) {
    assert(since.map { $0 <= now } ?? true, "use is noted in the order of time")
    if let since, state.depth > 0 {
      let seconds = (now - since).seconds
      busy += seconds
      if state.isDown { down += seconds }
      if state.waitsAfterRefusals, state.hasPlace { afterRefusals += seconds }
      if let places = state.places, places > 0 {
        placesUsed += Double(state.calls) * seconds
        placesThere += Double(places) * seconds
      }
      workersUsed += Double(state.pending) / Double(max(1, state.workers)) * seconds
    }
    if let places = next.places, places > 0 {
      peakPlaces = max(peakPlaces, Double(next.calls) / Double(places))
    }
    peakWorkers = max(peakWorkers, Double(next.pending) / Double(max(1, next.workers)))
    assert(
      max(down, afterRefusals) <= busy, "documents were down or held up while they waited, not at other times"
    )
    (state, since) = (next, now)
  }
}

/// The time in which documents waited for any ERP: two that wait at once are counted once.
public struct PostingTime: Sendable {
  /// Seconds in which documents waited.
  public private(set) var busy = 0.0
  private var isWaiting: [Bool]
  private var count = 0
  private var since = Instant.distantPast

  init(entities: Int) { isWaiting = Array(repeating: false, count: entities) }

  /// Records whether documents of an entity wait from now on.
  mutating func record(_ entity: Int, waits: Bool, at now: Instant) {
    guard isWaiting[entity] != waits else { return }
    isWaiting[entity] = waits
    assert(since <= now, "entities wait in the order of time")
    if waits {
      if count == 0 { since = now }
      count += 1
    } else {
      count -= 1
      if count == 0 { busy += (now - since).seconds }
    }
  }

  /// The run is over, whoever still waits.
  mutating func conclude(at now: Instant) {
    for entity in isWaiting.indices { record(entity, waits: false, at: now) }
    assert(count == 0, "at the end, no entity is left waiting")
  }
}
