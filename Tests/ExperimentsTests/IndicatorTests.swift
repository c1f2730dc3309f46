import Chronology
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Indicators, against what the run's own documents say")
struct IndicatorTests {
  private func outcome(
    _ file: String, _ settings: [String] = [], seed: UInt64? = nil
  ) throws -> (record: RunRecord, documents: [Journal.Document]) {
    let template = try ScenarioTemplate(
      file: Finding.path(file), settings: settings.compactMap(ScenarioFile.Setting.init))
    let outcome = try SimulationRun(template.scenario, seed: seed).outcome(keepingJournal: true)
    return (outcome.record, try #require(outcome.journal).documents)
  }

  private let payments = "payments={ dueAfter: 2d, transfers: { delay: { exponential: { mean: 2d } } } }"

  @Test("two: two ERPs of one call of 6.02 s each post 1,196 documents an hour together")
  func throughput() throws {
    let (alone, _) = try outcome("studies/two.yaml")
    #expect(abs(try #require(alone.indicator("postingThroughput")) - 2 * 3600 / 6.02) < 12)
    let (record, documents) = try outcome("studies/two.yaml", ["customers.count=200", payments])
    // Of all kinds, each once.
    #expect(record.indicator("documentsPosted") == Double(documents.count))
    let invoices = documents.filter { $0.key.hasPrefix("invoice/") }
    #expect(record.indicator("invoicesPosted") == Double(invoices.count))
    #expect(documents.count > invoices.count)
  }

  @Test(
    "documents, close and calls are what the journal says",
    arguments: [
      "studies/two.yaml", "studies/base.yaml", "../../scenarios/quick-corrections.yaml",
      "../../scenarios/chaos.yaml",
    ])
  func journal(file: String) throws {
    let (record, documents) = try outcome(file)
    #expect(record.indicator("documentsPosted") == Double(documents.count))
    var last: [String: Instant] = [:]
    for document in documents {
      let posted = try #require(Instant(iso8601: document.posted))
      last["\(document.entity) \(document.period)"] = max(
        last["\(document.entity) \(document.period)"] ?? posted, posted)
    }
    // A period that the horizon cuts off is not one that closed.
    let cutOff = Set(
      (record.periods ?? []).filter(\.isCutOff).map { "\($0.entity ?? "") \($0.period)" })
    let whole = last.filter { !cutOff.contains($0.key) }
    let cycles = try (whole.isEmpty ? last : whole).map { key, posted in
      let month = key.suffix(7)
      let year = try #require(Int(month.prefix(4)))
      let number = try #require(Int(month.suffix(2)))
      let end = CivilDate(year: number == 12 ? year + 1 : year, month: number == 12 ? 1 : number + 1, day: 1)
        .start
      return (posted - end).seconds
    }
    #expect(record.indicator("closeCycleTime") == cycles.max())
    func count(_ name: String) throws -> Double { try #require(record.indicator(name)) }
    #expect(
      try count("erpCalls") == count("erpCalls.post") + count("erpCalls.lookUp") + count("erpCalls.readBack"))
    #expect(try count("erpCalls") == Double(record.erps.reduce(0) { $0 + $1.calls }))
    #expect(
      try count("erpCalls.refused") == Double(record.erps.reduce(0) { $0 + $1.throttled + $1.unavailable }))
  }

  @Test("without faults and refusals each document is one call to post, and none is looked up")
  func calls() throws {
    let (record, documents) = try outcome("studies/two.yaml", ["customers.count=100"])
    #expect(record.indicator("erpCalls.post") == Double(documents.count))
    #expect(record.indicator("erpCalls.lookUp") == 0 && record.indicator("erpCalls.refused") == 0)
  }

  @Test(
    "no resource is used by more than the whole",
    arguments: ["xero", "quickbooks-online", "business-central", "s4hana-cloud"])
  func resources(profile: String) throws {
    for settings in [[], ["customers.count=2000"], ["customers.count=30", "design.posting.batchSize=50"]] {
      let (record, _) = try outcome(
        "studies/base.yaml", ["entities.0.erp=\(profile)", "drainWithin=30d"] + settings)
      for erp in record.erps {
        for resource in erp.resources {
          #expect(resource.utilization >= 0 && resource.utilization <= 1, "\(resource.name)")
          #expect(resource.peak >= 0 && resource.peak <= 1, "\(resource.name)")
        }
      }
    }
  }

  @Test("each indicator that an expectation can name is listed with its unit")
  func listed() throws {
    let entries = try Catalogue.entries(of: .indicators)
    #expect(entries.map(\.name) == Expectation.indicators.map(\.name))
    for entry in entries {
      let unit = try #require(entry.details.first { $0.key == "unit" }).value
      #expect(unit != "1" && !unit.isEmpty, "\(entry.name)")
    }
    let throughput = try #require(entries.first { $0.name == "postingThroughput" })
    #expect(throughput.details.contains { $0.key == "of" && $0.value.contains("counted once") })
  }
}
