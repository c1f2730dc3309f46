import CanonicalModel
import Chronology
import SimulationKernel

/// One recorded usage of a trace.
public struct TraceRow: Hashable, Sendable, BitwiseCopyable {
  /// When it happens in the run.
  public var time: Instant
  /// The first quantity in millionths.
  public var quantity0: Int64
  /// The second quantity in millionths.
  public var quantity1: Int64

  /// Makes a row.
  public init(time: Instant, quantity0: Int64, quantity1: Int64 = 0) {
    self.time = time
    self.quantity0 = quantity0
    self.quantity1 = quantity1
  }
}

/// Where the usage of a load entry comes from.
public enum LoadPattern: Sendable {
  /// Drawn from a process and a distribution of quantities for each meter of the event type.
  case synthetic(ArrivalProcess, [QuantityDistribution])
  /// Replayed from rows in the order of time.
  case trace([TraceRow])
}

/// One entry of the load: a type of usage event, a pattern, and the producers that emit it.
public struct LoadConfiguration: Sendable {
  /// A time in which the producers could not send anything, and when they send it after all.
  public struct Gap: Hashable, Sendable {
    /// The first instant.
    public var from: Instant
    /// The first instant after it.
    public var until: Instant
    /// When it is backfilled.
    public var backfilledAt: Instant
    /// How much too early the first declaration says that it began; the right one follows. Zero: none.
    public var misdeclaredBy: Span
    /// From the wrong declaration until its job is run again, as jobs are. Assumed.
    public var misdeclaredAgainAfter = Span.hours(6)
    /// From the wrong declaration until the right one. Assumed.
    public var correctedAfter = Span.days(1)
    /// From the right declaration until its job is run again. Assumed.
    public var repeatedAfter = Span.days(1)

    /// Makes a gap.
    public init(from: Instant, until: Instant, backfilledAt: Instant, misdeclaredBy: Span = .zero) {
      self.from = from
      self.until = until
      self.backfilledAt = backfilledAt
      self.misdeclaredBy = misdeclaredBy
    }

    /// From the first backfill until the last.
    var longest: Span {
      max(misdeclaredBy > .zero ? misdeclaredAgainAfter : .zero, correction + repeatedAfter)
    }

    /// From the first backfill until the right one.
    var correction: Span { misdeclaredBy > .zero ? correctedAfter : .zero }

    func contains(_ instant: Instant) -> Bool { from <= instant && instant < until }
  }

  /// A name for the random streams, unique within the load.
  public var name: String
  /// The type of event.
  public var type: EventTypeID
  /// The pattern.
  public var pattern: LoadPattern
  /// The producers, each with its own numbering from 1.
  public var producers: [SourceID]
  /// A time without delivery; `nil`: none.
  public var gap: Gap?

  /// Makes an entry.
  public init(
    name: String, type: EventTypeID, pattern: LoadPattern, producers: [SourceID], gap: Gap? = nil
  ) {
    self.gap = gap
    self.name = name
    self.type = type
    self.pattern = pattern
    self.producers = producers
  }
}

/// A running load entry.
struct LoadSource {
  private let configuration: LoadConfiguration
  private let start: Instant
  private let horizon: Instant
  private let customers: AliasTable
  private let schemaVersion: UInt16
  private let schemaChanges: [SchemaChange]
  private let unknownShare: Double
  private let invalidShare: Double
  private var arrivals: ArrivalGenerator?
  /// The quantities of a synthetic pattern, one or two: at hand and not optional, as taking them out of something counts
  /// references.
  private let first: QuantityDistribution
  private let second: QuantityDistribution
  private let quantities: Int
  private var arrivalStream: RandomStream
  private var customerStream: RandomStream
  private var quantityStream: RandomStream
  private var qualityStream: RandomStream
  private var dimensionStream: RandomStream
  private let dimensionValues: UInt64
  private var identityStream: RandomStream
  /// Identifiers that each customer has.
  private let identifiers: Int
  private var nextRow = 0
  private var nextIDs: [UInt64]
  /// The producer of each customer of a round: as many customers as there are pairs of a legal entity and a producer. Entities
  /// share customers out in turn, and so every producer has customers of each.
  private let round: [Int]

  init(
    _ configuration: LoadConfiguration, world: WorldConfiguration, customers: AliasTable, rootSeed: UInt64
  ) {
    self.configuration = configuration
    self.customers = customers
    start = world.start
    horizon = world.horizon
    let type = world.catalog[configuration.type]
    schemaVersion = type.schemaVersion
    dimensionValues = UInt64(type.dimensionValues)
    identifiers = 1 + world.catalog.identities.count / max(1, world.catalog.subscriptions.count)
    schemaChanges = world.schemaChanges.filter { $0.type == configuration.type }
    unknownShare = world.delivery.unknownAccountShare
    invalidShare = world.delivery.invalidShare
    nextIDs = configuration.producers.map { _ in 1 }
    let entities = world.catalog.entities.count
    round = configuration.producers.indices.flatMap { Array(repeating: $0, count: max(1, entities)) }
    func stream(_ purpose: String) -> RandomStream {
      RandomStream(rootSeed: rootSeed, name: "load/\(configuration.name)/\(purpose)")
    }
    arrivalStream = stream("arrivals")
    customerStream = stream("customers")
    quantityStream = stream("quantities")
    qualityStream = stream("quality")
    dimensionStream = stream("dimension")
    identityStream = stream("identities")
    var drawn: [QuantityDistribution] = []
    if case .synthetic(_, let quantities) = configuration.pattern { drawn = quantities }
    quantities = drawn.count
    let none = QuantityDistribution(.constant(1))
    first = drawn.first ?? none
    second = drawn.count > 1 ? drawn[1] : none
    if case .synthetic(let process, _) = configuration.pattern {
      arrivals = ArrivalGenerator(process, start: world.start, stream: &arrivalStream)
    }
  }

  /// Draws up to `count` events, in the order of time, in the place of what a buffer holds; fewer when the load has ended.
  ///
  /// Column by column: each has a random stream of its own, which stays in registers for its column.
  mutating func draw(_ count: Int, into events: inout ContiguousArray<UsageEvent>) {
    if events.count != count { events = ContiguousArray(repeating: blank, count: count) }
    let drawn = events.withUnsafeMutableBufferPointer { room in
      room.update(repeating: blank)
      let drawn = quantities > 0 ? drawTimes(of: room) : readRows(into: room)
      if drawn > 0 { drawColumns(of: UnsafeMutableBufferPointer(rebasing: room[..<drawn])) }
      return drawn
    }
    assert(drawn <= count, "no more is drawn than there is room for")
    assert(
      quantities == 0 || drawn < 2 || events[0].time <= events[drawn - 1].time,
      "usage is drawn in the order of time")
    events.removeLast(count - drawn)
  }

  private mutating func drawColumns(of events: UnsafeMutableBufferPointer<UsageEvent>) {
    if quantities > 0 { drawQuantities(of: events) }
    drawCustomers(of: events)
    number(events)
    drawQuality(of: events)
    if !schemaChanges.isEmpty {
      for index in events.indices { events[index].schemaVersion = version(at: events[index].time) }
    }
    if dimensionValues > 1 {
      for index in events.indices { events[index].dimension = UInt16(dimensionStream.below(dimensionValues)) }
    }
  }

  /// An event of which only the type is known.
  private var blank: UsageEvent {
    UsageEvent(
      id: 0, source: SourceID(index: 0), type: configuration.type, subject: SubjectID(index: 0), time: start,
      quantity0: 0, schemaVersion: schemaVersion)
  }

  /// - Returns: for how many of the events there is a time.
  private mutating func drawTimes(of events: UnsafeMutableBufferPointer<UsageEvent>) -> Int {
    let start = start
    return arrivals?.draw(events.count, before: horizon - start, from: &arrivalStream) {
      events[$0].time = Instant(nanoseconds: start.nanoseconds &+ $1.nanoseconds)
    } ?? 0
  }

  /// - Returns: for how many of the events there is a row.
  private mutating func readRows(into events: UnsafeMutableBufferPointer<UsageEvent>) -> Int {
    guard case .trace(let rows) = configuration.pattern else { return 0 }
    let read = rows[nextRow...].prefix(events.count).prefix { $0.time < horizon }
    for (index, row) in read.enumerated() {
      (events[index].time, events[index].quantity0, events[index].quantity1) = (
        row.time, row.quantity0, row.quantity1
      )
    }
    nextRow += read.count
    assert(nextRow <= rows.count, "each row of a trace is read once")
    return read.count
  }

  private mutating func drawQuantities(of events: UnsafeMutableBufferPointer<UsageEvent>) {
    guard quantities > 1 else {
      return first.draw(events.count, from: &quantityStream) { events[$0].quantity0 = $1 }
    }
    for index in events.indices {
      events[index].quantity0 = first.draw(&quantityStream)
      events[index].quantity1 = second.draw(&quantityStream)
    }
  }

  private mutating func drawCustomers(of events: UnsafeMutableBufferPointer<UsageEvent>) {
    var stream = customerStream
    for index in events.indices {
      events[index].subject = SubjectID(index: UInt32(truncatingIfNeeded: customers.draw(from: &stream)))
    }
    customerStream = stream
  }

  /// Each customer has one of the producers, which numbers what it emits.
  private mutating func number(_ events: UnsafeMutableBufferPointer<UsageEvent>) {
    let place = Modulus(round.count)
    round.withUnsafeBufferPointer { round in
      configuration.producers.withUnsafeBufferPointer { sources in
        nextIDs.withUnsafeMutableBufferPointer { nextIDs in
          for index in events.indices {
            let producer = round[place.remainder(of: events[index].subject.index)]
            events[index].source = sources[producer]
            events[index].id = nextIDs[producer]
            nextIDs[producer] &+= 1
          }
        }
      }
    }
  }

  /// Which of a customer's identifiers an event bears, and what is wrong with it.
  private mutating func drawQuality(of events: UnsafeMutableBufferPointer<UsageEvent>) {
    if identifiers > 1 {
      for index in events.indices {
        let identifier = Int(identityStream.below(UInt64(identifiers)))
        events[index].subject.index += UInt32(customers.count * identifier)
      }
    }
    guard unknownShare > 0 || invalidShare > 0 else { return }
    for index in events.indices {
      if unknownShare > 0, qualityStream.bernoulli(unknownShare) {
        events[index].subject.index += UInt32(customers.count * identifiers)
      }
      if invalidShare > 0, qualityStream.bernoulli(invalidShare) {
        events[index].quantity0 = -events[index].quantity0 - 1
      }
    }
  }

  private func version(at time: Instant) -> UInt16 {
    schemaChanges.last { $0.emittedFrom <= time }?.version ?? schemaVersion
  }

  /// An event in the place of another, with a share of its quantities, under the next identifier of its producer.
  mutating func amend(_ event: UsageEvent, to share: Double) -> UsageEvent {
    assert(configuration.producers.contains(event.source), "who amends an event has emitted it")
    var amended = event
    if let producer = configuration.producers.firstIndex(of: event.source) {
      amended.id = nextIDs[producer]
      nextIDs[producer] += 1
    }
    // Whole units, so that amended quantities are as plausible as drawn ones.
    func part(_ quantity: Int64) -> Int64 { Int64(Double(quantity / 1_000_000) * share) * 1_000_000 }
    amended.quantity0 = part(event.quantity0)
    amended.quantity1 = part(event.quantity1)
    return amended
  }
}
