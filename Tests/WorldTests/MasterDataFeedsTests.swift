import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel
import Testing

@testable import UsageToCash
@testable import World

@Suite("Feeds of master data")
struct MasterDataFeedsTests {
  private func link(_ subject: UInt32, _ subscription: UInt32) -> CoreInput {
    .identity(
      IdentityLink(subject: SubjectID(index: subject), subscription: SubscriptionID(index: subscription)))
  }

  @Test(
    "a feed's message waits for the end of an outage, twelve hours where it was lost, and for good where it has no end"
  )
  func feed() throws {
    let configuration = try Alone.configuration { $0.catalog.identities = [SubscriptionID(index: 0)] }
    var surroundings = Surroundings(configuration)
    var feeds = MasterDataFeeds(configuration, seed: 1)
    let input1 = feeds.send(link(1, 0), from: .crm, &surroundings)
    #expect(input1 != nil, "at once")
    feeds.crm.faults.begin(Alone.fault(.outage, .crm, for: .hours(3)), 0)
    let input2 = feeds.send(link(1, 0), from: .crm, &surroundings)
    #expect(input2 == nil)
    #expect(feeds.crm.faults.end(0) == 1)
    feeds.crm.faults.begin(Alone.fault(.partition, .crm, for: .hours(3)), 1)
    let input3 = feeds.send(link(1, 0), from: .crm, &surroundings)
    #expect(input3 == nil)
    feeds.crm.faults.end(1)
    let coming = surroundings.coming()
    #expect(coming.map(\.after) == [.hours(3), .hours(12)])
    for event in coming {
      let input = feeds.deliver(Int(event.event.index), &surroundings)
      #expect(input != nil)
    }
    let before = surroundings.essential
    feeds.crm.faults.begin(Alone.fault(.outage, .crm, for: nil), 2)
    let input4 = feeds.send(link(1, 0), from: .crm, &surroundings)
    #expect(input4 == nil)
    #expect(feeds.crm.stranded == 1 && surroundings.essential == before + 1)
    #expect(surroundings.kernel.pending == 0, "nothing comes of it")
    #expect(feeds.rateBank.stranded == 0, "another feed is not down")
  }

  @Test("whoever claims an identifier is told after the account that it belongs to")
  func claims() throws {
    let configuration = try Alone.configuration { $0.catalog.identities = [SubscriptionID(index: 0)] }
    var surroundings = Surroundings(configuration)
    var feeds = MasterDataFeeds(configuration, seed: 1)
    let input5 = feeds.send(link(1, 5), from: .crm, &surroundings)
    #expect(input5 == nil, "a claim before the owner waits")
    let input6 = feeds.send(link(1, 0), from: .crm, &surroundings)
    #expect(input6 != nil)
    let coming = surroundings.coming()
    #expect(coming.map(\.after) == [.hours(1)])
    let input7 = feeds.deliver(Int(coming[0].event.index), &surroundings)
    #expect(input7 != nil)
  }

  @Test("what is lost, sent twice or claimed too early takes as long as it is set to")
  func settings() throws {
    let configuration = try Alone.configuration {
      $0.catalog.identities = [SubscriptionID(index: 0)]
      $0.feeds.resendAfter = .minutes(20)
      $0.feeds.claimPause = .minutes(5)
      $0.feeds.copyDelay = DelayRange(from: .minutes(1), below: .minutes(1))
    }
    var surroundings = Surroundings(configuration)
    var feeds = MasterDataFeeds(configuration, seed: 1)
    let early = feeds.send(link(1, 5), from: .crm, &surroundings)
    feeds.crm.faults.begin(Alone.fault(.partition, .crm, for: .hours(3)), 0)
    let lost = feeds.send(link(1, 0), from: .crm, &surroundings)
    feeds.crm.faults.end(0)
    feeds.rateBank.faults.begin(Alone.fault(.duplicate(share: 1), .exchange, for: .hours(3)), 1)
    let doubled = feeds.send(link(1, 0), from: .exchange, &surroundings)
    #expect(early == nil && lost == nil && doubled != nil)
    let coming = surroundings.coming()
    #expect(coming.map(\.after) == [.minutes(1), .minutes(5), .minutes(20)])
  }

  @Test("a claim follows the link that it contradicts within the range that is set")
  func conflicts() throws {
    let configuration = try Alone.configuration { world in
      let account = try #require(world.catalog.accounts.first)
      let customers = 40
      world.catalog.accounts = Array(repeating: account, count: customers)
      world.catalog.subscriptions = (0..<customers).map {
        Subscription(account: AccountID(index: UInt32($0)), priceBook: 0)
      }
      world.catalog.identities = world.catalog.subscriptions.indices.map { SubscriptionID(index: UInt32($0)) }
      world.identities.conflictShare = 1
      world.identities.conflictDelay = DelayRange(from: .hours(2), below: .hours(5))
    }
    let feeds = MasterDataFeeds(configuration, seed: 1)
    #expect(feeds.identities.count == 80)
    let claims = feeds.identities.filter { $0.at > Alone.start }.map { $0.at - Alone.start }
    #expect(Set(claims) == [.hours(2), .hours(3), .hours(4)])
  }

  @Test("the rates of the next day are fixed at the time of day that is set")
  func fixing() throws {
    for (time, expected) in [(Span.hours(18), Span.hours(18)), (.hours(7), .hours(7)), (.zero, .zero)] {
      let configuration = try Alone.configuration { $0.feeds.fixingAt = time }
      var surroundings = Surroundings(configuration)
      let feeds = MasterDataFeeds(configuration, seed: 1)
      feeds.arrangeFixing(&surroundings)
      let coming = surroundings.coming()
      #expect(coming.map(\.event.kind) == [.fixRates])
      #expect(coming.map(\.after) == [expected])
    }
  }
}
