import CanonicalModel
import Chronology

/// An ERP as a scenario describes it: a built-in profile, and what differs from it.
package struct ERPFile: Hashable, Sendable {
  /// The profile's name, and where it stands.
  package var profile: String
  package var position: Position
  /// The account whose places and limits it shares with other entities that name it; `nil`: its own.
  package var account: String?
  package var limits: [RateLimit]?
  package var concurrency: Int?
  package var reserved: Int?
  package var queueDepth: Int?
  package var queueWait: Span?
  package var latency: Span?
  package var latencyLaw: LatencyLaw?
  package var latencySigma: Double?
  package var latencyPerDocument: Span?
  package var serverTimeout: Span?
  package var documentsPerCall: Int?
  package var linesPerDocument: Int?
  package var idempotency: ERPIdempotency?
  package var jobTime: Span?
  package var laterRejections: Double?
  package var retryAfter: Span?
  package var periods: ClosedPeriodMode?
  package var payloadShape: PayloadShape?
  package var indexLag: Span?
  package var lostAnswers: Double?
  package var answerAfter: Span?
  package var refusalAfter: Span?
  package var unavailableAfter: Span?
  package var refusalsHoldFor: Span?
  package var copyWithin: Span?
  package var faultJobTime: Span?
  package var underWay: Span?
  package var ledgerTurnover: Int?
  package var amountDigits: Int?
  package var firstYear: Int?
  package var lastYear: Int?

  /// A profile as it is.
  init(profile: String, position: Position) {
    self.profile = profile
    self.position = position
  }
}

/// How ERPs are written.
extension ERPFile {
  /// A profile's name, or a profile with figures of its own.
  static let schema: Schema<ERPFile> = .either(
    Schema<String>.name.map { place, name in ERPFile(profile: name, position: place.node.position) }, record)

  private static let record = Schema<ERPFile>.record(
    .required(
      "profile", Schema<String>.name.located, "the built-in profile to start from: see list erp-profiles"),
    .optional(
      "account", .name,
      "the account: entities that name the same one share its places, its queue and its limits; the first of them gives its settings"
    ),
    .together(settings), make: erp)

  @Sendable
  private static func erp(
    _ place: Place, profile: Located<String>, account: String?, change: Change<ERPFile>
  ) throws(InvalidInput) -> ERPFile {
    var erp = ERPFile(profile: profile.value, position: profile.position)
    erp.account = account
    change.apply(&erp)
    if let timeout = erp.serverTimeout, timeout <= .zero {
      throw InvalidInput("serverTimeout must be positive", at: place.node.position)
    }
    if let first = erp.firstYear, let last = erp.lastYear, last < first {
      throw InvalidInput(
        "the last year, \(last), is before the first, \(first)", at: place.position("payload"))
    }
    return erp
  }

  /// What an account has for all of its entities.
  static let settings: [Key<Change<ERPFile>>] = documented + assumed

  /// What vendors say of their ERPs, or leave to whoever runs them.
  private static let documented: [Key<Change<ERPFile>>] = [
    .setOptional(
      "limits", \.limits, .list(limit, minimum: 0),
      "rate limits that replace the profile's; all of them apply", title: "{}",
      element: "limit {#} of {}"),
    .setOptional(
      "concurrency", \.concurrency, .integer(1...100_000), "concurrent calls", title: "connections of {}"),
    .setOptional(
      "reserved", \.reserved, .integer(0...100_000), "the part of those that other integrations use",
      title: "connections of {} held by others"),
    .setOptional(
      "queueDepth", \.queueDepth, .integer(0...100_000), "calls that may wait for a place",
      title: "places in the queue of {}"),
    .setOptional(
      "queueWait", \.queueWait, .duration, "how long one may wait", title: "longest wait in the queue of {}"),
    .setOptional(
      "latency", \.latency, .duration, "the median time of a call", title: "median call time of {}"),
    .setOptional("latencyLaw", \.latencyLaw, .choice(), "how that time is distributed"),
    .setOptional(
      "latencySigma", \.latencySigma, .number(0...5), "the standard deviation of its logarithm",
      title: "spread of the call time of {}"),
    .setOptional(
      "latencyPerDocument", \.latencyPerDocument, .duration, "added for each document",
      title: "call time per document of {}"),
    .setOptional(
      "serverTimeout", \.serverTimeout, .duration, "after which the ERP gives up on a call",
      title: "server timeout of {}"),
    .setOptional(
      "documentsPerCall", \.documentsPerCall, .integer(1...100_000), "maximum number of documents per call",
      title: "documents that one call to {} may hold"),
    .setOptional(
      "linesPerDocument", \.linesPerDocument, .integer(2...1_000_000), "maximum number of lines per document",
      title: "lines per document of {}"),
    .setOptional(
      "idempotency", \.idempotency, .either(idempotency, key),
      "what keeps a repeated document from being posted twice; a mapping: an idempotency key", title: "{}"),
    .setOptional(
      "jobTime", \.jobTime, .duration,
      "documents are accepted at once, and posted by a job after this time", title: "job time of {}"),
    .setOptional(
      "laterRejections", \.laterRejections, .share, "the share of documents that a job rejects",
      title: "share of documents that {} rejects later"),
    .setOptional(
      "retryAfter", \.retryAfter, .duration, "what throttled callers are told to wait",
      title: "pause that {} asks throttled callers for"),
    .setOptional("periods", \.periods, .choice(), "what becomes of documents in closed periods"),
    .setOptional(
      "payloadShape", \.payloadShape, .choice(),
      "the shape in which it takes documents; the profile's if left out: netSuite and sap for those two, canonical for all others"
    ),
    .setOptional(
      "indexLag", \.indexLag, .duration, "from posting until a look-up finds the document",
      title: "index lag of {}"),
    .setOptional(
      "lostAnswers", \.lostAnswers, .share, "the share of answers that are lost without any fault",
      title: "share of answers lost by {}"),
  ]

  private static let idempotency: Schema<ERPIdempotency> = .choice([
    ("none", .none), ("externalId", .externalID), ("uniqueNumber", .uniqueNumber),
  ])

  private static let key: Schema<ERPIdempotency> = .record(
    .required(
      "retention", .duration, "how long a key is known", title: "retention of idempotency keys of {}"),
    .defaulting(
      "refusesOtherBodies", .flag, to: false, "whether the same key with another document is an error"),
    make: { (_: Place, retention: Span, refuses: Bool) in
      .key(retention: retention, refusesOtherBodies: refuses)
    })

  private static let limit = Schema<RateLimit>.record(
    .required("limit", .integer(1...1_000_000_000), "how many", title: "amount allowed by {}"),
    .required("per", .duration, "in which span", title: "span of {}"),
    .defaulting("unit", .choice(), to: .calls, "of what; calls if left out"),
    .defaulting("window", .choice(), to: .sliding, "how the limit is kept; sliding if left out"),
    make: limit)

  @Sendable
  private static func limit(
    _ place: Place, limit: Int, per: Span, unit: RateLimit.Unit, window: RateLimit.Window
  ) throws(InvalidInput) -> RateLimit {
    guard per >= .seconds(1) else {
      throw InvalidInput("a limit's interval must be at least 1s", at: place.node.position)
    }
    return RateLimit(limit, unit, per: per, window)
  }
}
