import Chronology

/// A pipeline design as data: what a design file or the `design` key of a scenario sets.
public struct DesignFile: Hashable, Sendable {
  /// What becomes of usage that comes after its invoice.
  public enum LateUsage: String, Sendable, CaseIterable {
    case nextInvoice = "next-invoice"
    case supplementary
    case accrue
    case exception
  }

  /// How usage reaches the pipeline.
  public enum Capture: String, Sendable, CaseIterable {
    /// Through a broker that keeps it until it is acknowledged.
    case broker
    /// By calls of the producers, who give up after some attempts.
    case direct
  }

  /// What identifies a usage event.
  public enum Deduplication: String, Sendable, CaseIterable {
    case sourceAndID = "sourceAndId"
    case idOnly
    case none
  }

  /// Where a service keeps what it must not forget.
  public enum Store: String, Sendable, CaseIterable {
    case durable
    case memory
  }

  /// What is sent as idempotency key.
  public enum Key: String, Sendable, CaseIterable {
    case document
    case attempt
    case none
  }

  /// What a call without an answer leads to.
  public enum UnknownOutcome: String, Sendable, CaseIterable {
    case lookUp
    case retry
  }

  /// What a call of which a part succeeded leads to.
  public enum PartialSuccess: String, Sendable, CaseIterable {
    case perDocument
    case allOrNothing
    case ignored
  }

  /// What order documents keep.
  public enum Order: String, Sendable, CaseIterable {
    case perAccount
    case perKind
  }

  /// What callers make of the time that a throttling ERP tells them to wait.
  public enum RetryAfter: String, Sendable, CaseIterable {
    case honoured
    case ignored
  }

  /// What waits after a refusal.
  public enum BackoffStrategy: String, Sendable, CaseIterable {
    case perCall
    case perOutbox
    case adaptive
  }

  /// What "accepted" is taken for.
  public enum Acceptance: String, Sendable, CaseIterable {
    case awaited
    case trusted
  }

  /// When the accounting period is looked at.
  public enum PeriodCheck: String, Sendable, CaseIterable {
    case atPosting
    case atEnqueue
  }

  /// When documents are sent.
  public enum Schedule: Hashable, Sendable {
    case continuous
    case linger(Span)
    case nightly(at: Span, for: Span)
  }

  /// The name.
  public var name: String
  /// The built-in design from which it starts.
  public private(set) var base: String
  /// Which services share a process.
  public var processes = [["ingestion"], ["billing"], ["posting"], ["payments"]]
  /// How often the log is synced; `nil`: before any effect of an input leaves.
  public var syncEvery: Span?
  /// Inputs in the log after which a snapshot takes their place.
  public var snapshotEvery = 100_000
  public var capture = Capture.broker
  /// Attempts of a producer, where it calls directly.
  public var captureAttempts = 3
  public var deduplication = Deduplication.sourceAndID
  public var deduplicationStore = Store.durable
  /// For how long copies are recognised.
  public var deduplicationHorizon = Span.days(14)
  /// For how long events that differ in their identifier alone are taken for one; `nil`: never.
  public var contentHorizon: Span?
  /// How far an event's time may lie ahead of the clock.
  public var clockTolerance = Span.minutes(5)
  /// The width of a usage window.
  public var window = Span.hours(1)
  /// How long a window stays open after its end, by event time.
  public var grace = Span.hours(1)
  /// After which silence, by the clock, windows close all the same.
  public var idleTimeout = Span.hours(1)
  public var lateUsage = LateUsage.nextInvoice
  /// Documents a call to the ERP.
  public var batchSize = 20
  /// Calls to one ERP at once.
  public var concurrency = 2
  /// Silence after which a call's outcome is unknown.
  public var timeout = Span.seconds(60)
  /// The first pause after a refusal.
  public var backoff = Span.seconds(2)
  /// The longest pause.
  public var maximumBackoff = Span.minutes(5)
  /// What waits after a refusal.
  public var backoffStrategy = BackoffStrategy.adaptive
  public var key = Key.document
  public var unknownOutcome = UnknownOutcome.lookUp
  public var partialSuccess = PartialSuccess.perDocument
  public var order = Order.perAccount
  public var schedule = Schedule.continuous
  /// Attempts after which a document is given up; `nil`: never.
  public var attempts: Int?
  public var retryAfter = RetryAfter.honoured
  public var outbox = Store.durable
  public var acceptance = Acceptance.awaited
  public var periodCheck = PeriodCheck.atPosting
  /// How often the boundaries are reconciled.
  public var reconciliationCadence = Span.days(1)
  /// The least time between two readings of an ERP's ledger; nothing: each time its outbox has drained.
  public var readBackInterval = Span.zero

  /// A design like `middleware`, under a name.
  init(name: String) {
    self.name = name
    base = name
  }

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
    design.setFigures(node)
    design.setStrategies(node)
    try design.setProcesses(node["processes"])
    try design.setSchedule(node["posting"]?["schedule"])
    try design.check(node)
    return design
  }

  private mutating func setFigures(_ node: LocatedNode) {
    func span(_ group: String, _ key: String) -> Span? { node[group]?[key]?.text.flatMap(Unit.duration) }
    func integer(_ group: String, _ key: String) -> Int? { node[group]?[key]?.text.flatMap(Unit.integer) }
    syncEvery = span("log", "syncEvery") ?? syncEvery
    snapshotEvery = integer("log", "snapshotEvery") ?? snapshotEvery
    captureAttempts = integer("ingestion", "captureAttempts") ?? captureAttempts
    deduplicationHorizon = span("ingestion", "deduplicationHorizon") ?? deduplicationHorizon
    contentHorizon = span("ingestion", "contentHorizon") ?? contentHorizon
    clockTolerance = span("ingestion", "clockTolerance") ?? clockTolerance
    window = span("metering", "window") ?? window
    grace = span("metering", "grace") ?? grace
    idleTimeout = span("metering", "idleTimeout") ?? idleTimeout
    batchSize = integer("posting", "batchSize") ?? batchSize
    concurrency = integer("posting", "concurrency") ?? concurrency
    timeout = span("posting", "timeout") ?? timeout
    backoff = span("posting", "backoff") ?? backoff
    maximumBackoff = span("posting", "maximumBackoff") ?? maximumBackoff
    attempts = integer("posting", "attempts") ?? attempts
    reconciliationCadence = span("reconciliation", "every") ?? reconciliationCadence
    readBackInterval = span("reconciliation", "readBackEvery") ?? readBackInterval
  }

  private mutating func setStrategies(_ node: LocatedNode) {
    func word<Word: RawRepresentable>(_ group: String, _ key: String) -> Word? where Word.RawValue == String {
      node[group]?[key]?.text.flatMap(Word.init(rawValue:))
    }
    capture = word("ingestion", "capture") ?? capture
    deduplication = word("ingestion", "deduplication") ?? deduplication
    deduplicationStore = word("ingestion", "store") ?? deduplicationStore
    lateUsage = word("billing", "lateUsage") ?? lateUsage
    backoffStrategy = word("posting", "backoffStrategy") ?? backoffStrategy
    key = word("posting", "key") ?? key
    unknownOutcome = word("posting", "unknownOutcome") ?? unknownOutcome
    partialSuccess = word("posting", "partialSuccess") ?? partialSuccess
    order = word("posting", "order") ?? order
    retryAfter = word("posting", "retryAfter") ?? retryAfter
    outbox = word("posting", "outbox") ?? outbox
    acceptance = word("posting", "acceptance") ?? acceptance
    periodCheck = word("posting", "periodCheck") ?? periodCheck
  }

  private mutating func setProcesses(_ node: LocatedNode?) throws(InvalidInput) {
    guard let node else { return }
    let groups = node.elements.map { $0.elements.compactMap(\.text) }
    let named = groups.flatMap { $0 }
    for service in ScenarioFile.FaultTarget.services where named.count(where: { $0 == service }) != 1 {
      throw InvalidInput(
        "each service runs in one process: '\(service)' stands in \(named.count { $0 == service })",
        at: node.position)
    }
    processes = groups
  }

  private mutating func setSchedule(_ node: LocatedNode?) throws(InvalidInput) {
    guard let node else { return }
    if let linger = node["linger"]?.text.flatMap(Unit.duration) {
      schedule = linger == .zero ? .continuous : .linger(linger)
    } else if let nightly = node["nightly"], let at = nightly["at"]?.text.flatMap(Unit.duration),
      let length = nightly["for"]?.text.flatMap(Unit.duration)
    {
      guard at + length <= .days(1), length >= .minutes(1) else {
        throw InvalidInput("a nightly run lasts 1m at least, and ends before midnight", at: nightly.position)
      }
      schedule = .nightly(at: at, for: length)
    } else {
      schedule = .continuous
    }
  }

  private func check(_ node: LocatedNode) throws(InvalidInput) {
    func require(_ holds: Bool, _ group: String, _ key: String, _ message: String) throws(InvalidInput) {
      guard holds else { throw InvalidInput(message, at: node[group]?[key]?.position ?? node.position) }
    }
    let day = Span.days(1).nanoseconds
    try require(
      window >= .minutes(1) && window.nanoseconds <= day && day % window.nanoseconds == 0,
      "metering", "window",
      "a window must divide a day into equal parts of at least 1m, such as 15m, 1h or 1d")
    try require(
      deduplicationHorizon >= .minutes(1), "ingestion", "deduplicationHorizon",
      "the deduplication horizon must be at least 1m")
    if let contentHorizon {
      try require(
        contentHorizon >= .minutes(1), "ingestion", "contentHorizon",
        "the content horizon must be at least 1m; leave it out to compare no contents")
    }
    try require(timeout >= .milliseconds(1), "posting", "timeout", "the timeout must be at least 1ms")
    try require(backoff >= .milliseconds(1), "posting", "backoff", "the back-off must be at least 1ms")
    try require(
      maximumBackoff >= backoff, "posting", "maximumBackoff",
      "the longest back-off must be at least the first one")
    try require(
      reconciliationCadence >= .minutes(1), "reconciliation", "every", "reconcile at most once a minute")
    try require(
      readBackInterval <= .days(31), "reconciliation", "readBackEvery",
      "the ledgers must be read back at least once in 31d")
    if let syncEvery {
      try require(
        syncEvery >= .milliseconds(1), "log", "syncEvery",
        "the log is synced at most once in 1ms; leave it out to sync each input")
    }
  }
}
