extension RunRecord {
  /// What was simulated.
  package struct Simulated: Codable, Equatable, Sendable {
    /// The first instant.
    package var start: String
    /// The instant of rest.
    package var end: String
    /// The span between, in seconds.
    package var seconds: Double
    /// Kernel events processed.
    package var kernelEvents: UInt64
    /// Usage events emitted by the sources.
    package var usageEvents: Int64
    /// Copies of usage events delivered to the core.
    package var deliveries: Int64
    /// By when everything had to come to rest: some time after the last usage, fault and billing period.
    package var deadline: String
    /// Why the run ended: `quiescent`, `limit` when work was left when time was up, or `interrupted`.
    package var ended: String

    /// Makes a section.
    package init(
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
  package struct Configuration: Codable, Equatable, Sendable {
    /// A legal entity.
    package struct Entity: Codable, Equatable, Sendable {
      package var name: String
      package var currency: String
      package var erp: String
      package var customers: Int

      /// Makes an entry.
      package init(name: String, currency: String, erp: String, customers: Int) {
        self.name = name
        self.currency = currency
        self.erp = erp
        self.customers = customers
      }
    }

    /// The scenario's file, without its folder.
    package var file: String
    /// The scenario's description.
    package var description: String
    /// The horizon in seconds.
    package var horizon: Double
    /// The number of customers.
    package var customers: Int
    /// The legal entities.
    package var entities: [Entity]
    /// The meters.
    package var meters: [String]
    /// The processes of the core, each by the services that it runs: `billing+posting`.
    package var processes: [String]

    /// Makes a section.
    package init(
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
  package struct Invariant: Codable, Equatable, Sendable {
    /// One breach.
    package struct Violation: Codable, Equatable, Sendable {
      /// When it was found.
      package var at: String
      /// What it is about.
      package var ids: [String]
      /// The figure that should be.
      package var expected: String
      /// The figure that is.
      package var actual: String
      /// What is less what should be, where both are numbers.
      package var difference: String?
      /// The last things that happened to what it is about, until it was found.
      package var events: [String]

      /// Makes a violation.
      package init(
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

    package var name: String
    /// The stage boundary that it guards.
    package var boundary: String
    package var verdict: InvariantVerdict
    /// Why it, or a part of it, was not judged; empty otherwise.
    package var reasons: [String]
    /// What was promised.
    package var statement: String
    /// Comparisons made, of something with something.
    package var checks: Int
    /// Breaches found; more than ``violations`` holds where there are many.
    package var violationCount: Int
    /// The first breaches.
    package var violations: [Violation]

    /// Makes a verdict.
    package init(
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
  package struct Expectation: Codable, Equatable, Sendable {
    /// As written: `postingLatency.p99 < 24h`.
    package var expectation: String
    package var indicator: String
    package var verdict: Verdict
    /// In the indicator's unit; null when there was nothing to measure, which misses the expectation.
    package var measured: Double?
    /// In the indicator's unit.
    package var threshold: Double
    /// Why nothing was measured, or why it is not judged; left out otherwise.
    package var reason: String?

    /// Makes an entry.
    package init(
      expectation: String, indicator: String, verdict: Verdict, measured: Double?, threshold: Double,
      reason: String? = nil
    ) {
      self.expectation = expectation
      self.indicator = indicator
      self.verdict = verdict
      self.measured = measured
      self.threshold = threshold
      self.reason = reason
    }
  }

  /// A measured figure.
  package struct Indicator: Codable, Equatable, Sendable {
    /// The figure.
    package var value: Double
    /// `s`, `1` (a count) or `share`.
    package var unit: String

    /// Makes a figure.
    package init(value: Double, unit: String) {
      self.value = value
      self.unit = unit
    }
  }

  /// How one ERP behaved.
  package struct ERP: Codable, Equatable, Sendable {
    /// Something of which there is only so much.
    package struct Resource: Codable, Equatable, Sendable {
      /// What it is: `places`, `workers`, a limit such as `6000 calls in 5m, sliding`, `outage`, or `waiting after refusals`:
      /// the core waited with documents after refusals although the ERP had a place free.
      package var name: String
      /// The mean share that was in use while documents waited.
      package var utilization: Double
      /// The greatest share that was in use.
      package var peak: Double

      /// Makes an entry.
      package init(name: String, utilization: Double, peak: Double) {
        self.name = name
        self.utilization = utilization
        self.peak = peak
      }
    }

    package var entity: String
    package var profile: String
    /// Calls received.
    package var calls: Int
    /// Calls refused for the limits.
    package var throttled: Int
    /// Calls refused because the ERP was down.
    package var unavailable: Int
    /// Calls that died in an outage, without effect.
    package var dropped: Int
    /// Calls that were committed and never answered.
    package var answersLost: Int
    /// Look-ups.
    package var lookUps: Int
    /// Documents that an idempotency key kept from being posted twice.
    package var keyHits: Int
    /// Documents in its ledger.
    package var documents: Int
    /// The deepest that the outbox for it was.
    package var peakOutbox: Int
    /// From issue to ledger, in seconds: `p50 p90 p95 p99 p999 max mean`; empty if nothing was posted.
    package var postingLatency: [String: Double]
    /// Seconds in which documents waited for it.
    package var busySeconds: Double
    /// What posting to it needs, and how much of that was in use.
    package var resources: [Resource]
    /// The account that it shares with the ERPs of other entities: ``resources`` has the account's use of places and limits; left
    /// out where it has its own.
    package var account: String?

    /// Makes an entry.
    package init(
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
  package struct Fault: Codable, Equatable, Sendable {
    /// `erp/us`.
    package var target: String
    /// `outage`, `throttle`, `timeoutAfterCommit`.
    package var kind: String
    package var start: String
    package var end: String
    /// From its end until the outbox was empty, in seconds, where something waited at its end.
    package var drainSeconds: Double?
    /// Whether it never ends: then ``end`` is the end of the run; left out where it does.
    package var neverEnds: Bool?
    /// The calls, messages, documents and events that it hit; missing in a record of an earlier version.
    package var hits: Int?

    /// Makes an entry.
    package init(
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
  package struct DeclaredFault: Codable, Equatable, Sendable {
    /// Kind, targets and time in words: `outage of erp/us when the outbox is above 50`.
    package var fault: String
    /// How often it began; each target counts.
    package var began: Int
    /// The calls, messages, documents and events that it hit; missing in a record of an earlier version.
    package var hits: Int?
    /// Why it never began; left out where it did.
    package var neverBegan: String?
    /// Whether it began and there was nothing for it to hit.
    package var metNothing: Bool { began > 0 && hits == 0 }

    /// Makes an entry.
    package init(fault: String, began: Int, hits: Int? = nil, neverBegan: String?) {
      self.fault = fault
      self.hits = hits
      self.began = began
      self.neverBegan = neverBegan
    }
  }

  /// A noteworthy moment.
  package struct Moment: Codable, Equatable, Sendable {
    /// The state of one ERP.
    package struct State: Codable, Equatable, Sendable {
      /// `up`, `throttled`, `losingAnswers`, `down`.
      package var condition: String
      /// Documents that wait.
      package var outbox: Int
      /// The change of ``outbox`` since the moment before.
      package var trend: Int
      /// Invoices issued so far.
      package var invoiced: Int
      /// Documents in the ledger so far.
      package var posted: Int

      /// Makes a state.
      package init(condition: String, outbox: Int, trend: Int, invoiced: Int, posted: Int) {
        self.condition = condition
        self.outbox = outbox
        self.trend = trend
        self.invoiced = invoiced
        self.posted = posted
      }
    }

    package var at: String
    /// What it is about: `erp/us`.
    package var subject: String
    /// What happened.
    package var text: String
    /// Usage events accepted so far.
    package var accepted: Int64
    /// The ERPs, in the order of the entities.
    package var erps: [State]
    /// The processes of the core, in the order of the configuration: `up` or `down`.
    package var processes: [String]

    /// Makes a moment.
    package init(
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
  package struct Series: Codable, Equatable, Sendable {
    /// The step in seconds; the first sample is taken at the start.
    package var step: Double
    /// Usage events delivered in the step before.
    package var delivered: [Int]
    /// Calls that ERPs refused in the step before.
    package var refused: [Int]
    /// Usage windows open.
    package var openWindows: [Int]
    /// Usage events that wait in the broker.
    package var brokerLag: [Int]
    /// Documents waiting, by entity.
    package var outbox: [[Int]]
    /// Documents in the ledger, by entity.
    package var posted: [[Int]]

    /// Makes a section.
    package init(
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
  package struct WallClock: Codable, Equatable, Sendable {
    /// From the first event to the last.
    package var seconds: Double
    package var kernelEventsPerSecond: Double
    package var usageEventsPerSecond: Double
    /// Virtual time over real time.
    package var timesRealTime: Double
    /// Bytes in live allocations at the end of the run, as jemalloc counts them.
    package var allocatedBytes: Int
    /// Bytes in resident pages of the allocator.
    package var residentBytes: Int
    /// The most bytes that the process has had in memory so far, all its runs together.
    package var peakResidentBytes: Int
    /// More of what jemalloc counts.
    package var allocator: Allocator

    /// What jemalloc counts beside what is allocated and resident, in bytes.
    package struct Allocator: Codable, Equatable, Sendable {
      /// Pages that hold live allocations.
      package var activeBytes: Int
      /// Pages that are mapped.
      package var mappedBytes: Int
      /// Address space that is kept for later, without memory.
      package var retainedBytes: Int
      /// What the allocator needs for itself.
      package var metadataBytes: Int
      /// Arenas over which threads are spread.
      package var arenas: Int

      /// Makes figures.
      package init(
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
    package init(
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
