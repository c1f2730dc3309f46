import CanonicalModel
import Chronology
import CoreInterface

/// A new schema version: producers emit it from an instant on, and the platform registers it, sooner or later.
public struct SchemaChange: Hashable, Sendable {
  /// The type of event.
  public var type: EventTypeID
  /// The version.
  public var version: UInt16
  /// From when on producers emit it.
  public var emittedFrom: Instant
  /// The fields of the new version.
  public var fields: [SchemaField]
  /// When it is registered; billing is told twice.
  public var registered: Instant
  /// From then until billing is told again. Assumed.
  public var repeatedAfter = usualRepetition

  static let usualRepetition = Span.hours(1)

  /// Makes a change.
  public init(
    type: EventTypeID, version: UInt16, fields: [SchemaField], emittedFrom: Instant, registered: Instant
  ) {
    self.fields = fields
    self.type = type
    self.version = version
    self.emittedFrom = emittedFrom
    self.registered = registered
  }
}

/// How CRM tells billing of the further identifiers of accounts.
public struct IdentityConfiguration: Hashable, Sendable {
  /// From the start until all have been told.
  public var linkedWithin: Span
  /// The share that is later claimed for another account.
  public var conflictShare: Double
  /// From what CRM tells of an identifier until it is claimed for another account, in whole hours. Assumed.
  public var conflictDelay = DelayRange(from: .hours(1), below: .hours(201))

  /// Makes a configuration.
  public init(linkedWithin: Span = .zero, conflictShare: Double = 0) {
    self.linkedWithin = linkedWithin
    self.conflictShare = conflictShare
  }
}

/// The rate between the currency in which an entity bills and that of its books, as a random walk by the day.
public struct ExchangeConfiguration: Hashable, Sendable {
  /// The rate of the first day.
  public var rate: Price
  /// The standard deviation of the logarithm of a day's change.
  public var volatility: Double

  /// Makes a configuration.
  public init(rate: Price, volatility: Double) {
    self.rate = rate
    self.volatility = volatility
  }
}

/// Everything that a simulated world needs to know, beside the core's own policy.
public struct WorldConfiguration: Sendable {
  /// The master data.
  public var catalog: Catalog
  /// The first instant.
  public var start: Instant
  /// The instant from which no more usage is emitted.
  public var horizon: Instant
  /// After the last usage, fault and billing period, the queues must be empty within this time.
  public var drainWithin: Span
  /// The exponent of the Zipf distribution of customers; 0 for equal shares.
  public var zipfExponent: Double
  /// The load.
  public var load: [LoadConfiguration]
  /// What happens between producer and broker.
  public var delivery: DeliveryConfiguration
  /// The broker.
  public var broker: BrokerConfiguration
  /// The ERP of each legal entity.
  public var erps: [ERPProfile]
  /// The ERP that takes over at an entity's cut-over.
  public var successors: [ERPProfile?]
  /// Faults at known moments.
  public var faults: [FaultWindow]
  /// Faults at random moments.
  public var randomFaults: [RandomFault]
  /// Faults that wait for a condition.
  public var conditionalFaults: [ConditionalFault] = []
  /// Which of the faults happen; `nil`: all of them.
  public var faultChoice: FaultChoice?
  /// The step of the time series.
  public var sampleInterval: Span
  /// How long before a change of contract comes into force CRM tells billing of it.
  public var contractNotice: Span
  /// Payments; `nil`: no part of the run.
  public var cash: CashConfiguration?
  /// New schema versions.
  public var schemaChanges: [SchemaChange]
  /// For entities that bill in another currency than that of their books.
  public var exchange: [EntityID: ExchangeConfiguration]
  /// Further identifiers of accounts.
  public var identities: IdentityConfiguration
  /// Which services of the core share a process.
  public var processes: [Set<CoreService>]
  /// Where a process is to die.
  public var crashPoint: CrashPoint?
  /// Whether effect boundaries are counted.
  public var countsBoundaries = false
  /// Whether the time series and the timeline are noted down. What happens is the same without.
  public var keepsHistory = true
  /// Whether the latencies of each billing period are kept apart.
  public var measuresPeriods = true
  /// From the arrival of usage that comes after its invoice until the core asks finance about it; `nil`: it asks nobody.
  public var lateUsageAsksAfter: Span?
  /// Credits; `nil`: no part of the run.
  public var finance: FinanceConfiguration?
  /// How long people take over exception cases.
  public var exceptions = ExceptionHandling()
  /// How feeds of master data reach billing.
  public var feeds = FeedConfiguration()
  /// How fast the tax engine answers.
  public var taxEngine = TaxEngineConfiguration()
  /// How the machines of the core crash.
  public var machines = MachineConfiguration()

  /// Makes a configuration.
  public init(
    catalog: Catalog, start: Instant, horizon: Instant, drainWithin: Span = .days(3),
    zipfExponent: Double = 0,
    load: [LoadConfiguration], delivery: DeliveryConfiguration = DeliveryConfiguration(),
    broker: BrokerConfiguration = BrokerConfiguration(), erps: [ERPProfile],
    successors: [ERPProfile?] = [], faults: [FaultWindow] = [],
    randomFaults: [RandomFault] = [], sampleInterval: Span = .hours(1),
    contractNotice: Span = .hours(1), cash: CashConfiguration? = nil,
    schemaChanges: [SchemaChange] = [], finance: FinanceConfiguration? = nil,
    identities: IdentityConfiguration = IdentityConfiguration(),
    exchange: [EntityID: ExchangeConfiguration] = [:],
    processes: [Set<CoreService>] = CoreService.allCases.map { [$0] }
  ) {
    self.processes = processes
    self.catalog = catalog
    self.start = start
    self.horizon = horizon
    self.drainWithin = drainWithin
    self.zipfExponent = zipfExponent
    self.load = load
    self.delivery = delivery
    self.broker = broker
    self.erps = erps
    self.successors = successors
    self.faults = faults
    self.randomFaults = randomFaults
    self.sampleInterval = sampleInterval
    self.contractNotice = contractNotice
    self.cash = cash
    self.schemaChanges = schemaChanges
    self.finance = finance
    self.identities = identities
    self.exchange = exchange
  }
}
