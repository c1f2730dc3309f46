import CanonicalModel
import Foundation
import Scenario
import Verification
import World

/// What is built in, by kind: for `list`.
package enum Catalogue {
  /// The kinds.
  package enum Kind: String, CaseIterable, Sendable {
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

  /// How many there are of a kind, and what they are.
  package static func summary(of kind: Kind) throws(InvalidInput) -> Entry {
    let meaning =
      switch kind {
      case .scenarios: "scenarios in the folder 'scenarios'"
      case .designs: "designs of the pipeline, from naive to sound"
      case .erpProfiles: "ERPs, with their published limits and where each figure comes from"
      case .invariants: "invariants that every run is judged by"
      case .defects: "known defects to plant with --defect"
      case .situations: "situations that a run can reach"
      case .distributions: "distributions of arrivals, quantities and delays"
      case .faults: "kinds of faults"
      case .indicators: "indicators that expectations and objectives can name"
      }
    return Entry(name: kind.rawValue, details: [("description", "\(try entries(of: kind).count) \(meaning)")])
  }

  /// One thing that is built in; the first detail is its description.
  package struct Entry: Sendable {
    /// The name.
    package var name: String
    /// Keys and values, in order.
    package var details: [(key: String, value: String)]

    /// Makes an entry.
    package init(name: String, details: [(key: String, value: String)]) {
      (self.name, self.details) = (name, details)
    }
  }

  /// All entries of a kind.
  ///
  /// - Throws: where a scenario in the folder `scenarios` cannot be read.
  package static func entries(of kind: Kind) throws(InvalidInput) -> [Entry] {
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
            ("attempts", design.attempts.map { "\($0)" } ?? "unlimited"),
            ("key", design.key.rawValue), ("unknownOutcome", design.unknownOutcome.rawValue),
            ("partialSuccess", design.partialSuccess.rawValue), ("order", design.order.rawValue),
            ("outbox", design.outbox.rawValue), ("acceptance", design.acceptance.rawValue),
            ("periodCheck", design.periodCheck.rawValue),
            ("reconciliation", "every \(design.reconciliationCadence)"),
          ] + design.figures.map { (key: $0.path, value: $0.value) })
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
          ? "none" : "\(profile.queueDepth) calls, each for up to \(profile.queueWait)"
      ),
      ("documentsPerCall", profile.documentsPerCall.map { "\($0)" } ?? "unlimited"),
      ("linesPerDocument", profile.linesPerDocument.map { "\($0)" } ?? "unlimited"),
      (
        "latency",
        "\(profile.latency) median, log-normal with sigma \(profile.latencySigma), plus \(profile.latencyPerDocument) per document"
      ),
      ("serverTimeout", "\(profile.serverTimeout)"), ("idempotency", idempotency),
      ("answers", profile.jobTime.map { "accepted at once, posted by a job after \($0)" } ?? "at once"),
      ("laterRejections", "\(Int(profile.laterRejections * 1000)) in 1,000 documents"),
      ("throttled", profile.throttleAnswer),
      ("retryAfter", profile.retryAfter.map { "\($0) at least" } ?? "not said"),
      ("closedPeriods", profile.periods.rawValue), ("indexLag", "\(profile.indexLag)"),
      ("lostAnswers", "\(Int(profile.lostAnswers * 1000)) in 1,000 calls"),
    ]
    details += profile.assumed.map { (key: $0.path, value: $0.value) }
    details += profile.sources.map { ("source of \($0.figure)", $0.source) }
    details.append(("source of answerAfter and the figures after it", "assumed, the same for every profile"))
    return details
  }

  /// The scenarios of the folder `scenarios` in the working directory, or those that come with the program.
  private static func scenarios() throws(InvalidInput) -> [Entry] {
    for folder in ShippedScenarios.folders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      var entries: [Entry] = []
      for name in names.sorted() where name.hasSuffix(".yaml") {
        let file = "\(folder)/\(name)"
        guard try FileKind.detect(file: file) == .scenario else { continue }
        let scenario = try ScenarioFile.read(file: file)
        // A path of this folder, or the name by which every verb finds it.
        let shown = folder.hasPrefix("/") ? String(name.dropLast(5)) : file
        entries.append(Entry(name: shown, details: [("description", scenario.description)]))
      }
      if !entries.isEmpty { return entries }
    }
    return []
  }
}
