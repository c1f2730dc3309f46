import CanonicalModel
import Chronology

/// One fault that holds for a while: `[start, end)`.
public struct FaultWindow: Hashable, Sendable {
  /// The fault.
  public var kind: FaultKind
  /// What it hits.
  public var target: FaultTarget
  /// When it begins.
  public var start: Instant
  /// When it ends; the distant future: never.
  public var end: Instant
  /// The place of its declaration in the scenario's list of faults; `nil`: nobody declared it.
  public var declared: Int?

  /// Makes a window.
  public init(kind: FaultKind, target: FaultTarget, start: Instant, end: Instant, declared: Int? = nil) {
    self.kind = kind
    self.target = target
    self.start = start
    self.end = end
    self.declared = declared
  }

  /// Whether it never ends.
  public var isEndless: Bool { end == .distantFuture }
}

/// How often a declared fault began in a run, and what it met.
public struct FaultTally: Hashable, Sendable {
  /// Why a fault never began.
  public enum Reason: String, Sendable {
    case conditionNotMet = "its condition was not met"
    case afterEnd = "it lies after the end of the run"
    case noTarget = "its target does not exist in this run"
    case notDrawn = "no draw fell into the run"
    case processIdle = "its process passed no further effect boundary"
  }

  /// How often it began: each of its targets counts.
  public var began: Int
  /// Why it did not; `nil`: it did.
  public var reason: Reason?
  /// The calls, messages, documents and events that it hit in all.
  public var hits = 0
}

/// A fault that comes at random: its moments are a Poisson process.
public struct RandomFault: Hashable, Sendable {
  /// The fault.
  public var kind: FaultKind
  /// What it may hit; one is drawn each time.
  public var targets: [FaultTarget]
  /// The mean time between two.
  public var every: Span
  /// How long each lasts; `nil`: it never ends.
  public var duration: Span?
  /// As for ``FaultWindow/declared``.
  public var declared: Int?

  /// Makes a random fault.
  public init(
    kind: FaultKind, targets: [FaultTarget], every: Span, duration: Span?, declared: Int? = nil
  ) {
    self.kind = kind
    self.targets = targets
    self.every = every
    self.duration = duration
    self.declared = declared
  }
}

/// A fault that comes when a condition holds.
public struct ConditionalFault: Hashable, Sendable {
  /// The fault.
  public var kind: FaultKind
  /// What it hits: all of them.
  public var targets: [FaultTarget]
  /// What it waits for.
  public var condition: FaultCondition
  /// From then until it begins.
  public var after: Span
  /// How long it lasts; `nil`: it never ends.
  public var duration: Span?
  /// How often it comes; each time after the one before is over.
  public var times: Int
  /// As for ``FaultWindow/declared``.
  public var declared: Int?

  /// Makes a conditional fault.
  public init(
    kind: FaultKind, targets: [FaultTarget], condition: FaultCondition, after: Span = .zero, duration: Span?,
    times: Int = 1, declared: Int? = nil
  ) {
    self.kind = kind
    self.targets = targets
    self.condition = condition
    self.after = after
    self.duration = duration
    self.times = times
    self.declared = declared
  }
}
