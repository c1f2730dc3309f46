import CanonicalModel
import Chronology

/// The behaviour of an ERP, as far as an integration meets it. Every figure can be overridden in a scenario.
public struct ERPProfile: Sendable {
  public typealias Idempotency = ERPIdempotency
  public typealias PeriodMode = ClosedPeriodMode

  /// The name in scenario files.
  public var name: String
  /// How many calls or documents it takes in a span; all of them hold.
  public var limits: [RateLimit] = []
  /// Calls at once; `nil`: unlimited.
  public var concurrency: Int?
  /// The part of those that other integrations hold.
  public var reserved = 0
  /// Calls that wait for one of those places.
  public var queueDepth = 0
  /// How long one waits before it is turned away as unavailable.
  public var queueWait = Span.zero
  /// The median time to work off a call; the mean where it is exponential.
  public var latency: Span
  /// How that time is distributed.
  public var latencyLaw = LatencyLaw.logNormal
  /// The standard deviation of the logarithm of that time.
  public var latencySigma: Double
  /// Added for each document of a call.
  public var latencyPerDocument: Span
  /// After which the ERP itself gives up on a call: the caller hears nothing, and nothing is posted after that.
  public var serverTimeout = Span.minutes(5)
  /// Documents that one call may hold; `nil`: unlimited. A call with more is refused.
  public var documentsPerCall: Int?
  /// Lines that one document may have; `nil`: unlimited.
  public var linesPerDocument: Int?
  /// Whether what is beyond that is cut off without a word, and not refused.
  public var cutsLinesOff = false
  /// What keeps a repeated document from being posted twice.
  public var idempotency: Idempotency
  /// From the answer "accepted" until a job has posted the documents and says what became of each; `nil`: the answer
  /// says so at once.
  public var jobTime: Span?
  /// The share of documents of a job that are rejected after all, to be sent again.
  public var laterRejections = 0.0
  /// What throttled callers are told to wait: how long at least; `nil`: nothing is said.
  public var retryAfter: Span?
  /// The shape in which it takes documents.
  public var payloadShape = PayloadShape.canonical
  /// What becomes of documents in closed periods.
  public var periods = PeriodMode.reject
  /// From posting until a look-up finds the document.
  public var indexLag = Span.zero
  /// The share of answers that are lost without any fault.
  public var lostAnswers = 0.0
  /// How the ERP answers when it throttles, for reports.
  public var throttleAnswer = "429"

  // MARK: Figures that no vendor publishes: assumed, and the same for every built-in profile

  /// From the end of the processing of a call until its answer leaves.
  public var answerAfter = Span.milliseconds(20)
  /// From the arrival of a call until a refusal leaves that needs no processing: throttled, in maintenance, too many documents in one call.
  public var refusalAfter = Span.milliseconds(50)
  /// From the arrival of a call until an ERP that is down, or fails in a brown-out, answers that it is unavailable.
  public var unavailableAfter = Span.seconds(1)
  /// For how long a document that a fault refuses or rejects, or lets pass, is treated alike in copies and repetitions: as long as nobody
  /// mends the master data.
  public var refusalsHoldFor = Span.hours(12)
  /// A request that the network duplicates: its copy arrives less than this after the original, in whole milliseconds.
  public var copyWithin = Span.seconds(5)
  /// From the answer "accepted" until the result where a fault (`rejectLater`) gives documents to a job at an ERP without jobs.
  public var faultJobTime = Span.minutes(2)
  /// For how long a request may be under way on the network: one that is overtaken by its repetition may still be
  /// committed, though the repetition was refused.
  public var underWay = Span.minutes(1)
  /// What one ledger holds: the sum of debits and credits alike, in whole units of currency. At most 10^18, so that the sums over a
  /// hundred ledgers do not overflow.
  public var ledgerTurnover = 1_000_000_000_000_000_000
  /// Which amounts and periods it can read.
  public var payload = PayloadRules()

  /// Where each figure comes from, or `assumed`.
  public var sources: [(figure: String, source: String)] = []

  /// Makes a profile without limits.
  public init(
    name: String, latency: Span, latencySigma: Double, latencyPerDocument: Span, idempotency: Idempotency
  ) {
    self.name = name
    self.latency = latency
    self.latencySigma = latencySigma
    self.latencyPerDocument = latencyPerDocument
    self.idempotency = idempotency
  }

  /// The milliseconds of ``copyWithin``: how many instants a copy may arrive at.
  var copySteps: UInt64 { UInt64(max(1, copyWithin.nanoseconds / 1_000_000)) }

  /// How long after a call without an answer a look-up is certain: the ERP may work on it until its own time-out, a job that it has made of
  /// it takes its time, and the index lags behind. Hardly anything where a repetition does no harm: an external id or a number holds for good, and
  /// a key is good for as long as the ERP keeps it. One that it may have forgotten by then is no key at all.
  public var settlesAfter: Span {
    let certain = serverTimeout + (jobTime ?? .zero) + indexLag + underWay
    switch idempotency {
    case .none: return certain
    case .key(let retention, _): return retention < certain * 2 ? certain : underWay
    case .externalID, .uniqueNumber: return underWay
    }
  }
}

/// Which amounts and periods an ERP can read in what it is sent.
public struct PayloadRules: Hashable, Sendable {
  /// Digits that an amount may have before the decimal point, 1 to 18: assumed, as wide as SAP's and NetSuite's amount fields at least.
  public var amountDigits = 15
  /// The years in which accounting periods may lie: assumed.
  public var years = 1900...2199

  /// The rules of every built-in profile.
  public init() {}
}
