import RunRecord
import Testing

@testable import Reports

@Suite("The hledger export")
struct HledgerTests {
  @Test("writes a balanced transaction a document, the entity below the class of account")
  func format() {
    let journal = Journal(documents: [
      .init(
        entity: "us", number: 7, posted: "2026-02-01T02:00:00.5Z", key: "invoice/US-000001/1", customer: "c1",
        period: "2026-01", currency: "USD",
        lines: [
          .init(account: "assets:receivable", amount: "12.50"),
          .init(account: "revenue:calls", amount: "-12.50"),
        ])
    ])
    let expected = """
      ; The ERPs' ledgers of a Meterstorm run. Read with: hledger -f FILE balance
      commodity USD 1000.00

      2026-02-01 * (us/7) invoice/US-000001/1 | c1
          assets:us:receivable  USD 12.50
          revenue:us:calls  USD -12.50

      """
    #expect(HledgerJournal(journal).text() == expected)
  }
}
