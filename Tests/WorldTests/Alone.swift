import CanonicalModel
import Chronology
import SimulationKernel
import Testing
import UsageToCash

@testable import World

/// What a counterpart needs to be made without a world.
enum Alone {
  static let start = CivilDate(year: 2026, month: 1, day: 5).start
  static let us = EntityID(index: 0)

  /// A world of one entity with one customer, who pays by transfer, and no load.
  static func configuration(_ change: (inout WorldConfiguration) throws -> Void = { _ in }) throws
    -> WorldConfiguration
  {
    let dollar = try #require(Currency(code: "USD"))
    let price = try #require(Price("0.01"))
    let rate = try #require(Price("0.07"))
    var account = Account(name: "c", entity: us)
    account.jurisdictions = [JurisdictionID(index: 0)]
    account.method = .transfer
    var catalog = Catalog(
      entities: [LegalEntity(name: "us", currency: dollar)],
      meters: [Meter(name: "calls", aggregation: .sum)],
      eventTypes: [EventType(name: "calls", meters: [MeterID(index: 0)])], accounts: [account],
      subscriptions: [Subscription(account: AccountID(index: 0), priceBook: 0)],
      priceBooks: [PriceBook(currency: dollar, charges: [Charge(meter: "calls", model: .perUnit(price))])],
      sources: ["a"])
    catalog.jurisdictions = [
      TaxJurisdiction(name: "ny", rates: [.init(from: .distantPast, rate: rate)])
    ]
    var configuration = WorldConfiguration(
      catalog: catalog, start: start, horizon: start + .days(2), load: [], erps: [.ideal])
    try change(&configuration)
    return configuration
  }

  static func fault(_ kind: FaultKind, _ target: FaultTarget, for span: Span?) -> FaultWindow {
    FaultWindow(kind: kind, target: target, start: start, end: span.map { start + $0 } ?? .distantFuture)
  }

  static func invoice(_ sequence: UInt32 = 1) -> InvoiceNumber {
    InvoiceNumber(entity: us, sequence: sequence)
  }

  /// An invoice of the customer over one line of a hundred dollars.
  static func issued(_ sequence: UInt32 = 1) throws -> Invoice {
    let dollar = try #require(Currency(code: "USD"))
    let amount = Money(minorUnits: 10_000, of: dollar)
    let charge = RatedCharge(
      id: UInt64(sequence), subscription: SubscriptionID(index: 0), item: ItemID(index: 0),
      servicePeriod: Period(holding: start - .days(10)), kind: .usage, count: 1, quantity: Quantity(units: 1),
      digest: 0,
      amount: amount)
    return Invoice(
      number: invoice(sequence), account: AccountID(index: 0), currency: dollar,
      period: Period(holding: start - .days(10)), issued: start, lines: [InvoiceLine(charge: charge)],
      total: amount)
  }
}

/// Keeps the facts that a component tells.
final class FactRecorder: FactSink {
  var facts: [Fact] = []

  func emitted(_ events: UnsafeBufferPointer<UsageEvent>) {}
  func captured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant) {}
  func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {}
  func record(_ fact: Fact, at instant: Instant) { facts.append(fact) }
  func concluded(stuck: [StuckWork], at instant: Instant) {}
}

extension Surroundings {
  init(_ configuration: WorldConfiguration) {
    self.init(configuration, seed: 1, sink: FactRecorder())
  }

  /// The events that come next, in order, with the time from the start until each.
  mutating func coming() -> [(event: WorldEvent, after: Span)] {
    var events: [(event: WorldEvent, after: Span)] = []
    while let event = kernel.next() { events.append((event, now - Alone.start)) }
    return events
  }
}
