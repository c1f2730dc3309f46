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
            ("description", description), ("window", "\(design.window)"), ("grace", "\(design.grace)"),
            ("deduplicationHorizon", "\(design.deduplicationHorizon)"), ("batchSize", "\(design.batchSize)"),
            ("concurrency", "\(design.concurrency)"), ("timeout", "\(design.timeout)"),
          ])
      }
    case .erpProfiles:
      return ERPProfile.builtIn.map { profile in
        Entry(
          name: profile.name,
          details: [
            ("source", profile.source),
            ("operationsPerMinute", profile.operationsPerMinute.map { "\($0)" } ?? "unlimited"),
            ("concurrency", profile.concurrency.map { "\($0)" } ?? "unlimited"),
            ("latency", "\(profile.latency) median + \(profile.latencyPerOperation) a document"),
            ("idempotencyKeys", profile.honoursIdempotencyKeys ? "honoured" : "ignored"),
            ("closedPeriods", profile.enforcesPeriods ? "refused" : "accepted"),
            ("retryAfter", profile.retryAfter.map { "\($0)" } ?? "not said"),
          ])
      }
    case .invariants:
      return Oracle.invariants.map { invariant in
        let defects = Defect.all.filter { $0.caughtBy == invariant.name }.map(\.name)
        return Entry(
          name: invariant.name,
          details: [
            ("statement", invariant.statement), ("boundary", invariant.boundary.rawValue),
            ("evidence", invariant.evidence),
          ] + (defects.isEmpty ? [] : [("catches", defects.joined(separator: ", "))]))
      }
    case .defects:
      return Defect.all.map { defect in
        Entry(
          name: defect.name,
          details: [
            ("mistake", defect.mistake), ("modelledOn", defect.modelledOn), ("caughtBy", defect.caughtBy),
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
    }
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
