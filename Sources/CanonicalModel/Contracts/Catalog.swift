import Chronology

/// A legal entity: it issues invoices in one currency, numbers them without gaps and posts to one ERP.
public struct LegalEntity: Hashable, Sendable {
  /// The short name in scenario files: `us`.
  public var name: String {
    didSet { printedName = name.uppercased() }
  }
  /// The name as it stands in the numbers of documents: `US`.
  public private(set) var printedName: String
  /// The currency in which it bills, and of its books unless ``booksCurrency`` says otherwise.
  public var currency: Currency
  /// The currency of its books, where it bills in another.
  public var booksCurrency: Currency?
  /// The account that its ERP shares with those of other entities, by its place in ``Catalog/erpAccounts``; `nil`: it has one of
  /// its own.
  public var erpAccount: Int?
  /// The same of the ERP that takes over.
  public var successorAccount: Int?
  /// Lines that a document of its ERPs may have: what has more is split; `nil`: any number.
  public var linesPerDocument: Int?
  /// When another ERP takes the first one's place; `nil`: never. What was sent to the first is resolved there.
  public var cutOver: Instant?

  /// Makes an entity.
  public init(
    name: String, currency: Currency, cutOver: Instant? = nil, booksCurrency: Currency? = nil,
    linesPerDocument: Int? = nil
  ) {
    self.linesPerDocument = linesPerDocument
    self.booksCurrency = booksCurrency
    self.cutOver = cutOver
    self.name = name
    printedName = name.uppercased()
    self.currency = currency
  }
}

/// How a meter aggregates the events of a window.
public enum Aggregation: String, Sendable, CaseIterable {
  /// The number of events.
  case count
  /// The sum of a quantity.
  case sum
  /// The greatest value of a billing period.
  case max
  /// The value of a billing period's latest event.
  case latest
  /// The number of different values in a billing period.
  case unique
  /// The same, counted in 4 KiB with a standard error of 1.6 %.
  case approximateUnique
  /// The running sum of the values, averaged over the billing period by time.
  case timeWeightedSum

  /// Whether a period's aggregate is the sum of those of its windows.
  public var isAdditive: Bool { self == .count || self == .sum }

  /// What an event adds to a window's quantity, in millionths: nothing where the aggregate is no sum.
  @inlinable
  public func quantity(of value: Int64) -> Int64 {
    switch self {
    case .count: 1_000_000
    case .sum: value
    case .max, .latest, .unique, .approximateUnique, .timeWeightedSum: 0
    }
  }
}

/// A meter: one aggregation over one type of event.
public struct Meter: Hashable, Sendable {
  /// The name that price books use.
  public var name: String
  /// The aggregation.
  public var aggregation: Aggregation
  /// The name before the value of a dimension was appended: `api_calls` for `api_calls[eu]`.
  public var base: String

  /// Makes a meter.
  ///
  /// - Parameter value: the value of a dimension to which the meter is limited.
  public init(name: String, value: String? = nil, aggregation: Aggregation) {
    self.name = value.map { "\(name)[\($0)]" } ?? name
    base = name
    self.aggregation = aggregation
  }
}

/// A type of usage event, and the meters that its quantities feed.
public struct EventType: Hashable, Sendable {
  /// The name: the `type` attribute of CloudEvents.
  public var name: String
  /// The meters of the first and second quantity: one or two; none for operational telemetry.
  public var meters: [MeterID]
  /// The registered schema version.
  public var schemaVersion: UInt16
  /// The number of values of the dimension by which the meters are grouped; 1: no dimension. The meters of the other
  /// values follow ``meters`` in the catalogue.
  public var dimensionValues: UInt16
  /// Whether events are telemetry for operations, which is never billed.
  public var isOperational: Bool { meters.isEmpty }
  /// The fields of the first version.
  public var fields: [SchemaField] {
    [SchemaField(name: "subject", isRequired: true), SchemaField(name: "time", isRequired: true)]
      + meters.indices.map { SchemaField(name: "quantity\($0)", isRequired: true) }
  }
  /// Versions that come into use later, compatible with the first; below 64.
  public var laterVersions: [UInt16]

  /// Makes a type.
  public init(
    name: String, meters: [MeterID], schemaVersion: UInt16 = 1, laterVersions: [UInt16] = [],
    dimensionValues: UInt16 = 1
  ) {
    precondition(meters.count <= 2, "an event type has at most two meters")
    self.name = name
    self.meters = meters
    self.schemaVersion = schemaVersion
    self.dimensionValues = dimensionValues
    self.laterVersions = laterVersions
  }
}

/// A customer account of a legal entity.
public struct Account: Hashable, Sendable {
  /// The name that people see.
  public var name: String
  /// The entity that invoices it.
  public var entity: EntityID
  /// The taxes that its purchases bear, each on every line; empty: none.
  public var jurisdictions: [JurisdictionID]
  /// Why it is exempt from all of them; `nil`: it is not.
  public var taxExemption: String?
  /// How it pays.
  public var method: PaymentMethod
  /// The share that is taken off each of its invoices; `nil`: none.
  public var discount: Price?

  /// Makes an account.
  public init(
    name: String, entity: EntityID, jurisdictions: [JurisdictionID] = [],
    method: PaymentMethod = .autopay, discount: Price? = nil, taxExemption: String? = nil
  ) {
    self.discount = discount
    self.method = method
    self.name = name
    self.entity = entity
    self.jurisdictions = jurisdictions
    self.taxExemption = taxExemption
  }
}

/// What an invoice line can be about.
public struct Item: Hashable, Sendable {
  /// What is sold.
  public enum Kind: Hashable, Sendable {
    /// The usage that a meter measures.
    case usage
    /// A recurring charge.
    case recurring
    /// What a period's usage lacks to the minimum spend.
    case minimumSpend
    /// Credits that are bought in advance and drawn down.
    case prepaid
  }
  /// The name that people see; the item code in an ERP.
  public var name: String
  /// The kind.
  public var kind: Kind
  /// The interval of a recurring item in months; 1 for others.
  public var months = 1
  /// The name in price books, where the item has another because one name stands for several intervals.
  public var charge: String

  init(name: String, kind: Kind, months: Int = 1, charge: String? = nil) {
    self.name = name
    self.kind = kind
    self.months = months
    self.charge = charge ?? name
  }
}

/// The master data of a run: tables indexed by dense identifiers. Immutable once a run has started.
///
/// Subject `i` names subscription `i`; then come ``identities``; subjects beyond both are unknown to the billing
/// side, as customers are whose set-up has not arrived.
public struct Catalog: Sendable {
  /// The legal entities.
  public var entities: [LegalEntity]
  /// The meters.
  public var meters: [Meter]
  /// The event types.
  public var eventTypes: [EventType]
  /// The customer accounts.
  public var accounts: [Account]
  /// The subscriptions.
  public var subscriptions: [Subscription] {
    didSet { billingDays = Self.billingDays(of: subscriptions) }
  }
  /// The days on which billing periods begin, rising: kept, as each document asks for them.
  public private(set) var billingDays: [UInt8]
  /// The price books.
  public var priceBooks: [PriceBook]
  /// Further identifiers that producers use: subject `subscriptions + i` is the subscription at `i`.
  public var identities: [SubscriptionID] = []
  /// Regions by which the events of a producer can come, under another name in each: ``sources`` holds all names of the
  /// first region, then all of the second.
  public var regions = 1
  /// The names of the accounts of ERPs that several entities share.
  public var erpAccounts: [String] = []
  /// Whether producers may send usage after the horizon, as declared backfills.
  public var hasBackfills = false
  /// The producer behind a name of any region.
  public func canonicalSource(_ source: SourceID) -> SourceID {
    let producers = UInt32(max(1, sources.count / regions))
    return SourceID(index: source.index % producers)
  }

  /// The names of the producers.
  public var sources: [String]
  /// The tax jurisdictions.
  public var jurisdictions: [TaxJurisdiction]
  /// When accounting periods are open; `nil`: always.
  public var accountingCalendar: AccountingCalendar?
  /// The greatest credit that one person may give; `nil`: credits are no part of the run.
  public var creditLimit: Money?
  /// When customers pay; `nil`: payments are no part of the run.
  public var paymentTerms: PaymentTerms?
  /// Where taxes are rounded, unless a jurisdiction says otherwise.
  public var taxRounding: TaxRounding
  /// The day whose rate of tax counts.
  public var taxPoint = TaxPoint.supply
  /// Where the run stops to look further: a billing period that begins at this instant or later is none of it. Contracts go on, and what is
  /// deferred, unexpired or unbilled then stays so. Far in the future: there is no such instant, and periods are billed as they have usage.
  public var horizon: Instant = .distantFuture
  /// What can be sold: the meters in their order, then the recurring charges and minimum spends of the price books.
  public let items: [Item]

  /// Makes a catalogue.
  public init(
    entities: [LegalEntity], meters: [Meter], eventTypes: [EventType], accounts: [Account],
    subscriptions: [Subscription], priceBooks: [PriceBook], sources: [String],
    jurisdictions: [TaxJurisdiction] = [], taxRounding: TaxRounding = .perInvoice,
    paymentTerms: PaymentTerms? = nil, accountingCalendar: AccountingCalendar? = nil,
    creditLimit: Money? = nil
  ) {
    self.entities = entities
    self.meters = meters
    self.eventTypes = eventTypes
    self.accounts = accounts
    self.subscriptions = subscriptions
    billingDays = Self.billingDays(of: subscriptions)
    self.priceBooks = priceBooks
    self.sources = sources
    self.jurisdictions = jurisdictions
    self.taxRounding = taxRounding
    self.paymentTerms = paymentTerms
    self.accountingCalendar = accountingCalendar
    self.creditLimit = creditLimit
    var items = meters.map { Item(name: $0.name, kind: .usage) }
    Self.add(priceBooks.flatMap { $0.recurring.map { ($0.name, $0.months) } }, .recurring, to: &items)
    Self.add(priceBooks.compactMap { $0.prepaid.map { ($0.name, $0.months) } }, .prepaid, to: &items)
    if priceBooks.contains(where: { $0.minimumSpend != nil }) {
      items.append(Item(name: "minimum_spend", kind: .minimumSpend))
    }
    self.items = items
  }

  /// Adds an item for each name and interval: one that a month's plan and a year's share is two items.
  private static func add(_ charges: [(name: String, months: Int)], _ kind: Item.Kind, to items: inout [Item])
  {
    for (name, months) in charges
    where !items.contains(where: { $0.kind == kind && $0.charge == name && $0.months == months }) {
      let isShared = charges.contains { $0.name == name && $0.months != months }
      items.append(
        Item(
          name: isShared
            ? "\(name) (\([1: "month", 3: "quarter", 12: "year"][months] ?? "\(months) months"))" : name,
          kind: kind, months: months, charge: name))
    }
  }

  private static func billingDays(of subscriptions: [Subscription]) -> [UInt8] {
    Set(subscriptions.lazy.map(\.billingDay)).sorted()
  }

  /// The billing period of a subscription that holds an instant.
  public func billingPeriod(of subscription: SubscriptionID, holding instant: Instant) -> Period {
    Period(holding: instant, day: self[subscription].billingDay)
  }

  /// The entity that invoices a subscription.
  public func entity(of subscription: SubscriptionID) -> EntityID {
    self[self[subscription].account].entity
  }

  /// The item of a name.
  public func item(named name: String) -> ItemID? {
    items.firstIndex { $0.name == name }.map { ItemID(index: UInt32($0)) }
  }

  /// The currency in which a subscription is billed.
  public func currency(of subscription: SubscriptionID) -> Currency {
    priceBooks[self[subscription].terms[0].priceBook].currency
  }
}
