/// A place where work may be left.
public enum WorkQueue: Hashable, Sendable, CustomStringConvertible {
  /// Usage on its way to the core.
  case broker
  /// Windows that are open.
  case metering
  /// Usage that is not rated.
  case rating
  /// Drafts that are no invoices yet.
  case billing
  /// Charges to be collected.
  case payments
  /// Documents that wait for a legal entity's ERP.
  case outbox(String)
  /// Documents of a legal entity that wait for a rate of exchange.
  case translation(String)
  /// Documents that wait for a person.
  case exceptions
  /// Usage that was put aside.
  case quarantine
  /// What a process of the core has not done.
  case process(String)
  /// Changes of contract and identifiers that have not been told.
  case crm
  /// Rates of exchange that have not been told.
  case exchangeRates
  /// Whatever else is to come.
  case world
  /// A queue of a core's own.
  case other(String)

  /// Its name in reports.
  public var description: String {
    switch self {
    case .broker: "broker"
    case .metering: "metering"
    case .rating: "rating"
    case .billing: "billing"
    case .payments: "payments"
    case .outbox(let entity): "outbox/\(entity)"
    case .translation(let entity): "translation/\(entity)"
    case .exceptions: "exceptions"
    case .quarantine: "quarantine"
    case .process(let name): "process/\(name)"
    case .crm: "crm"
    case .exchangeRates: "fx"
    case .world: "world"
    case .other(let name): name
    }
  }

  /// Whether usage waits in it.
  public var holdsUsage: Bool {
    switch self {
    case .broker, .metering, .rating, .billing: true
    default: false
    }
  }
  /// Whether documents wait in it for an ERP.
  public var isOutbox: Bool { if case .outbox = self { true } else { false } }
  /// Whether documents wait in it for a rate of exchange.
  public var isTranslation: Bool { if case .translation = self { true } else { false } }
}
