import CanonicalModel
import Chronology
import Testing

@testable import UsageToCash
@testable import World

@Suite("What counterparts have around them")
struct SurroundingsTests {
  @Test("the world waits for events of every kind but for wakes, samples, rates and faults")
  func essential() throws {
    let kinds = (0...UInt8.max).compactMap(WorldEventKind.init(rawValue:))
    #expect(kinds.count == 31)
    #expect(
      Set(kinds.filter { !$0.isEssential }) == [.wake, .sample, .fixRates, .faultStart, .faultEnd])
    var surroundings = Surroundings(try Alone.configuration())
    for kind in kinds { surroundings.schedule(WorldEvent(kind), at: Alone.start) }
    #expect(surroundings.essential == 26)
    surroundings.expect()
    surroundings.met()
    #expect(surroundings.essential == 26)
  }

  @Test("a message over a cut line is lost, and the fault has hit it; without a fault no lot is drawn")
  func network() throws {
    var surroundings = Surroundings(try Alone.configuration())
    var untouched = Surroundings(try Alone.configuration())
    var faults = ActiveFaults()
    let isLost = surroundings.isLost(&faults)
    let delay = surroundings.delay(&faults)
    let isDoubled = surroundings.isDoubled(&faults, .requestDuplicated)
    #expect(!isLost && delay == .zero && !isDoubled)
    let lots = (surroundings.lag(below: 1 << 60), untouched.lag(below: 1 << 60))
    #expect(lots.0 == lots.1, "the same lot comes next")
    faults.begin(Alone.fault(.partition, .gateway, for: .hours(1)), 3)
    let isCut = surroundings.isLost(&faults)
    #expect(isCut && faults.hits(of: 3) == 1)
    faults.begin(Alone.fault(.delay(upTo: .seconds(9)), .gateway, for: .hours(1)), 4)
    var delays: [Span] = []
    for _ in 0..<200 { delays.append(surroundings.delay(&faults)) }
    #expect(delays.allSatisfy { .zero <= $0 && $0 < .seconds(9) } && Set(delays).count > 190)
    #expect(faults.hits(of: 4) == 200)
    #expect(surroundings.observations.situations[.messageDelayed] == 200)
  }

  @Test("a lag lies in its range, in whole steps; a range without width is one lag")
  func lags() throws {
    var surroundings = Surroundings(try Alone.configuration())
    let range = DelayRange(from: .hours(1), below: .hours(4))
    var lags: Set<Span> = []
    for _ in 0..<100 { lags.insert(surroundings.lag(in: range, step: .hours(1))) }
    #expect(lags == [.hours(1), .hours(2), .hours(3)])
    let fixed = surroundings.lag(in: DelayRange(from: .hours(9), below: .hours(9)), step: .seconds(1))
    #expect(fixed == .hours(9))
  }
}
