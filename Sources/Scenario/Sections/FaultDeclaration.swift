import CanonicalModel
import Chronology

/// How a kind of fault is written, and what it can hit: all that files have to say of it.
struct FaultDeclaration: Sendable {
  /// What it does.
  var help: String
  /// What stands below its key: its strength, and most often how long it lasts.
  var body: Schema<FaultFile.Body>
  /// What can have it, in the order of ``FaultTarget/Family``.
  var hits: [FaultTarget.Family]
  /// Why it is nothing without an end; `nil`: it can last forever.
  var whyItEnds: String?

  /// The key that carries its figure; `nil`: it has none, or one of several.
  var figure: String? {
    guard case .record(let fields) = body.shape else { return nil }
    return fields.first(where: \.isRequired)?.key
  }

  fileprivate init(
    _ help: String, _ body: Schema<FaultFile.Body>, hits: [FaultTarget.Family], whyItEnds: String? = nil
  ) {
    self.help = help
    self.body = body
    self.hits = hits
    self.whyItEnds = whyItEnds
  }
}

extension FaultKind.Sort {
  /// Its declaration. A new kind of fault is a case of ``FaultKind``, an entry here, and what it does in the component of the
  /// world that it befalls.
  var declaration: FaultDeclaration {
    switch self {
    case .outage:
      FaultDeclaration(
        "the target refuses every call, and calls in progress fail", Self.plain(.outage),
        hits: [.erp, .tax, .gateway, .crm, .fx, .broker])
    case .maintenance:
      FaultDeclaration(
        "an announced outage: callers are told how long it lasts", Self.plain(.maintenance),
        hits: [.erp, .tax, .gateway],
        whyItEnds: "callers are told when it ends; an outage can last forever")
    case .throttle: FaultDeclaration("the ERP's limits shrink", Self.limits, hits: [.erp])
    case .brownOut:
      FaultDeclaration(
        "the target is slower, and some calls fail", Self.slowness, hits: [.erp, .tax, .gateway])
    case .slowDeath:
      FaultDeclaration(
        "the target gets slower and slower until the fault ends", Self.growingSlowness,
        hits: [.erp, .tax, .gateway],
        whyItEnds: "it grows towards its end; a brownOut can last forever")
    case .timeoutAfterCommit:
      FaultDeclaration(
        "answers are lost after the commit",
        Self.share("the share of calls that are committed and never answered") {
          .timeoutAfterCommit(share: $0)
        },
        hits: [.erp, .tax, .gateway])
    case .refusals:
      FaultDeclaration(
        "the ERP refuses documents whose master data is not set up; they are sent again a day later",
        Self.share("the share of documents that are refused") { .refusals(share: $0) }, hits: [.erp])
    case .partialFailure:
      FaultDeclaration(
        "some documents of a call fail while the others are posted",
        Self.share("the share of documents that fail") { .partialFailure(share: $0) }, hits: [.erp])
    case .rejectLater:
      FaultDeclaration(
        "documents are accepted, and some are rejected later",
        Self.share("the share of documents that are rejected") { .rejectLater(share: $0) }, hits: [.erp])
    case .partition:
      FaultDeclaration(
        "nothing gets through on the network", Self.plain(.partition),
        hits: [.erp, .tax, .gateway, .crm, .fx])
    case .drop:
      FaultDeclaration(
        "the network loses messages",
        Self.share("the share of messages that are lost") { .drop(share: $0) },
        hits: [.erp, .tax, .gateway, .webhooks, .crm, .fx])
    case .delay:
      FaultDeclaration(
        "the network delays messages", Self.longestDelay, hits: [.erp, .tax, .gateway, .webhooks, .crm, .fx])
    case .duplicate:
      FaultDeclaration(
        "the network duplicates messages",
        Self.share("the share of messages that are delivered twice") { .duplicate(share: $0) },
        hits: [.erp, .gateway, .webhooks, .crm, .fx])
    case .rebalance:
      FaultDeclaration(
        "the broker's consumers are rebalanced, and their last batches are redelivered",
        Self.plain(.rebalance),
        hits: [.broker],
        whyItEnds: "batches are redelivered at its end; an outage of the broker can last forever")
    case .clockSkew: FaultDeclaration("every other producer has a wrong clock", Self.skew, hits: [.producers])
    case .crash:
      FaultDeclaration(
        "a process crashes at one of its next effect boundaries and restarts from its log", Self.restart,
        hits: [.producers, .process])
    case .wrongRate:
      FaultDeclaration(
        "the tax engine quotes some drafts at a wrong rate",
        Self.wrongly("the share of drafts that are quoted at a wrong rate") { .wrongRate(share: $0, by: $1) },
        hits: [.tax])
    case .changesMind:
      FaultDeclaration(
        "the tax engine changes its quote for some drafts when it is asked again",
        Self.wrongly("the share of repeated requests that get another quote") {
          .changesMind(share: $0, by: $1)
        },
        hits: [.tax])
    }
  }

  // MARK: What stands below the keys

  private static func plain(_ kind: FaultKind) -> Schema<FaultFile.Body> {
    .record(
      FaultFile.length, make: { (_: Place, length: Located<Span?>?) in .init(kind: kind, length: length) })
  }

  private static func strong(_ strength: Key<FaultKind>) -> Schema<FaultFile.Body> {
    .record(
      strength, FaultFile.length,
      make: { (_: Place, kind: FaultKind, length: Located<Span?>?) in .init(kind: kind, length: length) })
  }

  private static func share(
    _ help: String, _ make: @escaping @Sendable (Double) -> FaultKind
  ) -> Schema<FaultFile.Body> {
    strong(
      .group(
        .required("share", .share, help, title: "share hit by the {}"),
        make: { (_: Place, share: Double) in make(share) }))
  }

  private static func wrongly(
    _ help: String, _ make: @escaping @Sendable (Double, Price) -> FaultKind
  ) -> Schema<FaultFile.Body> {
    strong(
      .group(
        .required("share", .share, help, title: "share hit by the {}"),
        .defaulting(
          "by", offBy, to: Price(units: 20_000_000_000),
          "by how much a rate is too high at most: 2% if left out", title: "size of the {}"),
        make: { (_: Place, share: Double, by: Price) in make(share, by) }))
  }

  private static let offBy: Schema<Price> = .percentage.refusing { (rate: Price, _) -> String? in
    rate > Price.zero && rate.units <= 1_000_000_000_000
      ? nil : "a wrong rate must be off by more than 0% and at most 100%"
  }

  private static let limits = strong(
    .group(
      .required("to", remaining, "the share of the limits that remains", title: "remaining limits in the {}"),
      make: { (_: Place, share: Double) in .throttle(to: share) }))

  private static let remaining: Schema<Double> = .share.refusing { (share: Double, _) -> String? in
    share > 0
      ? nil
      : "'to' is 0 %: nothing would be left of the limits, and no call would ever be accepted; use outage: {}"
  }

  private static let factor: Key<Double> = .required(
    "slowdown", .number(1...1e6, digits: 3), "how many times slower the target is",
    title: "slowdown in the {}")

  private static let slowness = strong(
    .group(
      factor,
      .defaulting(
        "errors", .share, to: 0, "the share of calls that fail at once",
        title: "share of failing calls in the {}"),
      make: { (_: Place, slowdown: Double, errors: Double) in .brownOut(slowdown: slowdown, errors: errors) }
    ))

  private static let growingSlowness = strong(
    .group(factor, make: { (_: Place, slowdown: Double) in .slowDeath(slowdown: slowdown) }))

  private static let longestDelay = strong(
    .group(
      .required("upTo", .duration, "the longest delay", title: "longest delay in the {}"),
      make: { (_: Place, span: Span) in .delay(upTo: span) }))

  private static let skew: Schema<FaultFile.Body> = .variant(
    [
      .when("ahead", wrongBy, "clocks are fast by so much", title: "size of the {}") { (span: Span) in
        .clockSkew(ahead: true, by: span)
      },
      .when("behind", wrongBy, "clocks are slow by so much", title: "size of the {}") { (span: Span) in
        .clockSkew(ahead: false, by: span)
      },
    ] as [Key<FaultKind>], common: FaultFile.length,
    make: { (_: Place, kind: FaultKind, length: Located<Span?>?) in .init(kind: kind, length: length) })

  private static let wrongBy: Schema<Span> = .duration.refusing { (span: Span, _) -> String? in
    span > .days(365) ? "clockSkew must not exceed 365d" : nil
  }

  private static let restart: Schema<FaultFile.Body> = .record(
    .required(
      "restartAfter", Schema<Span?>.durationOr("never").located,
      "from the crash until the process starts again, if ever", title: "time until restart after the {}"),
    make: { (_: Place, length: Located<Span?>) in .init(kind: .crash, length: length, isRestart: true) })
}
