/// A part of the core that a process of its own can run. The design says which services share a process; all of them
/// share the durable log, as services over one database do.
public enum CoreService: UInt8, Sendable, CaseIterable, Comparable {
  /// Takes usage in and aggregates it.
  case ingestion
  /// Rates and bills.
  case billing
  /// Posts to the ERPs.
  case posting
  /// Collects and applies money.
  case payments

  /// The service of a name; `nil` where there is none.
  public init?(name: String) {
    guard let service = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = service
  }

  /// The name in files and reports.
  public var name: String {
    switch self {
    case .ingestion: "ingestion"
    case .billing: "billing"
    case .posting: "posting"
    case .payments: "payments"
    }
  }

  /// Orders from usage to cash.
  public static func < (a: CoreService, b: CoreService) -> Bool { a.rawValue < b.rawValue }
}
