import Scenario

/// A condition under which a gate fails.
package enum GateCondition: Hashable, Sendable {
  /// A property fails in the candidate, and on no seed of the base.
  case newFailure
  /// A property that failed before fails on more of the same seeds than chance explains.
  case moreFailures
  /// A property fails on a seed on which it held in the base.
  case newlyFailingSeed
  /// Anything fails in the candidate.
  case anyFailure
  /// An invariant that the base exercised is exercised on no seed of the candidate.
  case notExercised
  /// The candidate ran fewer seeds of a scenario.
  case seedsBelow(Int)
  /// Any indicator is shown to be worse by more than a share of the base's.
  case indicatorsWorse(Double)
  /// An indicator is shown to lie beyond a limit.
  case indicator(FailureCondition)
  /// A count of instructions has grown by more than a share.
  case instructions(Double)
  /// A count of allocations has grown by more than a share.
  case allocations(Double)

  /// What a gate fails on unless told otherwise: a margin for indicators that nobody would call noise, and one for instructions that is
  /// several times as wide as counts of the same work differ.
  package static let standard: [GateCondition] = [
    .newFailure, .moreFailures, .instructions(0.02), .allocations(0.05), .indicatorsWorse(0.05),
  ]

  /// The vocabulary, for help and errors.
  package static let vocabulary =
    "'new failure', 'more failures', 'newly failing seed', 'any failure', 'not exercised', 'seeds < 500', "
    + "'indicators worse by 5%', an indicator such as 'closeCycleTime > +5%', 'instructions > +2%', 'allocations > +5%'"

  /// Reads a condition.
  ///
  /// - Throws: what would be right.
  package init(_ text: String) throws(InvalidCondition) {
    let words = text.split(separator: " ").map(String.init)
    let plain = words.joined(separator: " ")
    let named: [String: GateCondition] = [
      "new failure": .newFailure, "more failures": .moreFailures, "newly failing seed": .newlyFailingSeed,
      "any failure": .anyFailure, "not exercised": .notExercised,
    ]
    if let condition = named[plain] {
      self = condition
      return
    }
    let parts = Self.parts(plain)
    switch parts?.name {
    case "seeds":
      guard parts?.sign == "<", let count = parts.flatMap({ Int($0.limit) }), count > 0 else {
        throw InvalidCondition("'\(text)' should look like 'seeds < 500'")
      }
      self = .seedsBelow(count)
    case "instructions", "allocations":
      guard parts?.sign == ">", let limit = parts?.limit, let share = Self.share(limit.drop { $0 == "+" })
      else {
        throw InvalidCondition("'\(text)' should look like '\(parts?.name ?? "") > +2%'")
      }
      self = parts?.name == "instructions" ? .instructions(share) : .allocations(share)
    case nil where words.count == 4 && words[0...2] == ["indicators", "worse", "by"]:
      guard let share = Self.share(Substring(words[3])) else {
        throw InvalidCondition("'\(text)' should look like 'indicators worse by 5%'")
      }
      self = .indicatorsWorse(share)
    case nil:
      throw InvalidCondition(
        "'\(text)' is not a condition\(NearestKey.hint(for: plain, among: named.keys.sorted())); conditions are \(Self.vocabulary)"
      )
    default: self = .indicator(try FailureCondition(text))
    }
  }

  private static func parts(_ text: String) -> (name: String, sign: Character, limit: String)? {
    guard let sign = text.firstIndex(where: { $0 == "<" || $0 == ">" }) else { return nil }
    return (
      String(text[..<sign].filter { $0 != " " }), text[sign],
      String(text[text.index(after: sign)...].filter { $0 != " " })
    )
  }

  private static func share(_ text: Substring) -> Double? {
    guard text.hasSuffix("%"), let number = Double(text.dropLast()), number.isFinite,
      (0...1_000_000).contains(number)
    else { return nil }
    return number / 100
  }

  /// As a person writes it.
  package var text: String {
    switch self {
    case .newFailure: "new failure"
    case .moreFailures: "more failures"
    case .newlyFailingSeed: "newly failing seed"
    case .anyFailure: "any failure"
    case .notExercised: "not exercised"
    case .seedsBelow(let count): "seeds < \(count)"
    case .indicatorsWorse(let share): "indicators worse by \(Self.percent(share))"
    case .indicator(let condition): condition.text
    case .instructions(let share): "instructions > +\(Self.percent(share))"
    case .allocations(let share): "allocations > +\(Self.percent(share))"
    }
  }

  private static func percent(_ share: Double) -> String {
    let value = (share * 100_000).rounded() / 1000
    return (Int(exactly: value).map { "\($0)" } ?? "\(value)") + "%"
  }
}
