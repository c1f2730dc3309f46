import CanonicalModel
import Chronology
import SimulationKernel

/// The usage of a scenario and the deliveries that come of it, drawn in advance: what a load generator sends, and when.
package struct LoadPlan: Sendable {
  /// Something that is sent.
  package struct Delivery: Sendable {
    /// When.
    package var at: Instant
    /// What.
    package var event: UsageEvent
  }

  /// The events, once each, in the order in which they were drawn.
  package private(set) var emitted: [UsageEvent] = []
  /// Every copy of every event, in the order in which they are sent.
  package private(set) var deliveries: [Delivery] = []

  /// Draws the load of a scenario as the simulation does: the same arrivals, customers, quantities and identifiers.
  ///
  /// - Parameter most: events at most; `nil` comes of more.
  package init?(_ configuration: WorldConfiguration, seed: UInt64, maximum: Int) {
    let customers = AliasTable.zipf(
      count: configuration.catalog.subscriptions.count, exponent: configuration.zipfExponent)
    var stream = RandomStream(rootSeed: seed, name: "delivery")
    let delivery = configuration.delivery
    for load in configuration.load {
      var source = LoadSource(load, world: configuration, customers: customers, rootSeed: seed)
      var batch: ContiguousArray<UsageEvent> = []
      repeat {
        source.draw(1024, into: &batch)
        emitted += batch
        guard emitted.count <= maximum else { return nil }
        for event in batch { send(event, delivery, &stream) }
      } while batch.count == 1024
    }
    assert(deliveries.count >= emitted.count, "what is emitted is delivered once at least")
    // Copies of one instant stay in the order in which they were drawn.
    deliveries = deliveries.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
      .map(\.element)
  }

  private mutating func send(
    _ event: UsageEvent, _ delivery: DeliveryConfiguration, _ stream: inout RandomStream
  ) {
    func reordered(_ instant: Instant, _ stream: inout RandomStream) -> Instant {
      let maximum = delivery.reorder.nanoseconds
      return maximum > 0 ? instant + Span(nanoseconds: Int64(stream.below(UInt64(maximum)))) : instant
    }
    var at = event.time
    if delivery.lateShare > 0, stream.bernoulli(delivery.lateShare) { at += delivery.lateDelay.draw(&stream) }
    deliveries.append(Delivery(at: reordered(at, &stream), event: event))
    while delivery.duplicateShare > 0, stream.bernoulli(delivery.duplicateShare) {
      at += delivery.duplicateDelay.draw(&stream)
      deliveries.append(Delivery(at: reordered(at, &stream), event: event))
    }
  }
}

extension WorldConfiguration {
  /// What of the scenario has no counterpart on the real clock yet: names of its sections.
  package var simulatedOnly: [String] {
    let parts: [(String, Bool)] = [
      ("payments", cash != nil), ("credits", finance != nil), ("taxes", !catalog.jurisdictions.isEmpty),
      ("schema changes", !schemaChanges.isEmpty), ("identities", !catalog.identities.isEmpty),
      ("books in another currency", !exchange.isEmpty), ("cut-overs", successors.contains { $0 != nil }),
      ("corrections", delivery.correctionShare > 0),
      ("copies by way of another region", delivery.crossRegionShare > 0),
      ("restamped copies", delivery.restampedShare > 0), ("backfills", load.contains { $0.gap != nil }),
      ("faults that wait for a condition", !conditionalFaults.isEmpty),
      (
        "faults of anything but ERPs",
        (faults.map(\.target) + randomFaults.flatMap(\.targets)).contains {
          $0.family != .erp
        }
      ),
    ]
    return parts.filter(\.1).map(\.0)
  }
}
