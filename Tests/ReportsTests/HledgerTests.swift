import RunRecord
import Testing

@testable import Reports

@Suite("The hledger export")
struct HledgerTests {
  @Test(
    "writes a balanced transaction per document, dated in its accounting period, the entity below the class of account"
  )
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

      2026-01-31 * (us/7) invoice/US-000001/1 | c1  ; posted:2026-02-01T02:00:00.5Z
          assets:us:receivable  USD 12.50
          revenue:us:calls  USD -12.50

      """
    #expect(HledgerJournal(journal).text() == expected)
  }

  @Test(
    "dates a transaction on the day of posting, or on the day of its accounting period nearest to it",
    arguments: [
      ("2026-01-15T23:59:59Z", "2026-01", "2026-01-15"), ("2026-02-01T02:00:00Z", "2026-01", "2026-01-31"),
      ("2024-04-02T00:00:00Z", "2024-02", "2024-02-29"), ("2100-03-01T00:00:00Z", "2100-02", "2100-02-28"),
      ("2027-01-01T00:00:00Z", "2026-12", "2026-12-31"), ("2026-05-01T00:00:00Z", "2026-04", "2026-04-30"),
      // An ERP that moves what it is sent into the next open period.
      ("2026-01-31T22:00:00Z", "2026-02", "2026-02-01"),
    ])
  func dates(posted: String, period: String, date: String) {
    let journal = Journal(documents: [
      .init(
        entity: "us", number: 1, posted: posted, key: "k", customer: nil, period: period, currency: "USD",
        lines: [.init(account: "revenue:calls", amount: "0.00")])
    ])
    #expect(HledgerJournal(journal).text().contains("\n\(date) * (us/1) k  ; posted:\(posted)\n"))
  }
}
