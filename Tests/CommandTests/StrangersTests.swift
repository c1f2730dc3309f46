import Foundation
import RunRecord
import Testing

/// What strangers found who tried the program with files of their own.
@Suite("What strangers found")
struct StrangersTests {
  private static func file(_ name: String) -> String {
    Command.root.appendingPathComponent("Tests/Findings/\(name)").path
  }

  private func run(_ name: String, _ options: String...) throws -> (status: Int32, record: RunRecord) {
    let outcome = try Command.run(["run", Self.file(name), "--format", "json", "--quiet"] + options)
    return (outcome.status, try RunRecord(json: Data(outcome.output.utf8)))
  }

  private func rows(_ stage: String, of record: RunRecord) -> [RunRecord.ControlTotals.Row] {
    record.controlTotals.stages.first { $0.stage == stage }?.rows ?? []
  }

  @Test("a customer has a story, under any of its names, and an unknown one is corrected to a customer")
  func customer() throws {
    for name in ["customer c1", "account c1", "c1"] {
      let outcome = try Command.run(
        "explain", Self.file("robustness/void-before-late-copies.yaml"), "--transaction", name)
      #expect(outcome.status == 0)
      // 202 - 14 - 95 = 93.
      #expect(
        outcome.output.contains(
          "Customer c1, tokens: 202 events emitted, 93 metered, 14 taken back or replaced by their source, 95 in quarantine."
        ), "\(name)")
    }
    let unknown = try Command.run(
      "explain", Self.file("robustness/void-before-late-copies.yaml"), "--transaction", "account c001")
    #expect(unknown.status == 65)
    #expect(unknown.errors.contains("did you mean 'c1'?"))
  }

  @Test("of an event that was voided before it came, and then came too late, copies take nothing back")
  func voidBeforeLateCopies() throws {
    let (status, record) = try run("robustness/void-before-late-copies.yaml")
    #expect(record.brokenInvariants.map(\.name) == [])
    #expect(status == 0)
  }

  @Test(
    "a period that closes again before its first close was read back has a reading of each ERP in each close")
  func closedAgain() throws {
    let (_, record) = try run("robustness/closed-again-before-read.yaml")
    #expect(record.brokenInvariants.map(\.name) == [])
    #expect(record.closes.filter { $0.period == "2026-01" }.count == 2)
  }

  @Test("what producers took back is told beside the totals, which foot with it")
  func takenBack() throws {
    let (status, record) = try run("robustness/corrections-foot.yaml")
    #expect(status == 0)
    let takenBack = try #require(record.controlTotals.capture.takenBack)
    let emitted = rows("emitted", of: record).reduce(0) { $0 + ($1.count ?? 0) }
    #expect(takenBack > 1000)
    #expect(record.controlTotals.capture.received == emitted + takenBack)
    let text = try Command.run("run", Self.file("robustness/corrections-foot.yaml"), "--quiet").output
    #expect(text.contains(" events were withdrawn by their producers, and are not counted as emitted\n"))
  }

  @Test("a fault of producers meets every legal entity")
  func faultsOfProducers() throws {
    let fault = "faults=[{at: 1d, for: 10d, target: producers, clockSkew: {ahead: 2d}}]"
    for seed in ["3", "4"] {
      let (_, record) = try run(
        "robustness/corrections-foot.yaml", "--set", fault, "--set", "delivery={}", "--seed", seed)
      for row in rows("putAside", of: record) {
        #expect(try #require(row.count) > 500, "\(row.entity), seed \(seed)")
      }
    }
  }

  @Test("a call that may be answered after a period's close is refused, at its time-out")
  func lateAnswers() throws {
    let outcome = try Command.run("validate", Self.file("robustness/timeout-beyond-close.yaml"))
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("timeout-beyond-close.yaml:5:31: a call may be answered after"))
    let shorter = try Command.run(
      "run", Self.file("robustness/timeout-beyond-close.yaml"), "--quiet", "--set",
      "design.posting.timeout=2h")
    #expect(shorter.status == 0)
  }

  @Test("a period that opens again in two centuries is refused, as it would be simulated until then")
  func distantReopening() throws {
    let outcome = try Command.run(
      "run", Self.file("robustness/closed-again-before-read.yaml"), "--quiet", "--set",
      "periods.reopen.0.at=2219-12-31")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("as a period is open again until 2220-01-01"))
  }

  @Test("a path with an empty part is refused")
  func emptyPart() throws {
    for path in ["customers..count", ".customers.count", "customers.count."] {
      let outcome = try Command.run(
        "run", Self.file("robustness/corrections-foot.yaml"), "--quiet", "--set", "\(path)=3")
      #expect([64, 65].contains(outcome.status), "\(path)")
    }
  }

  @Test(
    "validate judges a design as a design",
    arguments: [
      ("name: d\nextends: middelware\n", 65, "did you mean 'middleware'?"),
      ("name: d\nprocesses: [ [ingestion, billing] ]\n", 65, "'posting'"),
      ("processes: [ [ingestion, billing, posting, payments] ]\n", 0, ""),
      ("name: e\nextends: micro-batch\n", 0, ""),
    ])
  func designs(text: String, status: Int32, words: String) throws {
    let scratch = try Scratch()
    try Data(text.utf8).write(to: scratch.url.appendingPathComponent("d.yaml"))
    let outcome = try Command.run("validate", "d.yaml", in: scratch.url)
    #expect(outcome.status == status)
    #expect(status == 0 ? outcome.output.contains("a valid design") : outcome.errors.contains(words))
  }

  @Test("single events of zero cost their fee, and a period without usage nothing")
  func eventsOfZero() throws {
    let scratch = try Scratch()
    try Data(
      "currency: USD\ncharges: [ { meter: a, model: percentage, rate: 9.12%, fixedFeePerEvent: 3 } ]\n".utf8
    ).write(to: scratch.url.appendingPathComponent("book.yaml"))
    func total(_ options: String...) throws -> String? {
      let outcome = try Command.run(["quote", "book.yaml", "--format", "json"] + options, in: scratch.url)
      return try (JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])?["amount"]
        as? String
    }
    // 9.12 % of 100, and three an event.
    #expect(try total("--usage", "100", "--usage", "0") == "15.12")
    #expect(try total("--events", "100,0") == "15.12")
    #expect(try total("--usage", "0", "--usage", "0") == "6")
    #expect(try total("--usage", "0") == "0")
  }

  @Test(
    "days that no month, quarter or year has are refused", arguments: ["1/1", "400/400", "5/27", "45/89"])
  func days(days: String) throws {
    let scratch = try Scratch()
    try Data(
      "currency: USD\ncharges: [ { meter: a, model: perUnit, unitPrice: 1, includedUnits: 5 } ]\n".utf8
    ).write(to: scratch.url.appendingPathComponent("book.yaml"))
    let outcome = try Command.run(
      "quote", "book.yaml", "--usage", "5", "--contract", "--days", days, in: scratch.url)
    #expect(outcome.status == 64 || outcome.status == 65)
    #expect(outcome.errors.contains("a month has 28 to 31"))
  }

  @Test("a log that was written under another seed is refused")
  func logOfAnotherSeed() throws {
    let scratch = try Scratch()
    func serve(_ seed: String) throws -> Command.Outcome {
      try Command.run(
        "pipeline", "serve", Command.root.appendingPathComponent("scenarios/live/month-end.yaml").path,
        "--data",
        scratch.url.appendingPathComponent("log").path, "--erps", "http://127.0.0.1:9", "--seconds", "1",
        "--seed",
        seed, in: scratch.url)
    }
    #expect(try serve("42").status == 0)
    let other = try serve("9")
    #expect(other.status == 65)
    #expect(other.errors.contains("seed"))
  }

  @Test("an event in quarantine is said to count for no charge, and no invoice follows from it")
  func quarantinedEvent() throws {
    let outcome = try Command.run(
      "explain", Self.file("robustness/quarantined-event.yaml"), "--seed", "16", "--transaction",
      "event m-1/9")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("is in quarantine (beyondHorizon): it counts for no charge."))
    #expect(!outcome.output.contains("invoice US-000001"))
  }

  @Test("an event that counted is told to, though a late copy of it is in quarantine")
  func lateCopy() throws {
    let outcome = try Command.run(
      "explain", Self.file("robustness/late-copies.yaml"), "--transaction", "event m-1/8")
    #expect(outcome.output.contains("put into quarantine: beyondHorizon"))
    #expect(!outcome.output.contains("it counts for no charge"))
    #expect(outcome.output.contains("invoice US-000001"))
  }

  @Test(
    "what was said to break something without a defect holds",
    arguments: ["credits-after-the-horizon", "late-retry-after", "prepaid-before-sign-up", "released-events"])
  func falseAlarm(_ name: String) throws {
    let (status, record) = try run("robustness/\(name).yaml")
    #expect(status == 0)
    #expect(record.brokenInvariants.map(\.name) == [])
  }

  @Test("a crash is listed when the process died, and not when its death was asked for")
  func crashInstant() throws {
    let (_, record) = try run("robustness/crash-instant.yaml")
    let death = try #require(record.timeline.first { $0.text.contains("crashes") })
    #expect(record.faults.map(\.start) == [death.at])
    #expect(death.at == "2026-01-01T02:00:01Z")
  }

  @Test("memory for windows that are open at a time is estimated, and refused before it is taken")
  func manyWindows() throws {
    for verb in ["validate", "run"] {
      let outcome = try Command.run(verb, Self.file("robustness/many-windows.yaml"))
      #expect(outcome.status == 65)
      // 362 windows of a million cells of 32 bytes, half a gigabyte for the oracle, and 20 GB for invoices.
      #expect(outcome.errors.contains("many-windows.yaml:5:") && outcome.errors.contains("32,096,113,760"))
    }
  }

  @Test("a throttle to nothing is refused once, with what to say instead")
  func throttleToNothing() throws {
    let outcome = try Command.run(
      "run", Self.file("robustness/crash-instant.yaml"), "--quiet", "--set",
      "faults.0={target: erp/us, throttle: {to: 0%}, at: 1h, for: 1h}")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("use outage: {}") && !outcome.errors.contains("given twice"))
  }

  @Test("deaths at every boundary that miss an expectation, or are none, do not pass")
  func crashesAndExpectations() throws {
    let file = Self.file("robustness/crash-instant.yaml")
    let missed = try Command.run(
      "run", file, "--quiet", "--crash-at-every-boundary", "ingestion", "--boundary-cap", "2", "--set",
      "expectations=[closeCycleTime < 1s]")
    #expect(missed.status == 1 && missed.output.contains("missed: closeCycleTime < 1s"))
    let none = try Command.run("run", file, "--quiet", "--crash-at-every-boundary", "payments")
    #expect(none.status == 1 && none.output.contains("nothing was tested"))
    let both = try Command.run(
      "run", file, "--crash-at-every-boundary", "payments", "--require", "all")
    #expect(both.status == 64)
  }

  @Test("a customer is found by its number without the zeros before it")
  func paddedCustomer() throws {
    let outcome = try Command.run(
      "explain", Self.file("robustness/crash-instant.yaml"), "--set", "customers.count=12", "--transaction",
      "customer c1")
    #expect(outcome.status == 0 && outcome.output.contains("customer c01"))
  }

  @Test("a probability that is asked for in another form is told the form")
  func probability() throws {
    let outcome = try Command.run(
      "capacity", Self.file("robustness/crash-instant.yaml"), "--vary", "customers.count=1..9",
      "--objective", "P(close by 60h) >= 0.95")
    #expect(outcome.status == 64)
    #expect(
      outcome.errors.contains("P(close by day 3) >= 0.95") && outcome.errors.contains("in 95% of months"))
  }

  @Test("what an ERP rejects by lot, and did not in any run, leaves means open: studies, limits and choices")
  func rareRejections() throws {
    // The mean is 75.7 minutes; most replications take 61.
    let file = Self.file("studies/rare-rejections.yaml")
    for seed in ["7", "4007", "8007"] {
      let study = try Command.run(
        "capacity", file, "--quiet", "--seed", seed, "--vary", "design.posting.concurrency=4,5",
        "--objective", "closeCycleTime < 65m")
      #expect(study.output.contains("no value in the range is shown to meet them"), "\(study.output)")
    }
    let limit = try Command.run(
      "compare", file, "--quiet", "--variant", "a: customers.count=1", "--variant",
      "b: entities.0.erp.laterRejections=0.5%; customers.count=1", "--replications", "20..100",
      "--fail-if", "closeCycleTime > 65m")
    #expect(!limit.output.contains("is excluded"))
    let choice = try Command.run(
      "compare", file, "--quiet", "--variant",
      "slow0: entities.0.erp.laterRejections=0%; entities.0.erp.latency=20s", "--variant",
      "fast1: entities.0.erp.laterRejections=1%; entities.0.erp.latency=10s", "--best", "closeCycleTime")
    #expect(choice.output.contains("Not decided: fast1"), "\(choice.output)")
  }
}
