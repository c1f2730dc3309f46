import SimulationKernel

/// Picks the system with the lowest mean out of several that are simulated on common random numbers, with as few replications as it
/// takes (procedure KN: S.-H. Kim, B. Nelson, "A fully sequential procedure for indifference-zone selection in simulation", ACM TOMACS
/// 11, 2001).
///
/// After a first stage, from which the variances of all differences are taken, every further replication is of those systems alone that
/// may still be the best. Where values are normally distributed, the system picked is the best with the stated probability, or its mean
/// is within the indifference of the best.
package struct FullySequentialSelection: Sendable {
  /// How far the choice is.
  package enum State: Hashable, Sendable {
    /// More than one system may be the best.
    case open
    /// One is left, or several whose means are the same.
    case decided([Int])
  }

  /// Differences of means that do not matter, in the values' unit.
  package let indifference: Double
  /// Replications of the first stage.
  package let first: Int
  /// The square of the factor h of the paper.
  private let breadth: Double
  /// Values of each system in the first stage, by replication.
  private var values: [[Double]]
  private var moments: [Moments]
  /// The variance of the difference of each pair over the first stage.
  private var variances: [[Double]] = []
  /// Systems that may still be the best, in order.
  package private(set) var remaining: [Int]
  /// With how many replications each system left the choice; `nil` where it has not.
  package private(set) var left: [Int?]

  /// Begins a choice.
  ///
  /// - Parameters:
  ///   - systems: how many there are, at least 1.
  ///   - indifference: above 0.
  ///   - confidence: the probability with which the choice is right, above 1 / `systems` and below 1.
  ///   - first: replications of the first stage, at least 2; 20 keep the promise for values that are moderately skewed.
  package init(systems: Int, indifference: Double, confidence: Double, first: Int) {
    self.indifference = indifference
    self.first = max(2, first)
    let degrees = Double(self.first - 1)
    let share = 2 * (1 - confidence) / Double(max(1, systems - 1))
    breadth = (DeterministicMath.pow(share, -2 / degrees) - 1) * degrees
    values = Array(repeating: [], count: systems)
    moments = Array(repeating: Moments(), count: systems)
    remaining = Array(0..<systems)
    left = Array(repeating: nil, count: systems)
  }

  /// Replications that every remaining system has.
  package var replications: Int { remaining.first.map { moments[$0].count } ?? 0 }

  /// Takes a system out that cannot be chosen whatever its mean, such as one that broke a promise.
  package mutating func withdraw(_ system: Int) {
    guard remaining.contains(system) else { return }
    left[system] = moments[system].count
    remaining.removeAll { $0 == system }
  }

  /// Takes in one replication, the same random numbers for every remaining system.
  ///
  /// - Parameter replication: a value of each remaining system, in the order of ``remaining``.
  package mutating func add(_ replication: [Double]) {
    let isFirst = replications < first
    for (system, value) in zip(remaining, replication) {
      moments[system].add(value)
      if isFirst { values[system].append(value) }
    }
    let count = replications
    guard count >= first else { return }
    if count == first { measure() }
    screen(count)
  }

  /// How far the choice is.
  package var state: State {
    guard replications >= first else { return .open }
    if remaining.count == 1 { return .decided(remaining) }
    let means = remaining.map(mean)
    guard let least = means.min(), !means.contains(where: { $0 > least }) else { return .open }
    // Equal means, and no breadth left within which they could still part.
    let isOver = remaining.allSatisfy { a in
      remaining.allSatisfy { b in a == b || width(a, b, replications) == 0 }
    }
    return isOver ? .decided(remaining) : .open
  }

  /// The mean of a system's values so far.
  package func mean(_ system: Int) -> Double { moments[system].mean }

  private mutating func measure() {
    variances = values.map { a in values.map { b in Moments(zip(a, b).map { $0 - $1 }).variance ?? 0 } }
  }

  private mutating func screen(_ count: Int) {
    let kept = remaining.filter { a in
      remaining.allSatisfy { b in a == b || mean(a) <= mean(b) + width(a, b, count) }
    }
    for system in remaining where !kept.contains(system) { left[system] = count }
    remaining = kept
  }

  /// How far apart two means may be after so many replications without either being out.
  private func width(_ a: Int, _ b: Int, _ count: Int) -> Double {
    let replications = Double(count)
    return max(
      0, (breadth * variances[a][b] / indifference - indifference * replications) / (2 * replications))
  }
}
