/// Where a charge is at the payment gateway.
enum GatewayChargeState: UInt8, CaseIterable, Sendable {
  /// Nobody has asked for it under its key.
  case unknown
  /// The customer's bank has refused it, for good.
  case declined
  /// Collected; the money waits for its payout.
  case collected
  /// The merchant has the money.
  case paidOut
  /// The customer has taken it back before its payout, which brings it all the same: the chargeback is a movement of its own.
  case takenBack
  /// The customer has taken it back, and its payout is made.
  case paidOutAndTakenBack

  /// Whether the gateway has ever had the money.
  var isCollected: Bool { self != .unknown && self != .declined }

  /// Whether a charge can go from this state straight to another.
  func mayBecome(_ next: GatewayChargeState) -> Bool {
    switch (self, next) {
    case (.unknown, .declined), (.unknown, .collected): true
    case (.collected, .paidOut), (.collected, .takenBack): true
    // In either order: a bank takes its time, and so does a settlement.
    case (.paidOut, .paidOutAndTakenBack), (.takenBack, .paidOutAndTakenBack): true
    // A dispute was won: the money is back.
    case (.takenBack, .collected), (.paidOutAndTakenBack, .paidOut): true
    default: false
    }
  }

  /// The state after a payout.
  var afterPayout: GatewayChargeState { self == .takenBack ? .paidOutAndTakenBack : .paidOut }
  /// The state after a dispute was won.
  var afterDispute: GatewayChargeState { self == .paidOutAndTakenBack ? .paidOut : .collected }
  /// Whether the customer has taken it back.
  var isTakenBack: Bool { self == .takenBack || self == .paidOutAndTakenBack }
  /// The state after a chargeback.
  var afterChargeback: GatewayChargeState { self == .paidOut ? .paidOutAndTakenBack : .takenBack }
}

/// The charges that a gateway has been asked for, by idempotency key: one that comes again is known, and so is its answer.
struct GatewayCharges: Sendable {
  private var places: [String: Int] = [:]
  private var states: ContiguousArray<GatewayChargeState> = []

  /// The place of a key; a key that nobody has asked for gets one.
  mutating func place(of key: String) -> Int {
    if let known = places[key] { return known }
    places[key] = states.count
    states.append(.unknown)
    assert(places.count == states.count, "each key has a charge of its own")
    return states.count - 1
  }

  /// The state of a charge.
  subscript(place: Int) -> GatewayChargeState { states[place] }

  /// How many charges are in a state.
  func count(_ state: GatewayChargeState) -> Int { states.count { $0 == state } }

  /// The one transition function: a charge goes on to its next state.
  mutating func move(_ place: Int, to next: GatewayChargeState) {
    let old = states[place]
    guard old.mayBecome(next) else {
      fatalError("a charge that is \(old) at the gateway cannot become \(next)")
    }
    states[place] = next
  }
}
