import CanonicalModel
import SimulationKernel

/// One kernel event of the world: 16 bytes.
struct WorldEvent: SimulationEvent {
  var detail: UInt64
  var index: UInt32
  var kind: WorldEventKind

  init(_ kind: WorldEventKind, index: Int = 0, detail: UInt64 = 0) {
    self.kind = kind
    self.index = UInt32(truncatingIfNeeded: index)
    self.detail = detail
  }

  /// A usage event's arrival at the broker.
  @inline(__always)
  init(delivery event: UsageEvent, slot: Int) {
    let detail = event.id ^ UInt64(event.subject.index) << 40 ^ UInt64(bitPattern: event.quantity0) << 20
    self.init(.deliver, index: slot, detail: detail)
  }

  var fingerprintWords: (UInt64, UInt64) { (UInt64(kind.rawValue) << 32 | UInt64(index), detail) }
}
