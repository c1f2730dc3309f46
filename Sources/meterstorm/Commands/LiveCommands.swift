import ArgumentParser
import CanonicalModel
import Chronology
import Experiments
import Foundation
import Live
import Reports
import RunRecord
import Scenario
import Synchronization
import World

struct PipelineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline", abstract: "The core as a service.", subcommands: [Serve.self])

  struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "serve",
      abstract:
        "Takes usage as CloudEvents at /events, keeps it in a log on disk, and posts to ERPs over HTTP.",
      discussion: """
        What was answered with 200 is in the log, and stays there whatever happens to the process. /health, /state and /metrics \
        tell how it fares; 429 with Retry-After says that too much is waiting, 507 that the disk is full. A log is opened again under \
        the scenario that wrote it only, and a damaged one is refused.
        """)

    @Argument(help: "The scenario's YAML file: its catalogue, contracts and design.")
    var scenario: String

    @Option(help: ArgumentHelp("The folder of the log; made if it is not there.", valueName: "dir"))
    var data: String

    @Option(help: ArgumentHelp("The address of the ERPs, as 'erp serve' prints it.", valueName: "url"))
    var erps: String

    @Flag(
      help:
        "Repairs a damaged log: keeps what precedes the damage and the usage that follows it, and the damaged file beside it."
    )
    var repair = false

    @OptionGroup var live: LiveOptions
    @OptionGroup var service: ServiceOptions

    func validate() throws { try ServiceAddress.check(erps, "--erps") }

    func run() throws {
      let (scenario, identity, assembly, _, clock) = try live.prepare(self.scenario)
      let folder = try LiveFolder(data)
      do {
        let pipeline = try PipelineService(
          assembly.world, policy: assembly.policy, scenario: scenario.name,
          identity: identity,
          log: folder.log, clock: clock, erps: erps, repairing: repair, report: { Console.note($0) })
        let ended: @Sendable () async -> Void = { await pipeline.stop() }
        try service.serve("pipeline", readOnly: false, ended: ended, routes: pipeline.add)
      } catch let error as FileLogError {
        Console.note(error.description)
        throw Exit.badInput
      }
    }
  }
}

struct ERPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erp", abstract: "The simulated ERPs as a service.", subcommands: [Serve.self])

  struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "serve",
      abstract:
        "Emulates ERPs over HTTP: limits, latency, lost answers, outages, look-ups with index lag, and a ledger to audit.",
      discussion: """
        With a scenario, an ERP for each of its entities, and its faults at their times. With --profile alone, one ERP for one \
        entity, for any integration to be pointed at. Documents go to /erp/ENTITY/documents, look-ups to /erp/ENTITY/lookups; \
        /ledger tells what was posted, and POST /faults makes something go wrong.
        """)

    @Argument(help: "A scenario's YAML file.")
    var scenario: String?

    @Option(help: ArgumentHelp("A built-in profile (list erp-profiles).", valueName: "name"))
    var profile: String?

    @Option(help: ArgumentHelp("The entity, with --profile.", valueName: "name"))
    var entity = "us"

    @Option(help: ArgumentHelp("Its currency, with --profile.", valueName: "code"))
    var currency = "USD"

    @OptionGroup var live: LiveOptions
    @OptionGroup var service: ServiceOptions

    func validate() throws {
      guard (scenario == nil) != (profile == nil) else {
        throw ValidationError("name a scenario, or a --profile (list erp-profiles)")
      }
      guard Currency(code: currency) != nil else {
        throw ValidationError("there is no currency '\(currency)'")
      }
      let isName = !entity.isEmpty && entity.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
      guard isName else { throw ValidationError("--entity is a name of letters and digits") }
    }

    func run() throws {
      let (world, seed, clock) = try prepare()
      let emulator = ERPEmulator(world, seed: seed, clock: clock)
      try service.serve("erp", readOnly: false, routes: emulator.add)
    }

    private func prepare() throws -> (WorldConfiguration, UInt64, LiveClock) {
      if let scenario {
        let (_, _, assembly, seed, clock) = try live.prepare(scenario)
        return (assembly.world, seed, clock)
      }
      let known = ERPProfile.builtIn
      guard let profile = known.first(where: { $0.name == self.profile }),
        let currency = Currency(code: currency)
      else {
        throw ValidationError(
          "there is no profile '\(self.profile ?? "")'; there are: \(known.map(\.name).joined(separator: ", "))"
        )
      }
      // Sixteen items to sell, on the accounts 400000 to 400015.
      let catalog = Catalog(
        entities: [LegalEntity(name: entity, currency: currency, erpProfile: profile.name)],
        meters: (1...16).map { Meter(name: "item_\($0)", aggregation: .sum) }, eventTypes: [], accounts: [],
        subscriptions: [], priceBooks: [], sources: [])
      let start = CivilDate(year: 2026, month: 1, day: 1).start
      return (
        WorldConfiguration(
          catalog: catalog, start: start, horizon: start + .days(3650), load: [], erps: [profile]),
        live.seed ?? 1, LiveClock(start: start, origin: live.origin, scale: live.timeScale)
      )
    }
  }
}

struct LoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Sends a scenario's usage on the real clock, and audits what came of it.",
    discussion: """
      Usage is sent when it is due, whatever the target does, and latency counts from then. --target core has the core in this \
      process, with a log on a real disk; an address takes CloudEvents in batches at /events. The audit judges by what was \
      acknowledged, by the ERPs' ledgers and, with --log, by the core's own log; what there is no evidence for is not judged.
      """)

  @Argument(help: "The scenario's YAML file.")
  var scenario: String

  @Option(
    help: ArgumentHelp("'core', or an address such as http://127.0.0.1:8380.", valueName: "core-or-url"))
  var target: String

  @Option(help: ArgumentHelp("The address of the ERPs whose ledgers are audited.", valueName: "url"))
  var erps: String?

  @Option(
    help: ArgumentHelp(
      "The folder of the core's log: of --target core, or of 'pipeline serve'.", valueName: "dir"))
  var log: String?

  @Option(help: ArgumentHelp("Maximum events per request.", valueName: "n"))
  var batch = 500

  @Option(help: ArgumentHelp("Maximum concurrent requests.", valueName: "n"))
  var connections = 32

  @Option(help: ArgumentHelp("How long the target may take to come to rest, in seconds.", valueName: "n"))
  var patience = 60.0

  @Flag(help: "Simulates the same scenario, too, and sets what postings took side by side; needs a --log.")
  var againstSimulation = false

  @Flag(help: "Fits the latencies of the simulated ERPs to what postings took here; needs a --log.")
  var calibrate = false

  @OptionGroup var live: LiveOptions

  @Option(
    help: ArgumentHelp(
      "Aborts when the p99 latency, over at least 100 requests, exceeds N seconds.",
      valueName: "seconds"))
  var stopAbove: Double?

  @Option(
    help:
      "What goes to standard output: a summary as text, json (the record), or html (one file that stands on its own)."
  )
  var format: StudyFormat = .text

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    if let stopAbove, !(stopAbove > 0) { throw ValidationError("--stop-above is more than 0") }
    if againstSimulation || calibrate, log == nil {
      throw ValidationError("--against-simulation and --calibrate need the core's --log")
    }
    guard (1...10_000).contains(batch) else { throw ValidationError("--batch is from 1 to 10000") }
    guard (1...1000).contains(connections) else { throw ValidationError("--connections is from 1 to 1000") }
    guard patience > 0, patience <= 86_400 else {
      throw ValidationError("--patience is more than 0 and at most 86400")
    }
    if target == "core" {
      if erps != nil { throw ValidationError("--target core has its ERPs beside it: leave out --erps") }
      if log == nil { throw ValidationError("--target core needs a folder for its --log") }
    } else {
      try ServiceAddress.check(target, "--target")
      guard let erps else { throw ValidationError("say with --erps whose ledgers are audited") }
      try ServiceAddress.check(erps, "--erps")
    }
  }

  func run() throws {
    let (scenario, identity, assembly, seed, clock) = try live.prepare(self.scenario)
    Interruption.listen()
    let line = ProgressLine(isQuiet: quiet)
    do {
      var test = try LoadTest(assembly.world, seed: seed, clock: clock)
      (test.batch, test.connections, test.patience) = (batch, connections, .seconds(patience))
      let outcome = try run(test, scenario.name, identity, assembly, line)
      line.end()
      let (judged, postings) = try judge(outcome, test, scenario.name, identity, seed, assembly)
      var record = judged
      if againstSimulation {
        let run = try Console.reading { try SimulationRun(scenario, seed: seed) }
        record.compared = Self.compared(run.perform(), postings)
      }
      if calibrate {
        let run = try Console.reading { try SimulationRun(scenario, seed: seed) }
        record.calibrated = Calibration(run, postings: postings).fit().map {
          .init(
            entity: $0.entity, latency: $0.before.seconds, fitted: $0.after.seconds,
            errorBefore: $0.errorBefore,
            errorAfter: $0.errorAfter)
        }
      }
      switch format {
      case .json: try Console.write(record.json())
      case .html: try Console.print(LoadReport(record).html())
      case .text: try Console.print(LoadText(record, style: Console.style).text())
      }
      if record.interrupted { throw Exit.interrupted }
      if record.verdict == .fail { throw Exit.broken }
    } catch let error as LoadTestError {
      Console.note("\(self.scenario): \(error)")
      throw Exit.badInput
    } catch let error as FileLogError {
      Console.note(error.description)
      throw Exit.badInput
    }
  }

  private func run(
    _ test: LoadTest, _ name: String, _ identity: LogIdentity, _ assembly: Assembly, _ line: ProgressLine
  ) throws -> LoadTest.Outcome {
    let stopAbove = stopAbove ?? .infinity
    let show: @Sendable (LoadMeasurement) -> Bool = { measurement in
      if measurement.requests >= 100, measurement.latency["p99"] ?? 0 > stopAbove { return false }
      if measurement.scheduled > 0 {
        line.show { _ in
          "\(name): \(measurement.acknowledged) of \(measurement.scheduled) events acknowledged, \(measurement.repetitions) requests sent again"
        }
      }
      return !Interruption.isRequested
    }
    let folder = target == "core" ? try LiveFolder(log ?? ".") : nil
    let (target, erps) = (target, erps ?? "")
    let result = OutcomeBox()
    try Blocking.wait {
      if let folder {
        result.set(
          try await test.runCore(
            policy: assembly.policy, scenario: name, identity: identity, log: folder.log, show: show))
      } else {
        result.set(await test.run(against: target, erps: erps, show: show))
      }
    }
    return try result.get()
  }

  /// What postings took on both clocks.
  private static func compared(_ record: RunRecord, _ postings: [Audit.Postings]) -> [LoadRecord.Compared] {
    var rows: [LoadRecord.Compared] = []
    for (erp, real) in zip(record.erps, postings) {
      for (name, key, share) in [("median", "p50", 0.5), ("90 %", "p90", 0.9), ("99 %", "p99", 0.99)] {
        guard let simulated = erp.postingLatency[key], let latency = real.latency(share) else { continue }
        rows.append(
          .init(
            name: "\(erp.entity): posting latency, \(name)", unit: "s", simulated: simulated, real: latency))
      }
      for (name, simulated, real) in [
        ("calls", erp.calls, real.calls), ("look-ups", erp.lookUps, real.lookUps),
        ("throttled", erp.throttled, real.throttled),
      ] {
        rows.append(
          .init(name: "\(erp.entity): \(name)", unit: "1", simulated: Double(simulated), real: Double(real)))
      }
    }
    return rows
  }

  private func judge(
    _ outcome: LoadTest.Outcome, _ test: LoadTest, _ name: String, _ identity: LogIdentity, _ seed: UInt64,
    _ assembly: Assembly
  ) throws -> (LoadRecord, [Audit.Postings]) {
    let audit = Audit(assembly)
    let ledger = outcome.ledger?.map { Audit.Posted(at: $0.at, document: $0.document) }
    var problems = outcome.problems
    let isStopped = stopAbove.map { outcome.measurement.latency["p99"] ?? 0 > $0 } ?? false
    if isStopped, let stopAbove {
      problems.append("stopped, as 1 % of the requests took longer than \(stopAbove) s")
    }
    var verdict = Audit.Judgement(invariants: [])
    if let log {
      verdict = try audit.judge(
        acknowledged: outcome.acknowledged, ledger: ledger ?? [],
        log: try test.log(LiveFolder(log).log, scenario: name, identity: identity),
        isWhole: !isStopped && !Interruption.isRequested)
    } else if let ledger {
      verdict = audit.judge(ledger: ledger, at: test.clock.now)
    }
    if let lost = verdict.acknowledgedAndLost, lost > 0 {
      problems.append("\(lost) events were acknowledged, and the log does not hold them")
    }
    let measurement = outcome.measurement
    let holds =
      problems.isEmpty && verdict.invariants.allSatisfy { $0.verdict != .broken } && !Interruption.isRequested
    let record = LoadRecord(
      meterstorm: Meterstorm.version, scenario: name, seed: seed, target: target, timeScale: live.timeScale,
      verdict: holds ? .pass : .fail, interrupted: Interruption.isRequested,
      ingestion: .init(
        scheduled: measurement.scheduled, acknowledged: measurement.acknowledged,
        requests: measurement.requests,
        repetitions: measurement.repetitions, turnedAway: measurement.turnedAway,
        seconds: measurement.seconds,
        latency: measurement.latency),
      documents: ledger?.count ?? 0, acknowledgedAndLost: verdict.acknowledgedAndLost, stuck: verdict.stuck,
      problems: problems, invariants: verdict.invariants)
    return (record, verdict.postings)
  }
}

/// The folder of a log.
struct LiveFolder {
  /// The log's file.
  let log: String

  init(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw ValidationError("cannot make the folder '\(path)': \(error.localizedDescription)")
    }
    log = URL(fileURLWithPath: path).appendingPathComponent("pipeline.log").path
  }
}

/// What asynchronous work has come to.
private final class OutcomeBox: Sendable {
  private let outcome = Mutex<LoadTest.Outcome?>(nil)

  func set(_ outcome: LoadTest.Outcome) { self.outcome.withLock { $0 = outcome } }

  func get() throws -> LoadTest.Outcome {
    guard let outcome = outcome.withLock({ $0 }) else { throw Exit.internalFault }
    return outcome
  }
}
