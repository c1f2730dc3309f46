import CanonicalModel
import Chronology
import SimulationKernel

/// The network between the core and its counterparts: what becomes of a message on its way. Lots are drawn only where a fault asks for one.
struct MessageNetwork: Sendable {
  private var stream: RandomStream

  init(rootSeed: UInt64) { stream = RandomStream(rootSeed: rootSeed, name: "network") }

  /// Whether a message gets lost.
  mutating func isLost(_ faults: inout ActiveFaults) -> Bool {
    if faults.isCutOff {
      faults.hit(.partition)
      return true
    }
    guard let share = faults.drops, stream.bernoulli(share) else { return false }
    faults.hit(.drop)
    return true
  }

  /// By how much a message is delayed; `nil`: no fault delays any.
  mutating func delay(_ faults: inout ActiveFaults) -> Span? {
    guard let maximum = faults.delay, maximum > .zero else { return nil }
    faults.hit(.delay)
    return Span(nanoseconds: Int64(stream.below(UInt64(maximum.nanoseconds))))
  }

  /// Whether a message arrives twice.
  mutating func isDuplicated(_ faults: inout ActiveFaults) -> Bool {
    guard let share = faults.duplicates, stream.bernoulli(share) else { return false }
    faults.hit(.duplicate)
    return true
  }

  /// How many of so many steps a copy comes after its original.
  mutating func lag(below steps: UInt64) -> Int64 { Int64(stream.below(steps)) }
}
