import CanonicalModel
import Chronology

/// Every event is in exactly one bucket of a dimension.
struct FilterPartition: Invariant, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "filter-partition", boundary: .metering, place: 4,
    statement:
      "where a meter is grouped by a dimension, each event counts in exactly one of the buckets: together they hold what "
      + "was emitted",
    evidence: "the sources' emissions against the summaries, over all buckets of a meter",
    property: .safety, cost: .atRest(.window))
  var findings = Findings()

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let due = rest.due
    let now = rest.at
    let meters = books.catalog.meters
    let grouped = Set(meters.filter { $0.name != $0.base }.map(\.base))
    guard !grouped.isEmpty else { return }
    var wrong: [Int: [String: Int64]] = [:]
    for difference in due.differences {
      let base = meters[difference.slot % books.meterCount].base
      guard grouped.contains(base) else { continue }
      wrong[difference.slot / books.meterCount, default: [:]][base, default: 0] += difference.cell.count
    }
    for subscription in books.catalog.subscriptions.indices {
      for base in grouped.sorted() {
        let difference = wrong[subscription]?[base] ?? 0
        let hasUsage = meters.indices.contains { index in
          meters[index].base == base && due.usage[subscription * books.meterCount + index].count > 0
        }
        findings.require(difference == 0, at: now, isReal: hasUsage) {
          Breach(
            ids: [
              "account \(books.accountName(of: SubscriptionID(index: UInt32(subscription))))",
              "meter \(base)",
            ], expected: "each event in one bucket",
            actual: difference > 0 ? "\(difference) events in none" : "\(-difference) events in several")
        }
      }
    }
  }

  func isConcerned(_ books: Books) -> Bool { books.catalog.meters.contains { $0.name != $0.base } }
}
