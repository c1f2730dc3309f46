import CanonicalModel
import Chronology

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
  /// Faults at known moments.
  public var faults: [FaultWindow]
  /// Faults at random moments.
  public var randomFaults: [RandomFault]
  /// The step of the time series.
  public var sampleInterval: Span
  /// How long before a change of contract comes into force CRM tells billing of it.
  public var contractNotice: Span
  /// Payments; `nil`: no part of the run.
  public var cash: CashConfiguration?

  /// Makes a configuration.
  public init(
    catalog: Catalog, start: Instant, horizon: Instant, drainWithin: Span = .days(3),
    zipfExponent: Double = 0,
    load: [LoadConfiguration], delivery: DeliveryConfiguration = DeliveryConfiguration(),
    broker: BrokerConfiguration = BrokerConfiguration(), erps: [ERPProfile], faults: [FaultWindow] = [],
    randomFaults: [RandomFault] = [], sampleInterval: Span = .hours(1),
    contractNotice: Span = .hours(1), cash: CashConfiguration? = nil
  ) {
    self.catalog = catalog
    self.start = start
    self.horizon = horizon
    self.drainWithin = drainWithin
    self.zipfExponent = zipfExponent
    self.load = load
    self.delivery = delivery
    self.broker = broker
    self.erps = erps
    self.faults = faults
    self.randomFaults = randomFaults
    self.sampleInterval = sampleInterval
    self.contractNotice = contractNotice
    self.cash = cash
  }
}
