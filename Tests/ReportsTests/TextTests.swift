import Foundation
import RunRecord
import Testing

@testable import Reports

@Suite("Wording")
struct WordingTests {
  @Test(
    "digits are grouped",
    arguments: [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-1234567.891", "-1,234,567.891"), ("", "")])
  func grouping(plain: String, grouped: String) {
    #expect(Wording.grouped(plain) == grouped)
  }

  @Test(
    "spans are told in their two greatest units",
    arguments: [
      (0, "0.00s"), (1.255, "1.25s"), (59.94, "59.9s"), (61, "1m 1s"), (3600, "1h"), (90_061, "1d 1h"),
      (-61, "-1m 1s"),
      (86_400 * 59 + 7200, "59d 2h"),
    ] as [(Double, String)])
  func spans(seconds: Double, text: String) {
    #expect(Wording.span(seconds) == text)
  }

  @Test(
    "large numbers are shortened to three digits",
    arguments: [
      (999.6, "1.00 k"), (1_000_000, "1.00 M"), (21_050_000, "21.1 M"), (0.5, "0.50"), (12.3, "12.3"),
    ])
  func short(value: Double, text: String) {
    #expect(Wording.short(value) == text)
  }

  @Test("columns line up, and lines have no trailing spaces")
  func table() {
    var table = TextTable([.left, .right], indent: "")
    table.add(["a", "1"])
    table.add(["bcd", "1,000"])
    table.add(["é", ""])
    #expect(table.lines == ["a        1", "bcd  1,000", "é"])
  }
}

@Suite("The text summary")
struct TextSummaryTests {
  private func reference() throws -> RunRecord {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try RunRecord(
      json: Data(contentsOf: root.appendingPathComponent("reports/azure-llm-tokens/record.json")))
  }

  @Test("says what was decided, the totals, the invariants and the ERPs")
  func content() throws {
    let text = TextSummary(try reference(), isVerbose: true).text()
    for words in [
      "PASS  ", " invariants held", "accepted 8,819", "no-lost-usage", "postingLatency.p99 < 24h",
      "netsuite",
      "fingerprint",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    #expect(!text.contains("\u{1B}"), "no colours unless asked for")
  }

  @Test("discounts have a column between what was rated and what was invoiced, where there are any")
  func discounts() throws {
    var record = try reference()
    let header = { (record: RunRecord) in
      TextSummary(record, isVerbose: true).text().split(separator: "\n").first {
        $0.contains("rated") && $0.contains("ledger")
      }
      .map { $0.split(separator: " ").map(String.init) } ?? []
    }
    let before = ["emitted", "excluded", "metered", "rated"]
    #expect(header(record) == before + ["invoiced", "ledger", "difference"])
    var stage = try #require(record.controlTotals.stages.first { $0.stage == "invoiced" })
    stage.stage = "discounts"
    record.controlTotals.stages.append(stage)
    #expect(header(record) == before + ["discounts", "invoiced", "ledger", "difference"])
  }

  @Test("shows a broken invariant with its ids and both figures, and a difference that is not nothing")
  func violation() throws {
    var record = try reference()
    record.verdict = .fail
    record.invariants[0].verdict = .broken
    record.invariants[0].violationCount = 9
    record.invariants[0].violations = [
      .init(
        at: "2023-12-01T00:00:00Z", ids: ["account c1", "meter x"], expected: "5 events", actual: "4 events")
    ]
    record.controlTotals.boundaries[0].countDifference = 1
    let text = TextSummary(record).text()
    for words in ["FAIL", "✗ no-lost-usage", "account c1, meter x", "5 events", "4 events", "and 6 more"] {
      #expect(text.contains(words), "\(words)")
    }
  }

  @Test("folds what agrees into a line each, and shows all figures of what differs")
  func folded() throws {
    var record = try reference()
    let text = TextSummary(record).text()
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count < 60)
    #expect(text.contains("capture: ") && !text.contains("capture-balances"), "invariants are counted")
    #expect(!text.contains("assets:receivable") && text.contains("balanced: USD "))
    #expect(!text.contains("see below") && !text.contains("metered"))
    let meter = try #require(record.controlTotals.boundaries.first?.meter)
    record.controlTotals.boundaries[0].countDifference = 3
    let differing = TextSummary(record).text().split(separator: "\n").map(String.init)
    #expect(differing.count { $0.hasSuffix("see below") } == 1)
    let row = differing.lastIndex { $0.contains(meter) && $0.contains("events") && $0.hasSuffix(" 3") }
    let header = differing.lastIndex { $0.contains("metered") && $0.contains("rated") }
    #expect(row != nil && header.map { $0 < row ?? 0 } == true)
  }

  @Test("ends with the verdict, what broke or was missed first, and the command that tells more")
  func ending() throws {
    var record = try reference()
    func end(_ count: Int) -> [String] {
      TextSummary(record).text().split(separator: "\n").suffix(count).map(String.init)
    }
    #expect(end(2)[0].hasPrefix("PASS  "))
    #expect(end(1) == ["next:  meterstorm campaign scenarios/azure-llm-tokens.yaml --seeds 1..100"])
    record.verdict = .fail
    record.expectations[0].verdict = .fail
    #expect(end(3)[0].hasPrefix("FAIL  "))
    #expect(end(2)[0].hasPrefix("first: \(record.expectations[0].expectation) was missed: measured "))
    #expect(end(1)[0].hasSuffix(" --seed 42 --log short"))
    record.invariants[0].verdict = .broken
    record.invariants[0].violationCount = 1
    record.invariants[0].violations = [
      .init(at: "2023-12-01T00:00:00Z", ids: ["account c1"], expected: "5 events", actual: "4 events")
    ]
    record.directory = "/a b"
    #expect(
      end(2) == [
        "first: no-lost-usage at 2023-12-01T00:00:00Z, account c1: expected 5 events, actual 4 events",
        "next:  cd '/a b' && meterstorm explain scenarios/azure-llm-tokens.yaml --seed 42 --violation 1",
      ])
    record.commandLine = nil
    #expect(end(1)[0].hasPrefix("first: "))
    record.interrupted = true
    #expect(end(2)[0].hasPrefix("INTERRUPTED  ") && end(1)[0].hasPrefix("first: "))
  }

  @Test("says of an interrupted run that nothing is judged to the end")
  func interrupted() throws {
    var record = try reference()
    record.interrupted = true
    record.verdict = .fail
    for index in record.invariants.indices { record.invariants[index].verdict = .notJudged }
    for index in record.expectations.indices { record.expectations[index].verdict = .open }
    let text = TextSummary(record).text()
    #expect(text.contains("INTERRUPTED") && text.contains("no invariant broken until then"))
    #expect(!text.contains("PASS") && !text.contains("✓"))
  }

  @Test("the timeline has a line for every moment and a column for every ERP")
  func timeline() throws {
    let record = try reference()
    let lines = Timeline(record).text().split(separator: "\n")
    #expect(lines.count == record.timeline.count + 2)
    for column in ["erp/us", "erp/de", "ingestion", "billing", "posting", "payments"] {
      #expect(lines[1].contains(column), "\(column)")
    }
    #expect(lines.contains { $0.contains(" x ") && $0.contains("outage begins") })
  }
}
