import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("Lineage")
struct LineageTests {
  @Test("leads from a usage event to its charges, invoices, documents, and back from each")
  func both() throws {
    var driver = Driver()
    let event = Fixtures.event(1, tokens: 1000)
    driver.deliver([event])
    driver.pass(.days(1) + .hours(2))
    for call in driver.calls where !Driver.requests(call).isEmpty {
      driver.answer(call, .posted(Driver.requests(call).map { _ in .posted(documentNumber: 7) }))
    }
    driver.pass(.days(1))
    driver.deliver([Fixtures.event(2, at: .hours(2), tokens: 500)])
    driver.pass(.days(40))
    let subscription = SubscriptionID(index: 0)
    let meter = MeterID(index: 0)
    let trace = driver.core.lineage.trace(event, of: subscription, meter: meter)
    let invoices = driver.invoices.filter { $0.account == AccountID(index: 0) }
    #expect(invoices.count == 2)
    #expect(trace.window == Fixtures.start)
    #expect(trace.invoices == invoices.map(\.number))
    #expect(trace.documents[PostingKey(invoice: invoices[0].number)] == 7)
    #expect(trace.charges.count == 2)  // the month's, and what came late
    for id in trace.charges {
      let origin = try #require(driver.core.lineage.origin(ofCharge: id))
      #expect(origin.subscription == subscription)
      #expect(origin.item == ItemID(meter))
      #expect(origin.period == Period(holding: Fixtures.start))
    }
    let line = driver.core.lineage.charges(of: invoices[0], in: .revenue(ItemID(meter)))
    #expect(line == [trace.charges[0]])
    #expect(driver.core.lineage.charges(of: invoices[0], in: .receivable).count == invoices[0].lines.count)
  }
}
