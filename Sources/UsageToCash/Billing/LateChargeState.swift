/// Where a charge for late usage is that neither goes on an invoice at once nor is forgotten.
enum LateChargeState: Int, LifecycleState {
  /// Rated.
  case new
  /// In a case: a person decides.
  case held
  /// Goes on the next invoice of its account.
  case due
  /// On a draft.
  case drafted

  static let thing = "a charge for late usage"
  var isHeld: Bool { self == .held || self == .due }

  func mayBecome(_ next: LateChargeState) -> Bool {
    switch (self, next) {
    case (.new, .held), (.new, .due), (.held, .due), (.due, .drafted): true
    default: false
    }
  }
}
