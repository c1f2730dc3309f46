import RunRecord
import Testing

@testable import Reports

@Suite("Names and texts of records, printed")
struct PrintableTests {
  /// Clears a terminal, fakes a verdict on a line of its own, gives GitHub a command, turns text around.
  static let hostile = "a\u{1B}[2J\r\nPASS\n::error::x\u{7}\u{9B}\u{202E}\u{2028}\u{7F}\tb"
  static let harmless = "a\u{FFFD}[2J  PASS ::error::x\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD} b"

  private func check(_ text: String, lines: Int? = nil, _ what: Comment) {
    let bad = text.unicodeScalars.filter {
      $0 != "\n" && ($0.value < 0x20 || (0x7F...0x9F).contains($0.value))
    }
    #expect(bad.isEmpty, what)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      #expect(!line.hasPrefix("PASS\n") && line != "PASS" && !line.hasPrefix("::error::x"), what)
    }
    #expect(!text.unicodeScalars.contains("\u{202E}") && !text.unicodeScalars.contains("\u{2028}"), what)
  }

  @Test("a text is on one line, and nothing in it is obeyed")
  func text() {
    #expect(Printable.text(Self.hostile) == Self.harmless)
    #expect(Printable.text("Zürich, 東京 💸") == "Zürich, 東京 💸")
  }

  @Test("every name, key and text of a run is printable in text, timeline, Markdown and differences")
  func run() throws {
    var record = try Records.reference()
    record.scenario = Self.hostile
    record.design = Self.hostile
    record.defect = Self.hostile
    record.commandLine = ["meterstorm", "run", Self.hostile]
    record.configuration.description = Self.hostile
    record.configuration.entities[0].name = Self.hostile
    record.exceptionCases[Self.hostile] = 3
    record.situations[Self.hostile] = 1
    record.indicators[Self.hostile] = .init(value: .infinity, unit: "s")
    record.verdict = .fail
    record.invariants[0].name = Self.hostile
    record.invariants[0].verdict = .broken
    record.invariants[0].violationCount = 1
    record.invariants[0].violations = [
      .init(
        at: "2026-02-01T00:00:00Z", ids: [Self.hostile], expected: Self.hostile, actual: Self.hostile,
        events: [Self.hostile])
    ]
    check(TextSummary(record, isVerbose: true).text(), "text")
    check(RunMarkdown(record).text(), "Markdown")
    check(Timeline(record).text(), "timeline")
    let other = try Records.reference()
    check(RunDifference(record, against: other).text(), "difference")
    // What the command says is still the name, spelled out.
    #expect(TextSummary(record).text().contains(#"$'a\u001b[2J\u000d\u000aPASS"#))
    let clean = try Records.reference()
    #expect(Printable.record(clean) == clean)
  }

  @Test("so is all of a campaign and of a gate, in annotations as well")
  func campaignAndGate() {
    let failed = CampaignRun(
      seed: 1, verdict: .fail, fingerprint: "", usageEvents: 1, kernelEvents: 1, simulatedSeconds: 1,
      broken: [
        .init(
          invariant: Self.hostile, at: "2026-01-02T00:00:00Z", ids: [Self.hostile], expected: Self.hostile,
          actual: Self.hostile, violations: 1)
      ], missed: [Self.hostile], cause: Self.hostile, situations: [:], variant: [])
    let summary = CampaignSummary(
      meterstorm: "1", scenario: Self.hostile, scenarioHash: "h", options: [Self.hostile], situations: [],
      damage: [], interrupted: false, runs: [failed])
    check(CampaignText(summary, isVerbose: true).text(), "campaign")
    check(CampaignMarkdown(summary).text(), "campaign's Markdown")
    check(CampaignCI.annotations(summary), "campaign's annotations")
    let reason = GateRecord.Reason(Self.hostile, command: "meterstorm run x", scenario: Self.hostile)
    let gate = GateRecord(
      meterstorm: "1", confidence: 0.99, base: .init(source: Self.hostile, commit: Self.hostile),
      candidate: .init(source: Self.hostile, commit: nil),
      scenarios: [
        .init(
          scenario: Self.hostile, options: [Self.hostile], base: 1, candidate: 1, pairs: 1, identical: 1,
          otherVariants: 0, hasChanged: false,
          properties: [
            .init(
              name: Self.hostile, base: 0, candidate: 1, newlyFailing: 1, newlyPassing: 0, failingInBoth: 0,
              seeds: [1],
              probability: nil, finding: .newFailure, command: Self.hostile)
          ], indicators: [], noLongerExercised: [Self.hostile])
      ],
      counts: [
        .init(name: Self.hostile, kind: .instructions, unit: Self.hostile, base: 1, candidate: 2, change: 1)
      ], notes: [Self.hostile],
      conditions: [.init(text: Self.hostile, finding: .failed, isRequired: true, reasons: [reason])])
    check(GateText(gate).text(), "gate")
    check(GateMarkdown(gate).text(), "gate's Markdown")
    check(GateCI.annotations(gate), "gate's annotations")
    #expect(GateCI.annotations(gate).split(separator: "\n").count == 1)
  }

  @Test("a gate says with what confidence its intervals hold")
  func confidence() {
    func gate(_ differences: [Estimate]) -> GateRecord {
      GateRecord(
        meterstorm: "1", confidence: 0.99, base: .init(source: "a", commit: nil),
        candidate: .init(source: "b", commit: nil),
        scenarios: [
          .init(
            scenario: "s", options: [], base: 20, candidate: 20, pairs: 20, identical: 0, otherVariants: 0,
            hasChanged: false, properties: [],
            indicators: differences.map {
              .init(
                name: "cost", unit: "1", pairs: 20, base: 1, candidate: 1, difference: $0, finding: .none)
            }, noLongerExercised: [])
        ], counts: [], notes: [], conditions: [])
    }
    let interval = Estimate(mean: 0, lower: -1, upper: 1, confidence: 0.99987, count: 20)
    let text = "Confidence: 99 % for all statistical statements together; 99.987 % for each of 2 intervals"
    #expect(GateText(gate([interval, interval])).text().contains(text))
    #expect(GateMarkdown(gate([interval, interval])).text().contains(text))
    #expect(GateText(gate([])).text().contains("together; no interval could be formed"))
  }
}
