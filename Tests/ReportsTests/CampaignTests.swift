import Foundation
import RunRecord
import Testing

@testable import Reports

@Suite("Reports of campaigns")
struct CampaignReportTests {
  private func run(_ seed: UInt64, _ invariant: String? = nil, events: Int64 = 10) -> CampaignRun {
    CampaignRun(
      seed: seed, verdict: invariant == nil ? .pass : .fail, fingerprint: "", usageEvents: events,
      kernelEvents: 1,
      simulatedSeconds: 86_400,
      broken: invariant.map {
        [
          CampaignRun.Broken(
            invariant: $0, at: "2026-01-02T00:00:00Z", ids: ["account <script>"], expected: "1 & 1",
            actual: "2",
            violations: 1)
        ]
      } ?? [], missed: [], cause: invariant == nil ? "" : "outage erp/us", situations: ["throttled": 1],
      variant: [])
  }

  private func summary(_ runs: [CampaignRun]) -> CampaignSummary {
    CampaignSummary(
      meterstorm: "1", scenario: "a,b:c.yaml", scenarioHash: "h", options: ["defect d", "set a={ b: 1 }"],
      situations: ["throttled", "rebilled", "usage-given-up"], damage: ["usage-given-up", "throttled"],
      interrupted: false, runs: runs)
  }

  @Test(
    "seeds with many faults are told apart by the fewest that account for them, and groups name what they share"
  )
  func causes() {
    func failing(_ seed: UInt64, _ cause: String) -> CampaignRun {
      var run = run(seed, "x")
      run.cause = cause
      return run
    }
    let runs = [
      failing(1, "outage erp/us, delay fx"), failing(2, "outage erp/de, delay fx, crash process/posting"),
      failing(3, "crash process/billing"), failing(4, ""), failing(5, "outage erp/us, outage erp/de"),
    ]
    let groups = summary(runs).failures
    #expect(groups.map(\.cause) == ["outage erp", "", "crash process"])
    #expect(groups.map(\.seeds) == [[1, 2, 5], [4], [3]])
    #expect(summary(runs.reversed()).failures == groups, "in any order")
    #expect(summary([runs[1]]).failures.map(\.cause) == ["crash process, delay fx, outage erp"])
  }

  @Test("groups failures by what broke first and under what, most seeds first, the smallest as example")
  func groups() throws {
    let summary = summary([run(1, "x", events: 50), run(2), run(3, "y"), run(4, "x", events: 20), run(5)])
    #expect(summary.runs == 5 && summary.passed == 2)
    #expect(summary.failures.map(\.invariant) == ["x", "y"])
    #expect(summary.failures[0].seeds == [1, 4])
    #expect(summary.failures[0].exampleSeed == 4)
    #expect(summary.situations == ["throttled": 5, "rebilled": 0, "usage-given-up": 0])
    #expect(summary.neverReached == ["rebilled"])
    #expect(summary.avoided == ["usage-given-up"])
    let text = CampaignText(summary, isVerbose: true).text()
    #expect(text.contains("FAIL  2 of 5 seeds passed"))
    #expect(text.contains("✗ x on 2 seeds: 1, 4"))
    #expect(text.contains("meterstorm run a,b:c.yaml --seed 4 --explore --defect d --set 'a={ b: 1 }'"))
    #expect(text.contains("never: rebilled"))
    #expect(text.contains("1 of 2 situations reached"))
    #expect(text.contains("planted defects: usage-given-up"))
    // Without more being asked for, they are counted; the end is the verdict, what broke first, and what tells more of it.
    let short = CampaignText(summary).text()
    #expect(!short.contains("rebilled") && short.contains("1 of 2 situations reached"))
    let lines = short.split(separator: "\n").suffix(3)
    #expect(lines.first?.hasPrefix("FAIL  2 of 5 seeds passed") == true)
    #expect(lines.contains("first: x on seed 4, account <script>: expected 1 & 1, actual 2"))
    #expect(
      lines.last
        == "next:  meterstorm explain a,b:c.yaml --seed 4 --explore --defect d --set 'a={ b: 1 }' --violation 1"
    )
    #expect(
      CampaignText(self.summary([run(2)])).text().split(separator: "\n").last?.hasPrefix("PASS") == true)
    // Every page that names a command names the whole of it.
    #expect(
      try CampaignReport(summary).html().contains(
        "meterstorm shrink a,b:c.yaml --seed 4 --explore --defect d --set &#39;a={ b: 1 }&#39;"))
    var guided = summary
    (guided.scenario, guided.options) = ("my file's.yaml", ["guided"])
    #expect(
      guided.command("run", seed: 9) == "meterstorm run 'my file'\\''s.yaml' --seed 9 --guided DATABASE")
    #expect(CampaignText(self.summary([])).text().contains("NOTHING RUN"))
    var interrupted = self.summary([run(2)])
    interrupted.interrupted = true
    #expect(CampaignText(interrupted).text().contains("INTERRUPTED  1 of 1 seeds passed"))
    #expect(!CampaignText(interrupted).text().contains("PASS"))
  }

  @Test("JUnit XML is well-formed, whatever names are, and counts kinds of failure")
  func junit() throws {
    let xml = CampaignCI.junit(summary([run(1, "x"), run(2)]))
    let parser = XMLReader()
    try parser.read(xml)
    #expect(parser.elements == ["testsuites", "testsuite", "testcase", "failure"])
    #expect(parser.attributes["tests"] == "1" && parser.attributes["failures"] == "1")
    #expect(parser.text.contains("account <script>: expected 1 & 1, actual 2"))
  }

  @Test("a clean result says how sure it is, a failure how many clean seeds show that it is fixed")
  func certainty() throws {
    var clean = summary([run(1), run(2)])
    (clean.failureBound, clean.confidence) = (0.0029912495452490075, 0.95)
    #expect(
      CampaignText(clean).text().contains(
        "no failure in 2 seeds: below 0.3 % of seeds with 95 % confidence"))
    #expect(CampaignMarkdown(clean).text().contains("below 0.3 % of seeds"))
    #expect(try CampaignReport(clean).html().contains("with 95 % confidence, fewer than 0.3 % of seeds fail"))
    // A limit is rounded up, never down.
    #expect(CampaignWording.percent(above: 0.0295130495) == "3 %")
    #expect(
      CampaignWording.percent(above: 0.025813) == "2.6 %" && CampaignWording.percent(above: 0.95) == "95 %")
    #expect(CampaignWording.percent(above: 0.00002995) == "0.003 %")
    var failing = summary([run(1, "x"), run(2)])
    (failing.confidence, failing.failures[0].seedsToShowFix) = (0.95, 1298)
    #expect(CampaignText(failing).text().contains("fixed when: 1,298 new seeds pass, with 95 % confidence"))
    #expect(CampaignMarkdown(failing).text().contains("❌ FAIL"))
  }

  @Test("too few seeds are a failure in every format, under a stable name")
  func tooFewSeeds() {
    var few = summary([run(1), run(2)])
    few.minimumSeeds = 3
    #expect(!few.isPass)
    #expect(CampaignText(few).text().contains("2 seeds of at least 3: fewer than required"))
    #expect(CampaignCI.annotations(few).contains("title=requires enough seeds::2 of at least 3 seeds"))
    #expect(CampaignCI.junit(few).contains("name=\"requires enough seeds\"><failure"))
    few.minimumSeeds = 2
    #expect(few.isPass && CampaignCI.annotations(few).isEmpty)
    #expect(CampaignCI.junit(few).contains("name=\"requires enough seeds\"/>"))
  }

  @Test("times of JUnit add up to what the campaign took")
  func times() throws {
    var timed = summary([run(1, "x"), run(2)])
    (timed.seconds, timed.minimumSeeds) = (3, 1)
    let xml = CampaignCI.junit(timed)
    #expect(xml.contains("skipped=\"0\" time=\"3.000\">"))
    #expect(xml.ranges(of: " time=\"1.500\"").count == 2)
  }

  @Test("each fault says on how many seeds it began and hit something, where that was kept")
  func faults() {
    func summary(_ hits: [[Int]?]) -> CampaignSummary {
      CampaignSummary(
        meterstorm: "1", scenario: "s", scenarioHash: "h", options: [], situations: [], faults: ["a", "b"],
        interrupted: false,
        runs: hits.enumerated().map { index, hit in
          var run = run(UInt64(index))
          (run.began, run.hit) = ([0], hit)
          return run
        })
    }
    #expect(
      summary([[0], []]).faults.map(\.hits) == [1, 0] && summary([[0], []]).faults.map(\.seeds) == [2, 0])
    #expect(summary([[0], nil]).faults.map(\.hits) == [nil, nil])
    #expect(CampaignText(summary([[], []])).text().contains("  a      2  hit nothing\n"))
  }

  @Test("annotations of GitHub Actions escape what they must")
  func annotations() {
    let text = CampaignCI.annotations(summary([run(1, "x"), run(2)]))
    #expect(
      text.hasPrefix(
        "::error file=a%2Cb%3Ac.yaml,title=x::x failed on 1 of 2 seeds; simplest failing run: seed 1; cause: faults active: outage erp"
      ))
    #expect(CampaignCI.annotations(summary([run(2)])).isEmpty)
  }
}

/// An independent reading: tags by hand, entities resolved, anything unbalanced refused.
private final class XMLReader {
  var elements: [String] = []
  var attributes: [String: String] = [:]
  var text = ""

  struct Malformed: Error {}

  func read(_ xml: String) throws {
    var open: [String] = []
    var rest = Substring(xml)
    while let start = rest.firstIndex(of: "<") {
      text += try resolved(rest[..<start])
      guard let end = rest[start...].firstIndex(of: ">") else { throw Malformed() }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("?") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == String(tag.dropFirst()) else { throw Malformed() }
        continue
      }
      let name = String(tag.prefix { $0 != " " && $0 != "/" })
      elements.append(name)
      for match in tag.matches(of: /([a-z]+)="([^"<]*)"/) {
        attributes[String(match.1)] = try resolved(match.2)
      }
      if !tag.hasSuffix("/") { open.append(name) }
    }
    guard open.isEmpty else { throw Malformed() }
  }

  private func resolved(_ text: Substring) throws -> String {
    guard !text.contains(">") else { throw Malformed() }
    return text.replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
      .replacingOccurrences(of: "&quot;", with: "\"").replacingOccurrences(of: "&amp;", with: "&")
  }
}
