import Foundation
import RunRecord
import Testing

@testable import Reports

#if canImport(FoundationXML)
import FoundationXML
#endif

/// The record of a reference report, and the same with everything that could do harm.
enum Records {
  static func reference(_ name: String = "month-end-throttle") throws -> RunRecord {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try RunRecord(json: Data(contentsOf: root.appendingPathComponent("reports/\(name)/record.json")))
  }

  /// A customer with markup in the name, a name from right to left, one beyond the basic plane, and ten thousand violations.
  static func hostile() throws -> RunRecord {
    var record = try reference()
    record.scenario = "<script>alert(1)</script>"
    record.verdict = .fail
    record.configuration.entities[0].name = "\u{5D0}\u{5D1}\u{202E}|\"'&<b>"
    record.configuration.description = "</script><img src=x onerror=alert(1)>"
    record.invariants[0].verdict = .broken
    record.invariants[0].violationCount = 10_000
    record.invariants[0].violations = (0..<100).map { index in
      .init(
        at: "2026-02-01T00:00:0\(index % 10)Z", ids: ["account <script>\(index)", "\u{1F4B8} =1+1, x"],
        expected: "1,000,000,000,000,000.00 USD", actual: "]]> & \"two\"\nlines\u{0}", events: ["<i>x</i>"])
    }
    record.cases = [
      .init(
        number: 1, kind: "=cmd()", owner: "finance", raised: "2026-02-01T00:00:00Z", resolved: nil,
        ageSeconds: 1,
        waiting: 2, fields: [.init(name: "customer", value: "<b>\u{1F600}</b>")])
    ]
    return record
  }

  static func empty() throws -> RunRecord {
    var record = try reference()
    record.series = .init(
      step: 3600, delivered: [], refused: [], openWindows: [], brokerLag: [], outbox: [], posted: [])
    (record.invariants, record.expectations, record.erps, record.faults) = ([], [], [], [])
    (record.cases, record.closes, record.timeline, record.trialBalances) = ([], [], [], [])
    (record.situations, record.indicators) = ([:], [:])
    record.controlTotals.stages = []
    record.controlTotals.boundaries = []
    record.configuration.entities = []
    record.interrupted = true
    return record
  }
}

@Suite("Reports as HTML")
struct HTMLTests {
  /// Every element opened is closed, in order; what a parser of HTML would mend is an error here.
  private func check(_ html: String, _ place: SourceLocation = #_sourceLocation) {
    var open: [String] = []
    let void: Set = ["meta", "br", "!doctype", "img"]
    var rest = Substring(html)
    while let start = rest.firstIndex(of: "<") {
      rest = rest[rest.index(after: start)...]
      guard let end = rest.firstIndex(of: ">") else { break }
      let tag = rest[..<end]
      rest = rest[rest.index(after: end)...]
      let name = tag.drop { $0 == "/" }.prefix { !" />".contains($0) }.lowercased()
      if tag.hasPrefix("/") {
        #expect(open.popLast() == name, "</\(name)>", sourceLocation: place)
        if open.isEmpty { break }
      } else if !void.contains(name), !tag.hasSuffix("/") {
        open.append(name)
        // What stands in scripts and styles is no markup.
        if name == "script" || name == "style", let close = rest.firstRange(of: "</\(name)>") {
          rest = rest[close.lowerBound...]
        }
      }
    }
    #expect(open.isEmpty, "not closed: \(open)", sourceLocation: place)
  }

  private func anchors(_ html: String) -> (ids: [String], links: [String]) {
    func values(_ key: String) -> [String] {
      html.components(separatedBy: key).dropFirst().map { String($0.prefix { $0 != "\"" }) }
    }
    return (values(" id=\""), values("href=\"#"))
  }

  @Test("a run: the verdict first, every section, well-formed, on its own, and within its size")
  func run() throws {
    let record = try Records.reference()
    let html = try RunReport(record).html()
    check(html)
    #expect(html.utf8.count < 2_000_000)
    let verdict = try #require(html.firstRange(of: ">PASS</span>"))
    let first = try #require(html.firstRange(of: "<section"))
    #expect(verdict.lowerBound < first.lowerBound)
    for words in [
      "\(record.tally.text), every expectation was met; 249 of 5,313,600 events excluded; all queues drained.",
      "closeCycleTime &lt; 3d",
      "netsuite",
      record.fingerprint,
      "From usage to ledger", "Over time", "Trial balance", "mean use",
    ] { #expect(html.contains(words), "\(words)") }
    // Every invariant with its definition; every link leads somewhere; no id twice.
    for invariant in record.invariants {
      #expect(html.contains("<bdi>\(HTML.escaped(invariant.statement))</bdi>"))
    }
    let (ids, links) = anchors(html)
    #expect(Set(ids).count == ids.count)
    #expect(Set(links).isSubset(of: ids))
    // Nothing is fetched.
    for reference in ["src=", "url(http", "@import", "href=\"http", "fetch("] {
      #expect(!html.contains(reference), "\(reference)")
    }
    #expect(try RunReport(record).html() == html)
  }

  @Test("charts have a mark for each curve and fault, and their data are what the record holds")
  func charts() throws {
    let record = try Records.reference()
    let html = try RunReport(record).html()
    #expect(html.components(separatedBy: "<path data-series=").count - 1 == 7)
    // Each is named at its right end, in both sizes of the picture.
    #expect(html.components(separatedBy: "data-label=").count - 1 == 14)
    #expect(html.components(separatedBy: "</title></rect>").count - 1 == record.faults.count)
    let json = try #require(
      html.components(separatedBy: "<script type=\"application/json\">").dropFirst().first)
    struct Chart: Decodable {
      struct Series: Decodable { var name: String, values: [Int] }
      var series: [Series]
    }
    let chart = try JSONDecoder().decode(
      Chart.self, from: Data(json.components(separatedBy: "</script>")[0].utf8))
    let delivered = try #require(chart.series.first { $0.name == "delivered" }).values
    #expect(delivered.max() == record.series.delivered.max())
    #expect(chart.series.first { $0.name == "outbox us" }?.values.max() == record.series.outbox[0].max())
    // Two stages that agree are joined by a zero, and one that does not is told: four boundaries of each of two entities, and one of
    // usage whose customer nobody knows; in both sizes of the picture.
    #expect(html.components(separatedBy: "✓ 0</text>").count - 1 == 18)
    var other = record
    let index = try #require(other.controlTotals.boundaries.firstIndex { $0.boundary == "metered-rated" })
    other.controlTotals.boundaries[index].balanced = false
    other.controlTotals.boundaries[index].countDifference = 3
    #expect(try RunReport(other).html().contains("✗ 3"))
  }

  @Test("a failure says what broke first, where, and shows both figures")
  func failure() throws {
    var record = try Records.reference("azure-llm-tokens")
    record.verdict = .fail
    for (index, at) in [(4, "2023-12-02T00:00:00Z"), (9, "2023-12-01T00:00:00Z")] {
      record.invariants[index].verdict = .broken
      record.invariants[index].violationCount = 1
      record.invariants[index].violations = [
        .init(at: at, ids: ["account c\(index)"], expected: "1", actual: "2")
      ]
    }
    let html = try RunReport(record).html()
    check(html)
    let name = record.invariants[9].name
    #expect(html.contains("First: \(name) at 2023-12-01 00:00:00, account c9: expected 1, found 2."))
    #expect(html.contains("id=\"violation-\(name)\""))
    record.invariants[4].verdict = .held
    record.invariants[9].verdict = .held
    record.expectations[0].verdict = .fail
    #expect(
      try RunReport(record).html().contains("No invariant broke, and 1 of 4 expectations were missed"))
  }

  @Test("names that are markup stay names, ten thousand violations stay readable, and an empty run is a page")
  func hostile() throws {
    let html = try RunReport(try Records.hostile()).html()
    check(html)
    #expect(!html.contains("<script>alert") && !html.contains("<img src=x") && !html.contains("<b>"))
    #expect(!html.contains("\u{202E}") && !html.contains("\u{0}"))
    #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(html.contains("and 9,990 more"))
    #expect(html.utf8.count < 2_000_000)
    let empty = try RunReport(try Records.empty()).html()
    check(empty)
    #expect(empty.contains(">INTERRUPTED</span>") && empty.contains("before anything was sampled"))
  }

  @Test("studies and campaigns are pages, too")
  func studies() throws {
    func estimate(_ mean: Double) -> Estimate {
      Estimate(mean: mean, halfWidth: 5, confidence: 0.95, count: 5)
    }
    let comparison = Comparison(
      meterstorm: "1", scenario: "<s>", scenarioHash: "h", options: ["compare"], confidence: 0.95,
      seeds: [1, 2],
      variants: ["a<b>", "c"].map {
        .init(
          name: $0, settings: [], runs: 2, sound: $0 == "c" ? 2 : 0,
          broken: $0 == "c" ? [] : [.init(invariant: "no-double-posting", seeds: 2)], failureBound: nil,
          estimates: $0 == "c" ? ["closeCycleTime": estimate(3600)] : [:])
      }, indicators: [.init(name: "closeCycleTime", unit: "s")],
      differences: [
        .init(
          indicator: "closeCycleTime", first: "a<b>", second: "c", difference: estimate(60), finding: .higher)
      ], interrupted: false)
    let page = try ComparisonReport(comparison).html()
    check(page)
    #expect(page.contains("c is lower") && page.contains("2 of 2") && page.contains("not measured"))
    #expect(!page.contains("a<b>") && page.contains("1h ± 5.00s"))
    var study = CapacityStudy(
      meterstorm: "1", scenario: "s", scenarioHash: "h", options: ["capacity"], name: "load",
      seeks: "smallest",
      objectives: ["closeCycleTime < 2h"], thresholds: ["closeCycleTime": 7200],
      units: ["closeCycleTime": "s"],
      knobs: [.init(path: "design.posting.concurrency", from: "1", to: "9")], confidence: 0.95)
    func point(_ value: String, _ x: Double, _ finding: CapacityStudy.Finding) -> CapacityStudy.Point {
      .init(
        values: [value], numbers: [x], runs: 3, finding: finding, reasons: [],
        estimates: ["closeCycleTime": estimate(9000 / x)],
        resources: [:], peaks: [:])
    }
    study.curves = [
      .init(
        setting: nil, points: [point("1", 1, .missed), point("2", 2, .met), point("9", 9, .met)], answer: "2",
        beyond: "1",
        isMonotone: true, binding: [.init(resource: "erp/us workers", utilization: 1)], knee: nil, law: nil)
    ]
    let capacity = try CapacityReport([study]).html()
    check(capacity)
    #expect(capacity.contains("closeCycleTime &lt; 2h holds with a design.posting.concurrency from 2 on."))
    // Three values, in a wide picture and in a narrow one.
    #expect(capacity.contains("objective 2h") && capacity.components(separatedBy: "<circle").count == 7)
    let summary = CampaignSummary(
      meterstorm: "1", scenario: "s", scenarioHash: "h", options: [], situations: ["throttled"],
      interrupted: false,
      runs: [])
    let campaign = try CampaignReport(summary).html()
    check(campaign)
    #expect(campaign.contains(">NOTHING RUN</span>"))
  }
}

@Suite("Reports for other tools")
struct FormatTests {
  private struct Malformed: Error {}

  @Test("JUnit: the times of all cases add up to what the run took, and are left out with the wall clock")
  func junitTimes() throws {
    var record = try Records.reference()
    record.wallClock = RunRecord.WallClock(
      seconds: 7, kernelEventsPerSecond: 1, usageEventsPerSecond: 1, timesRealTime: 1, allocatedBytes: 1,
      residentBytes: 1, peakResidentBytes: 1,
      allocator: .init(activeBytes: 1, mappedBytes: 1, retainedBytes: 1, metadataBytes: 1, arenas: 1))
    let times = RunJUnit.text(record).matches(of: /<testsuite [^>]*time="([0-9.]+)"/)
      .compactMap { Double($0.1) }
    #expect(times.count >= 2 && (times.reduce(0, +) - 7).magnitude < 0.01)
    record.wallClock = nil
    #expect(!RunJUnit.text(record).contains("time="))
  }

  @Test(
    "JUnit: a case for each invariant and expectation, the failed ones with both figures, well-formed whatever names are"
  )
  func junit() throws {
    final class Reader: NSObject, XMLParserDelegate {
      var counts: [String: Int] = [:]
      var failures: [String] = []
      func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
      ) {
        counts[name, default: 0] += 1
        if name == "testsuite" { failures.append(attributes["failures"] ?? "") }
      }
    }
    var interrupted = try Records.reference()
    interrupted.interrupted = true
    for record in [try Records.reference(), try Records.hostile(), try Records.empty(), interrupted] {
      let parser = XMLParser(data: Data(RunJUnit.text(record).utf8))
      let reader = Reader()
      parser.delegate = reader
      guard parser.parse() else { throw Malformed() }
      let errors = record.interrupted ? 1 : 0
      #expect(
        reader.counts["testcase"] ?? 0 == record.invariants.count + record.expectations.count + errors
          && reader.counts["error"] ?? 0 == errors)
      let failed = record.invariants.count { $0.verdict == .broken }
      #expect(reader.counts["failure"] ?? 0 == failed && reader.failures.first == "\(failed)")
    }
  }

  @Test("OpenMetrics: every family is declared before its samples, labels are escaped, and the end is marked")
  func openMetrics() throws {
    let text = RunOpenMetrics.text(try Records.hostile())
    #expect(text.hasSuffix("\n# EOF\n"))
    var declared: Set<String> = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") {
        #expect(declared.insert(String(line.split(separator: " ")[2])).inserted, "\(line)")
      } else if !line.hasPrefix("#") {
        #expect(declared.contains(String(line.prefix { $0 != "{" })), "\(line)")
        #expect(Double(line[line.lastIndex(of: " ")!...].dropFirst()) != nil, "\(line)")
      }
    }
    #expect(text.contains("meterstorm_run_passed{") && text.contains("invariant=\"no-lost-usage\""))
    #expect(text.contains("# UNIT meterstorm_indicator_seconds seconds"))
  }

  @Test("CSV: all rows of a table have its columns; what a spreadsheet would run as a formula is text")
  func csv() throws {
    for record in [try Records.reference(), try Records.hostile(), try Records.empty()] {
      for (name, text) in RunCSV.files(record) {
        // A reader of its own, of RFC 4180.
        var rows: [[String]] = [[""]]
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
          let last = rows.count - 1
          if isQuoted {
            if scalar == "\"", scalars.first == "\"" {
              scalars.removeFirst()
              rows[last][rows[last].count - 1].unicodeScalars.append(scalar)
            } else if scalar == "\"" {
              isQuoted = false
            } else {
              rows[last][rows[last].count - 1].unicodeScalars.append(scalar)
            }
          } else if scalar == "\"" {
            isQuoted = true
          } else if scalar == "," {
            rows[last].append("")
          } else if scalar == "\n" {
            rows.append([""])
          } else if scalar != "\r" {
            rows[last][rows[last].count - 1].unicodeScalars.append(scalar)
          }
        }
        rows.removeLast()
        #expect(Set(rows.map(\.count)).count == 1, "\(name)")
        #expect(!rows.joined().contains { $0.hasPrefix("=") }, "\(name)")
        if name == "violations.csv" {
          #expect(rows.count - 1 == record.invariants.reduce(0) { $0 + $1.violations.count })
          if rows.count > 1 { #expect(rows[1][4].hasPrefix("]]> & \"two\"\nlines")) }
        }
      }
    }
  }

  @Test("Markdown: the verdict first, tables whose cells stay cells, and what broke")
  func markdown() throws {
    let text = RunMarkdown(try Records.hostile()).text()
    #expect(text.hasPrefix("## ❌ FAIL · &lt;script&gt;alert(1)&lt;/script&gt;\n"))
    #expect(text.contains("### ✗ no-lost-usage") && text.contains("and 9,997 more"))
    #expect(!text.contains("<script>"))
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.contains("2026-02-01T") }
    #expect(rows.count == 3 && rows.allSatisfy { $0.replacing("\\|", with: "").count { $0 == "|" } == 5 })
    #expect(RunMarkdown(try Records.reference()).text().hasPrefix("## ✅ PASS · month-end-throttle\n"))
    #expect(RunMarkdown(try Records.empty()).text().hasPrefix("## ⏸ INTERRUPTED"))
  }

  @Test("the difference of two runs shows what differs and nothing else")
  func difference() throws {
    let old = try Records.reference()
    #expect(RunDifference(old, against: old).isSame)
    #expect(
      RunDifference(old, against: old).text().hasSuffix(
        "The same run: every figure and the fingerprint agree.\n"))
    var new = old
    new.wallClock = .init(
      seconds: 1, kernelEventsPerSecond: 1, usageEventsPerSecond: 1, timesRealTime: 1, allocatedBytes: 1,
      residentBytes: 1,
      peakResidentBytes: 1,
      allocator: .init(activeBytes: 1, mappedBytes: 1, retainedBytes: 1, metadataBytes: 1, arenas: 1))
    #expect(RunDifference(new, against: old).isSame)
    new.verdict = .fail
    new.invariants[3].verdict = .broken
    new.invariants[3].violationCount = 7
    new.indicators["closeCycleTime"]?.value += 60
    new.controlTotals.stages[2].rows[0].amount = "1.00"
    new.erps.removeLast()
    let difference = RunDifference(new, against: old)
    let text = difference.text()
    #expect(text.contains("The verdict was pass and is fail."))
    #expect(text.contains("\(new.invariants[3].name)    held  broke, 7 times"))
    #expect(text.contains("closeCycleTime  6h 16m  6h 17m         +1m  +0.3 %"))
    #expect(text.contains("amount") && text.contains("1.00"))
    // What is gone is told, and what is the same is not.
    #expect(text.contains("de") && !text.contains(new.invariants[4].name) && !text.contains("Situations"))
    #expect(difference.markdown().contains("| \(new.invariants[3].name) | held | broke, 7 times |"))
    #expect(try difference.html().contains(">DIFFERENT</span>"))
  }
}
