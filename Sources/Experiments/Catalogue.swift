import CanonicalModel
import Foundation
import Scenario
import Verification
import World

/// What is built in, by kind: for `list`.
public enum Catalogue {
  /// The kinds.
  public enum Kind: String, CaseIterable, Sendable {
    case scenarios
    case designs
    case erpProfiles = "erp-profiles"
    case invariants
    case defects
    case situations
    case distributions
    case faults
    case indicators
  }

  /// One thing that is built in; the first detail is its description.
  public struct Entry: Sendable {
    /// The name.
    public var name: String
    /// Keys and values, in order.
    public var details: [(key: String, value: String)]
  }

  /// All entries of a kind.
  ///
  /// - Throws: where a scenario in the folder `scenarios` cannot be read.
  public static func entries(of kind: Kind) throws(InvalidInput) -> [Entry] {
    switch kind {
    case .scenarios: return try scenarios()
    case .designs:
      return DesignFile.builtIn.map { design, description in
        Entry(
          name: design.name,
          details: [
            ("description", description),
            ("processes", design.processes.map { $0.joined(separator: "+") }.joined(separator: ", ")),
            ("capture", design.capture.rawValue),
            ("log", design.syncEvery.map { "synced every \($0)" } ?? "synced before any effect"),
            ("deduplication", "\(design.deduplication.rawValue), \(design.deduplicationStore.rawValue)"),
            ("deduplicationHorizon", "\(design.deduplicationHorizon)"), ("window", "\(design.window)"),
            ("grace", "\(design.grace)"), ("lateUsage", design.lateUsage.rawValue),
            ("batchSize", "\(design.batchSize)"), ("concurrency", "\(design.concurrency)"),
            ("schedule", text(design.schedule)), ("timeout", "\(design.timeout)"),
            ("backoff", "\(design.backoff) to \(design.maximumBackoff)"),
            ("backoffStrategy", design.backoffStrategy.rawValue),
            ("retryAfter", design.retryAfter.rawValue),
            ("attempts", design.attempts.map { "\($0)" } ?? "without end"),
            ("key", design.key.rawValue), ("unknownOutcome", design.unknownOutcome.rawValue),
            ("partialSuccess", design.partialSuccess.rawValue), ("order", design.order.rawValue),
            ("outbox", design.outbox.rawValue), ("acceptance", design.acceptance.rawValue),
            ("periodCheck", design.periodCheck.rawValue),
            ("reconciliation", "every \(design.reconciliationCadence)"),
          ])
      }
    case .erpProfiles:
      return ERPProfile.builtIn.map { profile in
        Entry(
          name: profile.name,
          details: profileDetails(profile))
      }
    case .invariants:
      return Oracle.invariants.map { invariant in
        let defects = Defect.all.filter { $0.caughtBy == invariant.name }.map(\.name)
        return Entry(
          name: invariant.name,
          details: [
            ("statement", invariant.statement), ("boundary", invariant.boundary.rawValue),
            ("evidence", invariant.evidence), ("property", invariant.property.rawValue),
            ("cost", invariant.cost.text),
          ] + (defects.isEmpty ? [] : [("catches", defects.joined(separator: ", "))]))
      }
    case .defects:
      return Defect.all.map { defect in
        Entry(
          name: defect.name,
          details: [
            ("mistake", defect.mistake), ("models", defect.models), ("caughtBy", defect.caughtBy),
            ("scenario", "scenarios/\(defect.scenario).yaml"),
          ])
      }
    case .situations:
      return Situation.allCases.map { situation in
        Entry(name: situation.rawValue, details: [("description", situation.meaning)])
      }
    case .distributions:
      return ScenarioFile.distributions.map { family, name, help in
        Entry(name: name, details: [("description", help), ("use", family)])
      }
    case .faults:
      return ScenarioFile.faultKinds.map { kind in
        Entry(
          name: kind.name,
          details: [("description", kind.help), ("targets", kind.targets), ("end", kind.end)])
      }
    case .indicators:
      return Expectation.indicators.map { indicator in
        Entry(
          name: indicator.name,
          details: [("description", indicator.meaning), ("unit", indicator.wordedUnit)]
            + (indicator.denominator.map { [("of", $0)] } ?? []))
      }
    }
  }

  private static func text(_ schedule: PostingSchedule) -> String {
    switch schedule {
    case .continuous: "continuous"
    case .linger(let span): "once a batch is full, or after \(span)"
    case .nightly(let at, let length): "each night at \(at) for \(length)"
    }
  }

  private static func profileDetails(_ profile: ERPProfile) -> [(key: String, value: String)] {
    let idempotency =
      switch profile.idempotency {
      case .none: "none: a plain add duplicates"
      case .externalID: "upsert on an external id, permanent"
      case .key(let retention, let refuses):
        "key known for \(retention)" + (refuses ? ", refused with another body" : "")
      case .uniqueNumber: "a repeated document number is an error"
      }
    var details: [(key: String, value: String)] = [
      (
        "limits",
        profile.limits.isEmpty ? "no rate limit" : profile.limits.map(\.text).joined(separator: "; ")
      ),
      ("concurrency", profile.concurrency.map { "\($0)" } ?? "unlimited"),
      (
        "queue",
        profile.queueDepth == 0
          ? "none" : "\(profile.queueDepth) calls, each for \(profile.queueWait) at most"
      ),
      ("documentsPerCall", profile.documentsPerCall.map { "\($0)" } ?? "unlimited"),
      ("linesPerDocument", profile.linesPerDocument.map { "\($0)" } ?? "unlimited"),
      (
        "latency",
        "\(profile.latency) median, log-normal with sigma \(profile.latencySigma), and \(profile.latencyPerDocument) a document"
      ),
      ("serverTimeout", "\(profile.serverTimeout)"), ("idempotency", idempotency),
      ("answers", profile.jobTime.map { "accepted at once, posted by a job after \($0)" } ?? "at once"),
      ("laterRejections", "\(Int(profile.laterRejections * 1000)) in 1,000 documents"),
      ("throttled", profile.throttleAnswer),
      ("retryAfter", profile.retryAfter.map { "\($0) at least" } ?? "not said"),
      ("closedPeriods", profile.periods.rawValue), ("indexLag", "\(profile.indexLag)"),
      ("lostAnswers", "\(Int(profile.lostAnswers * 1000)) in 1,000 calls"),
    ]
    details += profile.sources.map { ("source of \($0.figure)", $0.source) }
    return details
  }

  /// The scenarios of the folder `scenarios` in the working directory.
  private static func scenarios() throws(InvalidInput) -> [Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "scenarios")) ?? []
    var entries: [Entry] = []
    for name in names.sorted() where name.hasSuffix(".yaml") {
      let file = "scenarios/\(name)"
      guard try FileKind.detect(file: file) == .scenario else { continue }
      let scenario = try ScenarioFile.read(file: file)
      entries.append(Entry(name: file, details: [("description", scenario.description)]))
    }
    return entries
  }
}
