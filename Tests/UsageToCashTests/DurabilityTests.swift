import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel
import Testing
import UsageToCash
import World

@Suite("The durable log")
struct DurabilityTests {
  /// Everything that an input led to, as a text that tells any difference.
  private func describe(_ effects: Effects) -> String {
    "\(effects.claim) \(Array(effects.summaries)) \(effects.outputs)"
  }

  @Test(
    "a core that is replayed from its log goes on exactly like the one that never stopped",
    arguments: [1, 2, 3, 4] as [UInt64])
  func replay(seed: UInt64) {
    var stream = RandomStream(rootSeed: seed, name: "durability")
    var live = DurablePipeline(catalog: Fixtures.catalog, policy: PipelinePolicy(), log: DiskLog())
    var now = Fixtures.start
    var recovered: Pipeline?
    var calls: [ERPCall] = []
    for step in 0..<400 {
      if step == 200 { recovered = live.recovered() }
      now += .minutes(Int64(stream.below(30)))
      var effects = Effects()
      var replayed = Effects()
      let kind = stream.below(3)
      if kind == 0 {
        let events = (0..<5).map { _ in
          UsageEvent(
            id: stream.below(500), source: SourceID(index: 0), type: EventTypeID(index: 0),
            subject: SubjectID(index: UInt32(stream.below(5))),
            time: now - .minutes(Int64(stream.below(300))),
            quantity0: Int64(stream.below(9)) * 1_000_000)
        }
        events.withUnsafeBufferPointer { batch in
          live.handle(batch, at: now, effects: &effects)
          recovered?.handle(batch, at: now, effects: &replayed)
        }
      } else if kind == 1, let call = calls.popLast() {
        let answer: ERPAnswer = stream.below(2) == 0 ? .unavailable : .throttled(retryAfter: nil)
        live.handle(.erp(answer, to: call.id, of: call.entity), at: now, effects: &effects)
        recovered?.handle(.erp(answer, to: call.id, of: call.entity), at: now, effects: &replayed)
      } else {
        live.advance(to: now, effects: &effects)
        recovered?.advance(to: now, effects: &replayed)
      }
      for case .call(let call) in effects.outputs { calls.append(call) }
      if recovered != nil { #expect(describe(effects) == describe(replayed), "step \(step), seed \(seed)") }
    }
    #expect(calls.count + live.log.length > 0)
  }

  @Test("what was written and not synced does not survive")
  func unsynced() {
    var log = DiskLog()
    [Fixtures.event(1)].withUnsafeBufferPointer { log.append(delivery: $0, at: Fixtures.start) }
    log.sync()
    [Fixtures.event(2)].withUnsafeBufferPointer { log.append(delivery: $0, at: Fixtures.start) }
    var survivors: [UInt64] = []
    log.read { input, _ in
      if case .delivery(let events) = input { survivors += events.map(\.id) }
    }
    #expect(survivors == [1])
  }

  @Test("a snapshot takes the place of the inputs that led to it")
  func compaction() {
    var log = DiskLog()
    log.append(wakeAt: Fixtures.start)
    log.sync()
    log.compact(to: Pipeline(catalog: Fixtures.catalog, policy: PipelinePolicy()), keepingLast: false)
    #expect(log.length == 0)
    var inputs = 0
    log.read { _, _ in inputs += 1 }
    #expect(log.snapshot != nil)
    #expect(inputs == 0)
  }

  @Test(
    "a snapshot may leave the last input, whose effects may have to be repeated", arguments: [true, false])
  func compactionButForTheLast(endsInDelivery: Bool) {
    var log = DiskLog()
    for id in 1...3 {
      [Fixtures.event(UInt64(id)), Fixtures.event(UInt64(id + 10))].withUnsafeBufferPointer {
        log.append(delivery: $0, at: Fixtures.start)
      }
    }
    if !endsInDelivery { log.append(wakeAt: Fixtures.start) }
    log.sync()
    log.compact(to: Pipeline(catalog: Fixtures.catalog, policy: PipelinePolicy()), keepingLast: true)
    [Fixtures.event(7)].withUnsafeBufferPointer { log.append(delivery: $0, at: Fixtures.start) }
    log.sync()
    var survivors: [[UInt64]] = []
    log.read { input, _ in
      if case .delivery(let events) = input { survivors.append(events.map(\.id)) }
    }
    #expect(survivors == (endsInDelivery ? [[3, 13], [7]] : [[7]]))
    #expect(log.length == 2)
  }

  /// Fixtures with everything that has a state of its own.
  private static var everything: Catalog {
    let fixture = Fixtures.catalog
    var books = fixture.priceBooks
    for index in books.indices {
      books[index].recurring = [
        RecurringCharge(name: "fee", price: Money(minorUnits: 1200, of: books[index].currency), months: 3)
      ]
      books[index].minimumSpend = Money(minorUnits: 5000, of: books[index].currency)
    }
    books[0].prepaid = PrepaidCredits(
      name: "credits", amount: Money(minorUnits: 900, of: books[0].currency), months: 1, expiresAfter: 2)
    var entities = fixture.entities
    entities[1].booksCurrency = Currency(code: "GBP")
    var meters = fixture.meters
    meters[1].aggregation = .max
    var catalog = Catalog(
      entities: entities, meters: meters, eventTypes: fixture.eventTypes, accounts: fixture.accounts,
      subscriptions: fixture.subscriptions.enumerated().map { index, subscription in
        Subscription(
          account: subscription.account,
          terms: [ContractTerms(from: Fixtures.start, priceBook: index % 2)],
          ends: Fixtures.start + .days(90), billingDay: index == 0 ? 31 : 1)
      }, priceBooks: books, sources: fixture.sources,
      paymentTerms: PaymentTerms(dueAfter: .days(2), retries: [.days(1)]),
      accountingCalendar: AccountingCalendar(closeAfter: .days(3), softCloseAfter: .days(1)),
      creditLimit: Money(minorUnits: 100, of: entities[0].currency))
    catalog.identities = [SubscriptionID(index: 1)]
    catalog.hasBackfills = true
    return catalog
  }

  @Test(
    "recovered at any point, a core with every kind of state and input goes on exactly like the one that never stopped",
    arguments: 1...12)
  func everyKind(seed: Int) {
    var stream = RandomStream(rootSeed: UInt64(seed), name: "everything")
    let policy = PipelinePolicy(metering: MeteringPolicy(lateBilling: seed % 2 == 0 ? .accrue : .exception))
    var live = DurablePipeline(catalog: Self.everything, policy: policy, log: DiskLog())
    var recovered: Pipeline?
    var now = Fixtures.start
    var calls: [ERPCall] = []
    var charges: [ChargeKey] = []
    var invoices: [Invoice] = []
    var sent: [UsageEvent] = []
    let crash = Int(stream.below(500))
    for step in 0..<700 {
      if step == crash { recovered = live.recovered() }
      now += .minutes(Int64(stream.below(240)))
      var effects = Effects()
      var replayed = Effects()
      func input(_ input: CoreInput) {
        live.handle(input, at: now, effects: &effects)
        recovered?.handle(input, at: now, effects: &replayed)
      }
      switch stream.below(9) {
      case 0, 1, 2:
        let events = (0..<4).map { _ in
          UsageEvent(
            id: stream.below(2000), source: SourceID(index: 0), type: EventTypeID(index: 0),
            subject: SubjectID(index: UInt32(stream.below(6))),
            time: now - .minutes(Int64(stream.below(9000))),
            quantity0: Int64(stream.below(900)) * 1_000_000, quantity1: Int64(stream.below(9)) * 1_000_000)
        }
        sent += events
        events.withUnsafeBufferPointer { batch in
          live.handle(batch, at: now, effects: &effects)
          recovered?.handle(batch, at: now, effects: &replayed)
        }
      case 3:
        guard let call = calls.popLast() else { continue }
        if case .post(let requests) = call.request, stream.below(3) > 0 {
          input(
            .erp(
              .posted(requests.indices.map { .posted(documentNumber: UInt32($0 + step)) }), to: call.id,
              of: call.entity))
        } else {
          input(.erp(.unavailable, to: call.id, of: call.entity))
        }
      case 4:
        guard let key = charges.popLast() else { continue }
        input(.charge(stream.below(2) == 0 ? .declined : .succeeded, to: key))
      case 5:
        guard !sent.isEmpty else { continue }
        let event = sent[Int(stream.below(UInt64(sent.count)))]
        input(.correction(UsageCorrection(original: event, replacement: nil)))
      case 6:
        guard !invoices.isEmpty else { continue }
        let invoice = invoices[Int(stream.below(UInt64(invoices.count)))]
        input(
          .credit(
            CreditRequest(
              id: UInt32(step), invoice: invoice.number, net: Money(minorUnits: 50, of: invoice.currency),
              requestedBy: 1, approvedBy: 2, isRebill: stream.below(4) == 0)))
      case 7:
        input(.identity(IdentityLink(subject: SubjectID(index: 4), subscription: SubscriptionID(index: 1))))
        input(.release(heldCharges: UInt32(stream.below(5))))
        input(
          .rate(
            RateFixing(
              entity: EntityID(index: 1), day: now.floored(to: .days(1)),
              rate: Price(units: Int128(800_000 + stream.below(90_000)) * 1_000_000))))
      default:
        live.advance(to: now, effects: &effects)
        recovered?.advance(to: now, effects: &replayed)
      }
      for effect in effects.outputs {
        if case .call(let call) = effect { calls.append(call) }
        if case .charge(let request) = effect { charges.append(request.key) }
        if case .issue(let invoice) = effect { invoices.append(invoice) }
      }
      if recovered != nil { #expect(describe(effects) == describe(replayed), "step \(step), seed \(seed)") }
    }
    #expect(!invoices.isEmpty)
  }
}
