import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("What has to be right before usage can be billed")
struct OnboardingTests {
  private static var catalog: Catalog {
    var catalog = Fixtures.catalog
    catalog.identities = catalog.subscriptions.indices.map { SubscriptionID(index: UInt32($0)) }
    catalog.hasBackfills = true
    return catalog
  }

  private func link(_ alias: UInt32, to subscription: UInt32) -> CoreInput {
    .identity(
      IdentityLink(subject: SubjectID(index: 4 + alias), subscription: SubscriptionID(index: subscription)))
  }

  @Test("a further identifier is unknown until CRM tells of it; then what has waited is accepted, once")
  func identity() {
    var driver = Driver(catalog: Self.catalog)
    driver.deliver([
      Fixtures.event(1, customer: 5), Fixtures.event(2, customer: 5), Fixtures.event(2, customer: 5),
    ])
    #expect(driver.claims.quarantined == 2)
    driver.take(link(1, to: 1))
    driver.take(link(1, to: 1))
    #expect(driver.claims.accepted == 2)
    #expect(driver.claims.quarantined == 0)
    driver.deliver([Fixtures.event(3, customer: 5)])
    #expect(driver.claims.accepted == 3)
  }

  @Test("an identifier that two accounts claim stays with the first, and is a case for RevOps")
  func conflict() {
    var driver = Driver(catalog: Self.catalog)
    driver.take(link(1, to: 1))
    driver.take(link(1, to: 2))
    #expect(driver.cases.map(\.owner) == [.revOps])
    driver.deliver([Fixtures.event(1, customer: 5)])
    driver.pass(.hours(4))
    #expect(driver.summaries.allSatisfy { $0.subscription.index == 1 })
    #expect(!driver.summaries.isEmpty)
  }

  @Test(
    "usage that the contract does not include waits; an amendment that includes it lets it in from then on")
  func entitlement() throws {
    let fixture = Fixtures.catalog
    var narrow = fixture.priceBooks[0]
    narrow.entitlements = []
    let begins = Fixtures.start - .days(5)
    let catalog = Catalog(
      entities: fixture.entities, meters: fixture.meters, eventTypes: fixture.eventTypes,
      accounts: fixture.accounts,
      subscriptions: [
        Subscription(account: AccountID(index: 0), terms: [ContractTerms(from: begins, priceBook: 1)])
      ], priceBooks: [fixture.priceBooks[0], narrow], sources: fixture.sources)
    var driver = Driver(catalog: catalog)
    driver.deliver([Fixtures.event(1, at: .minutes(1)), Fixtures.event(2, at: .days(-6))])
    #expect(driver.claims.quarantined == 2)
    driver.learn(
      ContractEvent(
        subscription: SubscriptionID(index: 0), terms: ContractTerms(from: Fixtures.start, priceBook: 0)))
    // The first falls under the new terms; the second was before any contract.
    #expect(driver.claims.accepted == 1)
    #expect(driver.claims.quarantined == 1)
  }

  @Test(
    "a schema that drops what was required, or requires what is new, is refused; one that adds options is not"
  )
  func evolution() {
    let fields = Fixtures.catalog.eventTypes[0].fields
    func registration(_ fields: [SchemaField]) -> SchemaRegistration {
      SchemaRegistration(type: EventTypeID(index: 0), version: 2, fields: fields)
    }
    #expect(
      registration(fields + [SchemaField(name: "region", isRequired: false)]).incompatibility(with: fields)
        == nil)
    #expect(
      registration(fields + [SchemaField(name: "region", isRequired: true)]).incompatibility(with: fields)
        != nil)
    #expect(registration(Array(fields.dropLast())).incompatibility(with: fields) != nil)
    var driver = Driver()
    driver.deliver([Fixtures.event(1, schemaVersion: 2)])
    driver.register(registration([]))
    #expect(driver.claims.quarantined == 1)
    #expect(driver.cases.map(\.owner) == [.platform])
    driver.register(registration(fields))
    #expect(driver.claims.accepted == 1)
  }

  @Test("operational telemetry is valid, counted apart, and never billed")
  func operational() {
    let fixture = Fixtures.catalog
    let catalog = Catalog(
      entities: fixture.entities, meters: fixture.meters,
      eventTypes: fixture.eventTypes + [EventType(name: "heartbeat", meters: [])], accounts: fixture.accounts,
      subscriptions: fixture.subscriptions, priceBooks: fixture.priceBooks, sources: fixture.sources)
    var driver = Driver(catalog: catalog)
    driver.deliver([Fixtures.event(1, type: 1), Fixtures.event(2)])
    #expect(driver.claims.operational == 1)
    #expect(driver.claims.accepted == 1)
  }

  @Test("a backfill is accepted within its boundary, however old, and once, however often it is run")
  func backfill() {
    var driver = Driver(catalog: Self.catalog)
    driver.now = Fixtures.start + .days(30)
    let events = [
      Fixtures.event(1, at: .minutes(10)), Fixtures.event(2, at: .minutes(70)),
      Fixtures.event(3, at: .hours(9)),
    ]
    let backfill = Backfill(
      source: SourceID(index: 0), from: Fixtures.start, until: Fixtures.start + .hours(2), events: events)
    driver.take(.backfill(backfill))
    #expect(driver.claims.accepted == 2)
    #expect(driver.claims.quarantined == 1)  // beyond the boundary
    driver.take(.backfill(backfill))
    #expect(driver.claims.accepted == 2)
    #expect(driver.claims.duplicates == 2)
  }

  @Test("what came in one declaration is known in another that takes in the same hours")
  func declaredAnew() {
    var driver = Driver(catalog: Self.catalog)
    driver.now = Fixtures.start + .days(30)
    let events = [Fixtures.event(1, at: .minutes(70)), Fixtures.event(2, at: .minutes(80))]
    for from in [0, 1] as [Int64] {
      driver.take(
        .backfill(
          Backfill(
            source: SourceID(index: 0), from: Fixtures.start + .hours(from),
            until: Fixtures.start + .hours(2),
            events: events)))
    }
    #expect(driver.claims.accepted == 2)
    #expect(driver.claims.duplicates == 2)
    #expect(driver.claims.quarantined == 0)
    #expect(driver.cases.isEmpty)
  }

  @Test("a backfill of hours of which something was accepted is refused as a whole")
  func overlap() {
    var driver = Driver(catalog: Self.catalog)
    driver.deliver([Fixtures.event(1, at: .zero)])
    driver.pass(.days(30))
    let wrong = Backfill(
      source: SourceID(index: 0), from: Fixtures.start, until: Fixtures.start + .hours(2),
      events: [Fixtures.event(2, at: .minutes(70))])
    driver.take(.backfill(wrong))
    #expect(driver.claims.accepted == 1)
    #expect(driver.claims.quarantined == 1)
    #expect(driver.cases.contains { $0.owner == .platform })
    let right = Backfill(
      source: SourceID(index: 0), from: Fixtures.start + .hours(1), until: Fixtures.start + .hours(2),
      events: [Fixtures.event(2, at: .minutes(70))])
    driver.take(.backfill(right))
    driver.take(.backfill(right))
    #expect(
      driver.claims.accepted == 2, "the right declaration is taken, and what has waited leaves the quarantine"
    )
    #expect(driver.claims.quarantined == 0)
    #expect(driver.claims.duplicates == 2)
    driver.take(.backfill(wrong))
    #expect(
      driver.claims.quarantined == 0,
      "the wrong declaration takes nothing back that the right one has brought")
    #expect(driver.claims.duplicates == 3)
  }
}
