import Chronology

/// A kind of fault, with its strength.
public enum FaultKind: Hashable, Sendable {
  /// It refuses every call, and calls in progress die without effect.
  case outage
  /// An announced outage: callers are told how long it lasts.
  case maintenance
  /// The limits shrink to a share.
  case throttle(to: Double)
  /// It works so many times more slowly, and a share of the calls fails at once.
  case brownOut(slowdown: Double, errors: Double)
  /// It works ever more slowly, up to so many times.
  case slowDeath(slowdown: Double)
  /// A share of the calls is committed and never answered.
  case timeoutAfterCommit(share: Double)
  /// A share of the documents is refused, as master data that they name is not set up yet.
  case refusals(share: Double)
  /// A share of the documents of a call fails, while the others are posted.
  case partialFailure(share: Double)
  /// Documents are accepted, and a share of them is rejected later.
  case rejectLater(share: Double)
  /// Nothing gets through in either direction.
  case partition
  /// A share of the messages is lost, in either direction.
  case drop(share: Double)
  /// Messages take up to so much longer, in either direction.
  case delay(upTo: Span)
  /// A share of the messages arrives twice.
  case duplicate(share: Double)
  /// Consumers are assigned anew: nothing is consumed meanwhile, and the last batches come again.
  case rebalance
  /// Clocks are ahead of the true time, or behind it.
  case clockSkew(ahead: Bool, by: Span)
  /// A process dies at one of its next effect boundaries, and starts again from its log.
  case crash
  /// A share of the drafts is quoted at a rate that is wrong, by up to so much.
  case wrongRate(share: Double, by: Price)
  /// A share of the drafts that are asked for again is quoted otherwise than before, by up to so much.
  case changesMind(share: Double, by: Price)

  /// A kind of fault without its strength, by its key in scenario files.
  public enum Sort: String, Hashable, Sendable, CaseIterable {
    case outage, maintenance, throttle, brownOut, slowDeath, timeoutAfterCommit, refusals, partialFailure
    case rejectLater, partition, drop, delay, duplicate, crash, rebalance, clockSkew, wrongRate, changesMind

    /// Whether it befalls a system as a whole, and not single documents in it.
    public var isOfSystem: Bool {
      switch self {
      case .refusals, .partialFailure, .rejectLater, .wrongRate, .changesMind: false
      case .outage, .maintenance, .throttle, .brownOut, .slowDeath, .timeoutAfterCommit, .partition, .drop,
        .delay, .duplicate, .crash, .rebalance, .clockSkew:
        true
      }
    }
  }

  /// The kind without its strength.
  public var sort: Sort {
    switch self {
    case .outage: .outage
    case .maintenance: .maintenance
    case .throttle: .throttle
    case .brownOut: .brownOut
    case .slowDeath: .slowDeath
    case .timeoutAfterCommit: .timeoutAfterCommit
    case .refusals: .refusals
    case .partialFailure: .partialFailure
    case .rejectLater: .rejectLater
    case .partition: .partition
    case .drop: .drop
    case .delay: .delay
    case .duplicate: .duplicate
    case .crash: .crash
    case .wrongRate: .wrongRate
    case .changesMind: .changesMind
    case .rebalance: .rebalance
    case .clockSkew: .clockSkew
    }
  }

  /// The name in scenario files.
  public var name: String { sort.rawValue }

  /// Whether it befalls a system as a whole, and not single documents in it.
  public var isOfSystem: Bool { sort.isOfSystem }

  /// The share of what it meets that it hits, drawn for each; `nil`: it hits all of it.
  public var share: Double? {
    switch self {
    case .brownOut(_, let share), .timeoutAfterCommit(let share), .refusals(let share),
      .partialFailure(let share), .rejectLater(let share), .drop(let share), .duplicate(let share),
      .wrongRate(let share, _), .changesMind(let share, _):
      share
    case .outage, .maintenance, .throttle, .slowDeath, .partition, .delay, .rebalance, .clockSkew, .crash:
      nil
    }
  }

  /// How many times as long work takes while it holds, at its worst; `nil`: no longer than otherwise.
  public var slowdown: Double? {
    switch self {
    case .brownOut(let slowdown, _), .slowDeath(let slowdown): slowdown
    case .outage, .maintenance, .throttle, .timeoutAfterCommit, .refusals, .partialFailure, .rejectLater,
      .partition, .drop, .delay, .duplicate, .crash, .rebalance, .clockSkew, .wrongRate, .changesMind:
      nil
    }
  }

  /// Whether lots decide what it does: whom it hits, or how hard.
  public var drawsLots: Bool {
    if case .delay = self { return true }
    return share != nil
  }
}
