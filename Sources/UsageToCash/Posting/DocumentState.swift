/// Where a document is on its way to its ERP.
///
/// ```
/// new → waiting → posting → settled
///          ↑  ↖     │ ↘ resting, retrying → posting (resting → waiting where a schedule decides)
///          │        ↓
///          │   settling → unknown → lookingUp → settled
///          └────────────────┴─────────┘ (not found: posted again)      lookingUp ⇄ restingLookUp
/// ```
enum DocumentState: Int, LifecycleState {
  /// Not in the outbox yet.
  case new
  /// To be sent.
  case waiting
  /// In a call to post, or in one that has ended and is being judged.
  case posting
  /// In a refused call to post, with the worker that makes it again.
  case resting
  /// Failed in a call that was answered: tried again after a pause of its own.
  case retrying
  /// Of unknown outcome, and not to be looked up yet.
  case settling
  /// Of unknown outcome, to be looked up.
  case unknown
  /// In a call to look it up, or in one that has ended and is being judged.
  case lookingUp
  /// In a refused call to look it up, with the worker that makes it again.
  case restingLookUp
  /// Confirmed, in a case for finance, or given up.
  case settled
  /// Given to the outbox of another ERP.
  case handedOver

  static let thing = "a document"

  var isHeld: Bool {
    switch self {
    case .new, .settled, .handedOver: false
    case .waiting, .posting, .resting, .retrying, .settling, .unknown, .lookingUp, .restingLookUp: true
    }
  }

  func mayBecome(_ next: DocumentState) -> Bool {
    switch (self, next) {
    case (.new, .waiting), (.waiting, .posting), (.settling, .unknown), (.unknown, .lookingUp),
      (.restingLookUp, .lookingUp):
      true
    case (.posting, .settled), (.posting, .waiting), (.posting, .resting), (.posting, .retrying),
      (.posting, .settling), (.posting, .unknown):
      true
    case (.resting, .posting), (.resting, .waiting), (.retrying, .posting): true
    // What is not found is posted again; an answer that makes no sense leaves it unknown.
    case (.lookingUp, .settled), (.lookingUp, .waiting), (.lookingUp, .unknown), (.lookingUp, .restingLookUp):
      true
    case (.waiting, .handedOver), (.resting, .handedOver), (.retrying, .handedOver): true
    // Unasked, where that mistake is planted.
    case (.unknown, .handedOver), (.restingLookUp, .handedOver): true
    default: false
    }
  }
}
