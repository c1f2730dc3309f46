import Foundation
import Testing

@Suite("What capacity varies: several paths together, steps, lists, usage per customer")
struct KnobTests {
  private static let designs = Command.root.appendingPathComponent("Tests/Findings/designs")
  private static let studies = Command.root.appendingPathComponent("Tests/Findings/studies")

  private func study(_ arguments: String..., in folder: URL) throws -> Command.Outcome {
    try Command.run(["capacity"] + arguments + ["--quiet", "--grid", "2"], in: folder)
  }

  /// The points that the record of a study has, by the text of their value.
  private func points(_ json: String) throws -> [(value: String, indicators: [String: Double])] {
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let curve = try #require((object["curves"] as? [[String: Any]])?.first)
    return try #require(curve["points"] as? [[String: Any]]).map { point in
      let estimates = point["estimates"] as? [String: [String: Any]] ?? [:]
      return (
        try #require((point["values"] as? [String])?.first),
        estimates.compactMapValues { $0["mean"] as? Double }
      )
    }
  }

  @Test("a list is tried as it stands, rising, and one value is put at every path")
  func list() throws {
    // 50 invoices, constant 10 s each: with c places and c workers alike the last one is posted after ceil(50/c) x 10 s, and with
    // places alone one worker stays, whatever there is of them.
    let settings = [
      "--set", "customers.count=50", "--set", "entities.0.erp.latencyLaw=logNormal", "--set",
      "entities.0.erp.latencySigma=0", "--objective", "closeCycleTime < 2d", "--format", "json",
    ]
    let together = try Command.run(
      [
        "capacity", "base.yaml", "--vary", "entities.0.erp.concurrency, design.posting.concurrency=10,1,5",
        "--quiet",
      ] + settings, in: Self.studies)
    #expect(together.status == 0, "\(together.errors)")
    let points = try points(together.output)
    #expect(points.map(\.value) == ["1", "5", "10"])
    let closes = points.compactMap { $0.indicators["closeCycleTime"] }
    try #require(closes.count == 3)
    // All else is the same at each value: what differs is the time of posting, 500, 100 and 50 s.
    #expect(abs((closes[0] - closes[1]) - 400) < 5)
    #expect(abs((closes[1] - closes[2]) - 50) < 5)
    #expect(together.output.contains(#""path" : "entities.0.erp.concurrency, design.posting.concurrency""#))
  }

  @Test("a range with a step has these values and no others")
  func steps() throws {
    let outcome = try study(
      "cap.yaml", "--vary", "customers.count=105..127 step 10", "--objective", "closeCycleTime < 3d",
      "--format", "json", in: Self.designs)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try points(outcome.output).map(\.value) == ["105", "115", "125"])
    let text = try study(
      "cap.yaml", "--vary", "customers.count=105..127 step 10", "--objective", "closeCycleTime < 3d",
      in: Self.designs)
    #expect(text.output.contains("customers.count from 105 to 125 in steps of 10"))
  }

  @Test(
    "what is no list, step or path is refused with what would be right",
    arguments: [
      ("customers.count=5..3", "the lower one first"),
      ("customers.count=5..9 step 0", "the step '0' must be positive"),
      ("customers.count=5..9 step 5", "no larger than 5..9"),
      ("customers.count=5..9 step", "the step ''"),
      ("customers.count=5..9 by 2", "with a step if need be"),
      ("customers.count=1,2,1", "duplicate value '1'"),
      ("customers.count=1,2h", "different figures with the same unit"),
      ("customers.count=5", "or a list of figures"),
      ("customers..count=1..2", "should be path=values"), ("customers.count,=1..2", "should be path=values"),
      ("customers.count,customers.count=1..2", "customers.count is varied twice"),
    ])
  func refused(_ vary: String, _ words: String) throws {
    let outcome = try study(
      "cap.yaml", "--vary", vary, "--objective", "closeCycleTime < 3d", in: Self.designs)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test("steps and lists of a scenario's own studies are read, and refused with their place")
  func sections() throws {
    let scratch = try Scratch()
    func write(_ vary: String) throws {
      let source = try String(contentsOf: Self.designs.appendingPathComponent("cap.yaml"), encoding: .utf8)
      try Data((source + "capacity:\n  - name: own\n    vary: [ \(vary) ]\n").utf8).write(
        to: scratch.url.appendingPathComponent("own.yaml"))
      try Data(contentsOf: Self.designs.appendingPathComponent("acme-prices.yaml")).write(
        to: scratch.url.appendingPathComponent("acme-prices.yaml"))
    }
    try write("{ paths: [ entities.0.erp.concurrency, design.posting.concurrency ], values: [ 15, 5 ] }")
    let own = try study("own.yaml", "--format", "json", in: scratch.url)
    #expect(own.status == 0, "\(own.errors)")
    #expect(try points(own.output).map(\.value) == ["5", "15"])
    try write("{ path: customers.count, from: 100, to: 200, step: 300 }")
    let wide = try study("own.yaml", in: scratch.url)
    #expect(wide.status == 65)
    #expect(wide.errors.contains("own.yaml:12:"), "\(wide.errors)")
    #expect(wide.errors.contains("no larger than 100..200"), "\(wide.errors)")
    try write("{ path: customers.count, from: 100, to: 200, values: [ 1, 2 ] }")
    #expect(try study("own.yaml", in: scratch.url).errors.contains("but not both"))
    try write("{ from: 100, to: 200 }")
    #expect(try study("own.yaml", in: scratch.url).errors.contains("needs either 'path' or 'paths'"))
  }

  @Test("arrivals per customer make usage grow with the customers, and the note on totals is gone")
  func perCustomer() throws {
    let scratch = try Scratch()
    let source = try String(contentsOf: Self.designs.appendingPathComponent("cap.yaml"), encoding: .utf8)
    try Data(contentsOf: Self.designs.appendingPathComponent("acme-prices.yaml")).write(
      to: scratch.url.appendingPathComponent("acme-prices.yaml"))
    try Data(
      source.replacingOccurrences(of: "poisson: 20/h", with: "constant: 1/h, perCustomer: true").utf8
    ).write(to: scratch.url.appendingPathComponent("each.yaml"))
    // Eight days of an event each hour and customer: 192 for each of them, but for the last one, which is due when the run is over.
    for customers in [10, 20] {
      let run = try Command.run(
        "run", "each.yaml", "--set", "customers.count=\(customers)", "--format", "json", "--quiet",
        in: scratch.url)
      let record = try #require(
        try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
      let events = (record["simulated"] as? [String: Any])?["usageEvents"] as? Int
      #expect(events == customers * 192 - 1, "\(run.errors)")
    }
    let study = try study(
      "each.yaml", "--vary", "customers.count=10..20", "--objective", "closeCycleTime < 3d", in: scratch.url)
    #expect(!study.output.contains("arrivals are totals"), "\(study.output)")
    // What all of them together send is bounded as any rate is.
    let large = try Command.run(
      "run", "each.yaml", "--set", "load.0.arrivals.constant=9000000/s", "--quiet", in: scratch.url)
    #expect(large.status == 65)
    #expect(large.errors.contains("more than 10000000/s"), "\(large.errors)")
  }
}
