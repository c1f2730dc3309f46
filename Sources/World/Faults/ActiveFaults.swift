import CanonicalModel
import Chronology

/// The faults that hold at one counterpart at the moment: by the number of their window, so that several overlap.
struct ActiveFaults: Sendable {
  private var active: [(index: Int, window: FaultWindow, hits: Int)] = []

  mutating func begin(_ window: FaultWindow, _ index: Int) {
    assert(window.start <= window.end, "a fault ends after it has begun")
    assert(!active.contains { $0.index == index }, "a fault begins once at a counterpart")
    active.append((index, window, 0))
  }

  /// A fault is over.
  ///
  /// - Returns: what it hit here.
  @discardableResult
  mutating func end(_ index: Int) -> Int {
    let hits = hits(of: index)
    active.removeAll { $0.index == index }
    return hits
  }

  /// The faults of a sort that hold have hit a call, a message or a document.
  mutating func hit(_ sort: FaultKind.Sort, _ times: Int = 1) {
    assert(times >= 0, "a fault does not take hits back")
    for index in active.indices where active[index].window.kind.sort == sort { active[index].hits += times }
  }

  /// What a fault that holds has hit here so far.
  func hits(of index: Int) -> Int { active.first { $0.index == index }?.hits ?? 0 }

  private func greatest<Strength: Comparable>(_ strength: (FaultKind) -> Strength?) -> Strength? {
    active.isEmpty ? nil : active.compactMap { strength($0.window.kind) }.max()
  }

  /// The greatest share of what a sort of fault meets that it hits (``FaultKind/share``); `nil`: none of the sort holds.
  func share(of sort: FaultKind.Sort) -> Double? { greatest { $0.sort == sort ? $0.share : nil } }

  private func isActive(_ kind: FaultKind) -> Bool { active.contains { $0.window.kind == kind } }

  /// Whether it refuses every call.
  var isDown: Bool { isActive(.outage) }

  /// When the outage ends that holds; `nil`: none does.
  var outageEnd: Instant? {
    active.isEmpty ? nil : active.filter { $0.window.kind == .outage }.map(\.window.end).max()
  }

  /// Whether consumers are being assigned anew.
  var isRebalancing: Bool { !active.isEmpty && isActive(.rebalance) }

  /// When the announced maintenance ends that holds.
  var maintenanceEnd: Instant? {
    active.filter { $0.window.kind == .maintenance }.map(\.window.end).max()
  }

  /// The share of its limits that is left, 1 without a throttle.
  var capacityShare: Double {
    guard !active.isEmpty else { return 1 }
    let shares = active.compactMap { fault -> Double? in
      if case .throttle(let share) = fault.window.kind { share } else { nil }
    }
    return shares.min() ?? 1
  }

  /// The share of calls that are committed and never answered; `nil`: none.
  var lostAnswers: Double? { share(of: .timeoutAfterCommit) }

  /// The share of documents that are refused; `nil`: none.
  var refusals: Double? { share(of: .refusals) }

  /// The share of calls that fail at once; `nil`: none.
  var errors: Double? { share(of: .brownOut) }

  /// The share of a call's documents that fail alone; `nil`: none.
  var partialFailures: Double? { share(of: .partialFailure) }

  /// The share of documents that a job rejects after they were accepted; `nil`: as the profile says.
  var laterRejections: Double? { share(of: .rejectLater) }

  /// By how much rates of a tax engine are wrong at most, by the sort of fault; `nil`: none of the sort holds.
  func wrongBy(_ sort: FaultKind.Sort) -> Price? {
    greatest {
      switch $0 {
      case .wrongRate(_, let by) where sort == .wrongRate: by
      case .changesMind(_, let by) where sort == .changesMind: by
      default: nil
      }
    }
  }

  /// Whether it works more slowly than it should.
  var isSlow: Bool { active.contains { $0.window.kind.slowdown != nil } }

  /// How long work takes that begins now.
  mutating func slowed(_ work: Span, at now: Instant) -> Span {
    guard !active.isEmpty else { return work }
    var factor = 1.0
    for index in active.indices {
      let window = active[index].window
      guard let slowdown = window.kind.slowdown else { continue }
      var own = slowdown
      if window.kind.sort == .slowDeath {
        // Evenly from nothing to its worst just before the end.
        let share = (now - window.start).seconds / max(1e-9, (window.end - window.start).seconds)
        assert(share >= 0, "a fault is not felt before it has begun")
        own = 1 + (slowdown - 1) * share
      }
      if own > 1 { active[index].hits += 1 }
      factor = max(factor, own)
    }
    return factor == 1 ? work : Span(seconds: work.seconds * factor)
  }

  // MARK: The network on the way to it

  /// Whether nothing gets through.
  var isCutOff: Bool { isActive(.partition) }
  /// The share of messages that are lost, each way; `nil`: none.
  var drops: Double? { share(of: .drop) }
  /// The share of messages that arrive twice; `nil`: none.
  var duplicates: Double? { share(of: .duplicate) }
  /// By how much messages are delayed at most, each way; `nil`: not at all.
  var delay: Span? { greatest { if case .delay(let span) = $0 { span } else { nil } } }
}
