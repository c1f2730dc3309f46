import CanonicalModel
import Chronology

/// A kind of fault, with its strength.
public enum FaultKind: Hashable, Sendable {
  /// The ERP refuses every call, and calls in progress die without effect.
  case outage
  /// The ERP's limits shrink to a share.
  case throttle(to: Double)
  /// A share of the calls is committed and never answered.
  case timeoutAfterCommit(share: Double)
  /// A share of the documents is refused, as master data that they name is not set up yet.
  case refusals(share: Double)

  /// The name in scenario files.
  public var name: String {
    switch self {
    case .outage: "outage"
    case .throttle: "throttle"
    case .timeoutAfterCommit: "timeoutAfterCommit"
    case .refusals: "refusals"
    }
  }
}

/// What a fault hits.
public enum FaultTarget: Hashable, Sendable {
  /// The ERP of a legal entity.
  case erp(EntityID)
  /// The tax engine.
  case tax
  /// The payment gateway.
  case gateway
}

/// One fault that holds for a while: `[start, end)`.
public struct FaultWindow: Hashable, Sendable {
  /// The fault.
  public var kind: FaultKind
  /// What it hits.
  public var target: FaultTarget
  /// When it begins.
  public var start: Instant
  /// When it ends.
  public var end: Instant

  /// Makes a window.
  public init(kind: FaultKind, target: FaultTarget, start: Instant, end: Instant) {
    self.kind = kind
    self.target = target
    self.start = start
    self.end = end
  }
}

/// A fault that comes at random: its moments are a Poisson process.
public struct RandomFault: Hashable, Sendable {
  /// The fault.
  public var kind: FaultKind
  /// What it may hit; one is drawn each time.
  public var targets: [FaultTarget]
  /// The mean time between two.
  public var every: Span
  /// How long each lasts.
  public var duration: Span

  /// Makes a random fault.
  public init(kind: FaultKind, targets: [FaultTarget], every: Span, duration: Span) {
    self.kind = kind
    self.targets = targets
    self.every = every
    self.duration = duration
  }
}
