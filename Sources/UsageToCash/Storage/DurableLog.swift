import CanonicalModel
import Chronology

/// One input of the core, as a log keeps it.
public enum JournaledInput: Sendable {
  /// A delivery of usage events.
  case delivery(ContiguousArray<UsageEvent>)
  /// A change of contract.
  case contract(ContractEvent)
  /// A schema version that was registered.
  case schema(SchemaRegistration)
  /// An ERP's answer.
  case answer(ERPAnswer, to: ERPCallID, of: EntityID)
  /// The tax engine's answer.
  case tax(TaxAnswer, to: TaxCallID)
  /// The gateway's answer.
  case charge(ChargeAnswer, to: ChargeKey)
  /// A movement of money.
  case cash(CashEvent)
  /// A request for a credit.
  case credit(CreditRequest)
  /// The passing of a deadline.
  case wake
}

/// The only place in which the core's state survives its process: a snapshot, and every input since, in order.
///
/// A driver appends and syncs an input before it performs any effect of it, so that whatever the world has
/// seen of the core can be derived again by replay.
public protocol DurableLog: Sendable {
  /// Inputs that came after the snapshot.
  var length: Int { get }
  /// Usage events within those inputs.
  var eventCount: Int { get }
  /// Writes a delivery.
  mutating func append(delivery events: UnsafeBufferPointer<UsageEvent>, at instant: Instant)
  /// Writes a change of contract.
  mutating func append(contract event: ContractEvent, at instant: Instant)
  /// Writes that a schema version was registered.
  mutating func append(schema: SchemaRegistration, at instant: Instant)
  /// Writes an answer.
  mutating func append(answer: ERPAnswer, to call: ERPCallID, of entity: EntityID, at instant: Instant)
  /// Writes the tax engine's answer.
  mutating func append(tax answer: TaxAnswer, to call: TaxCallID, at instant: Instant)
  /// Writes the gateway's answer.
  mutating func append(charge answer: ChargeAnswer, to key: ChargeKey, at instant: Instant)
  /// Writes a movement of money.
  mutating func append(cash event: CashEvent, at instant: Instant)
  /// Writes a request for a credit.
  mutating func append(credit request: CreditRequest, at instant: Instant)
  /// Writes that a deadline was passed.
  mutating func append(wakeAt instant: Instant)
  /// Makes what was written survive a crash.
  mutating func sync()
  /// Replaces everything by the state to which it leads.
  mutating func compact(to snapshot: Pipeline)
  /// The state at the snapshot, and the synced inputs since.
  func read(_ body: (JournaledInput, Instant) -> Void) -> Pipeline?
}

/// A log in memory: survives a simulated process, not a real one.
public struct MemoryLog: DurableLog {
  private enum Entry: Sendable {
    case delivery(Range<Int>)
    case contract(ContractEvent)
    case schema(SchemaRegistration)
    case answer(ERPAnswer, ERPCallID, EntityID)
    case tax(TaxAnswer, TaxCallID)
    case charge(ChargeAnswer, ChargeKey)
    case cash(CashEvent)
    case credit(CreditRequest)
    case wake
  }

  private var snapshot: Pipeline?
  private var entries: ContiguousArray<(entry: Entry, at: Instant)> = []
  /// The events of all deliveries, one after another: appending allocates nothing once the buffer has grown.
  private var events: ContiguousArray<UsageEvent> = []
  private var synced = 0

  /// Makes an empty log.
  public init() {}

  public var length: Int { entries.count }
  public var eventCount: Int { events.count }

  public mutating func append(delivery batch: UnsafeBufferPointer<UsageEvent>, at instant: Instant) {
    let start = events.count
    events.append(contentsOf: batch)
    entries.append((.delivery(start..<events.count), instant))
  }

  public mutating func append(contract event: ContractEvent, at instant: Instant) {
    entries.append((.contract(event), instant))
  }

  public mutating func append(schema: SchemaRegistration, at instant: Instant) {
    entries.append((.schema(schema), instant))
  }

  public mutating func append(
    answer: ERPAnswer, to call: ERPCallID, of entity: EntityID, at instant: Instant
  ) {
    entries.append((.answer(answer, call, entity), instant))
  }

  public mutating func append(tax answer: TaxAnswer, to call: TaxCallID, at instant: Instant) {
    entries.append((.tax(answer, call), instant))
  }

  public mutating func append(charge answer: ChargeAnswer, to key: ChargeKey, at instant: Instant) {
    entries.append((.charge(answer, key), instant))
  }

  public mutating func append(cash event: CashEvent, at instant: Instant) {
    entries.append((.cash(event), instant))
  }

  public mutating func append(credit request: CreditRequest, at instant: Instant) {
    entries.append((.credit(request), instant))
  }

  public mutating func append(wakeAt instant: Instant) { entries.append((.wake, instant)) }

  public mutating func sync() { synced = entries.count }

  public mutating func compact(to snapshot: Pipeline) {
    self.snapshot = snapshot
    entries.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
    synced = 0
  }

  public func read(_ body: (JournaledInput, Instant) -> Void) -> Pipeline? {
    for (entry, instant) in entries.prefix(synced) {
      switch entry {
      case .delivery(let range): body(.delivery(ContiguousArray(events[range])), instant)
      case .contract(let event): body(.contract(event), instant)
      case .schema(let schema): body(.schema(schema), instant)
      case .answer(let answer, let call, let entity): body(.answer(answer, to: call, of: entity), instant)
      case .tax(let answer, let call): body(.tax(answer, to: call), instant)
      case .charge(let answer, let key): body(.charge(answer, to: key), instant)
      case .cash(let event): body(.cash(event), instant)
      case .credit(let request): body(.credit(request), instant)
      case .wake: body(.wake, instant)
      }
    }
    return snapshot
  }
}
