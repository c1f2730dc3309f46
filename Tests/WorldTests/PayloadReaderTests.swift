import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash
@testable import World

/// Requests that an emulated ERP must survive, whatever stands in them.
@Suite("Documents that no ERP takes")
struct PayloadReaderTests {
  private static let start = CivilDate(year: 2026, month: 1, day: 1).start

  private static func station() -> ERPStation {
    let profile = ERPProfile.builtIn.first { $0.name == "netsuite" }!
    let catalog = Catalog(
      entities: [LegalEntity(name: "us", currency: Currency(code: "USD")!)],
      meters: (1...16).map { Meter(name: "item_\($0)", aggregation: .sum) }, eventTypes: [], accounts: [],
      subscriptions: [], priceBooks: [], sources: [])
    return ERPStation(
      WorldConfiguration(
        catalog: catalog, start: start, horizon: start + .days(365), load: [], erps: [profile]),
      seed: 1)
  }

  /// What becomes of documents, posted one after the other.
  private func post(_ payloads: [ERPPayload]) -> [PostingResult] {
    var station = Self.station()
    var results: [PostingResult] = []
    for (number, payload) in payloads.enumerated() {
      let at = Self.start + .minutes(Int64(number) * 5)
      _ = station.call(.post([PostingRequest(payload: payload, idempotencyKey: nil)]), of: 0, at: at)
      for answer in station.advance(to: at + .minutes(4)) {
        if case .posted(let posted) = answer.answer { results += posted }
      }
    }
    // What is read off the ledger adds up, too.
    for (day, request) in [(3, ERPRequest.statement), (5, .closing(Period(holding: Self.start)))] {
      _ = station.call(request, of: 0, at: Self.start + .days(Int64(day)))
      #expect(station.advance(to: Self.start + .days(Int64(day) + 1)).count == 1)
    }
    return results
  }

  private func record(
    _ lines: [NetSuiteRecord.Line], number: Int = 1, type: NetSuiteRecord.RecordType = .invoice,
    period: String = "2026-01"
  ) -> ERPPayload {
    .netSuite(
      NetSuiteRecord(
        recordType: type, externalId: "invoice/US-\(String(1_000_000 + number).dropFirst())/1",
        subsidiary: "us",
        entity: nil, postingPeriod: period, currency: "USD", baseCurrency: nil, lines: lines))
  }

  private func line(_ amount: String) -> NetSuiteRecord.Line { .init(account: "400000", amount: amount) }

  private func isRefused(_ result: PostingResult) -> Bool {
    if case .refused = result { true } else { false }
  }

  @Test(
    "a posting period that there is not is refused",
    arguments: [
      "2147483647-01", "-2147483648-01", "2026-13", "2026-00", "2026--1", "0001-01", "9999-12", "2026-01-01",
      "2026",
      "", "-", "2026-1e1", "+2026-01", "９９９９-01",
    ])
  func periods(_ period: String) {
    let results = post([record([line("1.00")], period: period)])
    #expect(results.count == 1 && results.allSatisfy(isRefused))
  }

  @Test(
    "06-voids-negative-invoices: an invoice whose total is negative is refused, and so is such a credit memo")
  func negativeTotals() {
    // NetSuite's help, section_164206526447; getlago/lago-api 4996.
    for type in [NetSuiteRecord.RecordType.invoice, .creditMemo] {
      #expect(post([record([line("5.00"), line("-5.01")], type: type)]).allSatisfy(isRefused))
      #expect(!post([record([line("5.01"), line("-5.00")], type: type)]).contains(where: isRefused))
      #expect(!post([record([line("5.00"), line("-5.00")], type: type)]).contains(where: isRefused))
    }
  }

  @Test(
    "a fiscal year or period beyond all reason is refused",
    arguments: [
      (Int.max, 1), (.min, 1), (2026, .max), (2026, .min), (2026, 13), (2026, 0), (Int.max / 12, 12),
      (1 << 31, 1),
      (0, 1),
    ])
  func fiscal(_ year: Int, _ period: Int) {
    let item = SAPDocument.Item(
      account: "400000", indicator: "H", amount: "1.00", localAmount: nil, localIndicator: nil)
    let document = SAPDocument(
      documentType: "DR", companyCode: "us", fiscalYear: year, fiscalPeriod: period,
      reference: "invoice/US-000001/1", currency: "USD", localCurrency: nil, customer: nil, items: [item])
    #expect(post([.sap(document)]).allSatisfy(isRefused))
  }

  @Test(
    "amounts that no ledger holds are refused: one, two that overflow together, and with any sign",
    arguments: [
      ["170000000000000000000", "170000000000000000000"], ["1e20"],
      ["-170141183460469231731.687303715884105727"],
      ["1000000000000000"], ["99999999999999999999999999999999999999999"], ["NaN"], ["0x10"], ["1,000"], [""],
    ])
  func amounts(_ amounts: [String]) {
    #expect(post([record(amounts.map(line))]).allSatisfy(isRefused))
    #expect(
      post([
        record(
          amounts.flatMap {
            [
              NetSuiteRecord.Line(account: "400000", debit: $0),
              NetSuiteRecord.Line(account: "400001", credit: $0),
            ]
          }, type: .journalEntry)
      ]).allSatisfy(isRefused))
    #expect(
      post([record([.init(account: "400000", amount: "1.00", baseAmount: amounts[0])])]).allSatisfy(isRefused)
    )
  }

  @Test("documents add up to what a ledger holds, and the next one is refused")
  func ledger() {
    let many = (1...600).map { record([line("999999999999999")], number: $0) }
    let results = post(many)
    let posted = results.count { if case .posted = $0 { true } else { false } }
    // 10^18 over debits and credits.
    #expect(posted == 500 && results.suffix(100).allSatisfy(isRefused))
  }

  @Test("an odd document does not keep a good one out")
  func good() {
    let results = post([record([line("1.00")], period: "2147483647-01"), record([line("1.00")], number: 2)])
    #expect(results.count == 2 && isRefused(results[0]) && !isRefused(results[1]))
  }
}
