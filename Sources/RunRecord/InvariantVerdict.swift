/// What can be said of an invariant: never more than was looked at.
package enum InvariantVerdict: String, Codable, Sendable, CaseIterable {
  /// At least one real comparison, and none failed.
  case held
  /// At least one comparison failed.
  case broken
  /// Its evidence exists, and nothing of its kind happened. Never counted as held.
  case notExercised
  /// Evidence is missing or not complete for at least a part of it, or a person has switched it off.
  case notJudged
}

/// How many invariants have which verdict: what every headline counts.
package struct InvariantTally: Codable, Hashable, Sendable {
  /// At least one real comparison, and none failed.
  package var held = 0
  /// At least one comparison failed.
  package var broken = 0
  /// Nothing of their kind happened.
  package var notExercised = 0
  /// Evidence is missing.
  package var notJudged = 0

  /// Counts verdicts.
  package init(_ verdicts: some Sequence<InvariantVerdict>) {
    for verdict in verdicts {
      switch verdict {
      case .held: held += 1
      case .broken: broken += 1
      case .notExercised: notExercised += 1
      case .notJudged: notJudged += 1
      }
    }
  }

  /// Counts what several runs have shown together: broken where one run broke it, held where one run compared something and none
  /// broke it, not exercised where nothing of the kind happened in any.
  package init(together runs: [[String: InvariantVerdict]]) {
    var found: [String: InvariantVerdict] = [:]
    let order: [InvariantVerdict] = [.broken, .held, .notJudged, .notExercised]
    for (name, verdict) in runs.joined() {  // the worst that is known: the order cannot matter
      let known = found[name] ?? .notExercised
      found[name] = order.first { $0 == known || $0 == verdict } ?? verdict
    }
    self.init(found.values)
  }

  /// Those that were compared with something to the end, or found broken.
  package var judged: Int { held + broken }

  /// `41 of 41 invariants held · 28 not exercised · 1 not judged`: what is nothing is left out but for the first.
  package var text: String {
    "\(held) of \(judged) invariants held"
      + (notExercised > 0 ? " · \(notExercised) not exercised" : "")
      + (notJudged > 0 ? " · \(notJudged) not judged" : "")
  }
}

extension RunRecord {
  /// How many invariants have which verdict.
  package var tally: InvariantTally { InvariantTally(invariants.lazy.map(\.verdict)) }

  /// Something that had to happen for the run to say anything.
  package struct Requirement: Codable, Equatable, Sendable {
    /// What a requirement is of.
    package enum Kind: String, Codable, Sendable, CaseIterable {
      case invariant
      case situation
    }

    /// The invariant or situation.
    package var name: String
    package var kind: Kind
    /// Whether the invariant was exercised or the situation reached.
    package var isMet: Bool

    /// Makes an entry.
    package init(name: String, kind: Kind, isMet: Bool) {
      self.name = name
      self.kind = kind
      self.isMet = isMet
    }
  }
}
