/// What a usage event that was put aside waits for.
enum QuarantineState: Int, LifecycleState {
  /// Not put aside yet.
  case new
  /// For a version of its type to be registered.
  case schema
  /// For its customer to be known.
  case identity
  /// For a contract that includes it, or that goes on.
  case contract
  /// For nothing that the core knows of: a person.
  case person
  /// It came too late, and waits for the right declaration.
  case declaration
  /// Accepted after all, or found to be none that counts.
  case placed
  /// Taken back by its producer.
  case withdrawn

  static let thing = "a usage event in quarantine"

  var isHeld: Bool {
    switch self {
    case .new, .placed, .withdrawn: false
    case .schema, .identity, .contract, .person, .declaration: true
    }
  }

  init(_ missing: Ingestion.Missing?) {
    self =
      switch missing {
      case .schema: .schema
      case .identity: .identity
      case .contract, .pause: .contract
      case .person: .person
      case nil: .declaration
      }
  }

  func mayBecome(_ next: QuarantineState) -> Bool {
    switch (self, next) {
    // Nothing is looked at again while it waits for a person.
    case (.person, .placed): false
    case (.new, _): next.isHeld
    case (_, .placed), (_, .withdrawn): isHeld
    default: false
    }
  }
}
