import Foundation
import Testing

/// All on `one-erp.yaml`: every document takes 60.02 s, all are issued 3,601 s after the month's end, and c places post N of them in
/// ceil(N / c) rounds. An hour and a half holds 29 rounds (29 x 60.02 = 1,741 s of 1,799 s), so that c places carry 29 c customers.
@Suite("What a planner asks: licences, headroom, probabilities, money, one more of something")
struct PlannerTests {
  private static let folder = Command.root.appendingPathComponent("Tests/Findings/planner")

  private func run(_ arguments: String...) throws -> Command.Outcome {
    try Command.run(arguments + ["--quiet"], in: Self.folder)
  }

  private func object(_ outcome: Command.Outcome) throws -> [String: Any] {
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  @Test("one licence more carries 145 customers and costs 12,000 USD a year")
  func licences() throws {
    // What the text has run, the record and the page find in the database.
    let scratch = try Scratch()
    let arguments = [
      "capacity", "one-erp.yaml", "--licences", "netsuite=0..1", "--vary", "customers.count=100..400",
      "--precision", "0.1%", "--replications", "20..20", "--objective", "closeCycleTime < 90m", "--database",
      scratch.url.appendingPathComponent("studies.db").path,
    ]
    let outcome = try Command.run(arguments + ["--quiet"], in: Self.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let words = "from 5 to 10 places, one licence more carries 145 customers and costs 12,000 USD a year"
    #expect(outcome.output.contains(words), "\(outcome.output)")
    let record = try object(try Command.run(arguments + ["--quiet", "--format", "json"], in: Self.folder))
    let licences = try #require(record["licences"] as? [String: Any])
    let rows = try #require(licences["rows"] as? [[String: Any]])
    #expect(rows.compactMap { $0["carries"] as? String } == ["145", "290"])
    #expect(rows.compactMap { $0["yearly"] as? String } == ["0", "12000"])
    #expect(rows.compactMap { $0["places"] as? Int } == [5, 10])
    let page = try Command.run(arguments + ["--quiet", "--format", "html"], in: Self.folder)
    #expect(page.output.contains("one licence more carries 145 customers"))
  }

  @Test(
    "the load may grow by 495 % until the close takes three hours, customers alone by 45 % until it takes half as long"
  )
  func headroom() throws {
    // The load as a whole moves the instant at which January's last hour is closed, too, but not by as much as a round there.
    let record = try object(
      try run(
        "capacity", "one-erp.yaml", "--headroom", "--precision",
        "0.1%", "--replications", "20..20",
        "--format", "json"))
    let curve = try #require((record["curves"] as? [[String: Any]])?.first)
    #expect(curve["answer"] as? String == "595%")
    let headroom = try #require(curve["headroom"] as? [String: Any])
    #expect(abs((headroom["percent"] as? Double ?? 0) - 495) < 1e-9)
    #expect(abs((headroom["beyondPercent"] as? Double ?? 0) - 496) < 1e-9)
    let own = try run(
      "capacity", "one-erp.yaml", "--vary", "customers.count=50..300", "--objective", "closeCycleTime < 90m",
      "--precision", "0.1%",
      "--replications", "20..20")
    #expect(own.output.contains("headroom: today's 100 customers may grow by 45 %"), "\(own.output)")
    let none = try run(
      "capacity", "one-erp.yaml", "--vary", "customers.count=50..300", "--objective", "closeCycleTime < 90m",
      "--precision", "0.1%",
      "--replications", "20..20",
      "--set", "customers.count=200")
    #expect(
      none.output.contains("headroom: none; today's 200 customers would have to fall by 27.5 %"),
      "\(none.output)")
  }

  @Test("5 places suffice where 65 workers stand, and more workers than places change nothing")
  func places() throws {
    // 145 documents: 29 rounds on 5 places, 37 on 4, which are 2,221 s.
    let places = try run(
      "capacity", "one-erp.yaml", "--set", "customers.count=145", "--objective", "closeCycleTime < 90m",
      "--set", "design.posting.concurrency=65",
      "--vary",
      "entities.0.erp.concurrency=1..30", "--smallest", "--replications", "20..20")
    #expect(places.status == 0, "\(places.errors)")
    #expect(
      places.output.contains("entities.0.erp.concurrency = 5 meets them; 4 misses them"),
      "\(places.output)")
    #expect(places.output.contains("erp/us places"), "\(places.output)")
    let workers = try run(
      "capacity", "one-erp.yaml", "--set", "customers.count=145", "--objective", "closeCycleTime < 90m",
      "--vary",
      "design.posting.concurrency=1..65",
      "--smallest", "--replications", "20..20")
    #expect(
      workers.output.contains("design.posting.concurrency = 5 meets them; 4 misses them"),
      "\(workers.output)")
    #expect(workers.output.contains("workers: more than 5 changes"), "\(workers.output)")
    #expect(workers.output.contains("saturated there: erp/us places 100 %"), "\(workers.output)")
  }

  @Test(
    "the probability of closing by some span is 1 - exp(-t / 10 min) for one call, as a curve with intervals")
  func closing() throws {
    let spans = [1200, 3901, 4201, 5401]
    let record = try object(
      try run(
        "capacity", "one-call.yaml", "--close-by", spans.map { "\($0)s" }.joined(separator: ","),
        "--replications", "200..200", "--format", "json"))
    let curve = try #require((record["closing"] as? [[String: Any]])?.first)
    #expect(curve["months"] as? Int == 200)
    let points = try #require(curve["points"] as? [[String: Any]])
    #expect(points.compactMap { $0["by"] as? String } == spans.map { "\($0)s" })
    for (span, point) in zip(spans, points) {
      let truth = span < 3601 ? 0 : 1 - exp(-Double(span - 3601) / 600)
      let share = try #require(point["share"] as? [String: Any])
      let (lower, upper) = (share["lower"] as? Double ?? 1, share["upper"] as? Double ?? 0)
      #expect(lower <= truth + 1e-9 && truth <= upper, "\(span): \(truth) in \(lower)...\(upper)")
      #expect(upper - lower < 0.15)
    }
    let text = try run("capacity", "one-erp.yaml", "--close-by", "1h..3h step 1h")
    #expect(text.output.contains("the longest close took 1h 20m"), "\(text.output)")
    let days = try run("capacity", "one-erp.yaml", "--close-by", "1..3")
    #expect(days.output.contains("by 1d, 95 of 100 months are closed at least"), "\(days.output)")
    for odd in ["3..1", "0.5..2", "x", "1h..200h step 1h"] {
      #expect(try run("capacity", "one-erp.yaml", "--close-by", odd).status == 64)
    }
  }

  @Test(
    "an outage is absorbed as long as the backlog still fits: 3 h less 20 rounds, less the pause of a retry at most"
  )
  func outage() throws {
    // 10,800 - 1,201 = 9,599 s at most; whoever waits for a retry waits five minutes at most.
    let text = try run(
      "capacity", "outage.yaml", "--vary", "faults.0.for=2h30m,2h41m", "--objective",
      "closeCycleTime < 3h in 95% of months", "--replications", "80..80")
    #expect(
      text.output.contains(
        "an outage of up to 2h30m can be absorbed: closeCycleTime < 3h in 95% of months; one of 2h41m misses an objective"
      ),
      "\(text.output)")
  }

  @Test("a run costs what calls, storage, workers and licences cost, to the last digit")
  func costs() throws {
    // Python's decimal: 202 x 0.002; 863 MB x 0.024 x 12; 5 x 36.50 x 12 x 3 / 365.
    let run = try object(try run("run", "one-erp.yaml", "--format", "json"))
    let costs = try #require(run["costs"] as? [String: Any])
    #expect(costs["total"] as? String == "18.652544")
    let parts = try #require(costs["parts"] as? [[String: String]])
    #expect(
      parts.map { "\($0["name"] ?? "") \($0["amount"] ?? "")" } == [
        "cost.calls 0.404", "cost.storage 0.248544", "cost.workers 18", "cost.licences 0",
      ])
    let perMillion = try #require((costs["perMillionEvents"] as? String).flatMap { Double($0) })
    #expect(abs(perMillion - 21613.608342989571) < 1e-6)
    let indicators = try #require(run["indicators"] as? [String: [String: Any]])
    #expect(indicators["costPerMillionEvents"]?["unit"] as? String == "USD")
    // A licence for 10 places: 12,000 x 3 / 365.
    let more = try object(
      try self.run("run", "one-erp.yaml", "--set", "entities.0.erp.concurrency=10", "--format", "json"))
    let licences = ((more["costs"] as? [String: Any])?["parts"] as? [[String: String]])?.last?["amount"]
    #expect(licences?.hasPrefix("98.6301369863") == true)
    let met = try self.run("run", "one-erp.yaml", "--set", "expectations=['cost < 18.66 USD']")
    #expect(met.status == 0)
    let missed = try self.run("run", "one-erp.yaml", "--set", "expectations=['cost < 18.65 USD']")
    #expect(missed.status == 1)
    let list = try Command.run("list", "indicators")
    #expect(list.output.contains("costPerMillionEvents"))
  }

  @Test(
    "what is wrong with a plan or with prices is told with its place",
    arguments: [
      ("plan.netsuit={ base: 5, step: 5, price: 1 USD/year }", "no entity is called 'netsuit'"),
      ("plan.netsuite.price=12000 dollars", "a price such as 12000 USD/year"),
      ("plan.netsuite.price=12000 EUR/year", "give all in one currency"),
      ("plan.netsuite.step=0", "a whole number from 1"),
      ("costs.calls=0.002", "an amount such as 0.002 USD"),
      ("costs.workers=1 EUR/day", "give all in one currency"),
      ("costs={}", "at least one of calls, storage, workers"),
      ("costs.calls={ de: 1 USD }", "no entity is called 'de'"),
      ("expectations=['cost < 3 EUR']", "the scenario's costs are in USD"),
      ("expectations=['cost < 3']", "an amount such as 3.50 USD"),
    ])
  func refused(_ setting: String, _ words: String) throws {
    let outcome = try run("run", "one-erp.yaml", "--set", setting)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test("an amount in another currency than the costs is refused, also where a study or a gate asks for it")
  func otherCurrency() throws {
    let words = "the scenario's costs are in USD, and this threshold in EUR"
    let study = try run(
      "capacity", "one-erp.yaml", "--vary", "customers.count=10,20", "--objective",
      "costPerMillionEvents < 6000 EUR")
    #expect(study.status == 64 && study.errors.contains(words), "\(study.errors)")
    let variants = ["--variant", "a: customers.count=20", "--variant", "b: customers.count=40"]
    for limit in ["cost > 30 EUR", "cost > +30EUR"] {
      let gate = try Command.run(
        ["compare", "one-erp.yaml", "--fail-if", limit, "--quiet"] + variants, in: Self.folder)
      #expect(gate.status == 64 && gate.errors.contains(words), "\(gate.errors)")
    }
    let unpriced = try Command.run(
      ["compare", "one-erp.yaml", "--fail-if", "cost > +5%", "--set=-costs", "--set=-plan", "--quiet"]
        + variants, in: Self.folder)
    #expect(unpriced.status == 64 && unpriced.errors.contains("needs prices"), "\(unpriced.errors)")
  }

  @Test("of today's value outside of what is tried, no headroom is said")
  func beyondTheRange() throws {
    // Today's are 100 customers.
    let text = try run(
      "capacity", "one-erp.yaml", "--vary", "customers.count=10..20", "--grid", "2", "--replications",
      "20..20")
    #expect(text.output.contains("customers.count = 20 meets them: the end of the range"))
    #expect(!text.output.contains("headroom"), "\(text.output)")
  }

  @Test("a month whose invoices never reach a ledger has no close, and a study says which invariant breaks")
  func neverClosed() throws {
    let down = [
      "--set", "faults=[{ at: month-end, for: forever, target: erp/us, outage: {} }]", "--set",
      "drainWithin=3d",
    ]
    let record = try JSONSerialization.jsonObject(
      with: Data(
        try Command.run(["run", "one-erp.yaml", "--format", "json", "--quiet"] + down, in: Self.folder).output
          .utf8))
    let run = try #require(record as? [String: Any])
    #expect((run["indicators"] as? [String: Any])?["closeCycleTime"] == nil)
    let periods = try #require(run["periods"] as? [[String: Any]])
    #expect(periods.first { $0["period"] as? String == "2026-01" }?["isOpen"] as? Bool == true)
    let study = try Command.run(
      ["capacity", "one-erp.yaml", "--vary", "customers.count=10,20", "--replications", "20..20", "--quiet"]
        + down,
      in: Self.folder)
    #expect(study.output.contains("missed: at 10: drains breaks on 20 of 20 seeds"), "\(study.output)")
  }

  @Test("the place of a wrong price is its line and column")
  func position() throws {
    let scratch = try Scratch()
    let source = try String(contentsOf: Self.folder.appendingPathComponent("one-erp.yaml"), encoding: .utf8)
    try Data(contentsOf: Self.folder.appendingPathComponent("arrears-usd.yaml")).write(
      to: scratch.url.appendingPathComponent("arrears-usd.yaml"))
    try Data(source.replacingOccurrences(of: "1000 USD/month", with: "1000 USD/week").utf8).write(
      to: scratch.url.appendingPathComponent("week.yaml"))
    let line = try #require(
      source.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.hasPrefix("plan:") })
    let outcome = try Command.run("validate", "week.yaml", in: scratch.url)
    #expect(outcome.status == 65)
    #expect(
      outcome.errors.contains("week.yaml:\(line + 1):46: 'plan.netsuite.price' should be a price"),
      "\(outcome.errors)")
  }

  @Test("licences are asked of a plan that is there")
  func unknownPlan() throws {
    let outcome = try run(
      "capacity", "one-erp.yaml", "--licences", "netsuit", "--vary", "customers.count=100..200")
    #expect(outcome.status == 64)
    #expect(
      outcome.errors.contains("the scenario's plan has no 'netsuit'; did you mean 'netsuite'"),
      "\(outcome.errors)")
    #expect(
      try run("capacity", "one-erp.yaml", "--licences", "netsuite=3..1", "--vary", "customers.count=1..2")
        .status == 64)
    #expect(try run("capacity", "one-erp.yaml", "--licences", "netsuite").status == 64)
    #expect(try run("capacity", "one-erp.yaml", "--headroom", "--close-by", "1..2").status == 64)
  }

  @Test("one more of each kind runs, and the figures that it changes differ by what follows from it")
  func oneMore() throws {
    let record = try object(
      try run("compare", "one-erp.yaml", "--one-more", "all", "--replications", "20", "--format", "json"))
    let variants = try #require(record["variants"] as? [[String: Any]])
    #expect(
      variants.compactMap { $0["name"] as? String } == [
        "as it is", "one more entity", "one more currency", "one more ERP", "one more price model",
        "one more product line",
      ])
    #expect(variants.allSatisfy { $0["runs"] as? Int == $0["sound"] as? Int })
    func mean(_ index: Int, _ name: String) -> Double? {
      ((variants[index]["estimates"] as? [String: [String: Any]])?[name])?["mean"] as? Double
    }
    // The same customers and the same usage: as many documents, on twice the places, in half the rounds.
    #expect(mean(0, "documentsPosted") == 200)
    #expect(mean(1, "documentsPosted") == 200)
    let (one, two) = (mean(0, "closeCycleTime") ?? 0, mean(1, "closeCycleTime") ?? 0)
    #expect(abs(one - two - 600.2) < 5, "\(one) \(two)")
    // Five workers more for three days: 18 USD.
    #expect(abs((mean(1, "cost") ?? 0) - (mean(0, "cost") ?? 0) - 18) < 0.1)
    // A price model more is a line more of each invoice, and no document.
    #expect(mean(4, "documentsPosted") == 200)
    let differences = try #require(record["differences"] as? [[String: Any]])
    #expect(
      differences.contains {
        $0["indicator"] as? String == "cost" && $0["second"] as? String == "one more ERP"
      })
    #expect(try run("compare", "one-erp.yaml", "--one-more", "entitty").status == 64)
  }
}
