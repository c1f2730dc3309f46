import Chronology

/// Who has to act on an exception case.
public enum CaseOwner: String, Hashable, Sendable, CaseIterable {
  /// Receivables, postings, periods.
  case finance
  /// Accounts, contracts, prices.
  case revOps
  /// Telemetry, schemas, infrastructure.
  case platform
}

/// A field of a case's context, and who may see it.
public struct CaseField: Hashable, Sendable {
  /// What a field tells about.
  public enum Sensitivity: Hashable, Sendable {
    /// Machines and formats: everybody.
    case technical
    /// Who the customer is: finance and RevOps.
    case customer
    /// What the customer owes: finance.
    case financial
  }

  /// The name.
  public var name: String
  /// The value, or the mask.
  public var value: String
  /// Who may see it.
  public var sensitivity: Sensitivity

  /// Makes a field.
  public init(_ name: String, _ value: String, _ sensitivity: Sensitivity) {
    self.name = name
    self.value = value
    self.sensitivity = sensitivity
  }

  /// What stands for a value that a role may not see.
  public static let mask = "•••"

  /// The field as a role sees it.
  public func masked(for owner: CaseOwner) -> CaseField {
    let isVisible =
      switch sensitivity {
      case .technical: true
      case .customer: owner != .platform
      case .financial: owner == .finance
      }
    return isVisible ? self : CaseField(name, Self.mask, sensitivity)
  }
}

/// An exception case as it reaches the people who act on it.
public struct RoutedCase: Hashable, Sendable {
  /// The number: 1, 2, 3, …
  public var number: UInt32
  /// What kind of case it is: `posting-rejected`.
  public var kind: String
  /// Who has to act.
  public var owner: CaseOwner
  /// When it was raised.
  public var raised: Instant
  /// The context, as the owner may see it.
  public var fields: [CaseField]

  /// Makes a case.
  public init(number: UInt32, kind: String, owner: CaseOwner, raised: Instant, fields: [CaseField]) {
    self.number = number
    self.kind = kind
    self.owner = owner
    self.raised = raised
    self.fields = fields
  }
}
