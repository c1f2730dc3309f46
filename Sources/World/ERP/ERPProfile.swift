import Chronology

/// The behaviour of an ERP, as far as an integration meets it.
public struct ERPProfile: Sendable {
  /// The name in scenario files.
  public var name: String
  /// Operations a minute (token bucket of one minute); `nil`: unlimited.
  public var operationsPerMinute: Int?
  /// Calls at once; `nil`: unlimited.
  public var concurrency: Int?
  /// The median time to work off a call.
  public var latency: Span
  /// The standard deviation of the logarithm of that time.
  public var latencySigma: Double
  /// Added for each operation of a call.
  public var latencyPerOperation: Span
  /// Whether a repeated idempotency key (external id) finds the first document.
  public var honoursIdempotencyKeys: Bool
  /// What a throttled caller is told to wait; `nil`: nothing is said.
  public var retryAfter: Span?
  /// Whether a document in a closed accounting period is refused.
  public var enforcesPeriods: Bool
  /// Where the figures come from.
  public var source: String

  /// Makes a profile.
  public init(
    name: String, operationsPerMinute: Int?, concurrency: Int?, latency: Span, latencySigma: Double,
    latencyPerOperation: Span, honoursIdempotencyKeys: Bool, retryAfter: Span?,
    enforcesPeriods: Bool, source: String
  ) {
    self.name = name
    self.operationsPerMinute = operationsPerMinute
    self.concurrency = concurrency
    self.latency = latency
    self.latencySigma = latencySigma
    self.latencyPerOperation = latencyPerOperation
    self.honoursIdempotencyKeys = honoursIdempotencyKeys
    self.retryAfter = retryAfter
    self.enforcesPeriods = enforcesPeriods
    self.source = source
  }

  /// The profiles that are built in.
  public static let builtIn: [ERPProfile] = [ideal, netsuite, s4hanaCloud, xero]

  /// Never throttles: the control in comparisons.
  public static let ideal = ERPProfile(
    name: "ideal", operationsPerMinute: nil, concurrency: nil, latency: .milliseconds(50), latencySigma: 0,
    latencyPerOperation: .zero, honoursIdempotencyKeys: true, retryAfter: nil,
    enforcesPeriods: false, source: "none: unlimited by definition")

  /// Oracle NetSuite: concurrency governance by account tier, upsert on `externalId`.
  ///
  /// Source: NetSuite documentation on concurrency governance (documented sample: 15); rate and latency assumed.
  public static let netsuite = ERPProfile(
    name: "netsuite", operationsPerMinute: 600, concurrency: 15, latency: .milliseconds(900),
    latencySigma: 0.5, latencyPerOperation: .milliseconds(60), honoursIdempotencyKeys: true, retryAfter: nil,
    enforcesPeriods: true, source: "concurrency 15: NetSuite concurrency governance; rate and latency assumed"
  )

  /// SAP S/4HANA Cloud: repeatability headers.
  ///
  /// Source: no published limits; 50/s and 20 at once assumed, latency assumed.
  public static let s4hanaCloud = ERPProfile(
    name: "s4hana-cloud", operationsPerMinute: 3000, concurrency: 20, latency: .milliseconds(700),
    latencySigma: 0.6, latencyPerOperation: .milliseconds(40), honoursIdempotencyKeys: true,
    retryAfter: .seconds(5), enforcesPeriods: true, source: "assumed: SAP publishes no limits")

  /// Xero: 60 calls a minute, 5 at once, `Idempotency-Key`.
  ///
  /// Source: Xero developer documentation on rate limits; latency assumed. The daily limit is not modelled yet.
  public static let xero = ERPProfile(
    name: "xero", operationsPerMinute: 60, concurrency: 5, latency: .milliseconds(500), latencySigma: 0.4,
    latencyPerOperation: .milliseconds(30), honoursIdempotencyKeys: true, retryAfter: .seconds(30),
    enforcesPeriods: true, source: "60/min and 5 at once: Xero rate limits; latency assumed")
}
