import Chronology

/// For how long an integration waits for a job of an ERP that has accepted documents. The figures are assumed: what an architect may
/// choose.
public struct JobPatience: Hashable, Sendable {
  /// How many times as long as the vendor says jobs take, beside ``margin``: 1 to 20.
  public var factor = 4
  /// What is granted beyond that.
  public var margin = Span.minutes(10)
  /// For how long it waits where the vendor knows no jobs, and documents are accepted all the same: positive.
  public var otherwise = Span.minutes(30)

  /// Makes the defaults.
  public init() {}

  /// For how long it waits.
  ///
  /// - Parameter usual: how long jobs take as the vendor says; `nil`: it knows none.
  public func timeout(usually usual: Span?) -> Span {
    usual.map { $0 * Int64(factor) + margin } ?? otherwise
  }
}
