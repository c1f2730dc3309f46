import SimulationKernel

/// Which of many assumptions matter (M. Morris, "Factorial sampling plans for preliminary computational experiments",
/// Technometrics 33, 1991; the mean of magnitudes: F. Campolongo, J. Cariboni, A. Saltelli, "An effective screening design
/// for sensitivity analysis of large models", 2007).
public struct Screening: Hashable, Sendable {
  /// What changing one assumption does.
  public struct Effect: Hashable, Sendable {
    /// The mean of the magnitudes of its effects, over the whole range of the assumption.
    public var magnitude: Double
    /// The mean of its effects: less than the magnitude where its direction depends on others.
    public var mean: Double
    /// Their standard deviation: large where what it does depends on others or on its own value.
    public var spread: Double
  }

  /// Positions of the assumptions in their ranges, from 0 to 1; along a path each point differs from the one before in one.
  public let paths: [[[Double]]]
  /// Which assumption changes at each step of each path.
  public let steps: [[Int]]

  /// Draws paths.
  ///
  /// - Parameter levels: positions of an assumption; even, at least 4.
  public init(assumptions: Int, paths count: Int, levels: Int = 4, seed: UInt64) {
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

  /// What each assumption does, from what came of each point.
  public func effects(of results: [[Double]]) -> [Effect] {
    let count = steps.first?.count ?? 0
    var effects = Array(repeating: [Double](), count: count)
    for (path, values) in zip(paths.indices, results) {
      for (step, index) in steps[path].enumerated() {
        let distance = paths[path][step + 1][index] - paths[path][step][index]
        effects[index].append((values[step + 1] - values[step]) / distance)
      }
    }
    return effects.map { values in
      let moments = Moments(values)
      return Effect(
        magnitude: Moments(values.map(\.magnitude)).mean, mean: moments.mean,
        spread: (moments.variance ?? 0).squareRoot())
    }
  }
}
