import CanonicalModel
import Chronology
import SimulationKernel
import Testing

@testable import World

@Suite("What becomes of a message on its way")
struct MessageNetworkTests {
  private func faults(_ kinds: FaultKind...) -> ActiveFaults {
    var faults = ActiveFaults()
    for (number, kind) in kinds.enumerated() { faults.begin(Alone.fault(kind, .tax, for: .hours(1)), number) }
    return faults
  }

  @Test("without a fault everything arrives at once and once, and no lot is drawn")
  func calm() {
    var (network, untouched) = (MessageNetwork(rootSeed: 7), MessageNetwork(rootSeed: 7))
    var none = faults()
    for _ in 0..<100 {
      let (isLost, delay, isDoubled) = (
        network.isLost(&none), network.delay(&none), network.isDuplicated(&none)
      )
      #expect(!isLost && delay == nil && !isDoubled)
    }
    let lags = (network.lag(below: 1 << 40), untouched.lag(below: 1 << 40))
    #expect(lags.0 == lags.1, "the stream stands where it stood")
  }

  @Test("a partition loses every message, and counts each")
  func partition() {
    var network = MessageNetwork(rootSeed: 7)
    var cut = faults(.partition)
    let lost = (0..<10).count { _ in network.isLost(&cut) }
    let hits = cut.end(0)
    #expect(lost == 10 && hits == 10)
  }

  @Test("shares of losses and copies, and the bound of delays, are those of the fault")
  func shares() {
    var network = MessageNetwork(rootSeed: 7)
    var some = faults(.drop(share: 0.25), .duplicate(share: 0.5), .delay(upTo: .seconds(10)))
    let lost = (0..<10_000).count { _ in network.isLost(&some) }
    let doubled = (0..<10_000).count { _ in network.isDuplicated(&some) }
    #expect((2300...2700).contains(lost) && (4800...5200).contains(doubled))
    let delays = (0..<1000).compactMap { _ in network.delay(&some) }
    #expect(delays.count == 1000 && delays.allSatisfy { .zero <= $0 && $0 < .seconds(10) })
    #expect(delays.contains { $0 > .seconds(9) } && delays.contains { $0 < .seconds(1) })
    let hits = (0..<3).map { some.end($0) }
    #expect(hits == [lost, doubled, 1000])
  }
}
