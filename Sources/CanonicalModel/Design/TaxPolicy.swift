import Chronology

/// The rules of asking a tax engine. The figures are assumed: what an architect may choose.
public struct TaxPolicy: Hashable, Sendable {
  /// Drafts per call: one or more.
  public var batchSize = 50
  /// From a call without an answer until it is made again: more than nothing. A quote has no effect, so that asking twice does no harm.
  public var timeout = Span.seconds(30)
  /// The first pause after a call that failed, doubled with each that follows up to ``maximumPause``: more than nothing.
  public var pause = Span.seconds(5)
  /// The longest pause: no less than the first.
  public var maximumPause = Span.minutes(10)
  /// Whether each draft is asked for twice, and waits until two answers in a row are the same.
  public var confirms = false

  /// Makes the defaults.
  public init() {}
}
