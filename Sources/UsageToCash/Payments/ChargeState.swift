import CanonicalModel

/// Where an attempt to collect an invoice is.
enum ChargeState: Int, LifecycleState {
  /// Not decided on yet.
  case new
  /// To be asked for, now or later.
  case due
  /// Asked for, and not answered.
  case asked
  /// The gateway has the money.
  case collected
  /// Refused: the next attempt, if there is one, has a key of its own.
  case declined
  /// Nothing was left to collect.
  case lapsed

  static let thing = "a charge"
  var isHeld: Bool { self == .due || self == .asked }

  func mayBecome(_ next: ChargeState) -> Bool {
    switch (self, next) {
    case (.new, .due), (.due, .asked), (.due, .lapsed): true
    // Silence, or a gateway that was not there: asked for again under the same key.
    case (.asked, .due), (.asked, .collected), (.asked, .declined): true
    // Found on a statement while it was to be asked for again.
    case (.due, .collected): true
    default: false
    }
  }
}

/// The state of each attempt that is with the core: an attempt is in one.
struct ChargeStates: Sendable {
  private var states: [ChargeKey: ChargeState] = [:]

  /// The state of an attempt; `new` where the core has none of that key.
  subscript(key: ChargeKey) -> ChargeState { states[key] ?? .new }

  /// Attempts that are with the core.
  var count: Int { states.count }

  /// The one transition function: an attempt goes on to its next state.
  mutating func move(_ key: ChargeKey, to next: ChargeState) {
    let old = self[key]
    guard old.mayBecome(next) else {
      fatalError("attempt \(key.attempt) to collect an invoice cannot go from \(old) to \(next)")
    }
    states[key] = next.isHeld ? next : nil
  }

  /// Forgets an attempt that nobody has answered: a mistake that can be planted, and no transition.
  mutating func drop(_ key: ChargeKey) { states[key] = nil }
}
