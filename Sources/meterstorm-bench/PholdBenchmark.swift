import ArgumentParser
import CJemalloc
import Chronology
import SimulationKernel

/// PHOLD (R. Fujimoto, "Performance of Time Warp under synthetic workloads", SCS 1990): each event schedules one
/// other, an exponential time ahead, at a random process. The product phold-baseline does the same in C++.
struct PholdBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phold", abstract: "The kernel: each event schedules one other at a random process.")

  @Option(help: "Processes.") var processes = 1024
  @Option(help: "Events pending at each.") var population = 1
  @Option(help: "Events to process.") var events = 10_000_000
  @Option(help: "text or json.") var format: BenchFormat = .text

  struct Event: SimulationEvent {
    var process: UInt64
    var fingerprintWords: (UInt64, UInt64) { (process, 0) }
  }

  func validate() throws {
    guard processes > 0, population > 0, events > 0, processes * population <= 100_000_000 else {
      throw ValidationError(
        "processes, population and events must be positive, and the first two not too many")
    }
  }

  func run() throws {
    var seeder = SplitMix64(seed: 42)
    var random = RandomStream(state: (seeder.next(), seeder.next(), seeder.next(), seeder.next()))
    var kernel = Kernel<Event>(
      start: Instant(nanoseconds: 0), minimumCapacity: processes * population + 1)
    for process in 0..<processes {
      for _ in 0..<population {
        kernel.schedule(Event(process: UInt64(process)), at: Self.later(kernel.now, &random))
      }
    }
    var handled = ContiguousArray<UInt64>(repeating: 0, count: processes)
    let bound = UInt64(processes)
    var left = events
    let before = meterstorm_thread_allocated_bytes()
    let elapsed = seconds {
      while left > 0, let event = kernel.next() {
        handled[Int(event.process)] &+= 1
        let target = random.below(bound)
        kernel.schedule(Event(process: target), at: Self.later(kernel.now, &random))
        left &-= 1
      }
    }
    let allocated = meterstorm_thread_allocated_bytes() - before
    let result = BenchResult(
      name: "phold",
      parameters: [("processes", processes), ("population", population), ("events", events)],
      figures: [
        ("eventsPerSecond", Double(events) / elapsed), ("bytesPerEvent", Double(allocated) / Double(events)),
        ("seconds", elapsed),
      ], checksum: kernel.fingerprint.description)
    print(try result.text(format))
  }

  @inline(__always)
  private static func later(_ now: Instant, _ random: inout RandomStream) -> Instant {
    now + Span(nanoseconds: Int64(random.exponential(mean: 1e9)))
  }
}
