import Chronology

/// A pipeline design as data: what a design file or the `design` key of a scenario sets.
public struct DesignFile: Hashable, Sendable {
  /// The name.
  public var name: String
  /// For how long copies are recognised.
  public var deduplicationHorizon: Span
  /// How far an event's time may lie ahead of the clock.
  public var clockTolerance: Span
  /// The width of a usage window.
  public var window: Span
  /// How long a window stays open after its end, by event time.
  public var grace: Span
  /// After which silence, by the clock, windows close all the same.
  public var idleTimeout: Span
  /// What becomes of usage that comes after its invoice.
  public enum LateUsage: String, Sendable, CaseIterable {
    case nextInvoice = "next-invoice"
    case supplementary
    case accrue
    case exception
  }
  /// What becomes of usage that comes after its invoice.
  public var lateUsage = LateUsage.nextInvoice
  /// Documents a call to the ERP.
  public var batchSize: Int
  /// Calls to one ERP at once.
  public var concurrency: Int
  /// Silence after which a call's outcome is unknown.
  public var timeout: Span
  /// The first pause after a refusal.
  public var backoff: Span
  /// The longest pause.
  public var maximumBackoff: Span
  /// How often the boundaries are reconciled.
  public var reconciliationCadence: Span

  /// The designs that are built in.
  public static let builtIn: [(design: DesignFile, description: String)] = [
    (
      middleware,
      "durable queues, an outbox, idempotency keys from the document, micro-batches, look-up before any retry"
    )
  ]

  /// The built-in design `middleware`.
  public static let middleware = DesignFile(
    name: "middleware", deduplicationHorizon: .days(14), clockTolerance: .minutes(5), window: .hours(1),
    grace: .hours(1), idleTimeout: .hours(1), batchSize: 20, concurrency: 2, timeout: .seconds(60),
    backoff: .seconds(2), maximumBackoff: .minutes(5), reconciliationCadence: .days(1))

  /// Whether a text names a design file rather than a built-in design.
  static func isFile(_ text: String) -> Bool {
    text.hasSuffix(".yaml") || text.hasSuffix(".yml") || text.contains("/")
  }

  /// Reads a design by name or from a file.
  ///
  /// - Parameter position: where the name stands, for errors.
  public static func read(_ nameOrFile: String, at position: Position) throws(InvalidInput) -> DesignFile {
    if let known = builtIn.first(where: { $0.design.name == nameOrFile }) { return known.design }
    guard isFile(nameOrFile) else {
      throw InvalidInput(
        "there is no design '\(nameOrFile)'"
          + NearestKey.hint(for: nameOrFile, among: builtIn.map(\.design.name)), at: position)
    }
    do {
      return try decode(try YAMLReader.read(file: nameOrFile))
    } catch {
      if error.diagnostics.first?.position.line == 0 {
        throw InvalidInput("design \(error.diagnostics[0])", at: position)
      }
      throw error
    }
  }

  /// Reads a design file.
  public static func read(file: String) throws(InvalidInput) -> DesignFile {
    try decode(try YAMLReader.read(file: file))
  }

  static func decode(_ node: LocatedNode) throws(InvalidInput) -> DesignFile {
    try Validator.validate(node, .design, what: "")
    var design = middleware
    if let base = node["extends"], let text = base.text {
      guard let known = builtIn.first(where: { $0.design.name == text }) else {
        throw InvalidInput(
          "there is no design '\(text)'" + NearestKey.hint(for: text, among: builtIn.map(\.design.name)),
          at: base.position)
      }
      design = known.design
    }
    design.name = node["name"]?.text ?? "\(design.name)*"
    func set(_ group: String, _ key: String, _ path: WritableKeyPath<DesignFile, Span>) {
      if let span = node[group]?[key]?.text.flatMap(Unit.duration) { design[keyPath: path] = span }
    }
    set("ingestion", "deduplicationHorizon", \.deduplicationHorizon)
    set("ingestion", "clockTolerance", \.clockTolerance)
    set("metering", "window", \.window)
    set("metering", "grace", \.grace)
    set("metering", "idleTimeout", \.idleTimeout)
    set("posting", "timeout", \.timeout)
    set("posting", "backoff", \.backoff)
    set("posting", "maximumBackoff", \.maximumBackoff)
    set("reconciliation", "every", \.reconciliationCadence)
    if let late = node["billing"]?["lateUsage"]?.text {
      design.lateUsage = LateUsage(rawValue: late) ?? .nextInvoice
    }
    if let size = node["posting"]?["batchSize"]?.text.flatMap(Unit.integer) { design.batchSize = size }
    if let calls = node["posting"]?["concurrency"]?.text.flatMap(Unit.integer) { design.concurrency = calls }
    func require(_ holds: Bool, _ group: String, _ key: String, _ message: String) throws(InvalidInput) {
      guard holds else { throw InvalidInput(message, at: node[group]?[key]?.position ?? node.position) }
    }
    let day = Span.days(1).nanoseconds
    try require(
      design.window >= .minutes(1) && design.window.nanoseconds <= day
        && day % design.window.nanoseconds == 0,
      "metering", "window",
      "a window must divide a day into equal parts of at least 1m, such as 15m, 1h or 1d")
    try require(
      design.deduplicationHorizon >= .minutes(1), "ingestion", "deduplicationHorizon",
      "the deduplication horizon must be at least 1m")
    try require(design.timeout > .zero, "posting", "timeout", "the time-out must be more than nothing")
    try require(design.backoff > .zero, "posting", "backoff", "the back-off must be more than nothing")
    try require(
      design.maximumBackoff >= design.backoff, "posting", "maximumBackoff",
      "the longest back-off must be at least the first one")
    try require(
      design.reconciliationCadence >= .minutes(1), "reconciliation", "every",
      "reconcile at most once a minute")
    return design
  }
}

extension Shape {
  /// A design file.
  public static let design = Shape.record([
    Field("extends", .name, "the built-in design to start from; middleware if left out"),
    Field("name", .name, "a name for reports"), Field("description", .text, "what the design is"),
    Field(
      "ingestion",
      .record([
        Field("deduplicationHorizon", .unit(.duration), "for how long copies are recognised"),
        Field("clockTolerance", .unit(.duration), "how far an event's time may lie ahead of the clock"),
      ]), "acceptance of usage events"),
    Field(
      "metering",
      .record([
        Field("window", .unit(.duration), "the width of a usage window; divides a day"),
        Field("grace", .unit(.duration), "how long a window stays open after its end"),
        Field("idleTimeout", .unit(.duration), "after which silence windows close all the same"),
      ]), "aggregation"),
    Field(
      "billing",
      .record([
        Field(
          "lateUsage", .choice(DesignFile.LateUsage.allCases.map(\.rawValue)),
          "usage that comes after its invoice: on the next one (default), at once on one of its own, accrued in its month until the next one, or put before a person"
        )
      ]), "billing"),
    Field(
      "posting",
      .record([
        Field("batchSize", .unit(.integer(1...1000)), "documents a call"),
        Field("concurrency", .unit(.integer(1...1000)), "calls to one ERP at once"),
        Field("timeout", .unit(.duration), "silence after which a call's outcome is unknown"),
        Field("backoff", .unit(.duration), "the first pause after a refusal"),
        Field("maximumBackoff", .unit(.duration), "the longest pause"),
      ]), "posting to the ERPs"),
    Field(
      "reconciliation", .record([Field("every", .unit(.duration), "how often the boundaries are compared")]),
      "reconciliation"),
  ])
}
