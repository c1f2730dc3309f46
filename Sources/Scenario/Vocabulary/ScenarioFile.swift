import CanonicalModel
import Chronology

/// A scenario as its file describes it: checked, with every default filled in and every file read.
public struct ScenarioFile: Sendable {
  /// A legal entity.
  public struct Entity: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The currency of its books.
    public var currency: Currency
    /// Its ERP.
    public var erp: ERPFile
    /// What its customers pay.
    public var priceBook: PriceBook
    /// Where its customers are taxed; they take turns.
    public var jurisdictions: [Jurisdiction]
    /// Books in another currency.
    public var books: Books?
    /// Another ERP that takes over.
    public var cutOver: CutOver?
  }

  /// Books in another currency than the bills.
  public struct Books: Hashable, Sendable {
    public var currency: Currency
    public var rate: Price
    public var volatility: Double
  }

  /// A change from one ERP to another.
  public struct CutOver: Hashable, Sendable {
    public var at: Instant
    public var erp: ERPFile
  }

  /// A tax jurisdiction.
  public struct Jurisdiction: Hashable, Sendable {
    /// A change of the rate.
    public struct Change: Hashable, Sendable {
      public var at: Instant
      public var rate: Price
    }
    public var name: String
    public var rate: Price
    public var changes: [Change]
  }

  /// A change of contract that some customers agree on.
  public struct Amendment: Hashable, Sendable {
    /// From when on it holds.
    public var at: Instant
    /// The share of the customers.
    public var share: Double
    /// The price book of each entity; `nil`: as before.
    public var priceBooks: [PriceBook]?
    /// The seats; `nil`: as before.
    public var seats: Int?
    /// Where the moment stands.
    public var position: Position
  }

  /// When usage arrives; rates are events per second.
  public enum Arrivals: Hashable, Sendable {
    case constant(Double)
    case poisson(Double)
    case bursts(base: Double, peak: Double, on: Span, off: Span)
    case modulated([State])
    case seasonal(Season)

    /// A state of a modulated process.
    public struct State: Hashable, Sendable {
      public var rate: Double
      public var stay: Span
    }

    /// How a rate changes over time.
    public struct Season: Hashable, Sendable {
      /// A time with another rate.
      public struct Spike: Hashable, Sendable {
        public var at: Instant
        public var length: Span
        public var factor: Double
      }
      public var rate: Double
      public var peakHour = 0
      public var nightlyDrop = 0.0
      public var weekend = 1.0
      public var growth = 1.0
      public var growthOver = Span.days(1)
      public var monthEnd = 1.0
      public var monthEndDays = 0
      public var spikes: [Spike] = []
    }
  }

  /// How much an event measures.
  public struct QuantityShape: Hashable, Sendable {
    /// The distribution.
    public enum Distribution: Hashable, Sendable {
      case constant(Double)
      case uniform(min: Double, max: Double)
      case exponential(mean: Double)
      case lognormal(median: Double, sigma: Double)
      case pareto(min: Double, shape: Double)
      case gamma(shape: Double, scale: Double)
    }
    /// The distribution.
    public var distribution: Distribution
    /// Fraction digits.
    public var decimals: Int
  }

  /// How long something is delayed.
  public enum Delay: Hashable, Sendable {
    case constant(Span)
    case uniform(min: Span, max: Span)
    case exponential(mean: Span)
    case lognormal(median: Span, sigma: Double)
    case pareto(min: Span, shape: Double, max: Span)
  }

  /// One meter that an event feeds.
  public struct MeterUse: Hashable, Sendable {
    /// The meter.
    public var meter: String
    /// How it aggregates.
    public var aggregation: String
  }

  /// Where usage comes from.
  public enum Pattern: Sendable {
    /// Drawn; one quantity a meter.
    case synthetic(Arrivals, [QuantityShape])
    /// Replayed.
    case trace([TraceRecord])
  }

  /// An entry of the load.
  public struct Load: Sendable {
    /// The type of event.
    public var event: String
    /// The meters that it feeds, one or two.
    public var meters: [MeterUse]
    /// The pattern.
    public var pattern: Pattern
    /// The number of producers.
    public var producers: Int
    /// A new version of the event's schema.
    public var schemaChange: SchemaChange?
    /// The values of the dimension by which the meters are grouped; empty: none.
    public var dimension: [String]
    /// Whose usage is backfilled.
    public var gap: Gap?
    /// Whether its rates were given per customer; they are totals here all the same.
    public var isPerCustomer = false
  }

  /// A time without delivery.
  public struct Gap: Hashable, Sendable {
    public var from: Instant
    public var until: Instant
    public var backfilledAt: Instant
    /// Zero: never.
    public var misdeclaredBy: Span
  }
  /// What is taken off some customers' invoices.
  public struct Discounts: Hashable, Sendable {
    /// The share of the customers.
    public var customers: Double
    /// The share of the sum.
    public var rate: Price
  }
  /// Further identifiers of customers.
  public struct Identities: Hashable, Sendable {
    public var perCustomer = 1
    public var linkedWithin = Span.zero
    public var conflictShare = 0.0
  }
  /// A new version of an event's schema.
  public struct SchemaChange: Hashable, Sendable {
    /// From when on producers emit it.
    public var at: Instant
    /// When it is registered with billing.
    public var registered: Instant
    /// Optional fields that it adds, and fields that it drops.
    public var adds: [String]
    public var drops: [String]
  }

  /// What happens to events on their way.
  public struct Delivery: Hashable, Sendable {
    public var duplicateShare = 0.0
    public var duplicateDelay = Delay.exponential(mean: .minutes(1))
    public var lateShare = 0.0
    public var lateDelay = Delay.constant(.zero)
    public var reorder = Span.zero
    public var unknownAccountShare = 0.0
    public var correctionShare = 0.0
    public var voidShare = 0.5
    public var correctionDelay = Delay.exponential(mean: .days(1))
    public var invalidShare = 0.0
    public var crossRegionShare = 0.0
    public var restampedShare = 0.0
    public var producerBuffer = Span.seconds(10)
  }

  /// The broker.
  public struct Broker: Hashable, Sendable {
    public var partitions = 4
    public var batchSize = 500
    public var linger = Span.seconds(1)
    public var redeliveryShare = 0.0
    public var redeliveryTimeout = Span.seconds(30)
    public var retention: Span?
    public var capacity: Int?
    public var throughput: Double?
  }

  /// When accounting periods close.
  public struct Periods: Hashable, Sendable {
    /// A period that is opened again.
    public struct Reopening: Hashable, Sendable {
      public var entity: Int
      public var period: Period
      public var from: Instant
      public var until: Instant
      public var requestedBy: String
      public var approvedBy: String
    }
    public var softCloseAfter: Span?
    public var closeAfter: Span
    public var reopenings: [Reopening]
  }

  /// How finance gives credits.
  public struct Credits: Hashable, Sendable {
    public var share: Double
    public var greatestPart: Double
    public var repeats: Double
    public var rebills: Double
    public var delay: Span
    public var limit: Money
  }

  /// How customers pay.
  public struct Payments: Hashable, Sendable {
    public var dueAfter = Span.days(14)
    public var retries: [Span] = [.days(3), .days(5), .days(7)]
    /// The share of customers that are charged through the gateway; the others send transfers.
    public var gatewayShare = 1.0
    public var declines = 0.0
    public var chargebacks = 0.0
    public var feeShare = Price.zero
    public var fixedFee = Money.zero
    public var chargebackFee = Money.zero
    public var settlement = Span.days(2)
    public var transferDelay = Delay.constant(.zero)
    public var partial = 0.0
    public var overpaid = 0.0
  }

  /// The file's name, as given.
  public var file: String
  public var name: String
  public var description: String
  public var seed: UInt64
  public var start: Instant
  public var horizon: Span
  public var drainWithin: Span
  /// Whether work may be left when time is up.
  public var mayLeaveWork = false
  /// Invariants that have to be exercised and situations that have to be reached.
  public var required: [String] = []
  /// Where each of them stands in the file.
  public var requiredAt: [Position] = []
  /// Where some keys stand in the file, for what can only be refused once all is known: `load.0`, `sampleEvery`, `faults`,
  /// `customers` and `horizon`.
  public var places: [String: Position] = [:]
  public var design: DesignFile
  public var entities: [Entity]
  public var customers: Int
  public var zipf: Double
  public var taxRounding: TaxRounding
  /// `nil`: credits are no part of the run.
  public var credits: Credits?
  /// `nil`: periods never close.
  public var periods: Periods?
  /// `nil`: payments are no part of the run.
  public var payments: Payments?
  public var seats: Int
  public var identities: Identities
  /// `nil`: nobody has a discount.
  public var discounts: Discounts?
  /// Whether billing periods begin on the day of the month of each sign-up.
  public var hasAnniversaries: Bool
  /// Over which time customers sign up.
  public var signUps: Span
  public var amendments: [Amendment]
  public var load: [Load]
  public var delivery: Delivery
  public var broker: Broker
  public var faults: [Fault]
  public var expectations: [Expectation]
  public var sampleInterval: Span
  /// What a campaign varies; `nil`: nothing.
  public var exploration: Exploration?
  /// What capacity studies look for.
  public var studies: [CapacityQuestion] = []
  /// What licences bring and cost.
  public var plans: [LicencePlan] = []
  /// What calls, storage and workers cost; `nil`: not said.
  public var costs: CostFile?
}
