import CanonicalModel
import Chronology

/// How faults are written.
extension FaultFile {
  /// A fault.
  static let schema = Schema<FaultFile>.variant(
    sorts.map(key), common: at, every, times, random, when, length, target, make: fault)

  private static func key(of sort: FaultKind.Sort) -> Key<Body> {
    .when(sort.rawValue, sort.declaration.body, sort.declaration.help) { (body: Body) in body }
  }

  /// How long a fault lasts: given beside its kind, or below it.
  static let length: Key<Located<Span?>?> = .optional(
    "for", Schema<Span?>.durationOr("forever").located, "how long it lasts; forever: it never ends",
    title: "length of the {}")

  private static let at: Key<Instant?> = .optional(
    "at", .moment, "when it begins", title: "start of the {}")

  private static let every: Key<Span?> = .optional(
    "every", .duration, "with 'at': the time between repetitions; 'times' says how often",
    title: "time between repetitions of the {}")

  private static let times: Key<Int?> = .optional(
    "times", .integer(1...10_000), "how often it occurs", title: "repetitions of the {}")

  private static let random: Key<Span?> = .optional(
    "random",
    .record(
      .required(
        "every", .duration, "the mean time between two", title: "mean time between one {} and the next"),
      make: mean),
    "at random moments", title: "{}")

  @Sendable
  private static func mean(_ place: Place, every: Span) throws(InvalidInput) -> Span {
    guard every >= .minutes(1) else {
      throw InvalidInput("'every' of random faults must be at least 1m", at: place.node.position)
    }
    return every
  }

  /// What it hits is read with the kind of fault in view, so that what cannot have it is said whatever else is wrong.
  private static let target = Key<[FaultTarget]>(fields: named.fields) { mapping, reader in
    guard let patterns = named.read(mapping, &reader) else { return nil }
    let sort = mapping.node.pairs.lazy.compactMap { FaultKind.Sort(rawValue: $0.key.name) }.first
    do throws(InvalidInput) {
      return try FaultTarget.targets(patterns, of: sort, in: reader.scene)
    } catch {
      reader.refuse(error)
      return nil
    }
  }

  private static let named: Key<[Located<String>]> = .required(
    "target", patterns,
    "what it hits: erp/us, where us is an entity or an account of ERPs, tax, gateway, webhooks, crm, fx, broker, producers, process/posting, or a pattern such as erp/*"
  )

  private static let patterns: Schema<[Located<String>]> = .either(
    Schema<String>.text.located.map { _, pattern in [pattern] },
    .list(Schema<String>.text.located, minimum: 1))

  // MARK: Conditions

  private typealias Trigger = (condition: FaultCondition, after: Span)

  private static let when: Key<Trigger?> = .optional(
    "when",
    .variant(
      [situation, outbox, inFlight, brokerLag],
      common: .defaulting(
        "after", .duration, to: .zero, "from then until the fault begins", title: "delay of the {}"),
      make: { (_: Place, condition: FaultCondition, after: Span) in (condition, after) }),
    "when a condition holds", title: "{}")

  private static let situation: Key<FaultCondition> = .when(
    "situation", .either(known.map { _, situation in .situation(situation, times: 1) }, reached),
    "a situation is reached"
  ) { (condition: FaultCondition) in condition }

  private static let reached: Schema<FaultCondition> = .record(
    .required("name", known, "the situation: see list situations"),
    .required(
      "reached", .integer(1...1_000_000_000), "after how many times", title: "situations before the {}"),
    make: { (_: Place, situation: Situation, times: Int) in .situation(situation, times: times) })

  /// The name of a situation.
  private static let known: Schema<Situation> = Schema<String>.name.map { place, name throws(InvalidInput) in
    if let situation = Situation(rawValue: name) { return situation }
    throw InvalidInput(
      "there is no situation '\(name)'"
        + NearestKey.hint(for: name, among: Situation.allCases.map(\.rawValue)), at: place.node.position)
  }

  private static let outbox: Key<FaultCondition> = .when(
    "outbox", above(1_000_000_000, "documents", title: "waiting documents that start the {}"),
    "more documents than that wait for one ERP", title: "{}"
  ) { (limit: Int) in .outbox(above: limit) }

  private static let inFlight: Key<FaultCondition> = .when(
    "inFlight", above(1_000_000, "calls", title: "calls under way that start the {}"),
    "more calls than that are under way to one ERP", title: "{}"
  ) { (limit: Int) in .inFlight(above: limit) }

  private static let brokerLag: Key<FaultCondition> = .when(
    "brokerLag", above(1_000_000_000, "events", title: "waiting events that start the {}"),
    "more usage events than that wait in the broker", title: "{}"
  ) { (limit: Int) in .brokerLag(above: limit) }

  private static func above(_ maximum: Int, _ help: String, title: String) -> Schema<Int> {
    .record(
      .required("above", .integer(0...maximum), help, title: title), make: { (_: Place, limit: Int) in limit }
    )
  }

  // MARK: The whole

  @Sendable
  private static func fault(
    _ place: Place, body: Body, at: Instant?, every: Span?, times: Int?, random: Span?, when: Trigger?,
    length: Located<Span?>?, targets: [FaultTarget]
  ) throws(InvalidInput) -> FaultFile {
    var problems = Problems()
    let duration = problems.attempt { () throws(InvalidInput) -> Span? in
      try self.duration(place, body, beside: length)
    }
    let timing = problems.attempt { () throws(InvalidInput) -> Timing in
      try refuseContradictions(place, every: every, times: times, isEndless: duration == .some(nil))
      if let at { return .at(try moments(place, from: at, every: every, times: times)) }
      if let random {
        guard times == nil else {
          throw InvalidInput("'times' needs 'every' or 'when'", at: place.position("times"))
        }
        return Timing.random(every: random)
      }
      guard let when else { throw .reported }
      return .when(when.condition, after: when.after, times: times ?? 1)
    }
    try problems.check()
    guard let duration, let timing else { throw .reported }
    return FaultFile(kind: body.kind, timing: timing, duration: duration, targets: targets)
  }

  /// - Returns: `nil` for what never ends.
  private static func duration(
    _ place: Place, _ body: Body, beside own: Located<Span?>?
  ) throws(InvalidInput) -> Span? {
    if own != nil, let other = body.length, !body.isRestart {
      throw InvalidInput("'for' is given twice", at: other.position)
    }
    let length = body.length ?? own
    if let length, length.value == nil {
      if let reason = body.kind.sort.declaration.whyItEnds {
        throw InvalidInput("'\(body.kind.name)' has an end: \(reason)", at: length.position)
      }
      return nil
    }
    guard let duration = length?.value, duration > .zero else {
      throw InvalidInput(
        "'for' is missing or zero: how long the fault lasts", at: length?.position ?? place.node.position)
    }
    return duration
  }

  private static func refuseContradictions(
    _ place: Place, every: Span?, times: Int?, isEndless: Bool
  ) throws(InvalidInput) {
    let given = ["at", "random", "when"].filter(place.holds)
    guard let only = given.last, given.count == 1 else {
      throw InvalidInput(
        given.isEmpty
          ? "'at', 'random' or 'when' is missing: when the fault begins"
          : "give only one of 'at', 'random' and 'when'",
        at: given.last.map { place.position($0) } ?? place.node.position)
    }
    if every != nil, only != "at" {
      throw InvalidInput("'every' goes with 'at'", at: place.position("every"))
    }
    if isEndless, every != nil || times ?? 1 > 1 {
      throw InvalidInput(
        "what never ends does not come again: leave this out",
        at: place.position(every != nil ? "every" : "times"))
    }
  }

  /// Before which everything in a file happens: runs begin before 2200, and instants end with 2262. What lies between is room
  /// for lengths that are added, ten years each at most.
  private static let lastMoment = CivilDate(year: 2220, month: 1, day: 1).start

  private static func moments(
    _ place: Place, from first: Instant, every: Span?, times: Int?
  ) throws(InvalidInput) -> [Instant] {
    guard first >= place.scene.start else {
      throw InvalidInput("a fault must not begin before the start of the run", at: place.position("at"))
    }
    guard first < lastMoment else {
      throw InvalidInput(
        "a fault must begin before 2220, and this one begins at \(first)", at: place.position("at"))
    }
    guard let every else {
      guard times == nil else { throw InvalidInput("'times' needs 'every'", at: place.position("times")) }
      return [first]
    }
    let position = place.position("every")
    guard every >= .seconds(1) else { throw InvalidInput("'every' must be at least 1s", at: position) }
    let horizon = place.scene.start + place.scene.horizon
    var moments: [Instant] = []
    var moment = first
    while moments.count < times ?? .max, moment <= max(horizon, first) || times != nil {
      guard moments.count < 10_000 else {
        throw InvalidInput("a fault must not occur more than 10000 times; give 'times'", at: position)
      }
      guard moment < lastMoment else {
        throw InvalidInput("a fault must begin before 2220; give fewer 'times'", at: position)
      }
      moments.append(moment)
      moment += every
    }
    return moments
  }
}
