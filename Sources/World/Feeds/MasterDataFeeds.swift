import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// Feeds of master data on their way to the core: CRM and CPQ tell of contracts and identifiers, and a bank of rates of exchange.
package struct MasterDataFeeds: Sendable {
  /// Who feeds.
  enum Feed: Sendable {
    case crm
    case exchange
  }

  /// A change of contract and when billing hears of it.
  package struct ContractNotice: Sendable {
    package var at: Instant
    package var event: ContractEvent
  }

  /// An identifier and when billing hears of it.
  struct IdentityNotice: Sendable {
    var at: Instant
    var link: IdentityLink
  }

  /// A message on its way.
  private struct Message: Sendable {
    var input: CoreInput
    var feed: Feed
    /// Whether the network has lost it: it is sent again.
    var isLost: Bool
  }

  private let catalog: Catalog
  private let configuration: FeedConfiguration
  /// All changes of contract in the order in which they are told.
  let contracts: [ContractNotice]
  /// Further identifiers.
  let identities: [IdentityNotice]
  private let exchange: [(entity: EntityID, configuration: ExchangeConfiguration)]
  private var messages = SlotTable<Message>()
  /// Messages on their way.
  var underWay: Int { messages.count }
  /// Identifiers whose account billing has been told.
  private var linkedSubjects: Set<SubjectID> = []
  private var exchangeStream: RandomStream
  /// The latest rate of each entity that bills in another currency than that of its books.
  private var rates: [Price]
  /// From CRM and CPQ.
  var crm: FeedChannel
  /// From the bank that fixes rates of exchange.
  var rateBank: FeedChannel

  init(_ world: WorldConfiguration, seed: UInt64) {
    catalog = world.catalog
    configuration = world.feeds
    precondition(configuration.claimPause > .zero, "a claim that waits does not wait for ever at one instant")
    precondition(
      .zero <= configuration.fixingAt && configuration.fixingAt < .days(1), "rates are fixed at a time of day"
    )
    crm = FeedChannel(configuration)
    rateBank = FeedChannel(configuration)
    contracts = Self.contracts(world)
    identities = Self.identities(world, seed: seed)
    exchange = world.exchange.keys.sorted().compactMap { entity in
      world.exchange[entity].map { (entity, $0) }
    }
    rates = exchange.map(\.configuration.rate)
    precondition(rates.count == world.exchange.count, "each entity that needs rates has one")
    exchangeStream = RandomStream(rootSeed: seed, name: "exchange")
  }

  // MARK: What is to be told

  /// All changes in the order in which they are told. With a pause its last day is told.
  package static func contracts(_ world: WorldConfiguration) -> [ContractNotice] {
    var feed: [ContractNotice] = []
    for (index, subscription) in world.catalog.subscriptions.enumerated() {
      for (before, terms) in zip(subscription.terms, subscription.terms.dropFirst())
      where terms.from < subscription.ends {
        let isResumed = before.status == .paused && terms.status == .active
        let at = max(world.start, (isResumed ? before : terms).from - world.contractNotice)
        let event = ContractEvent(subscription: SubscriptionID(index: UInt32(index)), terms: terms)
        feed.append(ContractNotice(at: at, event: event))
      }
    }
    return feed.sorted {
      ($0.at, $0.event.subscription, $0.event.terms.from) < (
        $1.at, $1.event.subscription, $1.event.terms.from
      )
    }
  }

  /// Which further identifiers CRM tells of, and when: each once, and some a second time for another customer.
  private static func identities(_ world: WorldConfiguration, seed: UInt64) -> [IdentityNotice] {
    var stream = RandomStream(rootSeed: seed, name: "identities")
    let subscriptions = world.catalog.subscriptions.count
    var feed: [IdentityNotice] = []
    for (index, subscription) in world.catalog.identities.enumerated() {
      let subject = SubjectID(index: UInt32(subscriptions + index))
      let delay = stream.uniform(0, world.identities.linkedWithin.seconds)
      let at = world.start + Span(seconds: delay)
      feed.append(IdentityNotice(at: at, link: IdentityLink(subject: subject, subscription: subscription)))
      guard subscriptions > 1, stream.bernoulli(world.identities.conflictShare) else { continue }
      let other = (Int(subscription.index) + 1 + Int(stream.below(UInt64(subscriptions - 1)))) % subscriptions
      assert(other != Int(subscription.index), "a conflict is with another account")
      let claimed = IdentityLink(subject: subject, subscription: SubscriptionID(index: UInt32(other)))
      let later = world.identities.conflictDelay.draw(&stream, step: .hours(1))
      feed.append(IdentityNotice(at: at + later, link: claimed))
    }
    return feed
  }

  /// Arranges for everything that is told at a known moment.
  func begin(_ surroundings: inout Surroundings) {
    for (index, notice) in identities.enumerated() {
      surroundings.schedule(WorldEvent(.identity, index: index), at: notice.at)
    }
  }

  /// The change of contract of a place in the feed, if it is due.
  func contract(_ place: Int, _ surroundings: inout Surroundings) -> CoreInput? {
    guard contracts.indices.contains(place), contracts[place].at <= surroundings.now else { return nil }
    let event = contracts[place].event
    switch event.terms.status {
    case .active, .trial: surroundings.count(.contractChanged)
    case .paused: surroundings.count(.contractPaused)
    case .ended: surroundings.count(.contractCancelled)
    }
    return .contract(event)
  }

  /// Arranges for the change of contract of a place in the feed.
  func arrangeContract(_ place: Int, _ surroundings: inout Surroundings) {
    guard contracts.indices.contains(place) else { return }
    surroundings.schedule(WorldEvent(.contracts, index: place), at: contracts[place].at)
  }

  /// CRM tells of an identifier.
  func identity(_ place: Int, _ surroundings: inout Surroundings) -> CoreInput {
    surroundings.count(.identityLinked)
    return .identity(identities[place].link)
  }

  /// Arranges for the first fixing, of the rates of tomorrow.
  func arrangeFixing(_ surroundings: inout Surroundings) {
    let today = surroundings.now.floored(to: .days(1))
    surroundings.schedule(
      WorldEvent(.fixRates), at: max(today + configuration.fixingAt, surroundings.now))
  }

  /// Fixes the rate of a day for each entity that needs one, one after the other.
  ///
  /// - Parameter place: among these entities.
  /// - Returns: `nil` behind the last one.
  mutating func fixRate(_ place: Int, for day: Instant, _ surroundings: inout Surroundings) -> CoreInput? {
    guard exchange.indices.contains(place) else { return nil }
    let (entity, configuration) = exchange[place]
    let change = exchangeStream.normal(mean: 0, deviation: configuration.volatility)
    // Six digits, as rates are quoted; never below a ten-thousandth of the first.
    let units = Int128(Double(rates[place].units / 1_000_000) * (1 + change)) * 1_000_000
    let least = configuration.rate.units / 10_000 / 1_000_000 * 1_000_000
    rates[place] = Price(units: max(units, least))
    surroundings.count(.rateFixed)
    let fixing = RateFixing(entity: entity, day: day, rate: rates[place])
    surroundings.record(.rateFixed(fixing))
    return .rate(fixing)
  }

  // MARK: On its way

  /// Sends a message; while its feed is down it waits there, and what is not acknowledged is sent again later.
  ///
  /// - Returns: what reaches the core at once.
  mutating func send(
    _ input: CoreInput, from feed: Feed, _ surroundings: inout Surroundings
  ) -> CoreInput? {
    let found = feed == .crm ? crm.passage(&surroundings) : rateBank.passage(&surroundings)
    guard let passage = found else { return nil }
    assert(!passage.isLost || passage.at > surroundings.now, "what was lost is sent again later")
    assert(passage.copyAt.map { $0 > passage.at } ?? true, "a copy comes after its original")
    if let copy = passage.copyAt {
      post(Message(input: input, feed: feed, isLost: false), at: copy, &surroundings)
    }
    guard passage.at > surroundings.now else { return receive(input, &surroundings) }
    post(Message(input: input, feed: feed, isLost: passage.isLost), at: passage.at, &surroundings)
    return nil
  }

  private mutating func post(
    _ message: Message, at instant: Instant, _ surroundings: inout Surroundings
  ) {
    surroundings.schedule(WorldEvent(.feed, index: messages.insert(message)), at: instant)
  }

  /// A message arrives, or is sent again.
  ///
  /// - Returns: what reaches the core now.
  mutating func deliver(_ slot: Int, _ surroundings: inout Surroundings) -> CoreInput? {
    let message = messages.remove(slot)
    return message.isLost
      ? send(message.input, from: message.feed, &surroundings) : receive(message.input, &surroundings)
  }

  private mutating func receive(
    _ input: CoreInput, _ surroundings: inout Surroundings
  ) -> CoreInput? {
    if case .identity(let link) = input {
      // What is said of one identifier comes in order: the account that it belongs to, then whoever else claims it.
      assert(
        catalog.identities.indices.contains(Int(link.subject.index) - catalog.subscriptions.count),
        "what CRM tells of an identifier is of one in the catalogue")
      let owner = catalog.identities[Int(link.subject.index) - catalog.subscriptions.count]
      if link.subscription == owner {
        linkedSubjects.insert(link.subject)
      } else if !linkedSubjects.contains(link.subject) {
        post(
          Message(input: input, feed: .crm, isLost: false), at: surroundings.now + configuration.claimPause,
          &surroundings)
        return nil
      }
    }
    if case .contract(let event) = input, event.terms.from < surroundings.now {
      surroundings.count(.contractToldLate)
    }
    return input
  }
}

/// The way from a feed to the core.
struct FeedChannel: Sendable {
  private let configuration: FeedConfiguration
  /// Faults that hold at the moment.
  var faults = ActiveFaults()
  /// Messages that wait for a feed that is down for good.
  private(set) var stranded = 0

  init(_ configuration: FeedConfiguration) {
    precondition(configuration.resendAfter > .zero, "what was lost is sent again later")
    precondition(configuration.copyDelay.from > .zero, "a copy comes after its original")
    self.configuration = configuration
  }

  /// What becomes of a message.
  struct Passage {
    /// When it arrives, or is sent again.
    var at: Instant
    /// Whether it is sent again then.
    var isLost = false
    /// When a copy of it arrives; `nil`: there is none.
    var copyAt: Instant?
  }

  /// Sends a message; `nil` where it waits for good.
  mutating func passage(_ surroundings: inout Surroundings) -> Passage? {
    let now = surroundings.now
    if let end = faults.outageEnd, end > now {
      faults.hit(.outage)
      guard end < .distantFuture else {
        stranded += 1
        surroundings.expect()
        return nil
      }
      return Passage(at: end, isLost: true)
    }
    if surroundings.isLost(&faults) {
      surroundings.count(.requestLost)
      return Passage(at: now + configuration.resendAfter, isLost: true)
    }
    let at = now + surroundings.delay(&faults)
    assert(at >= now, "a message does not arrive before it was sent")
    guard surroundings.isDoubled(&faults, .feedRepeated) else { return Passage(at: at) }
    return Passage(at: at, copyAt: at + surroundings.lag(in: configuration.copyDelay, step: .seconds(1)))
  }
}
