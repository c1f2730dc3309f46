import CanonicalModel
import Chronology

/// A scenario as its file describes it: checked, with every default filled in and every file read. Its sections are types of their
/// own, each with the schema of its keys.
package struct ScenarioFile: Sendable {
  package typealias Entity = EntityFile
  package typealias Books = BooksFile
  package typealias CutOver = CutOverFile
  package typealias Jurisdiction = JurisdictionFile
  package typealias MeterUse = LoadFile.MeterUse
  package typealias Pattern = LoadFile.Pattern
  package typealias Load = LoadFile
  package typealias Gap = LoadFile.Gap
  package typealias SchemaChange = LoadFile.SchemaChange
  package typealias Discounts = DiscountsFile
  package typealias Identities = IdentitiesFile
  package typealias Delivery = DeliveryFile
  package typealias Broker = BrokerFile
  package typealias Periods = PeriodsFile
  package typealias Credits = CreditsFile
  package typealias Payments = PaymentsFile

  /// A change of contract that some customers agree on.
  package struct Amendment: Hashable, Sendable {
    /// From when on it holds.
    package var at: Instant
    /// The share of the customers.
    package var share: Double
    /// The price book of each entity; `nil`: as before.
    package var priceBooks: [PriceBook]?
    /// The seats; `nil`: as before.
    package var seats: Int?
    /// Where the moment stands.
    package var position: Position
  }

  /// The file's name, as given.
  package var file = ""
  package var name = ""
  package var description = ""
  package var seed: UInt64 = 42
  package var start = Self.defaultStart
  package var horizon = Span.zero
  package var drainWithin = Span.days(3)
  /// Whether work may be left when time is up.
  package var mayLeaveWork = false
  /// Invariants that have to be exercised and situations that have to be reached, and where each stands in the file.
  var requirements: [Located<String>] = []
  /// Invariants that have to be exercised and situations that have to be reached.
  package var required: [String] { requirements.map(\.value) }
  /// Where each of them stands in the file.
  package var requiredAt: [Position] { requirements.map(\.position) }
  /// Where some keys stand in the file, for what can only be refused once all is known: `load.0`, `sampleEvery`, `faults`,
  /// `customers` and `horizon`.
  package var places: [String: Position] = [:]
  package var design = DesignFile.middleware
  package var entities: [Entity] = []
  package var taxRounding = TaxRounding.perInvoice
  /// The day whose rate of tax counts.
  package var taxPoint = TaxPoint.supply
  /// The names of the accounts of ERPs, in the order in which they are first named.
  package var accounts: [String] {
    entities.flatMap { [$0.erp.account, $0.cutOver?.erp.account] }.reduce(into: []) { names, name in
      if let name, !names.contains(name) { names.append(name) }
    }
  }
  /// `nil`: credits are no part of the run.
  package var credits: Credits?
  /// `nil`: periods never close.
  package var periods: Periods?
  /// `nil`: payments are no part of the run.
  package var payments: Payments?
  package var exceptions = ExceptionsFile()
  package var feeds = FeedsFile()
  package var taxEngine = TaxEngineFile()
  package var machines = MachinesFile()
  /// The customers' section, whose contracts are those of ``entities`` and ``amendments``.
  var customersFile = CustomersFile()
  package var amendments: [Amendment] = []
  package var load: [Load] = []
  package var delivery = Delivery()
  package var broker = Broker()
  package var faults: [Fault] = []
  package var expectations: [Expectation] = []
  package var sampleInterval = Span.hours(1)
  /// What a campaign varies; `nil`: nothing.
  package var exploration: Exploration?
  /// What capacity studies look for.
  package var studies: [CapacityQuestion] = []
  /// What licences bring and cost.
  package var plans: [LicencePlan] = []
  /// What calls, storage and workers cost; `nil`: not said.
  package var costs: CostFile?
}

/// The customers' section.
extension ScenarioFile {
  package var customers: Int {
    get { customersFile.count }
    set { customersFile.count = newValue }
  }
  package var zipf: Double { customersFile.zipf }
  package var seats: Int { customersFile.seats }
  package var identities: Identities { customersFile.identities }
  /// `nil`: nobody has a discount.
  package var discounts: Discounts? { customersFile.discounts }
  /// Customers who bear no tax.
  package var taxExempt: TaxExemptFile? { customersFile.taxExempt }
  /// Whether billing periods begin on the day of the month of each sign-up.
  package var hasAnniversaries: Bool { customersFile.billingDay == .signUp }
  /// The day of the month on which the billing periods of all customers begin; `nil`: on the day of each sign-up.
  package var billingDay: Int? {
    if case .day(let day) = customersFile.billingDay { day } else { nil }
  }
  /// How contracts begin, renew, pause and end.
  package var lifecycle: LifecycleFile { customersFile.lifecycle }
  /// Over which time customers sign up.
  package var signUps: Span { customersFile.signUps }
}
