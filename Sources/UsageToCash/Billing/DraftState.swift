/// Where a draft is on its way to its tax.
enum DraftState: Int, LifecycleState {
  /// Not at the desk yet.
  case new
  /// To be asked for.
  case waiting
  /// In a call to the tax engine.
  case asked
  /// Its tax is known: it is finalised with the next number.
  case quoted

  static let thing = "a draft"
  var isHeld: Bool { self == .waiting || self == .asked }

  func mayBecome(_ next: DraftState) -> Bool {
    switch (self, next) {
    case (.new, .waiting), (.waiting, .asked), (.asked, .waiting), (.asked, .quoted): true
    default: false
    }
  }
}
