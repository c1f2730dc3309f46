/// The count, mean and variance of values, in one pass and without cancellation (B. Welford, "Note on a method for
/// calculating corrected sums of squares and products", Technometrics 4, 1962).
package struct Moments: Hashable, Sendable {
  /// How many values.
  package private(set) var count = 0
  /// Their mean; 0 without any.
  package private(set) var mean = 0.0
  /// The sum of their squared distances from the mean.
  private var squares = 0.0

  /// Of nothing yet.
  package init() {}

  /// Of some values.
  package init(_ values: some Sequence<Double>) { for value in values { add(value) } }

  /// Takes a value in.
  package mutating func add(_ value: Double) {
    count += 1
    let distance = value - mean
    mean += distance / Double(count)
    squares += distance * (value - mean)
  }

  /// The variance of the population from which the values are a sample; `nil` below two.
  package var variance: Double? { count > 1 ? max(0, squares) / Double(count - 1) : nil }
}
