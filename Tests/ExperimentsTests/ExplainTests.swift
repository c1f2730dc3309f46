import CanonicalModel
import Foundation
import Reports
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Explanations")
struct ExplainTests {
  private func run(_ defect: String? = nil) throws -> SimulationRun {
    try SimulationRun(
      try Repository.azure(), seed: 42,
      defect: defect.flatMap { name in Defect.all.first { $0.name == name } })
  }

  @Test("listening changes nothing: the same fingerprint, the same record")
  func listening() throws {
    let (record, _) = try run().repeatRun(event: nil) { _ in true }
    #expect(record.deterministic == (try run().perform().deterministic))
  }

  @Test("the story of a double posting says which calls made which documents, and why the ERP took both")
  func doublePosting() throws {
    let run = try run("retry-without-key")
    let story = try Explain(run, command: "c").answer(.violation(1), fingerprint: run.perform().fingerprint)
    let violation = try #require(story.violation)
    #expect(violation.invariant == "no-double-posting")
    let text = story.summary.joined(separator: "\n")
    #expect(text.contains("is in the ledger twice"))
    #expect(text.contains("sent it without a key"))
    #expect(text.contains("no answer ever came"))
    #expect(text.contains("The ERP could not recognise these as one document"))
    #expect(text.contains("timeoutAfterCommit of erp/"))
    // From the usage to both documents, and in order.
    let kinds = story.lineage.map { $0.id.split(separator: " ").first.map(String.init) ?? "" }
    #expect(Set(kinds) == ["usage", "charge", "invoice", "posting", "document"])
    #expect(kinds.count { $0 == "document" } == 2)
    #expect(story.timeline.map(\.at) == story.timeline.map(\.at).sorted { Instant.isBefore($0, $1) })
    #expect(story.timeline.count { $0.text.hasPrefix("posts it to") } == 2)
    // Its calls can be drawn: one whose outcome the core never heard, and one that was answered.
    let calls = Dictionary(grouping: story.timeline.compactMap(\.call), by: \.number).mapValues {
      $0.map(\.step)
    }
    #expect(
      Set(calls.values.map { $0 }) == [[.sent, .unanswered, .timedOut], [.sent, .processed, .received]])
    #expect(try ExplanationReport(story).html().contains("Who called whom"))
  }

  private func finding(_ name: String) throws -> String {
    Repository.root.appendingPathComponent("Tests/Findings/\(name)").path
  }

  @Test(
    "a retry without a key: time-outs, and answers that came too late and were ignored; nothing that the core never heard"
  )
  func lateAnswers() throws {
    let scenario = try ScenarioFile.read(
      file: try finding("designs/acme-small.yaml"),
      settings: [
        ScenarioFile.Setting(path: "design", text: try finding("designs/no-key.yaml"), label: "--design")
      ])
    let run = try SimulationRun(scenario)
    let story = try Explain(run, command: "c").answer(.violation(1))
    #expect(story.violation?.invariant == "no-double-posting")
    let text = story.summary.joined(separator: "\n")
    #expect(
      text.contains(
        "; no answer within 1m: outcome unknown, sent again; the answer came 6m 57s after it was sent and was ignored."
      ))
    #expect(text.contains("more attempts, of which"))
    #expect(text.contains(" more; the core sent it"))
    #expect(!text.contains("the ERP answered: posted as document 51"))
    #expect(text.contains("they came without an idempotency key"))
    #expect(story.timeline.contains { $0.text.hasSuffix("too late: it is ignored") })
    #expect(story.timeline.contains { $0.text.hasSuffix("no answer within 1m: the outcome is unknown") })
  }

  @Test("violations have the numbers of the summary, what broke first first")
  func numbers() throws {
    let run = try run("retry-without-key")
    let record = run.perform()
    let broken = record.brokenInvariants
    #expect(broken.count > 1)
    #expect(
      broken.compactMap { $0.violations.first?.at } == broken.compactMap { $0.violations.first?.at }.sorted())
    let number = broken[0].violations.count + 1
    let second = try Explain(run, command: "c").answer(.violation(number))
    #expect(
      second.violation?.invariant == broken[1].name && second.violation?.ids == broken[1].violations[0].ids)
    #expect(TextSummary(record).text().contains("#\(number)  \(broken[1].violations[0].at)"))
  }

  @Test("lost usage: how much was emitted and metered, and where each event that is missing ended")
  func lostUsage() throws {
    let scenario = try ScenarioFile.read(
      file: try finding("robustness/late-corrections.yaml"),
      settings: ["delivery={ late: { share: 50%, delay: { constant: 3d } } }"].compactMap(
        ScenarioFile.Setting.init))
    let run = try SimulationRun(
      scenario, seed: 1, defect: Defect.all.first { $0.name == "late-event-dropped-silently" })
    let record = run.perform()
    let all = record.brokenInvariants.flatMap { invariant in invariant.violations.map { (invariant.name, $0) }
    }
    let number = try #require(all.firstIndex { $0.0 == "no-lost-usage" })
    let story = try Explain(run, command: "c").answer(.violation(number + 1))
    let text = story.summary.joined(separator: "\n")
    #expect(text.contains(" events emitted, ") && text.contains(" metered"))
    #expect(text.contains("Missing: event ") && text.contains("after its window had been summarised at"))
    #expect(text.contains("and is in no summary"))
    #expect(!story.timeline.isEmpty)
  }

  private func number(
    in record: RunRecord, _ invariant: String, _ ids: (RunRecord.Invariant.Violation) -> Bool = { _ in true }
  ) -> Int? {
    record.brokenInvariants.flatMap { invariant in invariant.violations.map { (invariant.name, $0) } }
      .firstIndex { $0.0 == invariant && ids($0.1) }.map { $0 + 1 }
  }

  @Test(
    "a violation of totals shows what each stage holds, where they part, and the documents of the difference")
  func totals() throws {
    let run = try run("retry-without-key")
    let record = run.perform()
    let number = try #require(self.number(in: record, "stage-totals-balance"))
    let text = try Explain(run, command: "c").answer(.violation(number)).summary.joined(separator: "\n")
    let rows = ["issued", "posted"].compactMap { name in
      record.controlTotals.stages.first { $0.stage == name }?.rows.first { $0.entity == "us" }
    }
    #expect(rows.count == 2 && rows[0].count != rows[1].count)
    for (name, row) in zip(["issued", "posted"], rows) {
      #expect(text.contains("\(name) \(row.count ?? 0) documents, \(row.amount ?? "") USD"))
    }
    #expect(
      text.contains(
        "They diverge between issued and posted: \((rows[0].count ?? 0) - (rows[1].count ?? 0)) documents"))
    // As many postings are in the ledger more than once as there are, at most, documents too many, and each has two at least.
    let told = try #require(text.components(separatedBy: "In the ledger more than once: ").dropFirst().first)
    let several = try #require(Int64(told.prefix { $0.isNumber }))
    let surplus = (rows[1].count ?? 0) - (rows[0].count ?? 0)
    #expect(several > 0 && several <= surplus && told.contains("posting invoice/US-"))
  }

  @Test("totals that part before rating show the boundary, and the usage of a customer behind it")
  func usageTotals() throws {
    let run = try run("late-event-dropped-silently")
    let record = run.perform()
    let number = try #require(
      number(in: record, "stage-totals-balance") { $0.ids.contains("emitted-metered") })
    let text = try Explain(run, command: "c").answer(.violation(number)).summary.joined(separator: "\n")
    let boundary = try #require(
      record.controlTotals.boundaries.first {
        $0.boundary == "emitted-metered" && $0.entity == "us" && $0.meter == "context_tokens"
      })
    #expect(
      text.contains(
        "They diverge between emitted less excluded and metered: \(boundary.countDifference ?? 0) events, "
          + "quantity \(boundary.quantityDifference ?? "")"))
    #expect(text.contains("Totals of us, context_tokens: emitted "))
    #expect(
      text.contains(" names a customer of the difference (account ") && text.contains("Missing: event "))
  }

  @Test("a violation about one window tells of that window alone")
  func oneWindow() throws {
    let run = try run("late-event-dropped-silently")
    let record = run.perform()
    func window(_ violation: RunRecord.Invariant.Violation) -> String? {
      violation.ids.first { $0.hasPrefix("window ") }.map { String($0.dropFirst(7)) }
    }
    let number = try #require(number(in: record, "no-lost-usage") { window($0) != nil })
    let story = try Explain(run, command: "c").answer(.violation(number))
    let start = try #require(story.violation?.ids.first { $0.hasPrefix("window ") }?.dropFirst(7))
    #expect(story.summary.contains { $0.hasPrefix("Customer ") && $0.contains(", window \(start): ") })
    let happened = story.timeline.filter { $0.text.hasPrefix("happens") }.map(\.at)
    #expect(!happened.isEmpty && happened.allSatisfy { $0.prefix(13) == start.prefix(13) })
  }

  @Test("an invoice's way leads back to its usage and on to its document; others are left out")
  func invoice() throws {
    let story = try Explain(try run(), command: "c").answer(.transaction("US-000002"))
    #expect(story.transaction == "invoice US-000002")
    #expect(story.violation == nil)
    #expect(story.lineage.count { $0.id.hasPrefix("invoice ") } == 1)
    let posting = try #require(story.lineage.first { $0.id == "posting invoice/US-000002/1" })
    #expect(posting.from == ["invoice US-000002"])
    #expect(story.lineage.contains { $0.from == [posting.id] && $0.id.hasPrefix("document us/") })
    #expect(story.lineage.contains { $0.id.hasPrefix("charge ") && !$0.from.isEmpty })
    #expect(story.timeline.contains { $0.text == "issues the invoice" })
    #expect(story.timeline.contains { $0.text.hasPrefix("records it as posted") })
    #expect(try JSONDecoder().decode(Explanation.self, from: story.json()) == story)
  }

  @Test(
    "a document in parts leads on to each of them, and a violation of a part tells what befell the document")
  func parts() throws {
    let scenario = try Repository.scenario("split-documents.yaml")
    let story = try Explain(try SimulationRun(scenario, seed: 1), command: "c")
      .answer(.transaction("US-000002"))
    let parts = story.lineage.filter { $0.from == ["posting invoice/US-000002/1"] }
    #expect(parts.count > 1)
    for part in parts {
      #expect(story.lineage.contains { $0.from == [part.id] && $0.id.hasPrefix("document us/") })
    }
    let defect = try #require(Defect.all.first { $0.name == "split-sends-first-part" })
    let broken = try SimulationRun(scenario, seed: 1, defect: defect).outcome(keepingJournal: false).record
    let split = try #require(broken.invariants.first { $0.name == "split-complete" })
    let violation = try #require(split.violations.first)
    #expect(violation.events.contains { $0.contains("in the ledger of u") })
  }

  @Test("a usage event's way leads on to the invoice that holds it")
  func event() throws {
    // One that some run has counted twice, so that its name is known.
    let broken = try run("no-dedup").perform()
    let id = try #require(
      broken.invariants.flatMap(\.violations).flatMap(\.ids).first { $0.hasPrefix("event ") })
    let story = try Explain(try run(), command: "c").answer(.transaction(id))
    #expect(story.lineage.first?.id == id)
    #expect(story.lineage.contains { $0.id.hasPrefix("invoice ") })
    #expect(story.timeline.contains { $0.ids.contains(id) && $0.text.hasPrefix("handed to ingestion") })
  }

  @Test("says what it does not know, and what would be right")
  func mistakes() throws {
    let explain = Explain(try run(), command: "c")
    let unknown = #expect(throws: Explain.Failure.self) {
      try explain.answer(.transaction("invoice US-00002"))
    }
    #expect(unknown?.description.contains("did you mean 'US-00000") == true)
    let none = #expect(throws: Explain.Failure.self) { try explain.answer(.violation(1)) }
    #expect(none?.description.contains("no invariant broke") == true)
    let changed = #expect(throws: Explain.Failure.self) {
      try explain.answer(.transaction("US-000002"), fingerprint: "0")
    }
    #expect(changed?.description.contains("cannot be repeated") == true)
    let far = #expect(throws: Explain.Failure.self) {
      try Explain(try run("retry-without-key"), command: "c").answer(.violation(100_000))
    }
    #expect(far?.description.contains("counted from 1") == true)
  }
}

/// Order of ISO-8601 texts with and without fractions.
private enum Instant {
  static func isBefore(_ a: String, _ b: String) -> Bool {
    a.replacingOccurrences(of: "Z", with: "") < b.replacingOccurrences(of: "Z", with: "")
  }
}
