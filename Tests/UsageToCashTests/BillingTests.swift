import CanonicalModel
import Chronology
import CoreInterface
import Testing
import UsageToCash

@Suite("Rating and billing")
struct BillingTests {
  @Test("one invoice an account and month, numbered without gaps within its entity, in whole cents")
  func invoices() throws {
    var driver = Driver()
    driver.deliver((0..<4).map { Fixtures.event(UInt64($0) + 1, customer: UInt32($0), tokens: 33) })
    driver.pass(.days(2))
    let invoices = driver.invoices
    #expect(invoices.count == 4)
    #expect(invoices.map(\.number.sequence) == [1, 1, 2, 2])
    #expect(Set(invoices.map(\.period.description)) == ["2026-01"])
    let expected = try #require(Money("0.83"))  // 33 × 0.01 + 1 × 0.5
    #expect(invoices.allSatisfy { $0.total == expected })
    #expect(invoices.allSatisfy { $0.issued >= $0.period.end })
  }

  @Test("usage that comes after the invoice goes on the next one, rated over the whole service period")
  func lateAfterInvoice() throws {
    var driver = Driver()
    driver.deliver([Fixtures.event(1, tokens: 10)])
    driver.pass(.days(2))
    driver.deliver([Fixtures.event(2, tokens: 30), Fixtures.event(3, at: .days(1), tokens: 1)])
    driver.pass(.days(40))
    let late = try #require(driver.charges.first { $0.kind == .lateUsage })
    #expect(late.servicePeriod.description == "2026-01")
    #expect(late.quantity == Quantity(30))
    #expect(driver.invoices.count == 2)
    #expect(driver.invoices.last?.lines.contains { $0.charge.id == late.id } == true)
  }
}

@Suite("Late usage")
struct LateUsageTests {
  @Test("by policy, usage that comes after its invoice is billed at once, on an invoice of its own")
  func supplementary() throws {
    var driver = Driver(PipelinePolicy(metering: MeteringPolicy(lateBilling: .supplementary)))
    driver.deliver([Fixtures.event(1, tokens: 10)])
    driver.pass(.days(2))
    #expect(driver.invoices.count == 1)
    driver.deliver([Fixtures.event(2, tokens: 30)])
    driver.pass(.hours(2))
    let invoice = try #require(driver.invoices.last)
    #expect(driver.invoices.count == 2)
    #expect(invoice.period.description == "2026-01")
    #expect(invoice.lines.allSatisfy { $0.charge.kind == .lateUsage })
    driver.pass(.days(60))
    #expect(driver.core.metering.isIdle)
  }

  @Test(
    "usage that is late for its window and early enough for its invoice is on the invoice",
    arguments: LateBilling.allCases)
  func beforeInvoice(policy: LateBilling) {
    var driver = Driver(PipelinePolicy(metering: MeteringPolicy(lateBilling: policy)))
    driver.deliver([Fixtures.event(1, tokens: 10)])
    driver.pass(.hours(20))
    driver.deliver([Fixtures.event(2, tokens: 30)])
    driver.pass(.days(2))
    #expect(driver.invoices.count == 1)
    #expect(driver.charges.allSatisfy { $0.kind == .usage })
  }
}

@Suite("Posting")
struct PostingTests {
  /// A driver with issued invoices and the calls that they led to.
  private func issued(_ policy: PostingPolicy = PostingPolicy()) -> Driver {
    var driver = Driver(PipelinePolicy(posting: policy))
    driver.deliver((0..<4).map { Fixtures.event(UInt64($0) + 1, customer: UInt32($0), tokens: 33) })
    driver.pass(.days(1) + .hours(2))
    return driver
  }

  @Test("posts in micro-batches under a key derived from the document, each entry balanced")
  func batches() throws {
    let driver = issued()
    let us = try #require(driver.calls.first { $0.entity.index == 0 })
    let requests = Driver.requests(us)
    #expect(requests.map(\.idempotencyKey) == ["invoice/US-000001/1", "invoice/US-000002/1"])
    #expect(requests.allSatisfy { $0.entry.lines.reduce(Money.zero) { $0 + $1.amount } == .zero })
  }

  @Test("silence makes the outcome unknown: it is looked up, and only what is missing is posted again")
  func unknownOutcome() throws {
    var driver = issued()
    let call = try #require(driver.calls.first { $0.entity.index == 0 })
    driver.calls = []
    driver.pass(.seconds(65))  // the time-out, and a pause
    let lookUp = try #require(driver.calls.first { $0.entity.index == 0 })
    guard case .lookUp(let keys) = lookUp.request else {
      Issue.record("expected a look-up, not \(lookUp.request)")
      return
    }
    #expect(keys == Driver.requests(call).map(\.entry.key))
    driver.answer(lookUp, .found([17, nil]))
    let again = try #require(driver.calls.first { $0.entity.index == 0 })
    #expect(Driver.requests(again).map(\.entry.key) == [keys[1]])
    #expect(Driver.requests(again).map(\.idempotencyKey) == ["invoice/US-000002/1"])
    #expect(driver.acknowledged.contains(keys[0]))
    #expect(!driver.acknowledged.contains(keys[1]))
  }

  @Test("an answer to a call that has timed out is ignored")
  func lateAnswer() throws {
    var driver = issued()
    let call = try #require(driver.calls.first { $0.entity.index == 0 })
    driver.pass(.minutes(10))
    let before = driver.acknowledged
    driver.answer(call, .posted([.posted(documentNumber: 1), .posted(documentNumber: 2)]))
    #expect(driver.acknowledged == before)
  }

  @Test("a throttled call waits at least as long as Retry-After asks")
  func retryAfter() throws {
    var driver = issued()
    let call = try #require(driver.calls.first { $0.entity.index == 0 })
    driver.calls = []
    driver.answer(call, .throttled(retryAfter: .minutes(7)))
    driver.pass(.minutes(7) - .seconds(1))
    #expect(!driver.calls.contains { $0.entity.index == 0 })
    driver.pass(.minutes(5))
    #expect(driver.calls.contains { $0.entity.index == 0 })
  }

  @Test("refusals back off exponentially up to the longest pause")
  func backoff() throws {
    var driver = issued(PostingPolicy(concurrency: 1))
    var pauses: [Span] = []
    for _ in 0..<12 {
      let call = try #require(driver.calls.first { $0.entity.index == 0 })
      driver.answer(call, .unavailable)
      let refused = driver.now
      while !driver.calls.contains(where: { $0.entity.index == 0 }) { driver.pass(.seconds(1)) }
      pauses.append(driver.now - refused)
    }
    // 2 s at first, 5 min at last, each spread over its upper half; the driver looks once a second.
    #expect(pauses[0] >= .seconds(1) && pauses[0] <= .seconds(3))
    #expect(pauses.last ?? .zero >= .seconds(150))
    #expect(pauses.allSatisfy { $0 <= .minutes(5) + .seconds(1) })
  }

  @Test("part of a batch may be refused: it becomes a case for finance, and the rest is posted")
  func partialSuccess() throws {
    var driver = issued()
    let call = try #require(driver.calls.first { $0.entity.index == 0 })
    driver.answer(call, .posted([.refused(reason: "unknown customer"), .posted(documentNumber: 1)]))
    #expect(driver.acknowledged == [Driver.requests(call)[1].entry.key])
    #expect(driver.cases.map(\.owner) == [.finance])
    #expect(driver.core.posting.depth(of: EntityID(index: 0)) == 0)
  }
}

@Suite("Reconciliation")
struct ReconciliationTests {
  /// Runs a month to its end with an ERP that answers everything, except that its statement is off by some money.
  private func run(statementOffBy cents: Int128) -> Driver {
    var driver = Driver()
    driver.deliver((0..<4).map { Fixtures.event(UInt64($0) + 1, customer: UInt32($0), tokens: 33) })
    var ledger: [UInt32: (count: Int, receivable: Money)] = [:]
    guard let dollar = Currency(code: "USD") else { return driver }
    for _ in 0..<200 {
      driver.pass(.hours(1))
      while let call = driver.calls.first {
        let held = ledger[call.entity.index] ?? (0, .zero)
        switch call.request {
        case .post(let requests):
          let sum = requests.reduce(held.receivable) { $0 + $1.entry.receivable }
          ledger[call.entity.index] = (held.count + requests.count, sum)
          driver.answer(
            call, .posted(requests.indices.map { .posted(documentNumber: UInt32(held.count + $0 + 1)) }))
        case .lookUp(let keys): driver.answer(call, .found(keys.map { _ in nil }))
        case .closing:
          driver.answer(call, .closing(documents: held.count, debits: .zero, asOf: driver.now))
        case .statement:
          driver.answer(
            call,
            .statement(
              documents: held.count, receivable: held.receivable + Money(minorUnits: cents, of: dollar)))
        }
      }
    }
    return driver
  }

  @Test("finds nothing to complain of where nothing is wrong")
  func quiet() {
    let driver = run(statementOffBy: 0)
    #expect(driver.reports.count >= 2)
    #expect(driver.reports.allSatisfy { $0.breaks.isEmpty })
    #expect(driver.cases.isEmpty)
    #expect(driver.core.isIdle)
  }

  @Test("reports a ledger that is off by a cent as a break, and raises a case")
  func detects() {
    let driver = run(statementOffBy: 1)
    #expect(driver.reports.contains { !$0.breaks.isEmpty })
    #expect(!driver.cases.isEmpty)
  }
}
