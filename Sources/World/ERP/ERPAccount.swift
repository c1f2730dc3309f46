import CanonicalModel
import Chronology
import DequeModule

/// What an ERP has only so much of: places for calls, a queue before them, and limits of its rate. Legal entities that post into one
/// account share them, each with a ledger of its own (``SimulatedERP``).
struct ERPAccount: Sendable {
  /// What becomes of a call that asks for a place.
  enum Admission {
    /// It has one once it begins.
    case place
    /// It waits for one.
    case queue
    /// It is refused; the limits have room for it after so long, or nothing where only a place is missing.
    case refused(wait: Span)
  }

  private let profile: ERPProfile
  /// Calls that are worked on.
  private(set) var inFlight = 0
  /// Calls that wait for a place, in order, whichever entity they are of.
  private var queue: Deque<Int> = []
  private(set) var limiters: [RateLimiter]

  init(_ profile: ERPProfile, start: Instant) {
    self.profile = profile
    limiters = profile.limits.map { RateLimiter($0, start: start) }
  }

  /// Calls at once that integrations may have while a share of the limits is granted.
  @inline(__always)
  func places(share: Double) -> Int {
    guard let concurrency = profile.concurrency else { return .max }
    return max(1, Int(Double(concurrency - profile.reserved) * share))
  }

  /// A call asks for a place, and takes of the limits unless it is refused.
  ///
  /// - Parameters:
  ///   - slot: what stands for the call, if it has to wait.
  ///   - share: what is granted of the limits.
  mutating func admit(operations: Int, slot: Int, at now: Instant, share: Double) -> Admission {
    var wait = Span.zero
    for index in limiters.indices {
      let cost = limiters[index].cost(documents: operations)
      wait = max(wait, limiters[index].wait(for: cost, at: now, share: share))
    }
    guard wait == .zero else { return .refused(wait: wait) }
    let isFull = inFlight >= places(share: share)
    if isFull, queue.count >= profile.queueDepth { return .refused(wait: .zero) }
    for index in limiters.indices {
      limiters[index].consume(limiters[index].cost(documents: operations), at: now)
    }
    assert(!isFull || !queue.contains(slot), "a call waits in one place of the queue")
    if isFull { queue.append(slot) }
    assert(queue.count <= profile.queueDepth, "no more calls wait for a place than may")
    return isFull ? .queue : .place
  }

  /// A call takes a place.
  mutating func begin() {
    inFlight += 1
    assert(inFlight <= places(share: 1), "no more calls are worked on at once than there are places")
  }

  /// A call gives its place back.
  mutating func end() {
    precondition(inFlight > 0, "a place is given back once")
    inFlight -= 1
  }

  /// The next call that has a place now, taken out of the queue.
  mutating func dequeueCall(share: Double) -> Int? {
    inFlight < places(share: share) ? queue.popFirst() : nil
  }

  /// Turns a call away that has waited for too long; `false` if it waits no more.
  mutating func expire(slot: Int) -> Bool {
    guard let position = queue.firstIndex(of: slot) else { return false }
    queue.remove(at: position)
    assert(!queue.contains(slot), "a call waits in one place of the queue")
    return true
  }

  /// What is in use: calls under way, and the places for them where there is a limit. Changes nothing: called in place, it copies
  /// nothing either.
  mutating func use(share: Double) -> (calls: Int, places: Int?, limits: Int) {
    (inFlight, profile.concurrency == nil ? nil : places(share: share), limiters.count)
  }

  /// Calls under way; in place, too.
  mutating func calls() -> Int { inFlight }

  /// What was taken of a limit in all; in place, too.
  mutating func used(ofLimit index: Int) -> Int { limiters[index].total }
}
