import Chronology
import SimulationKernel
import Testing

@testable import World

@Suite("Ranges of delays")
struct DelayRangeTests {
  @Test("delays are whole steps from the first on, below the last, and all of them come")
  func draws() {
    let range = DelayRange(from: .seconds(5), below: .seconds(8))
    var stream = RandomStream(rootSeed: 1, name: "test")
    let drawn = Set((0..<200).map { _ in range.draw(&stream, step: .seconds(1)) })
    #expect(drawn == [.seconds(5), .seconds(6), .seconds(7)])
  }

  @Test("a range without a whole step always gives its beginning")
  func narrow() {
    var stream = RandomStream(rootSeed: 1, name: "test")
    for below: Span in [.seconds(5), .milliseconds(5999)] {
      let range = DelayRange(from: .seconds(5), below: below)
      #expect(range.count(of: .seconds(1)) == 1)
      for _ in 0..<20 { #expect(range.draw(&stream, step: .seconds(1)) == .seconds(5)) }
    }
  }

  @Test("a range that ends before it begins, begins before nothing, or has steps of nothing ends the process")
  func traps() async {
    await #expect(processExitsWith: .failure) { _ = DelayRange(from: .seconds(2), below: .seconds(1)) }
    await #expect(processExitsWith: .failure) { _ = DelayRange(from: .seconds(-2), below: .seconds(1)) }
    await #expect(processExitsWith: .failure) {
      _ = DelayRange(from: .zero, below: .seconds(1)).count(of: .zero)
    }
  }
}
