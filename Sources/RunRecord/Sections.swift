extension RunRecord {
  /// What was simulated.
  public struct Simulated: Codable, Equatable, Sendable {
    /// The first instant.
    public var start: String
    /// The instant of rest.
    public var end: String
    /// The span between, in seconds.
    public var seconds: Double
    /// Kernel events processed.
    public var kernelEvents: UInt64
    /// Usage events emitted by the sources.
    public var usageEvents: Int64
    /// Copies of usage events delivered to the core.
    public var deliveries: Int64
    /// By when everything had to come to rest: some time after the last usage, fault and billing period.
    public var deadline: String
    /// Why the run ended: `quiescent`, `limit` when work was left when time was up, or `interrupted`.
    public var ended: String

    /// Makes a section.
    public init(
      start: String, end: String, seconds: Double, kernelEvents: UInt64, usageEvents: Int64,
      deliveries: Int64, deadline: String, ended: String
    ) {
      self.deadline = deadline
      self.start = start
      self.end = end
      self.seconds = seconds
      self.kernelEvents = kernelEvents
      self.usageEvents = usageEvents
      self.deliveries = deliveries
      self.ended = ended
    }
  }

  /// What the scenario set up.
  public struct Configuration: Codable, Equatable, Sendable {
    /// A legal entity.
    public struct Entity: Codable, Equatable, Sendable {
      public var name: String
      public var currency: String
      public var erp: String
      public var customers: Int

      /// Makes an entry.
      public init(name: String, currency: String, erp: String, customers: Int) {
        self.name = name
        self.currency = currency
        self.erp = erp
        self.customers = customers
      }
    }

    /// The scenario's file, without its folder.
    public var file: String
    /// The scenario's description.
    public var description: String
    /// The horizon in seconds.
    public var horizon: Double
    /// The number of customers.
    public var customers: Int
    /// The legal entities.
    public var entities: [Entity]
    /// The meters.
    public var meters: [String]
    /// The processes of the core, each by the services that it runs: `billing+posting`.
    public var processes: [String]

    /// Makes a section.
    public init(
      file: String, description: String, horizon: Double, customers: Int, entities: [Entity],
      meters: [String],
      processes: [String]
    ) {
      self.processes = processes
      self.file = file
      self.description = description
      self.horizon = horizon
      self.customers = customers
      self.entities = entities
      self.meters = meters
    }
  }

  /// The verdict on one invariant.
  public struct Invariant: Codable, Equatable, Sendable {
    /// One breach.
    public struct Violation: Codable, Equatable, Sendable {
      /// When it was found.
      public var at: String
      /// What it is about.
      public var ids: [String]
      /// The figure that should be.
      public var expected: String
      /// The figure that is.
      public var actual: String
      /// What is less what should be, where both are numbers.
      public var difference: String?
      /// The last things that happened to what it is about, until it was found.
      public var events: [String]

      /// Makes a violation.
      public init(
        at: String, ids: [String], expected: String, actual: String, difference: String? = nil,
        events: [String] = []
      ) {
        self.difference = difference
        self.events = events
        self.at = at
        self.ids = ids
        self.expected = expected
        self.actual = actual
      }
    }

    public var name: String
    /// The stage boundary that it guards.
    public var boundary: String
    public var verdict: InvariantVerdict
    /// Why it, or a part of it, was not judged; empty otherwise.
    public var reasons: [String]
    /// What was promised.
    public var statement: String
    /// Comparisons made, of something with something.
    public var checks: Int
    /// Breaches found; more than ``violations`` holds where there are many.
    public var violationCount: Int
    /// The first breaches.
    public var violations: [Violation]

    /// Makes a verdict.
    public init(
      name: String, boundary: String, statement: String, verdict: InvariantVerdict, reasons: [String] = [],
      checks: Int, violationCount: Int, violations: [Violation]
    ) {
      self.reasons = reasons
      self.statement = statement
      self.name = name
      self.boundary = boundary
      self.verdict = verdict
      self.checks = checks
      self.violationCount = violationCount
      self.violations = violations
    }
  }

  /// A threshold and what was measured.
  public struct Expectation: Codable, Equatable, Sendable {
    /// As written: `postingLatency.p99 < 24h`.
    public var expectation: String
    public var indicator: String
    public var verdict: Verdict
    /// In the indicator's unit; null when there was nothing to measure, which misses the expectation.
    public var measured: Double?
    /// In the indicator's unit.
    public var threshold: Double

    /// Makes an entry.
    public init(
      expectation: String, indicator: String, verdict: Verdict, measured: Double?, threshold: Double
    ) {
      self.expectation = expectation
      self.indicator = indicator
      self.verdict = verdict
      self.measured = measured
      self.threshold = threshold
    }
  }

  /// A measured figure.
  public struct Indicator: Codable, Equatable, Sendable {
    /// The figure.
    public var value: Double
    /// `s`, `1` (a count) or `share`.
    public var unit: String

    /// Makes a figure.
    public init(value: Double, unit: String) {
      self.value = value
      self.unit = unit
    }
  }

  /// How one ERP behaved.
  public struct ERP: Codable, Equatable, Sendable {
    /// Something of which there is only so much.
    public struct Resource: Codable, Equatable, Sendable {
      /// What it is: `places`, `workers`, a limit such as `6000 calls in 5m, sliding`, `outage`, or `waiting after refusals`:
      /// the core waited with documents after refusals although the ERP had a place free.
      public var name: String
      /// The mean share that was in use while documents waited.
      public var utilization: Double
      /// The greatest share that was in use.
      public var peak: Double

      /// Makes an entry.
      public init(name: String, utilization: Double, peak: Double) {
        self.name = name
        self.utilization = utilization
        self.peak = peak
      }
    }

    public var entity: String
    public var profile: String
    /// Calls received.
    public var calls: Int
    /// Calls refused for the limits.
    public var throttled: Int
    /// Calls refused because the ERP was down.
    public var unavailable: Int
    /// Calls that died in an outage, without effect.
    public var dropped: Int
    /// Calls that were committed and never answered.
    public var answersLost: Int
    /// Look-ups.
    public var lookUps: Int
    /// Documents that an idempotency key kept from being posted twice.
    public var keyHits: Int
    /// Documents in its ledger.
    public var documents: Int
    /// The deepest that the outbox for it was.
    public var peakOutbox: Int
    /// From issue to ledger, in seconds: `p50 p90 p95 p99 p999 max mean`; empty if nothing was posted.
    public var postingLatency: [String: Double]
    /// Seconds in which documents waited for it.
    public var busySeconds: Double
    /// What posting to it needs, and how much of that was in use.
    public var resources: [Resource]
    /// The account that it shares with the ERPs of other entities: ``resources`` has the account's use of places and limits; left
    /// out where it has its own.
    public var account: String?

    /// Makes an entry.
    public init(
      entity: String, profile: String, calls: Int, throttled: Int, unavailable: Int, dropped: Int,
      answersLost: Int, lookUps: Int, keyHits: Int, documents: Int, peakOutbox: Int,
      postingLatency: [String: Double], busySeconds: Double, resources: [Resource], account: String? = nil
    ) {
      self.account = account
      self.entity = entity
      self.profile = profile
      self.calls = calls
      self.throttled = throttled
      self.unavailable = unavailable
      self.dropped = dropped
      self.answersLost = answersLost
      self.lookUps = lookUps
      self.keyHits = keyHits
      self.documents = documents
      self.peakOutbox = peakOutbox
      self.postingLatency = postingLatency
      self.busySeconds = busySeconds
      self.resources = resources
    }
  }

  /// A fault that held for a while.
  public struct Fault: Codable, Equatable, Sendable {
    /// `erp/us`.
    public var target: String
    /// `outage`, `throttle`, `timeoutAfterCommit`.
    public var kind: String
    public var start: String
    public var end: String
    /// From its end until the outbox was empty, in seconds, where something waited at its end.
    public var drainSeconds: Double?
    /// Whether it never ends: then ``end`` is the end of the run; left out where it does.
    public var neverEnds: Bool?
    /// The calls, messages, documents and events that it hit; missing in a record of an earlier version.
    public var hits: Int?

    /// Makes an entry.
    public init(
      target: String, kind: String, start: String, end: String, drainSeconds: Double?, hits: Int? = nil,
      neverEnds: Bool? = nil
    ) {
      self.hits = hits
      self.neverEnds = neverEnds
      self.target = target
      self.kind = kind
      self.start = start
      self.end = end
      self.drainSeconds = drainSeconds
    }
  }

  /// A fault as the scenario declares it, and how often it began.
  public struct DeclaredFault: Codable, Equatable, Sendable {
    /// Kind, targets and time in words: `outage of erp/us when the outbox is above 50`.
    public var fault: String
    /// How often it began; each target counts.
    public var began: Int
    /// The calls, messages, documents and events that it hit; missing in a record of an earlier version.
    public var hits: Int?
    /// Why it never began; left out where it did.
    public var neverBegan: String?
    /// Whether it began and there was nothing for it to hit.
    public var metNothing: Bool { began > 0 && hits == 0 }

    /// Makes an entry.
    public init(fault: String, began: Int, hits: Int? = nil, neverBegan: String?) {
      self.fault = fault
      self.hits = hits
      self.began = began
      self.neverBegan = neverBegan
    }
  }

  /// A noteworthy moment.
  public struct Moment: Codable, Equatable, Sendable {
    /// The state of one ERP.
    public struct State: Codable, Equatable, Sendable {
      /// `up`, `throttled`, `losingAnswers`, `down`.
      public var condition: String
      /// Documents that wait.
      public var outbox: Int
      /// The change of ``outbox`` since the moment before.
      public var trend: Int
      /// Invoices issued so far.
      public var invoiced: Int
      /// Documents in the ledger so far.
      public var posted: Int

      /// Makes a state.
      public init(condition: String, outbox: Int, trend: Int, invoiced: Int, posted: Int) {
        self.condition = condition
        self.outbox = outbox
        self.trend = trend
        self.invoiced = invoiced
        self.posted = posted
      }
    }

    public var at: String
    /// What it is about: `erp/us`.
    public var subject: String
    /// What happened.
    public var text: String
    /// Usage events accepted so far.
    public var accepted: Int64
    /// The ERPs, in the order of the entities.
    public var erps: [State]
    /// The processes of the core, in the order of the configuration: `up` or `down`.
    public var processes: [String]

    /// Makes a moment.
    public init(
      at: String, subject: String, text: String, accepted: Int64, erps: [State], processes: [String]
    ) {
      self.processes = processes
      self.at = at
      self.subject = subject
      self.text = text
      self.accepted = accepted
      self.erps = erps
    }
  }

  /// Time series: arrays of equal length; those by entity hold one array an entity.
  public struct Series: Codable, Equatable, Sendable {
    /// The step in seconds; the first sample is taken at the start.
    public var step: Double
    /// Usage events delivered in the step before.
    public var delivered: [Int]
    /// Calls that ERPs refused in the step before.
    public var refused: [Int]
    /// Usage windows open.
    public var openWindows: [Int]
    /// Usage events that wait in the broker.
    public var brokerLag: [Int]
    /// Documents waiting, by entity.
    public var outbox: [[Int]]
    /// Documents in the ledger, by entity.
    public var posted: [[Int]]

    /// Makes a section.
    public init(
      step: Double, delivered: [Int], refused: [Int], openWindows: [Int], brokerLag: [Int], outbox: [[Int]],
      posted: [[Int]]
    ) {
      self.step = step
      self.delivered = delivered
      self.refused = refused
      self.openWindows = openWindows
      self.brokerLag = brokerLag
      self.outbox = outbox
      self.posted = posted
    }
  }

  /// Measurements of the machine.
  public struct WallClock: Codable, Equatable, Sendable {
    /// From the first event to the last.
    public var seconds: Double
    public var kernelEventsPerSecond: Double
    public var usageEventsPerSecond: Double
    /// Virtual time over real time.
    public var timesRealTime: Double
    /// Bytes in live allocations at the end of the run, as jemalloc counts them.
    public var allocatedBytes: Int
    /// Bytes in resident pages of the allocator.
    public var residentBytes: Int
    /// The most bytes that the process has had in memory so far, all its runs together.
    public var peakResidentBytes: Int
    /// More of what jemalloc counts.
    public var allocator: Allocator

    /// What jemalloc counts beside what is allocated and resident, in bytes.
    public struct Allocator: Codable, Equatable, Sendable {
      /// Pages that hold live allocations.
      public var activeBytes: Int
      /// Pages that are mapped.
      public var mappedBytes: Int
      /// Address space that is kept for later, without memory.
      public var retainedBytes: Int
      /// What the allocator needs for itself.
      public var metadataBytes: Int
      /// Arenas over which threads are spread.
      public var arenas: Int

      /// Makes figures.
      public init(
        activeBytes: Int, mappedBytes: Int, retainedBytes: Int, metadataBytes: Int, arenas: Int
      ) {
        self.activeBytes = activeBytes
        self.mappedBytes = mappedBytes
        self.retainedBytes = retainedBytes
        self.metadataBytes = metadataBytes
        self.arenas = arenas
      }
    }

    /// Makes a section.
    public init(
      seconds: Double, kernelEventsPerSecond: Double, usageEventsPerSecond: Double, timesRealTime: Double,
      allocatedBytes: Int, residentBytes: Int, peakResidentBytes: Int, allocator: Allocator
    ) {
      self.peakResidentBytes = peakResidentBytes
      self.allocator = allocator
      self.seconds = seconds
      self.kernelEventsPerSecond = kernelEventsPerSecond
      self.usageEventsPerSecond = usageEventsPerSecond
      self.timesRealTime = timesRealTime
      self.allocatedBytes = allocatedBytes
      self.residentBytes = residentBytes
    }
  }
}
