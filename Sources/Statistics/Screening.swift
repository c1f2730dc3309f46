import SimulationKernel

/// Which of many assumptions matter, with intervals over independent paths (M. Morris, "Factorial sampling plans for preliminary computational experiments",
/// Technometrics 33, 1991; the mean of magnitudes: F. Campolongo, J. Cariboni, A. Saltelli, "An effective screening design
/// for sensitivity analysis of large models", 2007).
package struct Screening: Hashable, Sendable {
  /// What changing one assumption does.
  package struct Effect: Hashable, Sendable {
    /// The mean of the magnitudes of its effects, over the whole range of the assumption, with its limits over paths; chance adds
    /// to it. `nil` values: no path measured it.
    package var magnitude: MeanLimits
    /// The mean of its effects: less than the magnitude where its direction depends on others.
    package var mean: MeanLimits
    /// Their standard deviation: large where what it does depends on others or on its own value.
    package var spread: Double
    /// Paths on which it could be measured.
    package var count: Int
    /// Whether it does more than chance: over several replications of each path, products of its effects in different ones are
    /// above zero on average, which those of chance alone are not. `nil`: there is one replication.
    package var isShown: Bool?
  }

  /// Positions of the assumptions in their ranges, from 0 to 1; along a path each point differs from the one before in one.
  package let paths: [[[Double]]]
  /// Which assumption changes at each step of each path.
  package let steps: [[Int]]

  /// Draws paths.
  ///
  /// - Parameter levels: positions of an assumption; even, at least 4.
  package init(assumptions: Int, paths count: Int, levels: Int = 4, seed: UInt64) {
    var stream = RandomStream(rootSeed: seed, name: "screening")
    let jump = Double(levels) / Double(2 * (levels - 1))
    var paths: [[[Double]]] = []
    var steps: [[Int]] = []
    for _ in 0..<count {
      var point = (0..<assumptions).map { _ in
        Double(stream.below(UInt64(levels / 2))) / Double(levels - 1)
      }
      // Half of them begin high and go down.
      let rises = (0..<assumptions).map { _ in stream.bernoulli(0.5) }
      for index in point.indices where !rises[index] { point[index] += jump }
      var order = Array(0..<assumptions)
      for index in order.indices.dropLast() {
        order.swapAt(index, index + Int(stream.below(UInt64(order.count - index))))
      }
      var path = [point]
      for index in order {
        point[index] += rises[index] ? jump : -jump
        path.append(point)
      }
      paths.append(path)
      steps.append(order)
    }
    self.paths = paths
    self.steps = steps
  }

  /// What each assumption does, from what came of each point once.
  package func effects(of results: [[Double]], confidence: Double = 0.95) -> [Effect?] {
    effects(of: results.map { $0.map { [$0] } }, confidence: confidence)
  }

  /// What each assumption does, from what came of each point in some replications; those of a path have chance in common.
  ///
  /// - Parameters:
  ///   - results: by path, which may be fewer than were drawn, point and replication; `nan`: could not be measured.
  ///   - positions: where the points really are, if not quite at ``paths``.
  ///   - confidence: of each interval.
  /// - Returns: `nil` for an assumption that no path measured.
  package func effects(
    of results: [[[Double]]], at positions: [[[Double]]]? = nil, confidence: Double
  ) -> [Effect?] {
    elementaryEffects(of: results, at: positions).map { all in
      let paths = all.compactMap(\.self)
      guard !paths.isEmpty else { return nil }
      let means = paths.map { Moments($0).mean }
      let products = paths.compactMap(Self.product)
      return Effect(
        magnitude: MeanLimits(of: means.map(\.magnitude), confidence: confidence),
        mean: MeanLimits(of: means, confidence: confidence),
        spread: (Moments(means).variance ?? 0).squareRoot(), count: paths.count,
        isShown: products.isEmpty
          ? nil : MeanLimits(of: products, eachWithError: 1 - confidence).lower.map { $0 > 0 } ?? false)
    }
  }

  /// Whether one assumption is shown to matter more than another: the difference of their magnitudes, path by path, is above zero.
  package func isGreater(
    _ a: Int, than b: Int, in results: [[[Double]]], at positions: [[[Double]]]? = nil, confidence: Double
  ) -> Bool {
    let all = elementaryEffects(of: results, at: positions)
    let differences = zip(all[a], all[b]).compactMap { a, b in
      a.flatMap { a in b.map { Moments(a).mean.magnitude - Moments($0).mean.magnitude } }
    }
    guard differences.count > 1 else { return false }
    return MeanLimits(of: differences, eachWithError: 1 - confidence).lower.map { $0 > 0 } ?? false
  }

  /// The effects of each assumption on each path, by replication; `nil` where it could not be measured, or was not changed.
  private func elementaryEffects(of results: [[[Double]]], at positions: [[[Double]]]?) -> [[[Double]?]] {
    var all = Array(repeating: [[Double]?](), count: steps.first?.count ?? 0)
    for (path, values) in zip(paths.indices, results) {
      let points = positions?[path] ?? paths[path]
      for (step, index) in steps[path].enumerated() {
        let distance = points[step + 1][index] - points[step][index]
        let effects = zip(values[step], values[step + 1]).map { ($1 - $0) / distance }
        all[index].append(distance != 0 && effects.allSatisfy(\.isFinite) ? effects : nil)
      }
    }
    return all
  }

  /// The mean product of two different values.
  private static func product(_ values: [Double]) -> Double? {
    guard values.count > 1 else { return nil }
    var (sum, squares) = (0.0, 0.0)
    for value in values {
      sum += value
      squares += value * value
    }
    return (sum * sum - squares) / Double(values.count * (values.count - 1))
  }
}
