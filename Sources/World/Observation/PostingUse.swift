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
  }

  /// Seconds in which documents waited.
  public private(set) var busy = 0.0
  /// Of them, those in which the ERP could not be reached.
  public private(set) var down = 0.0
  /// The mean share of the ERP's places that were in use meanwhile, and the greatest; `nil` where there is no end of them.
  public var places: (mean: Double, peak: Double)? {
    placesThere > 0 ? (placesUsed / placesThere, peakPlaces) : nil
  }
  /// The mean share of the calls that the core may make at once, and the greatest.
  public var workers: (mean: Double, peak: Double) {
    (busy > 0 ? workersUsed / busy : 0, peakWorkers)
  }
  /// Each limit of the ERP, what was taken of it in all, and the greatest part of it that was in use at once.
  public internal(set) var limits: [(rule: RateLimit, taken: Int, peak: Double)] = []

  private var placesUsed = 0.0
  private var placesThere = 0.0
  private var workersUsed = 0.0
  private var peakPlaces = 0.0
  private var peakWorkers = 0.0
  private var state = State()
  private var since: Instant?

  /// Whether nothing has waited since the last note.
  var isAtRest: Bool { since != nil && state.depth == 0 }

  /// Takes note of how things stand from now on.
  mutating func note(_ next: State, at now: Instant) {
    if let since, state.depth > 0 {
      let seconds = (now - since).seconds
      busy += seconds
      if state.isDown { down += seconds }
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
    (state, since) = (next, now)
  }

  /// The mean share of a limit that was taken while documents waited.
  public func utilization(of limit: (rule: RateLimit, taken: Int, peak: Double)) -> Double {
    let per = limit.rule.per.seconds
    return Double(limit.taken) / (Double(limit.rule.limit) * max(busy, per) / per)
  }
}
