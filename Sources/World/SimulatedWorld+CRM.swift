import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// CRM and the platform: tell billing of changes of contract and of new schemas.
extension SimulatedWorld {
  /// A change and when billing hears of it.
  package struct ContractNotice: Sendable {
    package var at: Instant
    package var event: ContractEvent
  }

  /// An identifier and when billing hears of it.
  struct IdentityNotice: Sendable {
    var at: Instant
    var link: IdentityLink
  }

  /// All changes in the order in which they are told.
  package static func contractFeed(_ configuration: WorldConfiguration) -> [ContractNotice] {
    var feed: [ContractNotice] = []
    for (index, subscription) in configuration.catalog.subscriptions.enumerated() {
      for terms in subscription.terms.dropFirst() where terms.from < subscription.ends {
        let at = max(configuration.start, terms.from - configuration.contractNotice)
        let event = ContractEvent(subscription: SubscriptionID(index: UInt32(index)), terms: terms)
        feed.append(ContractNotice(at: at, event: event))
      }
    }
    return feed.sorted { ($0.at, $0.event.subscription) < ($1.at, $1.event.subscription) }
  }

  /// The platform registers a schema version, and tells billing.
  mutating func register(_ index: Int) {
    let change = configuration.schemaChanges[index]
    let before = process.state.ingestion.totals.accepted
    let schema = SchemaRegistration(type: change.type, version: change.version, fields: change.fields)
    tell(.schema(schema))
    let replayed = Int(process.state.ingestion.totals.accepted - before)
    observations.count(.quarantineReplayed, replayed)
    note("platform", "schema version \(change.version) registered, \(replayed) events replayed")
  }

  /// Which further identifiers CRM tells of, and when: each once, and some a second time for another customer.
  static func identityFeed(_ configuration: WorldConfiguration, seed: UInt64) -> [IdentityNotice] {
    var stream = RandomStream(rootSeed: seed, name: "identities")
    let subscriptions = configuration.catalog.subscriptions.count
    var feed: [IdentityNotice] = []
    for (index, subscription) in configuration.catalog.identities.enumerated() {
      let subject = SubjectID(index: UInt32(subscriptions + index))
      let delay = stream.uniform(0, configuration.identities.linkedWithin.seconds)
      let at = configuration.start + Span(seconds: delay)
      feed.append(IdentityNotice(at: at, link: IdentityLink(subject: subject, subscription: subscription)))
      guard subscriptions > 1, stream.bernoulli(configuration.identities.conflictShare) else { continue }
      let other = (Int(subscription.index) + 1 + Int(stream.below(UInt64(subscriptions - 1)))) % subscriptions
      let claimed = IdentityLink(subject: subject, subscription: SubscriptionID(index: UInt32(other)))
      feed.append(IdentityNotice(at: at + .hours(Int64(1 + stream.below(200))), link: claimed))
    }
    return feed
  }

  /// CRM tells of an identifier.
  mutating func link(_ index: Int) {
    observations.count(.identityLinked)
    feed(.identity(identityFeed[index].link), from: .crm)
  }

  /// Tells what is due, and arranges for the next.
  mutating func tellContracts(from first: Int) {
    var next = first
    while next < contractFeed.count, contractFeed[next].at <= kernel.now {
      observations.count(.contractChanged)
      feed(.contract(contractFeed[next].event), from: .crm)
      next += 1
    }
    if next > first { note("crm", "\(next - first) changes of contract") }
    if next < contractFeed.count {
      schedule(WorldEvent(.contracts, index: next), at: contractFeed[next].at)
    }
  }
}
