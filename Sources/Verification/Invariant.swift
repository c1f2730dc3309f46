import Chronology

/// The stage boundary that an invariant guards.
public enum Boundary: String, Sendable, CaseIterable {
  case capture, metering, rating, billing, posting, payments, revenue, ledger, lineage, controls, liveness
}

/// The two ways in which something can be right (B. Alpern, F. Schneider, "Defining liveness", 1985).
public enum PropertyKind: String, Sendable, CaseIterable {
  /// Something bad never happens: a violation has an instant, and nothing later can mend it.
  case safety
  /// Something good happens in the end: judged when the world has come to rest, as only then nothing more can come.
  case liveness
}

/// What an invariant costs: a bounded step for each of something.
public enum InvariantCost: Hashable, Sendable {
  /// What the step is for.
  public enum Unit: String, Sendable, CaseIterable {
    case event, delivery, window, charge, document, call, crash, queue
    case exceptionCase = "case"
    case tracedEvent = "traced event"
  }

  /// A step as each one happens; what it leaves for the end is in proportion.
  case each(Unit)
  /// Nothing, or little, while the run goes on; a step for each one at rest.
  case atRest(Unit)

  /// The text in listings.
  public var text: String {
    switch self {
    case .each(let unit): "a step for each \(unit.rawValue)"
    case .atRest(let unit): "at rest, a step for each \(unit.rawValue)"
    }
  }
}

/// What an invariant says, in the field's terms.
public struct InvariantDefinition: Hashable, Sendable {
  /// The name in records and on the command line.
  public let name: String
  /// The boundary that it guards.
  public let boundary: Boundary
  /// Its place among those of its boundary, from 1.
  public let place: Int
  /// What must hold.
  public let statement: String
  /// What it reads to judge.
  public let evidence: String
  /// Safety or liveness.
  public let property: PropertyKind
  /// What it costs.
  public let cost: InvariantCost
}

/// One breach of an invariant.
public struct Violation: Hashable, Sendable {
  /// When it was found.
  public var at: Instant
  /// What it is about: `account c0012`, `invoice US-000042`, `meter tokens`, `window 2026-01-31T23:00:00Z`.
  public var ids: [String]
  /// The figure that should be.
  public var expected: String
  /// The figure that is.
  public var actual: String
}

/// What an invariant has found so far. Keeps the first violations in full and counts the rest.
public struct Findings: Sendable {
  /// Violations that are kept in full.
  public static let kept = 50
  /// Parts that are named as left out; further ones are not.
  public static let namedParts = 20
  /// Comparisons made, of something with something.
  public private(set) var checks = 0
  /// Violations found.
  public private(set) var violationCount = 0
  /// The first ``kept`` violations.
  public private(set) var violations: [Violation] = []
  /// What could not be judged, and why: `entity de: 3 documents wait in outbox/de`.
  public private(set) var leftOut: [String] = []

  /// Compares two figures, and records a violation where they differ.
  ///
  /// - Parameter isReal: whether there is anything to compare. Nothing against nothing, such as 0 = 0 of an account that
  ///   was never touched, is no check; a difference is a violation all the same.
  /// - Returns: whether they are equal.
  @discardableResult
  mutating func expect<T: Equatable>(
    _ actual: T, equals expected: T, at instant: Instant, isReal: Bool = true,
    show: (T) -> String = { "\($0)" }, _ ids: @autoclosure () -> [String]
  ) -> Bool {
    if actual == expected {
      if isReal { checks += 1 }
      return true
    }
    checks += 1
    add(Violation(at: instant, ids: ids(), expected: show(expected), actual: show(actual)))
    return false
  }

  /// Records that something holds, or a violation if it does not.
  ///
  /// - Parameter isReal: whether there was anything to hold or not to hold.
  @discardableResult
  mutating func require(
    _ holds: Bool, at instant: Instant, isReal: Bool = true, _ violation: () -> Breach
  ) -> Bool {
    if holds {
      if isReal { checks += 1 }
      return true
    }
    checks += 1
    let breach = violation()
    add(Violation(at: instant, ids: breach.ids, expected: breach.expected, actual: breach.actual))
    return false
  }

  /// Records that a part could not be judged, as its evidence is missing or not complete.
  mutating func leaveOut(_ reason: String) {
    if leftOut.count < Self.namedParts, !leftOut.contains(reason) { leftOut.append(reason) }
  }

  private mutating func add(_ violation: Violation) {
    violationCount += 1
    if violations.count < Self.kept { violations.append(violation) }
  }
}

/// The ids and figures of a violation that is about to be noted.
struct Breach {
  var ids: [String]
  var expected: String
  var actual: String
}

/// An invariant with its findings. Its file is all there is to it: it says by what it conforms to which facts it hears of
/// (``HearsRated`` and the like) and when it judges (``JudgesAtRest``), and `scripts/registry` finds it.
protocol Invariant {
  static var definition: InvariantDefinition { get }
  var findings: Findings { get set }
  init()
}

/// What can be said of an invariant after a run: never more than was looked at.
public enum InvariantOutcome: String, Sendable, CaseIterable {
  /// At least one real comparison, and none failed.
  case held
  /// At least one comparison failed.
  case broken
  /// Its evidence exists, and nothing of its kind happened.
  case notExercised
  /// Evidence is missing or not complete for at least a part of it, and nothing was found broken.
  case notJudged
}

/// The verdict on one invariant.
public struct InvariantResult: Sendable {
  /// The invariant.
  public var definition: InvariantDefinition
  /// What it found.
  public var findings: Findings
  /// What can be said of it.
  public var outcome: InvariantOutcome {
    if findings.violationCount > 0 { return .broken }
    if !findings.leftOut.isEmpty { return .notJudged }
    return findings.checks > 0 ? .held : .notExercised
  }
}
