import Chronology

extension ScenarioFile {
  /// What goes wrong.
  public enum FaultKind: Hashable, Sendable {
    case outage
    case maintenance
    case throttle(to: Double)
    case brownOut(slowdown: Double, errors: Double)
    case slowDeath(slowdown: Double)
    case timeoutAfterCommit(share: Double)
    case refusals(share: Double)
    case partialFailure(share: Double)
    case rejectLater(share: Double)
    case partition
    case drop(share: Double)
    case delay(upTo: Span)
    case duplicate(share: Double)
    case crash
    case rebalance
    case clockSkew(ahead: Bool, by: Span)

    /// The key in files.
    var key: String {
      switch self {
      case .outage: "outage"
      case .maintenance: "maintenance"
      case .throttle: "throttle"
      case .brownOut: "brownOut"
      case .slowDeath: "slowDeath"
      case .timeoutAfterCommit: "timeoutAfterCommit"
      case .refusals: "refusals"
      case .partialFailure: "partialFailure"
      case .rejectLater: "rejectLater"
      case .partition: "partition"
      case .drop: "drop"
      case .delay: "delay"
      case .duplicate: "duplicate"
      case .crash: "crash"
      case .rebalance: "rebalance"
      case .clockSkew: "clockSkew"
      }
    }
  }

  /// What a fault waits for.
  public enum FaultCondition: Hashable, Sendable {
    case situation(String, reached: Int, position: Position)
    case outbox(above: Int)
    case inFlight(above: Int)
    case brokerLag(above: Int)

    /// The condition in words.
    public var text: String {
      switch self {
      case .situation(let name, let times, _): "\(name) was reached" + (times > 1 ? " \(times) times" : "")
      case .outbox(let limit): "more than \(limit) documents wait for one ERP"
      case .inFlight(let limit): "more than \(limit) calls are under way to one ERP"
      case .brokerLag(let limit): "more than \(limit) usage events wait in the broker"
      }
    }
  }

  /// When it goes wrong.
  public enum FaultTiming: Hashable, Sendable {
    /// At these moments.
    case at([Instant])
    case random(every: Span)
    case when(FaultCondition, after: Span, times: Int)

    /// When, in words.
    public var text: String {
      switch self {
      case .at(let moments):
        "at \(moments.first.map { "\($0)" } ?? "no moment")"
          + (moments.count > 1 ? " and \(moments.count - 1) more times" : "")
      case .random(let every): "at random, every \(every) on average"
      case .when(let condition, let after, _):
        (after > .zero ? "\(after) after " : "when ") + condition.text
      }
    }
  }

  /// A fault.
  public struct Fault: Hashable, Sendable {
    /// What goes wrong.
    public var kind: FaultKind
    /// When.
    public var timing: FaultTiming
    /// For how long; for a crash, until the process starts again; `nil`: it never ends.
    public var duration: Span?
    /// When, and whether it ends, in words.
    public var text: String { timing.text + (duration == nil ? ", without end" : "") }
    /// What is hit: a random fault hits one of them, any other one all.
    public var targets: [FaultTarget]
  }

  /// What a fault hits.
  public enum FaultTarget: Hashable, Sendable {
    /// The ERP of the entity of an index.
    case erp(Int)
    /// The account of ERPs of an index, which several entities share.
    case account(Int)
    /// The tax engine.
    case tax
    /// The payment gateway.
    case gateway
    /// Notices of the gateway and the bank.
    case webhooks
    /// CRM and CPQ, which tell of contracts and identifiers.
    case crm
    /// The feed of exchange rates.
    case exchange
    /// The broker.
    case broker
    /// Every other producer.
    case producers
    /// The process that runs a service.
    case process(String)

    /// The services of the core that a process can run.
    public static let services = ["ingestion", "billing", "posting", "payments"]

    /// All kinds of fault, as files name them.
    static let allKinds: Set<String> = [
      "outage", "maintenance", "throttle", "brownOut", "slowDeath", "timeoutAfterCommit", "refusals",
      "partialFailure", "rejectLater", "partition", "drop", "delay", "duplicate", "crash", "rebalance",
      "clockSkew",
    ]

    /// Kinds of fault that befall single documents, and not a system as a whole.
    static let kindsOfDocuments: Set<String> = ["refusals", "partialFailure", "rejectLater"]
    /// Kinds of fault that are nothing without an end.
    static let kindsWithEnd = [
      "maintenance": "callers are told when it ends; an outage can last forever",
      "slowDeath": "it grows towards its end; a brownOut can last forever",
      "rebalance": "batches come again at its end; an outage of the broker can last forever",
    ]

    /// The kinds of fault that can hit it.
    var kinds: [String] {
      switch self {
      case .erp, .account:
        [
          "outage", "maintenance", "throttle", "brownOut", "slowDeath", "timeoutAfterCommit", "refusals",
          "partialFailure", "rejectLater", "partition", "drop", "delay", "duplicate",
        ]
      case .tax:
        [
          "outage", "maintenance", "brownOut", "slowDeath", "timeoutAfterCommit", "partition", "drop",
          "delay",
        ]
      case .gateway:
        [
          "outage", "maintenance", "brownOut", "slowDeath", "timeoutAfterCommit", "partition", "drop",
          "delay", "duplicate",
        ]
      case .webhooks: ["delay", "duplicate"]
      case .crm, .exchange: ["outage", "partition", "drop", "delay", "duplicate"]
      case .broker: ["outage", "rebalance"]
      case .producers: ["crash", "clockSkew"]
      case .process: ["crash"]
      }
    }
  }
}

extension ScenarioFile {
  /// Every kind of fault: what it does, what it can hit, and whether it can last forever.
  public static var faultKinds: [(name: String, help: String, targets: String, end: String)] {
    guard case .variant(let kinds, _) = Shape.fault else { return [] }
    let families: [(name: String, target: FaultTarget)] = [
      ("erp", .erp(0)), ("tax", .tax), ("gateway", .gateway), ("webhooks", .webhooks), ("crm", .crm),
      ("fx", .exchange), ("broker", .broker), ("producers", .producers), ("process", .process("posting")),
    ]
    return kinds.map { kind in
      let targets = families.filter { $0.target.kinds.contains(kind.key) }.map(\.name)
      let end =
        FaultTarget.kindsWithEnd[kind.key] ?? (kind.key == "crash" ? "restartAfter: never" : "for: forever")
      return (kind.key, kind.help, targets.joined(separator: ", "), end)
    }
  }
}

extension Shape {
  private static func share(_ help: String) -> Field {
    .required("share", .unit(.share), help, title: "share hit by the {}")
  }
  private static let times = Field(
    "times", .unit(.integer(1...10_000)), "how often it comes", title: "repetitions of the {}")

  private static let length = Field(
    "for", .unit(.durationOr("forever")), "how long it lasts; forever: it never ends",
    title: "length of the {}")

  private static func kind(_ key: String, _ fields: [Field] = [], _ help: String) -> Field {
    Field(key, .record(fields + [length]), help)
  }

  private static let factor = Field.required(
    "slowdown", .unit(.decimal(digits: 3)), "how many times more slowly it works", title: "slowdown in the {}"
  )

  static let fault = Shape.variant(
    [
      kind("outage", [], "it refuses every call, and calls in progress die"),
      kind("maintenance", [], "an announced outage: callers are told how long it lasts"),
      kind(
        "throttle",
        [.required("to", .unit(.share), "what is left of the limits", title: "remaining limits in the {}")],
        "the ERP's limits shrink"),
      kind(
        "brownOut",
        [
          factor,
          Field(
            "errors", .unit(.share), "the share of calls that fail at once",
            title: "share of failing calls in the {}"),
        ],
        "it works more slowly, and some calls fail"),
      kind("slowDeath", [factor], "it works ever more slowly until the end"),
      kind(
        "timeoutAfterCommit", [share("the share of calls that are committed and never answered")],
        "answers are lost after the commit"),
      kind(
        "refusals", [share("the share of documents that are refused")],
        "the ERP refuses documents whose master data is not set up; they are sent again a day later"),
      kind(
        "partialFailure", [share("the share of documents that fail")],
        "some documents of a call fail while the others are posted"),
      kind(
        "rejectLater", [share("the share of documents that are rejected")],
        "documents are accepted, and some are rejected later"),
      kind("partition", [], "nothing gets through on the network"),
      kind("drop", [share("the share of messages that are lost")], "the network loses messages"),
      kind(
        "delay", [.required("upTo", .unit(.duration), "the longest delay", title: "longest delay in the {}")],
        "the network delays messages"),
      kind("duplicate", [share("the share of messages that come twice")], "the network doubles messages"),
      kind("rebalance", [], "consumers of the broker are assigned anew, and their last batches come again"),
      Field(
        "clockSkew",
        .variant(
          [
            Field("ahead", .unit(.duration), "clocks are fast by so much", title: "size of the {}"),
            Field("behind", .unit(.duration), "clocks are slow by so much", title: "size of the {}"),
          ], common: [length]),
        "every other producer has a wrong clock"),
      Field(
        "crash",
        .record([
          .required(
            "restartAfter", .unit(.durationOr("never")),
            "from the crash until the process starts again, if ever", title: "time until restart after the {}"
          )
        ]),
        "a process dies at one of its next effect boundaries and starts again from its log"),
    ],
    common: [
      Field("at", .unit(.moment), "when it begins", title: "start of the {}"),
      Field(
        "every", .unit(.duration), "with 'at': it comes again after so long; 'times' says how often",
        title: "time between repetitions of the {}"),
      times,
      Field(
        "random",
        .record([
          .required(
            "every", .unit(.duration), "the mean time between two",
            title: "mean time between one {} and the next")
        ]),
        "at random moments", title: "{}"),
      Field(
        "when",
        .variant(
          [
            Field(
              "situation",
              .either([
                .name,
                .record([
                  .required("name", .name, "the situation: see list situations"),
                  .required(
                    "reached", .unit(.integer(1...1_000_000_000)), "after how many times",
                    title: "situations before the {}"),
                ]),
              ]), "a situation is reached"),
            Field(
              "outbox",
              .record([
                .required(
                  "above", .unit(.integer(0...1_000_000_000)), "documents",
                  title: "waiting documents that start the {}")
              ]),
              "more documents than that wait for one ERP", title: "{}"),
            Field(
              "inFlight",
              .record([
                .required(
                  "above", .unit(.integer(0...1_000_000)), "calls", title: "calls under way that start the {}"
                )
              ]),
              "more calls than that are under way to one ERP", title: "{}"),
            Field(
              "brokerLag",
              .record([
                .required(
                  "above", .unit(.integer(0...1_000_000_000)), "events",
                  title: "waiting events that start the {}")
              ]),
              "more usage events than that wait in the broker", title: "{}"),
          ],
          common: [
            Field("after", .unit(.duration), "from then until the fault begins", title: "delay of the {}")
          ]),
        "when a condition holds", title: "{}"),
      length,
      .required(
        "target", .either([.text, .list(.text, minimum: 1)]),
        "what it hits: erp/us, where us is an entity or an account of ERPs, tax, gateway, webhooks, crm, fx, broker, producers, process/posting, or a pattern such as erp/*"
      ),
    ])
}
