import CanonicalModel
import Chronology
import Foundation
import Testing

@testable import Scenario

@Suite("Scenario files")
struct ScenarioFileTests {
  @Test("a small scenario is read with its defaults")
  func defaults() throws {
    let folder = try TemporaryFolder()
    let scenario = try ScenarioFile.read(file: try Sample.write(Sample.scenario, in: folder))
    #expect(scenario.name == "sample")
    #expect(scenario.seed == 42)
    #expect(scenario.start == CivilDate(year: 2026, month: 1, day: 1).start)
    #expect(scenario.horizon == .days(2))
    #expect(scenario.design.name == "middleware")
    #expect(scenario.customers == 10)
    #expect(scenario.entities.map(\.name) == ["us"])
    #expect(scenario.load.map(\.event) == ["calls"])
    #expect(scenario.delivery == ScenarioFile.Delivery())
  }

  /// A change to the sample scenario and the message that it must lead to.
  static let mistakes: [(change: (String, String), message: String)] = [
    (("count: 10", "count: many"), "scenario.yaml:4:21: 'customers.count' should be a whole number"),
    (("customers:", "custmers:"), "scenario.yaml:4:1: unknown key 'custmers'; did you mean 'customers'?"),
    (("horizon: 2d", "horizon: soon"), "scenario.yaml:2:10: 'horizon' should be a duration such as"),
    (("horizon: 2d", ""), "'horizon' is missing"),
    (("horizon: 2d", "horizon: 2d\nhorizon: 3d"), "the key 'horizon' is given more than once"),
    (("book.yaml", "bok.yaml"), "scenario.yaml:4:36: price book bok.yaml: there is no such file"),
    (("currency: USD", "currency: EUR"), "the price book book.yaml is in USD"),
    (("currency: USD", "currency: DOLLAR"), "scenario.yaml:3:35: 'entities[0].currency' should be"),
    (("meter: calls", "meter: cals"), "has no charge for the meter 'cals'; did you mean 'calls'?"),
    (
      ("count: 10", "count: 10, discounts: { rate: 100% }"),
      "scenario.yaml:4:44: a discount must be above 0% and below 100%"
    ),
    (
      ("count: 10", "count: 10, discounts: { rate: 0% }"), "a discount must be above 0% and below 100%"
    ),
    (("count: 10", "count: 10, discounts: { share: 5% }"), "'customers.discounts.rate' is missing"),
    (("arrivals: 1/s", "arrivals: 0/s"), "a rate must be positive"),
    (("arrivals: 1/s", "arrivals: { poison: 1/s }"), "did you mean 'poisson'?"),
    (
      ("arrivals: 1/s", "arrivals: 1/s, quantity: { pareto: { min: 1 } }"),
      "'load[0].quantity.pareto.shape' is missing"
    ),
    (
      ("arrivals: 1/s", "trace: { file: trace.csv, timestamp: when, quantity: units }"),
      "has no column 'when'; there are: time, units"
    ),
    (
      ("arrivals: 1/s", "trace: { file: trace.csv, timestamp: time, quantity: units, at: 5d }"),
      "trace.csv:3:1: this row happens at 2026-01-06T00:00:00Z, outside of the run"
    ),
    (("horizon: 2d", "horizon: 2d\nfaults: [ { at: 1d, target: erp/us, outage: {} } ]"), "'for' is missing"),
    (
      ("horizon: 2d", "horizon: 2d\nfaults: [ { at: 1d, for: 1h, target: erp/uk, outage: {} } ]"),
      "there is no target 'erp/uk'; did you mean 'erp/us'?"
    ),
    (
      ("horizon: 2d", "horizon: 2d\nexpectations: [ postingLatncy.p99 < 1h ]"),
      "there is no indicator 'postingLatncy.p99'; did you mean 'postingLatency.p99'?"
    ),
    (
      ("horizon: 2d", "horizon: 2d\nexpectations: [ postingLatency.p99 < soon ]"),
      "'soon' should be a duration"
    ),
    (("horizon: 2d", "horizon: 2d\ndesign: middelware"), "there is no design 'middelware'; did you mean"),
    (
      ("horizon: 2d", "horizon: 2d\ndesign: { metering: { window: 7h } }"),
      "a window must divide a day into equal parts"
    ),
    (("horizon: 2d", "horizon: 2d\ndelivery: { duplicates: 95% }"), "must not exceed 90%"),
    (("name: sample", "name: [sample]"), "scenario.yaml:1:7: 'name' should be"),
  ]

  @Test("a mistake is told with its place and what would be right", arguments: mistakes.indices)
  func mistake(index: Int) throws {
    let (change, message) = Self.mistakes[index]
    let text = Sample.scenario.replacingOccurrences(of: change.0, with: change.1)
    #expect(text != Sample.scenario)
    let problems = try Sample.problems(text)
    #expect(problems.contains(message), "\(problems)")
  }

  @Test("what is no scenario at all is refused")
  func notAScenario() throws {
    let folder = try TemporaryFolder()
    let files: [(String, String)] = [
      (try folder.write("", to: "empty.yaml"), "empty"), (folder.url.path, "directory"),
      (folder.path("missing.yaml"), "no such file"),
      (try folder.write("[1, 2", to: "open.yaml"), "valid YAML"),
      (try folder.write(Data([0xff, 0xfe, 0x00]), to: "binary.yaml"), "UTF-8"),
      (try folder.write(String(repeating: "[", count: 50_000), to: "deep.yaml"), "nested too deeply"),
      (try folder.write(Data(count: 17 << 20), to: "large.yaml"), "bytes"),
      (try folder.write("extends: circle.yaml", to: "circle.yaml"), "circle"),
      (try folder.write("a: &a [1]\nb: *c", to: "alias.yaml"), "YAML"),
      (try folder.write("just text", to: "t.yaml"), "mapping"),
    ]
    for (file, words) in files {
      let error = #expect(throws: InvalidInput.self) { try ScenarioFile.read(file: file) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "") should say \(words)")
    }
  }

  @Test(
    "credits that are paid in advance do not go with a discount, at first or by amendment; with translated books they do"
  )
  func credits() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(
      Sample.priceBook + "\nprepaid: { name: credits, amount: 500, every: quarter, expiresAfter: 6 }\n",
      to: "credits.yaml")
    let amended = "book.yaml, amendments: [ { at: 1d, contracts: credits.yaml } ]"
    let foreign = ("erp: ideal", "erp: ideal, books: { currency: EUR, rate: 0.9 }")
    let discount = ("count: 10", "count: 10, discounts: { rate: 10% }")
    for contracts in ["credits.yaml", amended] {
      func write(_ change: (String, String)) throws -> String {
        let text = Sample.scenario.replacingOccurrences(of: change.0, with: change.1)
          .replacingOccurrences(of: "book.yaml", with: contracts)
        return try Sample.write(text, in: folder)
      }
      _ = try ScenarioFile.read(file: write(foreign))
      let file = try write(discount)
      let error = #expect(throws: InvalidInput.self) { try ScenarioFile.read(file: file) }
      #expect(
        error?.description.contains("a discount on what prepaid credits") == true,
        "\(error?.description ?? "")")
      #expect(error?.description.contains("scenario.yaml:") == true)
    }
  }

  @Test("a trace's broken row is told by its own line and column")
  func brokenTrace() throws {
    let folder = try TemporaryFolder()
    var rows = ["time,units"]
    for second in 0..<6000 { rows.append("\(1_767_225_600 + second),1") }
    rows[4999] = "1767230598,abc"
    _ = try folder.write(rows.joined(separator: "\n"), to: "long.csv")
    let text = Sample.scenario.replacingOccurrences(
      of: "arrivals: 1/s", with: "trace: { file: long.csv, timestamp: time, quantity: units }")
    let file = try Sample.write(text, in: folder)
    let error = #expect(throws: InvalidInput.self) { try ScenarioFile.read(file: file) }
    #expect(error?.description.contains("long.csv:5000:12: 'abc' in column 'units'") == true)
  }

  @Test("a trace is replayed in the order of time, at its own or another speed, from another moment")
  func trace() throws {
    let folder = try TemporaryFolder()
    let text = Sample.scenario.replacingOccurrences(
      of: "arrivals: 1/s",
      with: "trace: { file: trace.csv, timestamp: time, quantity: units, speed: 0.5x, at: 1h }")
    let scenario = try ScenarioFile.read(file: try Sample.write(text, in: folder))
    guard case .trace(let records) = scenario.load[0].pattern else {
      Issue.record("no trace")
      return
    }
    #expect(records.map(\.quantity0) == [7_000_000, 5_000_000])
    #expect(records.map(\.time) == [scenario.start + .hours(1), scenario.start + .hours(1) + .seconds(1)])
  }

  @Test("settings from the command line change values, and their mistakes name them")
  func settings() throws {
    let folder = try TemporaryFolder()
    let file = try Sample.write(Sample.scenario, in: folder)
    let settings = ["customers.count=77", "load.0.producers=2", "delivery.duplicates=2%"]
    let scenario = try ScenarioFile.read(
      file: file, settings: settings.compactMap(ScenarioFile.Setting.init))
    #expect(scenario.customers == 77)
    #expect(scenario.load[0].producers == 2)
    #expect(scenario.delivery.duplicateShare == 0.02)
    #expect(
      try Sample.problems(Sample.scenario, settings: ["customers.cont=7"]).contains("--set customers.cont"))
    #expect(ScenarioFile.Setting("nonsense") == nil)
  }

  @Test("a scenario is laid over the one that it extends")
  func extends() throws {
    let folder = try TemporaryFolder()
    _ = try Sample.write(Sample.scenario, in: folder)
    let file = try folder.write(
      "extends: scenario.yaml\nname: other\ncustomers: { count: 3 }", to: "other.yaml")
    let scenario = try ScenarioFile.read(file: file)
    #expect(scenario.name == "other")
    #expect(scenario.customers == 3)
    #expect(scenario.horizon == .days(2))
  }

  @Test("a shared price book, a single charge and their mistakes")
  func priceBooks() throws {
    let folder = try TemporaryFolder()
    func read(_ text: String) throws -> PriceBook {
      try PriceBookFile.read(file: try folder.write(text, to: "charge.yaml"))
    }
    let single = try read("model: perUnit\nunitPrice: 0.0000035")
    #expect(single.currency.code == "USD")
    #expect(single.charges[0].model == .perUnit(try #require(Price("0.0000035"))))
    let quoted = try read("model: perUnit\nunitPrice: '0.1'\ncurrency: JPY")
    #expect(quoted.currency.digits == 0)
    let mistakes = [
      ("model: perUnit\nunitPrice: 1e-3", "should be a decimal"),
      ("model: perunit", "did you mean 'perUnit'"),
      ("model: perUnit", "'unitPrice' is missing"),
      (
        "model: volume\ntiers: [ { upTo: 5, unitPrice: 1 }, { upTo: 4, unitPrice: 1 }, { unitPrice: 1 } ]",
        "must rise"
      ),
      ("model: volume\ntiers: [ { upTo: 5, unitPrice: 1 } ]", "the last tier has no 'upTo'"),
      ("model: perUnit\nunitPrice: 1\nminimum: 5\nmaximum: 4", "the maximum is below the minimum"),
      ("model: package\npackageSize: 0\npackagePrice: 1", "must be positive"),
    ]
    for (text, words) in mistakes {
      let error = #expect(throws: InvalidInput.self) { try read(text) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "") should say \(words)")
      #expect(error?.diagnostics.allSatisfy { $0.position.line > 0 && $0.position.column > 0 } == true)
    }
  }
}
