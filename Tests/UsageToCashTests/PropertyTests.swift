import CanonicalModel
import Chronology
import SimulationKernel
import Testing

@testable import UsageToCash

@Suite("Properties")
struct PropertyTests {
  @Test(
    "splitting a period's usage never changes the total of a per-unit charge",
    arguments: 1...20 as ClosedRange<UInt64>)
  func splitting(seed: UInt64) throws {
    var stream = RandomStream(rootSeed: seed, name: "splitting")
    for _ in 0..<50 {
      let rater = ChargeRater(
        Charge(meter: "units", model: .perUnit(Price(units: Int128(stream.below(9_000_000_000_000))))))
      let parts = (0..<(1 + stream.below(20))).map { _ in Quantity(units: Int128(stream.below(50_000_000))) }
      let whole = try rater.rate(quantity: parts.reduce(.zero) { $0 + $1 }).amount
      let sum = try parts.reduce(Money.zero) { $0 + (try rater.rate(quantity: $1).amount) }
      #expect(whole == sum, "seed \(seed)")
    }
  }

  @Test(
    "order and duplication of events never change what is invoiced", arguments: 1...12 as ClosedRange<UInt64>)
  func orderAndDuplication(seed: UInt64) {
    var stream = RandomStream(rootSeed: seed, name: "invoices")
    let events = (1...200).map { id in
      Fixtures.event(
        UInt64(id), customer: UInt32(stream.below(4)), at: .minutes(Int64(stream.below(600))),
        tokens: Int64(stream.below(50)))
    }
    /// What each account owes for each item after two closes, however the events came.
    func owed(_ events: [UsageEvent], batch: Int) -> [[UInt32]: Money] {
      var driver = Driver()
      driver.now = Fixtures.start + .hours(10)
      for start in stride(from: 0, to: events.count, by: batch) {
        driver.deliver(Array(events[start..<min(start + batch, events.count)]))
        driver.pass(.minutes(1))
      }
      driver.pass(.days(40))
      var owed: [[UInt32]: Money] = [:]
      for invoice in driver.invoices {
        for line in invoice.lines {
          owed[[invoice.account.index, line.charge.item.index], default: .zero] += line.amount
        }
      }
      return owed
    }
    var shuffled = events + events.filter { _ in stream.below(3) == 0 }
    for index in shuffled.indices.reversed() {
      shuffled.swapAt(index, Int(stream.below(UInt64(index + 1))))
    }
    let isSame = owed(events, batch: 200) == owed(shuffled, batch: 1 + Int(stream.below(40)))
    #expect(isSame, "seed \(seed)")
  }
}
