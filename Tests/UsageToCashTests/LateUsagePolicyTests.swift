import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("Late usage that is not simply billed")
struct LateUsagePolicyTests {
  private func late(_ policy: LateBilling) -> Driver {
    var driver = Driver(PipelinePolicy(metering: MeteringPolicy(lateBilling: policy)))
    driver.deliver([Fixtures.event(1, tokens: 1000)])
    driver.pass(.days(2))
    driver.deliver([Fixtures.event(2, at: .hours(2), tokens: 500)])
    driver.pass(.hours(3))
    return driver
  }

  @Test("is accrued in its own month, and the accrual ends when the next invoice bills it")
  func accrued() throws {
    var driver = late(.accrue)
    #expect(driver.invoices.count == 1)
    let accrual = try #require(driver.accruals.first)
    #expect(accrual.reverses == nil)
    #expect(accrual.period == Period(holding: Fixtures.start))
    #expect(accrual.lines.map { "\($0.amount)" }.first == "5")
    driver.pass(.days(40))
    #expect(driver.invoices.count == 2)
    #expect(driver.accruals.map(\.reverses) == [nil, accrual.key])
    #expect(driver.accruals.last?.lines == accrual.lines)
  }

  @Test("waits in a case of finance with its amount until a person has decided")
  func exception() throws {
    var driver = late(.exception)
    let subject = try #require(driver.cases.first?.subject)
    guard case .lateUsageHeld(let account, let number, let amount) = subject else {
      Issue.record("\(subject)")
      return
    }
    #expect(account == AccountID(index: 0))
    #expect(amount > .zero)
    driver.pass(.days(70))
    #expect(driver.invoices.count == 1)
    driver.take(.release(heldCharges: number))
    driver.take(.release(heldCharges: number))
    driver.pass(.days(40))
    #expect(driver.invoices.count == 2)
    #expect(driver.invoices.last?.total == amount)
  }
}

@Suite("Credit and rebill")
struct RebillTests {
  @Test("credits the whole invoice and issues it anew, once; revenue is as before")
  func rebill() throws {
    var catalog = Fixtures.catalog
    catalog.creditLimit = Money(minorUnits: 100, of: catalog.entities[0].currency)
    var driver = Driver(catalog: catalog)
    driver.deliver([Fixtures.event(1, tokens: 1000)])
    driver.pass(.days(2))
    let first = try #require(driver.invoices.first)
    var request = CreditRequest(id: 1, invoice: first.number, net: .zero, requestedBy: 1, isRebill: true)
    driver.ask(request)
    #expect(driver.invoices.count == 1)  // over the limit: a second person first
    request.approvedBy = 2
    driver.ask(request)
    driver.ask(request)
    #expect(driver.memos.map(\.net) == [first.total])
    #expect(driver.invoices.map(\.rebills) == [nil, first.number])
    #expect(driver.invoices[1].lines == first.lines)
    #expect(driver.invoices[1].number.sequence == 2)
  }
}
