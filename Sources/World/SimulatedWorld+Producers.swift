import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// What happens to producers: they die with what they have not sent, and their clocks go wrong.
extension SimulatedWorld {
  /// Applies the faults of producers to the arrivals that were drawn. An event that dies in its producer's buffer has
  /// never been sent: nobody but the customer knows of it.
  ///
  /// - Returns: when each of the events is sent, whatever its producer's clock says.
  mutating func applyProducerFaults() -> [Instant] {
    let windows = faultWindows.indices.filter { faultWindows[$0].target == .producers }
    guard let first = arrivals.first, let last = arrivals.last else { return [] }
    var sentAt = arrivals.map(\.time)
    let buffer = configuration.delivery.producerBuffer
    for number in windows {
      let window = faultWindows[number]
      guard window.end > first.time, window.start - buffer <= last.time else { continue }
      switch window.kind {
      case .crash:
        // What was used since the last flush is lost with the buffer, and what follows until the producer is back.
        let flushed = buffer > .zero ? window.start.floored(to: buffer) : window.start
        let kept = arrivals.indices.filter {
          !(flushed <= sentAt[$0] && sentAt[$0] < window.end && Self.isHit(arrivals[$0]))
        }
        observations.count(.lostInProducer, arrivals.count - kept.count)
        faultHits[number] += arrivals.count - kept.count
        arrivals = ContiguousArray(kept.map { arrivals[$0] })
        sentAt = kept.map { sentAt[$0] }
      case .clockSkew(let ahead, let span):
        for index in arrivals.indices where window.start <= sentAt[index] {
          guard sentAt[index] < window.end, Self.isHit(arrivals[index]) else { continue }
          observations.count(.clockSkewed)
          faultHits[number] += 1
          if ahead {
            arrivals[index].time += span
          } else {
            arrivals[index].time = max(configuration.start, arrivals[index].time - span)
          }
        }
      default: break
      }
    }
    return sentAt
  }

  /// Every other producer is hit.
  private static func isHit(_ event: UsageEvent) -> Bool { event.source.index % 2 == 0 }
}
