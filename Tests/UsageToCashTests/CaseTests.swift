import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("Exception cases")
struct CaseTests {
  @Test("each role sees technical fields, finance and RevOps the customer, finance alone the amount")
  func masking() {
    let fields = [
      CaseField("reason", "r", .technical), CaseField("customer", "c1", .customer),
      CaseField("amount", "12.00", .financial),
    ]
    func seen(_ owner: CaseOwner) -> [String] { fields.map { $0.masked(for: owner).value } }
    #expect(seen(.finance) == ["r", "c1", "12.00"])
    #expect(seen(.revOps) == ["r", "c1", CaseField.mask])
    #expect(seen(.platform) == ["r", CaseField.mask, CaseField.mask])
  }

  @Test("usage that waits for the same is one case, which ends when all of it is placed")
  func quarantine() throws {
    var driver = Driver()
    driver.deliver([Fixtures.event(1, schemaVersion: 2), Fixtures.event(2, schemaVersion: 2)])
    driver.deliver([Fixtures.event(3, schemaVersion: 2)])
    let entry = try #require(driver.core.cases.entries.first)
    #expect(driver.core.cases.entries.count == 1)
    #expect(entry.count == 3)
    #expect(entry.routed.owner == .platform)
    driver.register(
      SchemaRegistration(
        type: EventTypeID(index: 0), version: 2, fields: Fixtures.catalog.eventTypes[0].fields))
    #expect(driver.core.cases.entries[0].resolved == driver.now)
  }

  @Test("a document that an ERP has refused is sent again once, however often that is asked for")
  func replay() throws {
    var driver = Driver()
    driver.deliver([Fixtures.event(1, tokens: 33)])
    driver.pass(.days(1) + .hours(2))
    let call = try #require(driver.calls.first { !Driver.requests($0).isEmpty })
    let key = Driver.requests(call)[0].entry.key
    driver.answer(call, .posted([.refused(reason: "the customer is not set up")]))
    #expect(driver.core.cases.entries.map(\.routed.kind) == ["posting-rejected"])
    driver.calls = []
    driver.take(.replay(key))
    #expect(driver.calls.flatMap(Driver.requests).map(\.entry.key) == [key], "at once")
    driver.take(.replay(key))
    driver.pass(.seconds(1))
    let again = driver.calls.flatMap(Driver.requests)
    #expect(again.map(\.entry.key) == [key])
    #expect(driver.core.cases.entries[0].resolved != nil)
    driver.answer(
      try #require(driver.calls.first { !Driver.requests($0).isEmpty }), .posted([.posted(documentNumber: 1)])
    )
    #expect(driver.acknowledged == [key])
  }
}
