import ArgumentParser
import Chronology
import SimulationKernel

/// M/M/1: customers arrive at random, wait for the one server, and are served for a random time. Two events a customer, next to
/// nothing pending: what an event costs by itself.
struct QueueBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mm1", abstract: "The kernel: a single queue with a single server, loaded to 80 %.")

  @Option(help: "Customers to serve.") var customers = 10_000_000
  @Option(help: "text or json.") var format: BenchFormat = .text

  enum Event: UInt8, SimulationEvent {
    case arrival
    case departure

    var fingerprintWords: (UInt64, UInt64) { (UInt64(rawValue), 0) }
  }

  func validate() throws {
    guard (1...10_000_000_000).contains(customers) else {
      throw ValidationError("customers must be from 1 to 10,000,000,000")
    }
  }

  func run() throws {
    var arrivals = RandomStream(rootSeed: 42, name: "arrivals")
    var services = RandomStream(rootSeed: 42, name: "services")
    // By table, as all loads are drawn.
    let exponential = QuantileTable.exponential
    var kernel = Kernel<Event>(start: Instant(nanoseconds: 0))
    var waiting = 0
    var served = 0
    var left = customers
    var busy: Int64 = 0
    func serve(_ kernel: inout Kernel<Event>) {
      let span = Int64(1e9 * exponential.draw(from: &services))
      busy &+= span
      kernel.schedule(.departure, at: kernel.now + Span(nanoseconds: span))
    }
    func arrive(_ kernel: inout Kernel<Event>) {
      let span = Int64(1.25e9 * exponential.draw(from: &arrivals))
      kernel.schedule(.arrival, at: kernel.now + Span(nanoseconds: span))
    }
    arrive(&kernel)
    let elapsed = seconds {
      while let event = kernel.next() {
        switch event {
        case .arrival:
          waiting &+= 1
          if waiting == 1 { serve(&kernel) }
          left &-= 1
          if left > 0 { arrive(&kernel) }
        case .departure:
          waiting &-= 1
          served &+= 1
          if waiting > 0 { serve(&kernel) }
        }
      }
    }
    let utilisation = Double(busy) / Double((kernel.now - Instant(nanoseconds: 0)).nanoseconds)
    let result = BenchResult(
      name: "mm1", parameters: [("customers", served)],
      figures: [
        ("customersPerSecond", Double(served) / elapsed), ("seconds", elapsed), ("utilisation", utilisation),
      ], checksum: kernel.fingerprint.description)
    print(try result.text(format))
  }
}
