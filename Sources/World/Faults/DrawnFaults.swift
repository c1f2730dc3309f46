import Chronology
import SimulationKernel

extension WorldConfiguration {
  /// The faults at known moments, and those at random ones as a seed draws them.
  func drawnFaults(seed: UInt64) -> [FaultWindow] {
    var windows = faults
    for (number, fault) in randomFaults.enumerated() {
      var stream = RandomStream(rootSeed: seed, name: "faults/\(number)")
      var at = start
      while true {
        at += Span(seconds: stream.exponential(mean: fault.every.seconds))
        let target = fault.targets[Int(stream.below(UInt64(fault.targets.count)))]
        guard at < horizon else { break }
        windows.append(FaultWindow(kind: fault.kind, target: target, start: at, end: at + fault.duration))
      }
    }
    return windows
  }
}
