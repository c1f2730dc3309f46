import CanonicalModel
import Chronology

/// A core under test: everything between the producers of usage and the ledgers, as a state machine without a clock. Inputs and time go
/// in, effects come out; equal inputs at equal instants give equal effects.
///
/// Whoever drives it performs the effects in order. What a driver has to know beside them (what waits, what is under way) the core
/// reports: its insides are nobody's business. None of the reports changes anything.
public protocol Core {
  // MARK: Inputs

  /// Takes a delivery of usage events.
  mutating func handle(
    _ events: UnsafeBufferPointer<UsageEvent>, at now: Instant, effects: inout Effects)
  /// Takes what a counterpart tells or answers.
  mutating func handle(_ input: CoreInput, at now: Instant, effects: inout Effects)
  /// Does what the passing of time alone makes due.
  mutating func advance(to now: Instant, effects: inout Effects)

  // MARK: Deadlines

  /// When each service that runs has something due next, if nothing else happens before.
  var deadlines: ServiceDeadlines { get }
  /// When any of them has.
  var nextDeadline: Instant? { get }
  /// Whether nothing is unfinished.
  var isIdle: Bool { get }

  // MARK: Reports

  /// What an entity's outbox holds and has under way.
  mutating func use(of entity: EntityID) -> OutboxUse
  /// The calls whose answers are awaited.
  var callsUnderWay: Set<ERPCallID> { mutating get }
  /// What became of the usage that was taken in so far.
  var capture: CaptureClaim { mutating get }
  /// Usage events that came after their window was closed.
  var lateEvents: Int64 { mutating get }
  /// Usage windows that are open.
  var openWindows: Int { mutating get }
  /// Drafts of invoices that wait for the tax engine.
  var draftsWaitingForTax: Int { mutating get }
  /// How everything stands, for people, at an instant that nothing follows: it may take its time.
  func report() -> CoreReport
  /// What an event that a customer pays for has led to; `nil` where the core keeps no lineage.
  func trace(_ event: UsageEvent, of subscription: SubscriptionID, meter: MeterID) -> LineageTrace?

  // MARK: Deaths

  /// What was written to the log so far.
  var logUse: LogUse { mutating get }
  /// Dies, and starts again from what its log has kept: what was not synced is lost.
  ///
  /// - Parameters:
  ///   - write: what it was writing when it died, and has not finished.
  ///   - isTorn: whether the head of what was lost reached the disk all the same.
  /// - Returns: effects of the last input that are to be performed again, as nobody knows whether they were.
  mutating func restart(during write: UnfinishedWrite?, isTorn: Bool, at now: Instant) -> [Effect]
}

extension Core {
  /// Whether the answer to a call is awaited.
  public mutating func waits(for call: ERPCallID) -> Bool { callsUnderWay.contains(call) }
}

/// What a process was writing to its log when it died.
public enum UnfinishedWrite {
  /// A delivery.
  case delivery(UnsafeBufferPointer<UsageEvent>)
  /// What a counterpart told or answered.
  case input(CoreInput)
  /// That a deadline was passed.
  case wake
}

/// What a log has been through.
public struct LogUse: Hashable, Sendable {
  /// Records that were written in all, those of lives that ended included.
  public var written: Int
  /// Records that were found torn.
  public var torn: Int

  /// Makes a report.
  public init(written: Int = 0, torn: Int = 0) {
    self.written = written
    self.torn = torn
  }
}
