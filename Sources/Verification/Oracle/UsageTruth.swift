import CanonicalModel
import Chronology

/// What the sources really emitted, and how far the core's summaries account for it: per subscription and
/// meter in total, and per window as the difference of truth and claim.
///
/// A window's differences are kept in a flat page while it is young, then only where they are not zero, so
/// that memory is bounded by the usage that is under way and not by the run.
struct UsageTruth: Sendable {
  /// An event that the core put aside in a visible case and that is not counted.
  struct Held: Hashable, Sendable {
    var window: Int64
    var slot: Int
    var amounts: UsageCell
  }

  let catalog: Catalog
  let meterCount: Int
  private let subscriptionCount: Int
  let window: Span
  /// The cells that an event of a type adds to, and how, flat: reading it counts no references.
  private struct Layout: Sendable {
    var first: Int
    /// −1 where the type has one meter.
    var second: Int
    var firstKind: Aggregation
    var secondKind: Aggregation
  }

  private let layouts: DenseTable<EventTypeID, Layout>
  private let isAdditive: DenseTable<EventTypeID, Bool>
  /// What makes an event of a type billable, flat: reading it counts no references.
  private struct Shape: BitwiseCopyable {
    var isMetered: Bool
    var version: UInt16
    var hasLaterVersions: Bool
    var dimensionValues: UInt16
  }

  private let shapes: [Shape]
  private let contracts: OracleContracts
  private let checksEntitlements: Bool
  private(set) var aggregates = AggregateTruth()
  /// Events that producers have taken back.
  private var withdrawn: [Held] = []
  /// How many they are.
  private(set) var takenBackCount: Int64 = 0
  /// The hashes of what was taken back or put aside for good, per slot: found at rest.
  private(set) var uncounted: [Int: Set<UInt64>] = [:]
  /// Per `subscription × meters + meter`.
  private(set) var emitted: ContiguousArray<UsageCell>
  private(set) var metered: ContiguousArray<UsageCell>
  /// Whether there are meters whose aggregates are no sums.
  private let hasOthers: Bool
  private var pages: WindowPages
  /// For each event at hand, the subscription that it counts for; -1: none.
  private var attributed = ContiguousArray<Int32>(repeating: -1, count: 128)
  private var held: [Held] = []
  private var heldKeys: Set<UsageEventKey> = []
  /// Of them, those that the core has let go since, and not put aside again, by the hashes of their keys: they have to be counted.
  private var released: Set<UInt64> = []
  /// Of what was put aside, that which is missing from the summaries: found at rest.
  private(set) var putAside: [Held] = []
  /// What producers have taken back, per slot: found at rest.
  private var takenBack: [Int: Set<UInt64>] = [:]
  /// Events that no contract can bill, as emitted: a copy under another identifier is none of them.
  private var unbillableKeys: Set<UsageEventKey> = []
  /// Of them, those that producers have taken back.
  private var withdrawnKeys: Set<UsageEventKey> = []
  /// Events of metered types that no contract can bill: of unknown customers, not entitled, of negative quantity.
  private(set) var unbillableUsage: [UnbillableCell: UsageCell] = [:]
  /// Of them, those that the core put aside or rejected.
  private(set) var unbillablePutAside: [UnbillableCell: UsageCell] = [:]
  /// Events emitted that can be billed, and all others.
  private(set) var billable: Int64 = 0
  private(set) var unbillable: Int64 = 0
  /// The highest identifier that each producer has used.
  private(set) var highestID: [UInt64]

  init(catalog: Catalog, window: Span) {
    self.catalog = catalog
    self.window = window
    meterCount = catalog.meters.count
    subscriptionCount = catalog.subscriptions.count
    layouts = DenseTable(
      catalog.eventTypes.map { type in
        func kind(_ meter: MeterID) -> Aggregation { catalog[meter].aggregation }
        let second = type.meters.count > 1 ? type.meters[1] : nil
        return Layout(
          first: Int(type.meters.first?.index ?? 0), second: second.map { Int($0.index) } ?? -1,
          firstKind: type.meters.first.map(kind) ?? .sum, secondKind: second.map(kind) ?? .sum)
      })
    contracts = OracleContracts(catalog: catalog)
    checksEntitlements = contracts.hasLives || catalog.priceBooks.contains { $0.entitlements != nil }
    shapes = catalog.eventTypes.map {
      Shape(
        isMetered: !$0.meters.isEmpty, version: $0.schemaVersion, hasLaterVersions: !$0.laterVersions.isEmpty,
        dimensionValues: $0.dimensionValues)
    }
    isAdditive = DenseTable(
      catalog.eventTypes.map { type in type.meters.allSatisfy { catalog[$0].aggregation.isAdditive } })
    hasOthers = isAdditive.contains(false)
    let cells = catalog.subscriptions.count * meterCount
    pages = WindowPages(cellCount: cells)
    emitted = ContiguousArray(repeating: UsageCell(), count: cells)
    metered = emitted
    highestID = Array(repeating: 0, count: catalog.sources.count)
  }

  /// Whether an event can ever count: a known type and customer, an entitlement, and no negative quantity.
  private func isBillable(_ event: UsageEvent) -> Bool { billed(event) != nil }

  /// Whose subscription an event counts for; `nil`: it never counts.
  @inline(__always)
  private func billed(_ event: UsageEvent) -> Int? {
    let type = Int(event.type.index)
    guard type < shapes.count, isDeclared(event.schemaVersion, type), event.quantity0 >= 0,
      event.quantity1 >= 0, event.dimension < shapes[type].dimensionValues,
      let subscription = subscription(of: event.subject)
    else { return nil }
    return !checksEntitlements || isEntitled(type, subscription, at: event.time) ? subscription : nil
  }

  /// Whether a contract includes a type.
  private func isEntitled(_ type: Int, _ subscription: Int, at time: Instant) -> Bool {
    contracts.mayCount(type, subscription, at: time)
  }

  /// Whose an identifier is, by the catalogue.
  @inline(__always)
  func subscription(of subject: SubjectID) -> Int? {
    let index = Int(subject.index)
    if index < subscriptionCount { return index }
    let further = index - subscriptionCount
    return further < catalog.identities.count ? Int(catalog.identities[further].index) : nil
  }

  /// Whether the producers' contract knows the schema version; billing may learn of it later.
  @inline(__always)
  private func isDeclared(_ version: UInt16, _ type: Int) -> Bool {
    let shape = shapes[type]
    guard shape.isMetered else { return false }
    return version == shape.version
      || shape.hasLaterVersions && catalog.eventTypes[type].laterVersions.contains(version)
  }

  /// Takes the events of a source, once each.
  mutating func emit(_ events: UnsafeBufferPointer<UsageEvent>) {
    highestID.withUnsafeMutableBufferPointer { highest in
      for event in events where event.id > highest[Int(event.source.index)] {
        highest[Int(event.source.index)] = event.id
      }
    }
    var start = 0
    while start < events.count {
      // A source emits in the order of time: many events lie in one window, whose page is held while they are added.
      let index = events[start].time.index(of: window)
      let from = index &* window.nanoseconds
      var end = start + 1
      while end < events.count,
        UInt64(bitPattern: events[end].time.nanoseconds &- from) < UInt64(bitPattern: window.nanoseconds)
      {
        end += 1
      }
      emit(UnsafeBufferPointer(rebasing: events[start..<end]), in: index)
      start = end
    }
  }

  /// Takes events of one window.
  private mutating func emit(_ events: UnsafeBufferPointer<UsageEvent>, in index: Int64) {
    // All that is added to is taken out, so that the loop is array arithmetic on what nobody else holds.
    var page = pages.remove(index) ?? WindowPages.Page()
    let isYoung = !page.cells.isEmpty
    var (cells, emitted, attributed) = (
      ContiguousArray<UsageCell>(), ContiguousArray<UsageCell>(), ContiguousArray<Int32>()
    )
    swap(&cells, &page.cells)
    swap(&emitted, &self.emitted)
    swap(&attributed, &self.attributed)
    attribute(events, &attributed)
    var counted: Int64 = 0
    var older: [(slot: Int, amounts: UsageCell)] = []
    let meterCount = meterCount
    cells.withUnsafeMutableBufferPointer { cells in
      emitted.withUnsafeMutableBufferPointer { emitted in
        layouts.withUnsafeBufferPointer { layouts in
          func add(_ quantity: Int64, _ digest: UInt64, to slot: Int) {
            let amounts = UsageCell(quantity: Int128(quantity), digest: digest, count: 1)
            emitted[slot] += amounts
            guard isYoung else { return older.append((slot, amounts)) }
            if cells[slot] == UsageCell() { page.touched.append(UInt32(slot)) }
            cells[slot] += amounts
          }
          for number in events.indices where attributed[number] >= 0 {
            counted &+= 1
            let event = events.baseAddress! + number
            let digest = event.pointee.key.digest
            let layout = layouts.baseAddress! + Int(event.pointee.type.index)
            let base = Int(attributed[number]) &* meterCount &+ Int(event.pointee.dimension)
            let quantity = Self.sum(event.pointee.quantity0, layout.pointee.firstKind)
            add(quantity, digest, to: base &+ layout.pointee.first)
            guard layout.pointee.second >= 0 else { continue }
            let other = Self.sum(event.pointee.quantity1, layout.pointee.secondKind)
            add(other, digest, to: base &+ layout.pointee.second)
          }
        }
      }
    }
    swap(&cells, &page.cells)
    if isYoung { pages.restore(&page, back: index) }
    for (slot, amounts) in older { pages.add(amounts, index, slot) }
    swap(&emitted, &self.emitted)
    swap(&attributed, &self.attributed)
    billable += counted
    unbillable += Int64(events.count) - counted
    if counted < events.count {
      for (event, subscription) in zip(events, self.attributed) where subscription < 0 {
        unbillableKeys.insert(event.key)
        for (cell, amounts) in unbillableParts(of: event) {
          unbillableUsage[cell, default: UsageCell()] += amounts
        }
      }
    }
    guard hasOthers else { return }
    for (event, subscription) in zip(events, self.attributed)
    where subscription >= 0 && !isAdditive[event.type] { remember(event) }
  }

  /// Finds whose subscription each event counts for. Changes nothing of its own: called in place, it copies nothing.
  private mutating func attribute(
    _ events: UnsafeBufferPointer<UsageEvent>, _ attributed: inout ContiguousArray<Int32>
  ) {
    if attributed.count < events.count { attributed = ContiguousArray(repeating: -1, count: events.count) }
    for index in events.indices {
      attributed[index] = Int32(truncatingIfNeeded: billed(events[index]) ?? -1)
    }
  }

  /// What an event adds to the quantity of its window, by the oracle's own reading.
  @inline(__always)
  private static func sum(_ value: Int64, _ kind: Aggregation) -> Int64 {
    kind == .count ? 1_000_000 : kind == .sum ? value : 0
  }

  private mutating func remember(_ event: UsageEvent) {
    let layout = layouts[event.type]
    let base = (subscription(of: event.subject) ?? 0) * meterCount + Int(event.dimension)
    if layout.firstKind != .sum, layout.firstKind != .count {
      aggregates.add(base + layout.first, event, event.quantity0)
    }
    if layout.second >= 0, layout.secondKind != .sum, layout.secondKind != .count {
      aggregates.add(base + layout.second, event, event.quantity1)
    }
  }

  /// Takes a claim of the core. Returns the difference that is left in its window: negative where more is
  /// claimed than was emitted.
  mutating func claim(_ summary: UsageSummary) -> UsageCell {
    let slot = Int(summary.subscription.index) * meterCount + Int(summary.meter.index)
    let kind = catalog[summary.meter].aggregation
    let isSum = kind == .sum || kind == .count
    let amounts = UsageCell(
      quantity: isSum ? summary.quantity.units : 0, digest: summary.digest, count: summary.count)
    metered[slot] += amounts
    return pages.subtract(amounts, summary.window.index(of: window), slot)
  }

  /// Gives the memory of windows back that ended some time ago, except for their differences.
  mutating func compact(at now: Instant) { pages.compact(before: now.index(of: window) - 3) }

  /// Records that the core quarantined an event: it is visible, though not counted.
  mutating func quarantine(_ event: UsageEvent) {
    if !released.isEmpty { released.remove(event.key.digest) }
    guard heldKeys.insert(event.key).inserted else { return }
    guard isBillable(event) else {
      guard unbillableKeys.contains(event.key), !withdrawnKeys.contains(event.key) else { return }
      for (cell, amounts) in unbillableParts(of: event) {
        unbillablePutAside[cell, default: UsageCell()] += amounts
      }
      return
    }
    held += parts(of: event)
  }

  /// The core no longer puts an event aside.
  mutating func release(_ event: UsageEvent) { released.insert(event.key.digest) }

  /// The core rejected an event: where it is right to, it is accounted for.
  mutating func reject(_ event: UsageEvent) { if !isBillable(event) { quarantine(event) } }

  /// What an event that no contract can bill is in the cells of its meters; empty: its type has none.
  private func unbillableParts(of event: UsageEvent) -> [(UnbillableCell, UsageCell)] {
    let type = Int(event.type.index)
    guard type < layouts.count, shapes[type].isMetered else { return [] }
    let layout = layouts[type]
    let subscription = subscription(of: event.subject) ?? -1
    let dimension = event.dimension < shapes[type].dimensionValues ? Int(event.dimension) : 0
    func part(_ meter: Int, _ value: Int64, _ kind: Aggregation) -> (UnbillableCell, UsageCell) {
      let amounts = UsageCell(
        quantity: Int128(Self.sum(value, kind)), digest: event.key.digest, count: 1)
      return (UnbillableCell(subscription: subscription, meter: meter + dimension), amounts)
    }
    let first = part(layout.first, event.quantity0, layout.firstKind)
    return layout.second < 0
      ? [first] : [first, part(layout.second, event.quantity1, layout.secondKind)]
  }

  /// A producer has taken an event back. What replaces it was emitted like any other.
  mutating func withdraw(_ event: UsageEvent) {
    takenBackCount += 1
    if isBillable(event) {
      withdrawn += parts(of: event)
    } else if withdrawnKeys.insert(event.key).inserted {
      for (cell, amounts) in unbillableParts(of: event) {
        unbillableUsage[cell, default: UsageCell()] -= amounts
        if heldKeys.contains(event.key) { unbillablePutAside[cell, default: UsageCell()] -= amounts }
      }
    }
  }

  /// The core put a correction aside: what was sent first still counts, and what should take its place waits in a case.
  mutating func refuse(_ correction: UsageCorrection) {
    if let replacement = correction.replacement { quarantine(replacement) }
    takenBackCount -= 1
    let parts = isBillable(correction.original) ? self.parts(of: correction.original) : []
    withdrawn.removeAll { parts.contains($0) }
  }

  /// Whether producers have taken events back.
  var hasCorrections: Bool { !withdrawn.isEmpty }

  /// What an event is in the cells of its meters.
  private func parts(of event: UsageEvent) -> [Held] {
    let layout = layouts[event.type]
    let base = (subscription(of: event.subject) ?? 0) * meterCount + Int(event.dimension)
    let digest = event.key.digest
    func part(_ meter: Int, _ quantity: Int64) -> Held {
      Held(
        window: event.time.index(of: window), slot: base + meter,
        amounts: UsageCell(quantity: Int128(quantity), digest: digest, count: 1))
    }
    let first = part(layout.first, Self.sum(event.quantity0, layout.firstKind))
    guard layout.second >= 0 else { return [first] }
    return [first, part(layout.second, Self.sum(event.quantity1, layout.secondKind))]
  }

  /// What the sources have emitted and not taken back, per subscription and meter, while it is still under way.
  var emittedSoFar: ContiguousArray<UsageCell> {
    var sum = emitted
    for part in withdrawn { sum[part.slot] -= part.amounts }
    return sum
  }

  /// What remains once the events in visible cases are taken off the truth: per subscription and meter, the
  /// usage that should have been metered, and the differences by window.
  ///
  /// An event that was put aside may be a copy of one that was counted, so each is taken off only where that
  /// closes a difference.
  mutating func reconciled() -> (due: ContiguousArray<UsageCell>, differences: [WindowDifference]) {
    var due = emitted
    var differences: [WindowDifference: UsageCell] = [:]
    uncounted = [:]
    takenBack = [:]
    putAside = []
    pages.visit { differences[WindowDifference(window: $0, slot: $1)] = $2 }
    for part in withdrawn {
      let key = WindowDifference(window: part.window, slot: part.slot)
      due[part.slot] -= part.amounts
      differences[key, default: UsageCell()] -= part.amounts
      uncounted[part.slot, default: []].insert(part.amounts.digest)
    }
    takenBack = uncounted
    var heldByWindow: [WindowDifference: [UsageCell]] = [:]
    // What was taken back is off already, wherever it lay.
    for event in held
    where !released.contains(event.amounts.digest)
      && uncounted[event.slot]?.contains(event.amounts.digest) != true
    {
      heldByWindow[WindowDifference(window: event.window, slot: event.slot), default: []].append(
        event.amounts)
    }
    for key in heldByWindow.keys.sorted() {
      guard let difference = differences[key], difference.count > 0 else { continue }
      for amounts in Self.explaining(difference, by: heldByWindow[key] ?? []) {
        due[key.slot] -= amounts
        differences[key]! -= amounts
        uncounted[key.slot, default: []].insert(amounts.digest)
        putAside.append(Held(window: key.window, slot: key.slot, amounts: amounts))
      }
    }
    let open = differences.filter { $0.value != UsageCell() }.keys.sorted()
    return (due, open.map { WindowDifference(window: $0.window, slot: $0.slot, cell: differences[$0]!) })
  }

  /// The held events that are really missing: all of them, else those whose hashes explain the difference, else as many
  /// as are missing.
  private static func explaining(_ difference: UsageCell, by held: [UsageCell]) -> [UsageCell] {
    if held.count <= Int(difference.count) { return held }
    let missing = SubsetSum.indices(
      of: held.map(\.digest), choosing: Int(difference.count), summingTo: difference.digest)
    return missing.map { indices in indices.map { held[$0] } } ?? Array(held.prefix(Int(difference.count)))
  }

  /// The aggregates of a slot by billing period, once ``settled()`` has found what does not count.
  ///
  /// - Parameter includesPutAside: whether what was put aside counts as well.
  func aggregates(
    slot: Int, includesPutAside: Bool = false, periodOf: (Instant) -> Period
  ) -> [Period: Int128] {
    let gone = (includesPutAside ? takenBack : uncounted)[slot] ?? []
    var byPeriod: [Period: [AggregateTruth.Value]] = [:]
    for value in aggregates.values[slot] ?? [] where !gone.contains(value.digest) {
      byPeriod[periodOf(value.time), default: []].append(value)
    }
    let kind = catalog.meters[slot % meterCount].aggregation
    var result: [Period: Int128] = [:]
    for (period, values) in byPeriod {
      result[period] = AggregateTruth.aggregate(values, kind, in: period)
    }
    return result
  }

  /// Names a subscription and a meter.
  func ids(slot: Int) -> [String] {
    let subscription = catalog.subscriptions[slot / meterCount]
    return [
      "account \(catalog[subscription.account].name)",
      "meter \(catalog.meters[slot % meterCount].name)",
    ]
  }

  /// Names the event whose digest this is, if a source has emitted it: the digest can be inverted.
  func eventName(digest: UInt64) -> String? {
    for (source, name) in catalog.sources.enumerated() {
      let id = DigestInverse.id(of: digest, source: UInt64(source))
      if id >= 1, id <= highestID[source] { return "event \(name)/\(id)" }
    }
    return nil
  }
}

/// Where usage that no contract can bill is counted.
struct UnbillableCell: Hashable, Comparable, Sendable {
  /// −1: nobody's that the catalogue knows.
  var subscription: Int
  var meter: Int

  static func < (a: UnbillableCell, b: UnbillableCell) -> Bool {
    (a.subscription, a.meter) < (b.subscription, b.meter)
  }
}

/// A window of a subscription and meter in which truth and claim differ.
struct WindowDifference: Hashable, Comparable, Sendable {
  var window: Int64
  var slot: Int
  /// Truth less claim.
  var cell = UsageCell()

  static func < (a: WindowDifference, b: WindowDifference) -> Bool {
    (a.window, a.slot) < (b.window, b.slot)
  }
}

/// Inverts ``UsageEventKey/digest``: the finaliser of MurmurHash3 is a bijection.
enum DigestInverse {
  static func id(of digest: UInt64, source: UInt64) -> UInt64 { unmix(digest) ^ mix(source &+ 1) }

  private static func mix(_ word: UInt64) -> UInt64 {
    var k = word
    k = (k ^ (k >> 33)) &* 0xff51_afd7_ed55_8ccd
    k = (k ^ (k >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return k ^ (k >> 33)
  }

  private static func unmix(_ word: UInt64) -> UInt64 {
    // The odd multipliers' inverses modulo 2⁶⁴; x ⊕ (x >> 33) is its own inverse.
    var k = word
    k = (k ^ (k >> 33)) &* inverse(0xc4ce_b9fe_1a85_ec53)
    k = (k ^ (k >> 33)) &* inverse(0xff51_afd7_ed55_8ccd)
    return k ^ (k >> 33)
  }

  /// Newton's iteration: each step doubles the number of correct low bits.
  private static func inverse(_ odd: UInt64) -> UInt64 {
    var x = odd
    for _ in 0..<5 { x = x &* (2 &- odd &* x) }
    return x
  }
}
