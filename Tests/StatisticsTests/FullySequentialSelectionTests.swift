import SimulationKernel
import Testing

@testable import Statistics

@Suite("Choosing the best of several systems")
struct FullySequentialSelectionTests {
  /// A replication of all systems: a part that is common to them, and one of their own.
  private struct World {
    var stream: RandomStream
    let means: [Double]

    mutating func replication() -> [Double] {
      let common = stream.normal(mean: 0, deviation: 2)
      return means.map { $0 + common + stream.normal(mean: 0, deviation: 1) }
    }
  }

  private func choose(_ means: [Double], repetition: Int, indifference: Double, maximum: Int = 2000) -> (
    state: FullySequentialSelection.State, runs: Int
  ) {
    var world = World(stream: RandomStream(rootSeed: UInt64(repetition), name: "selection"), means: means)
    var selection = FullySequentialSelection(
      systems: means.count, indifference: indifference, confidence: 0.95, first: 20)
    var runs = 0
    while selection.state == .open, selection.replications < maximum {
      let values = world.replication()
      runs += selection.remaining.count
      selection.add(selection.remaining.map { values[$0] })
    }
    return (selection.state, runs)
  }

  /// The configuration that is hardest: all others are worse by just the indifference. Of 200 repetitions with a probability of 0.95, fewer
  /// than 180 come out right with a probability of 0.0005 (binomial).
  @Test(
    "is right in 95 of 100 repetitions where the others are worse by just the indifference",
    arguments: [2, 5])
  func hardest(systems: Int) {
    let means = [10.0] + Array(repeating: 10.5, count: systems - 1)
    let right = (0..<200).count { choose(means, repetition: $0, indifference: 0.5).state == .decided([0]) }
    #expect(right >= 180, "\(right) of 200")
  }

  @Test(
    "what is far worse leaves after the first stage, so that 20 systems cost far less than all of them to the end"
  )
  func cheap() {
    let means = (0..<20).map { 10 + Double($0) }
    let (state, runs) = choose(means, repetition: 1, indifference: 0.25)
    guard case .decided(let best) = state else {
      Issue.record("not decided")
      return
    }
    // The first stage is 400 runs; the best and the second (1 apart, 4 times the indifference) go on alone.
    #expect(best == [0] && runs < 600, "\(runs)")
  }

  /// Worked out by hand from the paper: n0 = 10, k = 2, α = 0.05: h² = 9 (0.1^(−2/9) − 1) = 6.0129. Differences of ±1 by turns have the
  /// variance 10/9, so that with δ = 0.5 the means may be (13.362 − 0.5 r) / 2r apart after r replications, and are 1/r apart after an odd
  /// number: 0.0476 of 0.0681 after 21, 0.0435 of 0.0405 after 23.
  @Test("goes on for exactly as many replications as the paper says")
  func exact() {
    var selection = FullySequentialSelection(systems: 2, indifference: 0.5, confidence: 0.95, first: 10)
    while selection.state == .open, selection.replications < 100 {
      let odd = !selection.replications.isMultiple(of: 2)
      selection.add([odd ? 1 : 0, odd ? 0 : 1])
    }
    #expect(selection.replications == 23 && selection.state == .decided([0]))
  }

  @Test("systems that are the same on every replication are equal, and neither is called the best")
  func equal() {
    var selection = FullySequentialSelection(systems: 3, indifference: 1, confidence: 0.95, first: 20)
    for step in 0..<20 { selection.add([Double(step % 3), Double(step % 3), Double(step % 3) + 1]) }
    #expect(selection.state == .decided([0, 1]) && selection.left == [nil, nil, 20])
  }

  @Test("what is withdrawn is not chosen, however low it is")
  func withdrawn() {
    var selection = FullySequentialSelection(systems: 2, indifference: 1, confidence: 0.95, first: 5)
    for _ in 0..<3 { selection.add([0, 9]) }
    selection.withdraw(0)
    for _ in 0..<2 { selection.add([9]) }
    #expect(selection.state == .decided([1]) && selection.left == [3, nil])
  }
}
