import CanonicalModel
import Chronology

/// A fault that a scenario declares.
package struct FaultFile: Hashable, Sendable {
  /// What goes wrong.
  package var kind: FaultKind
  /// When.
  package var timing: Timing
  /// For how long; for a crash, until the process starts again; `nil`: it never ends.
  package var duration: Span?
  /// When, and whether it ends, in words.
  package var text: String { timing.text + (duration == nil ? ", without end" : "") }
  /// What is hit: a random fault hits one of them, any other one all.
  package var targets: [FaultTarget]

  /// When it goes wrong.
  package enum Timing: Hashable, Sendable {
    /// At these moments.
    case at([Instant])
    case random(every: Span)
    case when(FaultCondition, after: Span, times: Int)

    /// When, in words.
    package var text: String {
      switch self {
      case .at(let moments):
        "at \(moments.first.map { "\($0)" } ?? "no moment")"
          + (moments.count > 1 ? " and \(moments.count - 1) more times" : "")
      case .random(let every): "at random, every \(every) on average"
      case .when(let condition, let after, _):
        (after > .zero ? "\(after) after " : "when ") + condition.text
      }
    }
  }

  /// The kinds of fault in the order of the schema: a crash, which has no length of its own, comes last.
  static let sorts = FaultKind.Sort.allCases.filter { $0 != .crash } + [.crash]

  /// What stands below the key of a kind.
  struct Body: Sendable {
    var kind: FaultKind
    /// How long it lasts, `nil` in it: it never ends; `nil`: not said here.
    var length: Located<Span?>?
    /// Whether that is the time until a restart, which no other length replaces.
    var isRestart = false
  }
}

extension FaultCondition {
  /// The condition in words.
  var text: String {
    switch self {
    case .situation(let situation, let times):
      "\(situation.rawValue) was reached" + (times > 1 ? " \(times) times" : "")
    case .outbox(let limit): "more than \(limit) documents wait for one ERP"
    case .inFlight(let limit): "more than \(limit) calls are under way to one ERP"
    case .brokerLag(let limit): "more than \(limit) usage events wait in the broker"
    }
  }
}

extension ScenarioFile {
  package typealias Fault = FaultFile
  package typealias FaultTiming = FaultFile.Timing

  /// Every kind of fault: what it does, what it can hit, and whether it can last forever.
  package static var faultKinds: [(name: String, help: String, targets: String, end: String)] {
    FaultFile.sorts.map { sort in
      let declared = sort.declaration
      return (
        sort.rawValue, declared.help, declared.hits.map(\.rawValue).joined(separator: ", "),
        declared.whyItEnds ?? (sort == .crash ? "restartAfter: never" : "for: forever")
      )
    }
  }
}
