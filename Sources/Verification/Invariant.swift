import Chronology

/// The stage boundary that an invariant guards.
public enum Boundary: String, Sendable, CaseIterable {
  case capture, metering, rating, billing, posting, payments, revenue, ledger, lineage, honesty, liveness
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
  /// Comparisons made.
  public private(set) var checks = 0
  /// Violations found.
  public private(set) var violationCount = 0
  /// The first ``kept`` violations.
  public private(set) var violations: [Violation] = []

  /// Compares two figures, and notes a violation where they differ.
  ///
  /// - Returns: whether they are equal.
  @discardableResult
  mutating func expect<T: Equatable>(
    _ actual: T, equals expected: T, at instant: Instant, show: (T) -> String = { "\($0)" },
    _ ids: @autoclosure () -> [String]
  ) -> Bool {
    checks += 1
    if actual == expected { return true }
    add(Violation(at: instant, ids: ids(), expected: show(expected), actual: show(actual)))
    return false
  }

  /// Notes that something holds, or a violation if it does not.
  @discardableResult
  mutating func require(_ holds: Bool, at instant: Instant, _ violation: () -> Breach) -> Bool {
    checks += 1
    if holds { return true }
    let breach = violation()
    add(Violation(at: instant, ids: breach.ids, expected: breach.expected, actual: breach.actual))
    return false
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

/// An invariant with its findings. Each conforming type stands in its own file and is fed by the ``Oracle``.
protocol Invariant: Sendable {
  static var definition: InvariantDefinition { get }
  var findings: Findings { get set }
}

/// The verdict on one invariant.
public struct InvariantResult: Sendable {
  /// The invariant.
  public var definition: InvariantDefinition
  /// What it found.
  public var findings: Findings
  /// Whether it held.
  public var holds: Bool { findings.violationCount == 0 }
}
