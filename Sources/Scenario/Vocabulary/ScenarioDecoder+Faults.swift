import CanonicalModel
import Chronology

extension ScenarioDecoder {
  /// Before which everything in a file happens: runs begin before 2200, and instants end with 2262. What lies between is room
  /// for lengths that are added, ten years each at most.
  static let lastMoment = CivilDate(year: 2220, month: 1, day: 1).start

  func faults(
    start: Instant, entities: [ScenarioFile.Entity]
  ) throws(InvalidInput) -> [ScenarioFile.Fault] {
    let places = FaultPlaces(entities)
    var faults: [ScenarioFile.Fault] = []
    var problems: [Diagnostic] = []
    for node in root["faults"]?.elements ?? [] {
      let (fault, found) = fault(node, start: start, places)
      if let fault { faults.append(fault) }
      problems += found
    }
    if !problems.isEmpty { throw InvalidInput(Array(problems.prefix(20))) }
    return faults
  }

  /// One fault, or everything that is wrong with it.
  private func fault(
    _ node: LocatedNode, start: Instant, _ places: FaultPlaces
  ) -> (ScenarioFile.Fault?, [Diagnostic]) {
    var problems: [Diagnostic] = []
    func attempt<Value>(_ result: Result<Value, InvalidInput>) -> Value? {
      switch result {
      case .success(let value): return value
      case .failure(let error):
        problems += error.diagnostics
        return nil
      }
    }
    let kind = attempt(Result { () throws(InvalidInput) in try self.faultKind(node) })
    let targets = attempt(
      Result { () throws(InvalidInput) in try self.targets(node["target"], places, kind: kind?.0.key) })
    let body = kind?.1 ?? node
    let duration = attempt(
      Result { () throws(InvalidInput) in try self.duration(of: node, body, kind: kind?.0.key) })
    let timing = attempt(
      Result { () throws(InvalidInput) in
        try self.timing(node, start: start, isEndless: duration == .some(nil))
      })
    guard let kind, let targets, let duration, let timing else { return (nil, problems) }
    return (
      ScenarioFile.Fault(kind: kind.0, timing: timing, duration: duration, targets: targets), problems
    )
  }

  /// - Returns: `nil` for what never ends.
  private func duration(
    of node: LocatedNode, _ body: LocatedNode, kind: String?
  ) throws(InvalidInput) -> Span? {
    if let own = node["for"], let other = body["for"], own.position != other.position {
      throw InvalidInput("'for' is given twice", at: other.position)
    }
    let length = body["restartAfter"] ?? node["for"] ?? body["for"]
    if let length, ["forever", "never"].contains(length.text) {
      if let kind, let reason = ScenarioFile.FaultTarget.kindsWithEnd[kind] {
        throw InvalidInput("'\(kind)' has an end: \(reason)", at: length.position)
      }
      return nil
    }
    guard let duration = span(length), duration > .zero else {
      throw InvalidInput(
        "'for' is missing or nothing: how long the fault lasts", at: (length ?? node).position)
    }
    return duration
  }

  /// What is wrong with the meaning of faults in a file of which other things have a wrong form: whole faults where their form
  /// is right, and the targets of the others.
  func problems(ofFaultsBeside others: [Diagnostic]) -> [Diagnostic] {
    guard case .sequence(let elements)? = root["faults"]?.content else { return [] }
    let places = FaultPlaces(root["entities"]?.elements ?? [])
    guard !places.entities.isEmpty else { return [] }
    let start =
      root["start"]?.text.flatMap { Instant(iso8601: $0) } ?? CivilDate(year: 2026, month: 1, day: 1).start
    return elements.flatMap { node -> [Diagnostic] in
      var validator = Validator()
      validator.check(node, .fault, path: "")
      if validator.diagnostics.isEmpty { return fault(node, start: start, places).1 }
      let kind = node.pairs.map(\.key.name).first { ScenarioFile.FaultTarget.allKinds.contains($0) }
      guard let target = node["target"], target.text != nil || !target.elements.isEmpty else { return [] }
      let read = Result { () throws(InvalidInput) in try self.targets(target, places, kind: kind) }
      if case .failure(let error) = read { return error.diagnostics }
      return []
    }
  }

  private func faultKind(
    _ node: LocatedNode
  ) throws(InvalidInput) -> (ScenarioFile.FaultKind, LocatedNode) {
    func part(_ body: LocatedNode, _ key: String = "share") -> Double { share(body[key]) ?? 0 }
    func slowdown(_ body: LocatedNode) throws(InvalidInput) -> Double {
      try number(body["slowdown"], least: 1, most: 1e6) ?? 1
    }
    if let body = node["throttle"] {
      let left = part(body, "to")
      guard left > 0 else {
        throw InvalidInput(
          "'to' is 0 %: nothing would be left of the limits, and no call would ever be taken; say outage: {}",
          at: (body["to"] ?? body).position)
      }
      return (.throttle(to: left), body)
    }
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
        throw InvalidInput("clockSkew must not exceed 365d", at: body.position)
      }
      return (.clockSkew(ahead: body["ahead"] != nil, by: by), body)
    }
    return (.outage, node["outage"] ?? node)
  }

  private func timing(
    _ node: LocatedNode, start: Instant, isEndless: Bool
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
    if isEndless, let again = node["every"] ?? (times ?? 1 > 1 ? node["times"] : nil) {
      throw InvalidInput("what never ends does not come again: leave this out", at: again.position)
    }
    if let at = node["at"] {
      guard let first = at.text.flatMap(PointInTime.init)?.instant(start: start), first >= start else {
        throw InvalidInput("a fault cannot begin before the run", at: at.position)
      }
      guard first < Self.lastMoment else {
        throw InvalidInput(
          "a fault must begin before 2220, and this one begins at \(first)", at: at.position)
      }
      guard let every = node["every"] else {
        if let times = node["times"] { throw InvalidInput("'times' needs 'every'", at: times.position) }
        return .at([first])
      }
      guard let step = span(every), step >= .seconds(1) else {
        throw InvalidInput("'every' must be at least 1s", at: every.position)
      }
      let horizon = start + (span("horizon") ?? .zero)
      var moments: [Instant] = []
      var moment = first
      while moments.count < times ?? .max, moment <= max(horizon, first) || times != nil {
        guard moments.count < 10_000 else {
          throw InvalidInput("a fault comes 10000 times at most; give 'times'", at: every.position)
        }
        guard moment < Self.lastMoment else {
          throw InvalidInput("a fault must begin before 2220; give fewer 'times'", at: every.position)
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
    _ node: LocatedNode?, _ places: FaultPlaces, kind: String?
  ) throws(InvalidInput) -> [ScenarioFile.FaultTarget] {
    guard let node else { return [] }
    let isOfDocuments = ScenarioFile.FaultTarget.kindsOfDocuments.contains(kind ?? "")
    var known: [(name: String, target: ScenarioFile.FaultTarget)] = places.entities.indices.map { index in
      // What befalls a system befalls the account, whichever of its entities is named.
      let account = isOfDocuments ? nil : places.accountOf[index]
      return ("erp/\(places.entities[index])", account.map { .account($0) } ?? .erp(index))
    }
    known += places.accounts.enumerated().map { ("erp/\($1)", .account($0)) }
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
      let able = matching.filter { $0.target.kinds.contains(kind ?? "") || kind == nil }
      guard !able.isEmpty else {
        let others = known.filter { $0.target.kinds.contains(kind ?? "") }.map(\.name)
        throw InvalidInput(
          "'\(text)' cannot have the fault \(kind ?? ""); it can have "
            + matching[0].target.kinds.joined(separator: ", ")
            + (others.isEmpty ? "" : "; \(kind ?? "") hits \(others.joined(separator: ", "))"),
          at: pattern.position)
      }
      for target in able.map(\.target) where !targets.contains(target) { targets.append(target) }
    }
    // An account stands for all of its entities.
    return targets.filter { target in
      guard case .erp(let index) = target, let account = places.accountOf[index] else { return true }
      return !targets.contains(.account(account))
    }
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

/// The ERPs that faults can name.
private struct FaultPlaces {
  /// The names of the entities.
  var entities: [String]
  /// The names of the accounts that they share.
  var accounts: [String]
  /// Per entity, the account that stands for its ERP; `nil`: none does, or it changes its ERP.
  var accountOf: [Int?]

  init(_ entities: [ScenarioFile.Entity]) {
    self.entities = entities.map(\.name)
    let accounts = ScenarioFile.accounts(of: entities)
    self.accounts = accounts
    accountOf = entities.map { entity in
      entity.cutOver == nil ? entity.erp.account.flatMap { accounts.firstIndex(of: $0) } : nil
    }
  }

  /// Of a file in which other things have a wrong form.
  init(_ nodes: [LocatedNode]) {
    let named = nodes.filter { $0["name"]?.text != nil }
    entities = named.compactMap { $0["name"]?.text }
    accounts = []
    for node in named {
      for text in [node["erp"]?["account"]?.text, node["cutOver"]?["erp"]?["account"]?.text] {
        if let text, !accounts.contains(text) { accounts.append(text) }
      }
    }
    let accounts = accounts
    accountOf = named.map { node in
      node["cutOver"] == nil
        ? node["erp"]?["account"]?.text.flatMap { accounts.firstIndex(of: $0) } : nil
    }
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
