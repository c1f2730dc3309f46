import CanonicalModel
import Chronology

/// An ERP as a scenario describes it: a built-in profile, and what differs from it.
public struct ERPFile: Hashable, Sendable {
  /// A limit of its rate.
  public struct Limit: Hashable, Sendable {
    public var limit: Int
    public var per: Span
    public var unit: String
    public var window: String
  }

  /// What keeps a repeated document from being posted twice.
  public enum Idempotency: Hashable, Sendable {
    case none
    case externalID
    case key(retention: Span, refusesOtherBodies: Bool)
    case uniqueNumber
  }

  /// The profile's name, and where it stands.
  public var profile: String
  public var position: Position
  /// The account whose places and limits it shares with other entities that name it; `nil`: its own.
  public var account: String?
  public var limits: [Limit]?
  public var concurrency: Int?
  public var reserved: Int?
  public var queueDepth: Int?
  public var queueWait: Span?
  public var latency: Span?
  public var latencyLaw: String?
  public var latencySigma: Double?
  public var latencyPerDocument: Span?
  public var serverTimeout: Span?
  public var documentsPerCall: Int?
  public var linesPerDocument: Int?
  public var idempotency: Idempotency?
  public var jobTime: Span?
  public var laterRejections: Double?
  public var retryAfter: Span?
  public var periods: String?
  public var indexLag: Span?
  public var lostAnswers: Double?

  /// A profile as it is.
  init(profile: String, position: Position) {
    self.profile = profile
    self.position = position
  }
}

extension Shape {
  private static let duration = Shape.unit(.duration)

  /// A profile's name, or a profile with figures of its own.
  static let erp = Shape.either([
    .name,
    .record([
      .required("profile", .name, "the built-in profile to start from: see list erp-profiles"),
      Field(
        "account", .name,
        "the account: entities that name the same one share its places, its queue and its limits; the first of them gives its settings"
      ),
      Field(
        "limits",
        .list(
          .record([
            .required("limit", .unit(.integer(1...1_000_000_000)), "how many", title: "amount allowed by {}"),
            .required("per", duration, "in which span", title: "span of {}"),
            Field("unit", .choice(["calls", "documents"]), "of what; calls if left out"),
            Field(
              "window", .choice(["sliding", "tokenBucket", "fixed"]),
              "how the limit is kept; sliding if left out"),
          ]), minimum: 0), "limits of the rate in place of the profile's; all of them hold", title: "{}",
        element: "limit {#} of {}"),
      Field("concurrency", .unit(.integer(1...100_000)), "calls at once", title: "connections of {}"),
      Field(
        "reserved", .unit(.integer(0...100_000)), "the part of those that other integrations hold",
        title: "connections of {} held by others"),
      Field(
        "queueDepth", .unit(.integer(0...100_000)), "calls that may wait for a place",
        title: "places in the queue of {}"),
      Field("queueWait", duration, "how long one may wait", title: "longest wait in the queue of {}"),
      Field("latency", duration, "the median time of a call", title: "median call time of {}"),
      Field("latencyLaw", .choice(["logNormal", "exponential"]), "how that time is distributed"),
      Field(
        "latencySigma", .unit(.decimal(digits: 6)), "the standard deviation of its logarithm",
        title: "spread of the call time of {}"),
      Field("latencyPerDocument", duration, "added for each document", title: "call time per document of {}"),
      Field(
        "serverTimeout", duration, "after which the ERP gives up on a call", title: "server timeout of {}"),
      Field(
        "documentsPerCall", .unit(.integer(1...100_000)), "documents that one call may hold",
        title: "documents that one call to {} may hold"),
      Field(
        "linesPerDocument", .unit(.integer(2...1_000_000)), "lines that one document may have",
        title: "lines per document of {}"),
      Field(
        "idempotency",
        .either([
          .choice(["none", "externalId", "uniqueNumber"]),
          .record([
            .required(
              "retention", duration, "how long a key is known", title: "retention of idempotency keys of {}"),
            Field(
              "refusesOtherBodies", .choice(["true", "false"]),
              "whether the same key with another document is an error"),
          ]),
        ]), "what keeps a repeated document from being posted twice; a mapping: an idempotency key",
        title: "{}"),
      Field(
        "jobTime", duration, "documents are accepted at once, and posted by a job after so long",
        title: "job time of {}"),
      Field(
        "laterRejections", .unit(.share), "the share of documents that a job rejects",
        title: "share of documents that {} rejects later"),
      Field(
        "retryAfter", duration, "what throttled callers are told to wait",
        title: "pause that {} asks throttled callers for"),
      Field(
        "periods", .choice(["reject", "nextOpen", "accept"]), "what becomes of documents in closed periods"),
      Field(
        "indexLag", duration, "from posting until a look-up finds the document", title: "index lag of {}"),
      Field(
        "lostAnswers", .unit(.share), "the share of answers that are lost without any fault",
        title: "share of answers lost by {}"),
    ]),
  ])
}

extension ScenarioDecoder {
  func erp(_ node: LocatedNode?, in parent: LocatedNode) throws(InvalidInput) -> ERPFile {
    guard let node else { return ERPFile(profile: "", position: parent.position) }
    guard let profile = node["profile"] else {
      return ERPFile(profile: node.text ?? "", position: node.position)
    }
    var erp = ERPFile(profile: profile.text ?? "", position: profile.position)
    erp.account = node["account"]?.text
    if let limits = node["limits"] {
      erp.limits = []
      for limit in limits.elements {
        guard let count = integer(limit["limit"]), let per = span(limit["per"]), per >= .seconds(1) else {
          throw InvalidInput("a limit holds for 1s at least", at: limit.position)
        }
        erp.limits?.append(
          ERPFile.Limit(
            limit: count, per: per, unit: limit["unit"]?.text ?? "calls",
            window: limit["window"]?.text ?? "sliding"))
      }
    }
    erp.concurrency = integer(node["concurrency"])
    erp.reserved = integer(node["reserved"])
    erp.queueDepth = integer(node["queueDepth"])
    erp.queueWait = span(node["queueWait"])
    erp.latency = span(node["latency"])
    erp.latencyLaw = node["latencyLaw"]?.text
    erp.latencySigma = try number(node["latencySigma"], most: 5)
    erp.latencyPerDocument = span(node["latencyPerDocument"])
    erp.serverTimeout = span(node["serverTimeout"])
    erp.documentsPerCall = integer(node["documentsPerCall"])
    erp.linesPerDocument = integer(node["linesPerDocument"])
    switch node["idempotency"]?.text {
    case "none": erp.idempotency = ERPFile.Idempotency.none
    case "externalId": erp.idempotency = .externalID
    case "uniqueNumber": erp.idempotency = .uniqueNumber
    default:
      if let retention = span(node["idempotency"]?["retention"]) {
        erp.idempotency = .key(
          retention: retention,
          refusesOtherBodies: node["idempotency"]?["refusesOtherBodies"]?.text == "true")
      }
    }
    erp.jobTime = span(node["jobTime"])
    erp.laterRejections = share(node["laterRejections"])
    erp.retryAfter = span(node["retryAfter"])
    erp.periods = node["periods"]?.text
    erp.indexLag = span(node["indexLag"])
    erp.lostAnswers = share(node["lostAnswers"])
    if let timeout = erp.serverTimeout, timeout <= .zero {
      throw InvalidInput("the ERP works for more than nothing", at: node.position)
    }
    return erp
  }
}
