import CanonicalModel
import SimulationKernel

/// What can happen in the world.
enum WorldEventKind: UInt8 {
  /// A load source draws its next arrivals; `index` is the source.
  case generate
  /// A usage event reaches the broker; `index` is its slot in the delivery slab.
  case deliver
  /// A broker partition hands over what it holds; `index` is the partition, `detail` its turn.
  case poll
  /// A batch whose acknowledgement was lost is delivered again; `index` is the slot.
  case redeliver
  /// The core's next deadline has come.
  case wake
  /// An ERP has worked off a call; `index` is the slot of the call.
  case commit
  /// An ERP's answer reaches the core; `index` is the slot of the call.
  case answer
  /// A fault begins; `index` is the fault window.
  case faultStart
  /// A fault ends; `index` is the fault window.
  case faultEnd
  /// The time series take a sample.
  case sample
  /// CRM tells billing of changes of contract; `index` is the first of them in the feed.
  case contracts
  /// The tax engine's answer reaches the core; `index` is the slot of the answer.
  case taxAnswer
  /// The gateway's answer reaches the core; `index` is the slot of the answer.
  case chargeAnswer
  /// The gateway pays out; `index` is the entity.
  case payout
  /// Money moves; `index` is the slot of the movement.
  case cash
  /// A schema version is registered; `index` is the change.
  case schema
  /// Finance asks for a credit; `index` is the slot of the request.
  case credit
  /// A producer takes an event back; `index` is the slot of the correction.
  case correction
  /// CRM tells of a further identifier; `index` is its position in the feed.
  case identity
  /// A producer sends what it could not send in its time; `index` is the load source.
  case backfill
  /// Finance has decided about held charges; `index` is the case.
  case release
  /// What kept an ERP from taking a document is mended; `index` is the slot of its key.
  case replay
  /// The rates of the next day are fixed.
  case fixRates
  /// Billing is told of a movement of money; `index` is the slot of the notice.
  case notice
  /// A process of the core starts again; `index` is the process.
  case restart
  /// A call reaches its ERP after a delay; `index` is the slot of the call.
  case arrive
  /// A call has waited for its place at an ERP for long enough; `index` is its slot, `detail` its number.
  case queueExpired
  /// An ERP's job has come to its end; `index` is the slot of the call.
  case job
  /// A message of CRM or of the feed of exchange rates arrives; `index` is its slot.
  case feed
}

extension WorldEventKind {
  /// Whether no run ends before such an event. Wakes of the core and samples come as long as anything runs, rates are
  /// fixed each evening, and of faults only some are waited for: who schedules them says which.
  var isEssential: Bool {
    switch self {
    case .wake, .sample, .fixRates, .faultStart, .faultEnd: false
    case .generate, .deliver, .poll, .redeliver, .commit, .answer, .contracts, .taxAnswer, .chargeAnswer,
      .payout,
      .cash, .schema, .credit, .correction, .identity, .backfill, .release, .replay, .notice, .restart,
      .arrive,
      .queueExpired, .job, .feed:
      true
    }
  }
}

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
