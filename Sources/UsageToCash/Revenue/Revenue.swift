import CanonicalModel
import Chronology

/// When the revenue of a recurring charge is recognised.
public enum RecognitionTiming: String, Sendable, CaseIterable {
  /// As the service is rendered: at the end of its period (straight-line, as a period is a month).
  case overService
  /// When it is invoiced: a real failure, never a choice.
  case atInvoice
}

/// The rules of revenue.
public struct RevenuePolicy: Sendable {
  /// The timing.
  public var timing: RecognitionTiming
  /// Whether what was recognised leaves its schedule.
  public var consumesSchedules: Bool

  /// Makes rules.
  public init(timing: RecognitionTiming = .overService, consumesSchedules: Bool = true) {
    self.timing = timing
    self.consumesSchedules = consumesSchedules
  }
}

/// The stage that keeps revenue apart from invoicing: what is invoiced before it is earned is deferred, and recognised
/// when its service period has ended (ASC 606, IFRS 15: over time, one performance obligation an item).
public struct Revenue: Sendable {
  private struct Key: Hashable, Comparable, Sendable {
    var entity: EntityID
    var period: CalendarMonth
    var item: ItemID

    static func < (a: Key, b: Key) -> Bool {
      (a.entity, a.period, a.item) < (b.entity, b.period, b.item)
    }
  }

  private let catalog: Catalog
  private let policy: RevenuePolicy
  private var schedules: [Key: Money] = [:]
  private var nextSequence: [UInt32]

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, policy: RevenuePolicy) {
    self.catalog = catalog
    self.policy = policy
    nextSequence = Array(repeating: 1, count: catalog.entities.count)
  }

  /// Whether the revenue of a line is still to be earned when its invoice is issued.
  func isDeferred(_ line: InvoiceLine, on invoice: Invoice) -> Bool {
    policy.timing == .overService
      && catalog.items[Int(line.charge.item.index)].kind == .recurring
      && line.charge.servicePeriod.end > invoice.issued
  }

  /// Schedules what an invoice defers.
  mutating func note(issued invoice: Invoice) {
    for line in invoice.lines where isDeferred(line, on: invoice) {
      let key = Key(
        entity: invoice.number.entity, period: line.charge.servicePeriod, item: line.charge.item)
      schedules[key, default: .zero] += line.amount
    }
  }

  /// What is deferred and not recognised yet, of an entity.
  public func deferred(of entity: EntityID) -> Money {
    schedules.reduce(.zero) { $1.key.entity == entity ? $0 + $1.value : $0 }
  }

  /// Recognises what was earned up to the end of a period: a document an entity and service period.
  mutating func recognise(through period: CalendarMonth) -> [Recognition] {
    var documents: [Recognition] = []
    for key in schedules.keys.sorted() where key.period <= period {
      guard let amount = schedules[key], amount != .zero else { continue }
      if policy.consumesSchedules { schedules[key] = nil }
      let line = Recognition.Line(item: key.item, amount: amount)
      if let last = documents.indices.last, documents[last].key.entity == key.entity,
        documents[last].period == key.period
      {
        documents[last].lines.append(line)
        continue
      }
      let posting = PostingKey(
        kind: .recognition, entity: key.entity, sequence: nextSequence[Int(key.entity.index)])
      nextSequence[Int(key.entity.index)] += 1
      documents.append(
        Recognition(
          key: posting, currency: catalog.entities[Int(key.entity.index)].currency, period: key.period,
          lines: [line]))
    }
    return documents
  }
}
