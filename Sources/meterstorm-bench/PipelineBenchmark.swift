import ArgumentParser
import CJemalloc
import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash
import Verification
import World

/// The whole pipeline with all invariants on: one day of usage in the last day of a month, 2 % duplicates, 1 % late,
/// 1,000 customers, then invoices and postings.
struct PipelineBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline", abstract: "The whole pipeline, all invariants on, from telemetry to the ledger.")

  @Option(help: "Usage events to emit, about.") var events = 5_000_000
  @Option(help: "Customers.") var customers = 1000
  @Option(help: "text or json.") var format: BenchFormat = .text

  func validate() throws {
    guard (1000...10_000_000_000).contains(events), (1...1_000_000).contains(customers) else {
      throw ValidationError("events must be from 1,000 and customers from 1 to 1,000,000")
    }
  }

  func run() throws {
    let configuration = try world()
    let before = Int(meterstorm_allocated_bytes())
    let oracle = Oracle(catalog: configuration.catalog, window: .hours(1))
    var world = SimulatedWorld(
      configuration: configuration, policy: PipelinePolicy(), seed: 42, sink: oracle)
    let elapsed = seconds { _ = world.run() }
    let retained = Int(meterstorm_allocated_bytes()) - before
    let broken = oracle.results.filter { !$0.holds }.map(\.definition.name)
    guard broken.isEmpty else { throw ValidationError("invariants broke: \(broken)") }
    let emitted = Double(oracle.emitted)
    let result = BenchResult(
      name: "pipeline", parameters: [("customers", customers), ("events", Int(oracle.emitted))],
      figures: [
        ("usageEventsPerSecond", emitted / elapsed),
        ("kernelEventsPerSecond", Double(world.kernelEvents) / elapsed),
        // The whole day lies inside the deduplication horizon, so this is what an event inside it costs.
        ("bytesPerEvent", Double(retained) / emitted), ("seconds", elapsed),
      ], checksum: world.fingerprint.description)
    print(try result.text(format))
  }

  private func world() throws -> WorldConfiguration {
    guard let dollar = Currency(code: "USD"), let price = Price("0.0015") else {
      throw ValidationError("the benchmark's own price book is broken")
    }
    let start = CivilDate(year: 2026, month: 1, day: 31).start
    let catalog = Catalog(
      entities: [LegalEntity(name: "us", currency: dollar, erpProfile: "ideal")],
      meters: [Meter(name: "calls", aggregation: .sum)],
      eventTypes: [EventType(name: "calls", meters: [MeterID(index: 0)])],
      accounts: (0..<customers).map { Account(name: "c\($0)", entity: EntityID(index: 0)) },
      subscriptions: (0..<customers).map {
        Subscription(account: AccountID(index: UInt32($0)), priceBook: 0)
      },
      priceBooks: [
        PriceBook(currency: dollar, charges: [Charge(meter: "calls", model: .perUnit(price))])
      ], sources: (0..<4).map { "producer-\($0)" })
    let load = LoadConfiguration(
      name: "calls", type: EventTypeID(index: 0),
      pattern: .synthetic(
        .poisson(rate: Double(events) / 86_400),
        [QuantityDistribution(.lognormal(median: 3, sigma: 1))]),
      producers: (0..<4).map { SourceID(index: $0) })
    return WorldConfiguration(
      catalog: catalog, start: start, horizon: start + .days(1), zipfExponent: 1, load: [load],
      delivery: DeliveryConfiguration(
        duplicateShare: 0.02, lateShare: 0.01, lateDelay: .uniform(min: .minutes(10), max: .hours(3)),
        reorder: .seconds(10)), broker: BrokerConfiguration(linger: .seconds(5)), erps: [.ideal])
  }
}
