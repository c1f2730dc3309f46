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
  }

  /// When it goes wrong.
  public enum FaultTiming: Hashable, Sendable {
    /// At these moments.
    case at([Instant])
    case random(every: Span)
    case when(FaultCondition, after: Span, times: Int)
  }

  /// A fault.
  public struct Fault: Hashable, Sendable {
    /// What goes wrong.
    public var kind: FaultKind
    /// When.
    public var timing: FaultTiming
    /// For how long; for a crash, until the process starts again.
    public var duration: Span
    /// What is hit: a random fault hits one of them, any other one all.
    public var targets: [FaultTarget]
  }

  /// What a fault hits.
  public enum FaultTarget: Hashable, Sendable {
    /// The ERP of the entity of an index.
    case erp(Int)
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

    /// The kinds of fault that can hit it.
    var kinds: [String] {
      switch self {
      case .erp:
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

extension Shape {
  private static func share(_ help: String) -> Field { .required("share", .unit(.share), help) }
  private static let times = Field("times", .unit(.integer(1...10_000)), "how often it comes")

  private static func kind(_ key: String, _ fields: [Field] = [], _ help: String) -> Field {
    Field(key, .record(fields + [Field("for", .unit(.duration), "how long it lasts")]), help)
  }

  private static let factor = Field.required(
    "slowdown", .unit(.decimal(digits: 3)), "how many times more slowly it works")

  static let fault = Shape.variant(
    [
      kind("outage", [], "it refuses every call, and calls in progress die"),
      kind("maintenance", [], "an announced outage: callers are told how long it lasts"),
      kind(
        "throttle", [.required("to", .unit(.share), "what is left of the limits")],
        "the ERP's limits shrink"),
      kind(
        "brownOut", [factor, Field("errors", .unit(.share), "the share of calls that fail at once")],
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
        "delay", [.required("upTo", .unit(.duration), "the longest delay")], "the network delays messages"),
      kind("duplicate", [share("the share of messages that come twice")], "the network doubles messages"),
      kind("rebalance", [], "consumers of the broker are assigned anew, and their last batches come again"),
      Field(
        "clockSkew",
        .variant(
          [
            Field("ahead", .unit(.duration), "clocks are fast by so much"),
            Field("behind", .unit(.duration), "clocks are slow by so much"),
          ], common: [Field("for", .unit(.duration), "how long it lasts")]),
        "every other producer has a wrong clock"),
      Field(
        "crash",
        .record([.required("restartAfter", .unit(.duration), "from the crash until the process starts again")]
        ),
        "a process dies at one of its next effect boundaries and starts again from its log"),
    ],
    common: [
      Field("at", .unit(.moment), "when it begins"),
      Field("every", .unit(.duration), "with 'at': it comes again after so long; 'times' says how often"),
      times,
      Field(
        "random", .record([.required("every", .unit(.duration), "the mean time between two")]),
        "at random moments"),
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
                  .required("reached", .unit(.integer(1...1_000_000_000)), "after how many times"),
                ]),
              ]), "a situation is reached"),
            Field(
              "outbox", .record([.required("above", .unit(.integer(0...1_000_000_000)), "documents")]),
              "more documents than that wait for one ERP"),
            Field(
              "inFlight", .record([.required("above", .unit(.integer(0...1_000_000)), "calls")]),
              "more calls than that are under way to one ERP"),
            Field(
              "brokerLag", .record([.required("above", .unit(.integer(0...1_000_000_000)), "events")]),
              "more usage events than that wait in the broker"),
          ], common: [Field("after", .unit(.duration), "from then until the fault begins")]),
        "when a condition holds"),
      Field("for", .unit(.duration), "how long it lasts"),
      .required(
        "target", .either([.text, .list(.text, minimum: 1)]),
        "what it hits: erp/us, tax, gateway, webhooks, crm, fx, broker, producers, process/posting, or a pattern such as erp/*"
      ),
    ])
}

extension ScenarioDecoder {
  func faults(
    start: Instant, entities: [ScenarioFile.Entity]
  ) throws(InvalidInput) -> [ScenarioFile.Fault] {
    var faults: [ScenarioFile.Fault] = []
    for node in root["faults"]?.elements ?? [] {
      let (kind, body) = try faultKind(node)
      if node["for"] != nil, let other = body["for"] {
        throw InvalidInput("'for' is given twice", at: other.position)
      }
      let length = body["restartAfter"] ?? node["for"] ?? body["for"]
      guard let duration = span(length), duration > .zero else {
        throw InvalidInput(
          "'for' is missing or nothing: how long the fault lasts", at: (length ?? node).position)
      }
      faults.append(
        ScenarioFile.Fault(
          kind: kind, timing: try timing(node, start: start, duration: duration), duration: duration,
          targets: try targets(node["target"], entities, kind: kind)))
    }
    return faults
  }

  private func faultKind(
    _ node: LocatedNode
  ) throws(InvalidInput) -> (ScenarioFile.FaultKind, LocatedNode) {
    func part(_ body: LocatedNode, _ key: String = "share") -> Double { share(body[key]) ?? 0 }
    func slowdown(_ body: LocatedNode) throws(InvalidInput) -> Double {
      try number(body["slowdown"], least: 1, most: 1e6) ?? 1
    }
    if let body = node["throttle"] { return (.throttle(to: part(body, "to")), body) }
    if let body = node["brownOut"] {
      return (.brownOut(slowdown: try slowdown(body), errors: part(body, "errors")), body)
    }
    if let body = node["slowDeath"] { return (.slowDeath(slowdown: try slowdown(body)), body) }
    if let body = node["timeoutAfterCommit"] { return (.timeoutAfterCommit(share: part(body)), body) }
    if let body = node["refusals"] { return (.refusals(share: part(body)), body) }
    if let body = node["partialFailure"] { return (.partialFailure(share: part(body)), body) }
    if let body = node["rejectLater"] { return (.rejectLater(share: part(body)), body) }
    if let body = node["drop"] { return (.drop(share: part(body)), body) }
    if let body = node["delay"] { return (.delay(upTo: span(body["upTo"]) ?? .zero), body) }
    if let body = node["duplicate"] { return (.duplicate(share: part(body)), body) }
    if let body = node["partition"] { return (.partition, body) }
    if let body = node["maintenance"] { return (.maintenance, body) }
    if let body = node["crash"] { return (.crash, body) }
    if let body = node["rebalance"] { return (.rebalance, body) }
    if let body = node["clockSkew"] {
      let by = span(body["ahead"] ?? body["behind"]) ?? .zero
      guard by <= .days(365) else {
        throw InvalidInput("a clock is wrong by a year at most", at: body.position)
      }
      return (.clockSkew(ahead: body["ahead"] != nil, by: by), body)
    }
    return (.outage, node["outage"] ?? node)
  }

  private func timing(
    _ node: LocatedNode, start: Instant, duration: Span
  ) throws(InvalidInput) -> ScenarioFile.FaultTiming {
    let given = ["at", "random", "when"].filter { node[$0] != nil }
    guard given.count == 1 else {
      throw InvalidInput(
        given.isEmpty
          ? "'at', 'random' or 'when' is missing: when the fault begins"
          : "give only one of 'at', 'random' and 'when'", at: (node[given.last ?? ""] ?? node).position)
    }
    if let every = node["every"], node["at"] == nil {
      throw InvalidInput("'every' goes with 'at'", at: every.position)
    }
    let times = integer(node["times"])
    if let at = node["at"] {
      guard let first = at.text.flatMap(PointInTime.init)?.instant(start: start), first >= start else {
        throw InvalidInput("a fault cannot begin before the run", at: at.position)
      }
      guard let every = node["every"] else {
        if let times = node["times"] { throw InvalidInput("'times' needs 'every'", at: times.position) }
        return .at([first])
      }
      guard let step = span(every), step >= .seconds(1) else {
        throw InvalidInput("a fault comes again after 1s at least", at: every.position)
      }
      let horizon = start + (span("horizon") ?? .zero)
      var moments: [Instant] = []
      var moment = first
      while moments.count < times ?? .max, moment <= max(horizon, first) || times != nil {
        guard moments.count < 10_000 else {
          throw InvalidInput("a fault comes 10000 times at most; give 'times'", at: every.position)
        }
        moments.append(moment)
        moment += step
      }
      return .at(moments)
    }
    if let random = node["random"] {
      if let times = node["times"] {
        throw InvalidInput("'times' needs 'every' or 'when'", at: times.position)
      }
      guard let every = span(random["every"]), every >= .minutes(1) else {
        throw InvalidInput("random faults come at most once a minute", at: random.position)
      }
      return .random(every: every)
    }
    let node = node["when"] ?? node
    func above(_ key: String) -> Int { integer(node[key]?["above"]) ?? 0 }
    let condition: ScenarioFile.FaultCondition
    if let situation = node["situation"] {
      condition = .situation(
        situation.text ?? situation["name"]?.text ?? "", reached: integer(situation["reached"]) ?? 1,
        position: situation.position)
    } else if node["outbox"] != nil {
      condition = .outbox(above: above("outbox"))
    } else if node["inFlight"] != nil {
      condition = .inFlight(above: above("inFlight"))
    } else {
      condition = .brokerLag(above: above("brokerLag"))
    }
    return .when(condition, after: span(node["after"]) ?? .zero, times: times ?? 1)
  }

  private func targets(
    _ node: LocatedNode?, _ entities: [ScenarioFile.Entity], kind: ScenarioFile.FaultKind
  ) throws(InvalidInput) -> [ScenarioFile.FaultTarget] {
    guard let node else { return [] }
    var known: [(name: String, target: ScenarioFile.FaultTarget)] = entities.indices.map {
      ("erp/\(entities[$0].name)", .erp($0))
    }
    known += [
      ("tax", .tax), ("gateway", .gateway), ("webhooks", .webhooks), ("crm", .crm), ("fx", .exchange),
      ("broker", .broker),
      ("producers", .producers),
    ]
    known += ScenarioFile.FaultTarget.services.map { ("process/\($0)", .process($0)) }
    var targets: [ScenarioFile.FaultTarget] = []
    for pattern in node.text == nil ? node.elements : [node] {
      let text = pattern.text ?? ""
      let matching = known.filter { Self.matches($0.name, text) }
      guard !matching.isEmpty else {
        throw InvalidInput(
          "there is no target '\(text)'" + NearestKey.hint(for: text, among: known.map(\.name)),
          at: pattern.position)
      }
      let able = matching.filter { $0.target.kinds.contains(kind.key) }
      guard !able.isEmpty else {
        throw InvalidInput(
          "'\(text)' cannot have the fault \(kind.key); it can have "
            + matching[0].target.kinds.joined(separator: ", "), at: pattern.position)
      }
      for target in able.map(\.target) where !targets.contains(target) { targets.append(target) }
    }
    return targets
  }

  /// Whether a name matches a pattern in which `*` stands for any text.
  private static func matches(_ name: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return name == pattern }
    guard name.hasPrefix(parts[0]), name.hasSuffix(parts[parts.count - 1]) else { return false }
    var rest = name.dropFirst(parts[0].count)
    guard rest.count >= parts[parts.count - 1].count else { return false }
    rest = rest.dropLast(parts[parts.count - 1].count)
    for part in parts[1..<parts.count - 1] where !part.isEmpty {
      guard let found = Substring(rest).firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}

extension Substring {
  fileprivate func firstRange(of other: Substring) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
      start = index(after: start)
    }
    return nil
  }
}
