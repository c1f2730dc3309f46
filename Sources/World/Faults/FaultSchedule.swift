import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// A fault that waits for its condition.
struct PendingCondition: Sendable {
  let fault: ConditionalFault
  /// How often it may still come.
  var left: Int
  /// The count of the situation at which it comes next.
  var threshold: Int
  /// Until when the one before lasts.
  var over = Instant.distantPast

  init(_ fault: ConditionalFault) {
    self.fault = fault
    left = fault.times
    threshold = if case .situation(_, let times) = fault.condition { times } else { 0 }
  }
}

/// Which faults there are and when each begins and ends: those of the scenario, those drawn at random, those that wait for a condition.
/// What a fault does is its counterpart's.
struct FaultSchedule: Sendable {
  private let configuration: WorldConfiguration
  /// All faults that have been found so far, in the order in which they were.
  private(set) var windows: [FaultWindow]
  /// Which of them have begun.
  private(set) var hasBegun: [Bool]
  /// What each of them has hit, but for what its counterpart still counts.
  private(set) var hits: [Int]
  /// Which of them the run waits for. A fault that begins after the horizon does not keep a run going of which nothing is left:
  /// it happens if queues are still draining then, and the run waits for its end once it has begun.
  private(set) var awaited: [Bool]
  /// How many those are.
  private(set) var awaitedCount = 0
  /// When processes have died by a fault, and when they start again, by the number of its window.
  private var crashes: [Int: (start: Instant, end: Instant)] = [:]
  /// What draws random faults after the horizon. They go on while anything is under way, but no run waits for them.
  private var lateDraws: [RandomDraw]
  /// Which draw each fault after the horizon comes from; `nil`: from none.
  private var drawOf: [Int: Int] = [:]
  /// Faults that wait for their condition.
  private(set) var conditions: [PendingCondition]

  init(_ world: WorldConfiguration, seed: UInt64) {
    configuration = world
    conditions = world.chosenConditions.map(PendingCondition.init)
    lateDraws = world.randomDraws(seed: seed)
    windows = world.drawnFaults(&lateDraws)
    hasBegun = windows.map { _ in false }
    hits = windows.map { _ in 0 }
    awaited = windows.map { $0.start <= world.horizon }
    awaitedCount = awaited.count(where: \.self)
  }

  // MARK: Beginning and end

  /// Arranges for all faults that are known.
  mutating func begin(_ surroundings: inout Surroundings) {
    for (index, fault) in windows.enumerated() {
      surroundings.schedule(
        WorldEvent(.faultStart, index: index), at: max(fault.start, configuration.start))
      if awaited[index] { surroundings.expect() }
      guard !fault.isEndless else { continue }
      surroundings.schedule(WorldEvent(.faultEnd, index: index), at: max(fault.end, configuration.start))
      if awaited[index] { surroundings.expect() }
    }
  }

  /// The random draws that go on after the horizon.
  var draws: Range<Int> { lateDraws.indices }

  /// The draw that a fault comes from; `nil`: from none.
  func draw(of index: Int) -> Int? { drawOf[index] }

  /// Schedules the next random fault after the horizon. None begins in the time in which the queues have to drain after the last
  /// fault, so that it can be judged whether they do.
  ///
  /// - Parameter last: by when it has to end.
  mutating func drawLate(_ draw: Int, until last: Instant, _ surroundings: inout Surroundings) {
    guard lateDraws[draw].windows.contains(where: configuration.happens) else { return }
    var window = lateDraws[draw].dequeue()
    while !configuration.happens(window), window.start < .distantFuture { window = lateDraws[draw].dequeue() }
    guard window.end <= last else { return }
    let index = append(window, isAwaited: false)
    drawOf[index] = draw
    surroundings.schedule(WorldEvent(.faultStart, index: index), at: window.start)
    surroundings.schedule(WorldEvent(.faultEnd, index: index), at: window.end)
  }

  /// A new window has been found.
  private mutating func append(_ window: FaultWindow, isAwaited: Bool) -> Int {
    precondition(window.start <= window.end, "a fault does not end before it begins")
    windows.append(window)
    hasBegun.append(false)
    hits.append(0)
    awaited.append(isAwaited)
    assert(
      [hasBegun.count, hits.count, awaited.count].allSatisfy { $0 == windows.count },
      "what is kept of a window is kept of each")
    return windows.count - 1
  }

  /// A fault's beginning is due: whoever waited for it waits no more, and from now on for its end, if it has one.
  mutating func isDue(_ index: Int, _ surroundings: inout Surroundings) {
    assert(!hasBegun[index], "a fault begins once")
    guard drawOf[index] == nil else { return }
    if awaited[index] {
      surroundings.met()
    } else {
      // A fault after the horizon.
      awaited[index] = true
      awaitedCount += 1
      if !windows[index].isEndless { surroundings.expect() }
    }
  }

  /// Records that a fault has begun at its counterparts.
  mutating func recordBegun(_ index: Int) { hasBegun[index] = true }

  /// A fault's end is due.
  mutating func isOver(_ index: Int, _ surroundings: inout Surroundings) {
    if drawOf[index] == nil { surroundings.met() }
  }

  /// What a fault has hit at a counterpart.
  mutating func addHits(_ count: Int, to index: Int) {
    assert(count >= 0, "a fault does not take hits back")
    hits[index] += count
  }

  /// A process has died by a fault: it was to happen at the next of some boundaries, and this is when it happens.
  mutating func recordCrash(_ index: Int, at now: Instant, until restart: Instant) {
    hasBegun[index] = true
    hits[index] += 1
    assert(restart >= now, "a process starts again after it has died")
    assert(windows[index].start <= now, "a fault kills nobody before it has begun")
    crashes[index] = (now, restart)
  }

  // MARK: Conditions

  /// Whether a situation has been reached as often as a fault waits for; if so, it waits for the next time.
  mutating func isReached(_ index: Int, _ situations: SituationCounts) -> Bool {
    guard case .situation(let situation, let times) = conditions[index].fault.condition else { return false }
    let count = situations[situation]
    guard count >= conditions[index].threshold else { return false }
    conditions[index].threshold = count + times
    return true
  }

  /// The condition of a fault holds: it begins.
  mutating func trigger(_ index: Int, _ surroundings: inout Surroundings) {
    let pending = conditions[index]
    let start = surroundings.now + pending.fault.after
    let end = pending.fault.duration.map { start + $0 } ?? .distantFuture
    conditions[index].over = end
    conditions[index].left -= 1
    for target in pending.fault.targets {
      let window = FaultWindow(
        kind: pending.fault.kind, target: target, start: start, end: end, declared: pending.fault.declared)
      let number = append(window, isAwaited: true)
      awaitedCount += 1
      surroundings.schedule(WorldEvent(.faultStart, index: number), at: start)
      surroundings.expect()
      guard !window.isEndless else { continue }
      surroundings.schedule(WorldEvent(.faultEnd, index: number), at: end)
      surroundings.expect()
    }
  }

  /// Forgets the faults that do not come again.
  mutating func removeSpentConditions() { conditions.removeAll { $0.left == 0 } }

  // MARK: What happened

  /// The last instant of the faults that the run waits for; what never ends is not waited for: the queues have to be empty all the same.
  func lastAwaited(after instant: Instant) -> Instant {
    assert(awaitedCount == awaited.count(where: \.self), "each window that is awaited is counted once")
    var last = instant
    for index in windows.indices where awaited[index] {
      last = max(last, windows[index].isEndless ? windows[index].start : windows[index].end)
    }
    return last
  }

  /// The numbers of the faults that have begun, drawn ones included, in the order in which they were scheduled.
  var begun: [Int] { windows.indices.filter { hasBegun[$0] } }

  /// A fault as it happened: a process dies at one of its next boundaries, and not when that was asked for.
  func happened(_ index: Int) -> FaultWindow {
    var window = windows[index]
    if let crash = crashes[index] { (window.start, window.end) = crash }
    return window
  }

  /// How often a fault of the scenario has begun so far, and why not if it has not.
  ///
  /// - Parameters:
  ///   - number: its place in the scenario's list of faults.
  ///   - hits: what a fault has hit, by the number of its window.
  ///   - isUsed: whether anything is ever sent to a target.
  func tally(
    ofDeclared number: Int, at now: Instant, hits: (Int) -> Int, isUsed: (FaultTarget) -> Bool
  ) -> FaultTally {
    let own = windows.indices.filter {
      windows[$0].declared == number && (drawOf[$0] == nil || hasBegun[$0])
    }
    // A window over a system that nothing uses is no fault that has happened.
    let began = own.count { hasBegun[$0] && isUsed(windows[$0].target) }
    if began > 0 {
      return FaultTally(began: began, reason: nil, hits: own.reduce(0) { $0 + hits($1) })
    }
    let isPossible = configuration.targets(ofDeclared: number).contains(where: isUsed)
    let reason: FaultTally.Reason =
      if !isPossible {
        .noTarget
      } else if conditions.contains(where: { $0.fault.declared == number && $0.left == $0.fault.times }) {
        .conditionNotMet
      } else if own.isEmpty {
        .notDrawn
      } else if own.allSatisfy({ windows[$0].start > now }) {
        .afterEnd
      } else {
        .processIdle
      }
    return FaultTally(began: 0, reason: reason)
  }
}
