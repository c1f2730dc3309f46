import CanonicalModel
import Chronology

/// Services whose process has stopped or started, as the log keeps it.
public enum ServiceChange: Hashable, Sendable {
  /// Nothing that is theirs is done until they start: work waits in the log.
  case stopped(Set<CoreService>)
  /// They go on from what the log holds; what they kept in memory alone is gone.
  case started(Set<CoreService>)
}

extension CoreInput {
  /// The service that takes the input.
  public var service: CoreService {
    switch self {
    case .schema, .identity, .backfill, .correction: .ingestion
    case .contract, .tax, .credit, .release, .service: .billing
    case .rate, .erp, .replay: .posting
    case .charge, .cash, .statement: .payments
    }
  }
}

extension Effect {
  /// Whether it does something outside of the core. All else is the core's own state, and there with the log.
  public var isExternal: Bool {
    switch self {
    case .call, .askForTax, .issue, .refund, .charge, .tellStatus: true
    case .quarantined, .replayed, .routed, .rejected, .correctionRefused, .rated, .recognised, .accrued,
      .transferred,
      .held, .credited, .cashBooked, .foundOnStatement, .acknowledged, .raise, .closed, .reconciled:
      false
    }
  }

  /// Whether a process that starts again performs it again, where it may not have been performed. Calls that await an
  /// answer are not: their outcome is unknown once they time out, and resolved as such.
  public var isRedelivered: Bool {
    switch self {
    case .issue, .refund, .tellStatus: true
    default: false
    }
  }

  /// The service that performs it.
  public var service: CoreService {
    switch self {
    case .quarantined, .replayed, .rejected, .correctionRefused: .ingestion
    case .routed, .rated, .askForTax, .issue, .recognised, .accrued, .held, .credited, .refund, .raise,
      .closed, .reconciled:
      .billing
    case .call, .acknowledged, .transferred: .posting
    case .charge, .cashBooked, .foundOnStatement, .tellStatus: .payments
    }
  }
}

/// When each service that runs has something due next.
public struct ServiceDeadlines: Hashable, Sendable {
  /// Of billing, with metering and reconciliation.
  public var billing: Instant?
  /// Of posting.
  public var posting: Instant?
  /// Of payments.
  public var payments: Instant?

  /// Makes deadlines of services that have nothing due.
  public init() {}

  /// The earliest.
  @inlinable
  public var next: Instant? { Self.earlier(Self.earlier(billing, posting), payments) }

  @inlinable
  package static func earlier(_ a: Instant?, _ b: Instant?) -> Instant? {
    guard let a else { return b }
    guard let b else { return a }
    return min(a, b)
  }

  /// The services that have something due, in order: who does what the passing of time asks for.
  public func due(at now: Instant) -> [CoreService] {
    var due: [CoreService] = []
    if let billing, billing <= now { due.append(.billing) }
    if let posting, posting <= now { due.append(.posting) }
    if let payments, payments <= now { due.append(.payments) }
    return due
  }
}
