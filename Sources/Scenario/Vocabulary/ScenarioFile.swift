import CanonicalModel
import Chronology

/// A scenario as its file describes it: checked, with every default filled in and every file read. Its sections are types of their
/// own, each with the schema of its keys.
public struct ScenarioFile: Sendable {
  public typealias Entity = EntityFile
  public typealias Books = BooksFile
  public typealias CutOver = CutOverFile
  public typealias Jurisdiction = JurisdictionFile
  public typealias Arrivals = ArrivalsFile
  public typealias QuantityShape = QuantityFile
  public typealias Delay = DelayFile
  public typealias MeterUse = LoadFile.MeterUse
  public typealias Pattern = LoadFile.Pattern
  public typealias Load = LoadFile
  public typealias Gap = LoadFile.Gap
  public typealias SchemaChange = LoadFile.SchemaChange
  public typealias Discounts = DiscountsFile
  public typealias Identities = IdentitiesFile
  public typealias Delivery = DeliveryFile
  public typealias Broker = BrokerFile
  public typealias Periods = PeriodsFile
  public typealias Credits = CreditsFile
  public typealias Payments = PaymentsFile

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

  /// The file's name, as given.
  public var file = ""
  public var name = ""
  public var description = ""
  public var seed: UInt64 = 42
  public var start = Self.defaultStart
  public var horizon = Span.zero
  public var drainWithin = Span.days(3)
  /// Whether work may be left when time is up.
  public var mayLeaveWork = false
  /// Invariants that have to be exercised and situations that have to be reached, and where each stands in the file.
  var requirements: [Located<String>] = []
  /// Invariants that have to be exercised and situations that have to be reached.
  public var required: [String] { requirements.map(\.value) }
  /// Where each of them stands in the file.
  public var requiredAt: [Position] { requirements.map(\.position) }
  /// Where some keys stand in the file, for what can only be refused once all is known: `load.0`, `sampleEvery`, `faults`,
  /// `customers` and `horizon`.
  public var places: [String: Position] = [:]
  public var design = DesignFile.middleware
  public var entities: [Entity] = []
  public var taxRounding = TaxRounding.perInvoice
  /// The names of the accounts of ERPs, in the order in which they are first named.
  public var accounts: [String] {
    entities.flatMap { [$0.erp.account, $0.cutOver?.erp.account] }.reduce(into: []) { names, name in
      if let name, !names.contains(name) { names.append(name) }
    }
  }
  /// `nil`: credits are no part of the run.
  public var credits: Credits?
  /// `nil`: periods never close.
  public var periods: Periods?
  /// `nil`: payments are no part of the run.
  public var payments: Payments?
  public var exceptions = ExceptionsFile()
  public var feeds = FeedsFile()
  public var taxEngine = TaxEngineFile()
  /// The customers' section, whose contracts are those of ``entities`` and ``amendments``.
  var customersFile = CustomersFile()
  public var amendments: [Amendment] = []
  public var load: [Load] = []
  public var delivery = Delivery()
  public var broker = Broker()
  public var faults: [Fault] = []
  public var expectations: [Expectation] = []
  public var sampleInterval = Span.hours(1)
  /// What a campaign varies; `nil`: nothing.
  public var exploration: Exploration?
  /// What capacity studies look for.
  public var studies: [CapacityQuestion] = []
  /// What licences bring and cost.
  public var plans: [LicencePlan] = []
  /// What calls, storage and workers cost; `nil`: not said.
  public var costs: CostFile?
}

/// The customers' section.
extension ScenarioFile {
  public var customers: Int {
    get { customersFile.count }
    set { customersFile.count = newValue }
  }
  public var zipf: Double { customersFile.zipf }
  public var seats: Int { customersFile.seats }
  public var identities: Identities { customersFile.identities }
  /// `nil`: nobody has a discount.
  public var discounts: Discounts? { customersFile.discounts }
  /// Whether billing periods begin on the day of the month of each sign-up.
  public var hasAnniversaries: Bool { customersFile.cycle == .anniversary }
  /// Over which time customers sign up.
  public var signUps: Span { customersFile.signUps }
}
