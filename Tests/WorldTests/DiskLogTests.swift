import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import World

@Suite("A simulated disk")
struct DiskTests {
  private static let start = Instant(nanoseconds: 1_700_000_000_000_000_000)

  private func event(_ id: UInt64) -> UsageEvent {
    UsageEvent(
      id: id, source: SourceID(index: 0), type: EventTypeID(index: 0), subject: SubjectID(index: 0),
      time: Self.start, quantity0: 1_000_000)
  }

  private func append(_ ids: [UInt64], to log: inout DiskLog) {
    ids.map(event).withUnsafeBufferPointer { log.append(delivery: $0, at: Self.start) }
  }

  private func ids(_ log: DiskLog) -> [[UInt64]] {
    var batches: [[UInt64]] = []
    log.read { input, _ in if case .delivery(let events) = input { batches.append(events.map(\.id)) } }
    return batches
  }

  @Test("loses what was not synced, and nothing else", arguments: [false, true])
  func unsynced(isTorn: Bool) {
    var log = DiskLog()
    append([1, 2], to: &log)
    append([3], to: &log)
    log.sync()
    append([4, 5, 6], to: &log)
    append([7], to: &log)
    log.crash(tearing: isTorn)
    #expect(ids(log) == [[1, 2], [3]])
    #expect(log.tornRecords == (isTorn ? 1 : 0))
    #expect(log.lostRecords == 2)
    append([8], to: &log)
    log.sync()
    #expect(ids(log) == [[1, 2], [3], [8]], "what comes after the repair is read")
  }

  @Test("a torn record of any kind is told by its length or checksum")
  func torn() {
    let writes: [(inout DiskLog) -> Void] = [
      { self.append([1, 2, 3], to: &$0) }, { $0.append(wakeAt: Self.start) },
      { $0.append(input: .release(heldCharges: 1), at: Self.start) },
    ]
    for write in writes {
      var log = DiskLog()
      write(&log)
      log.crash(tearing: true)
      #expect(log.tornRecords == 1)
      #expect(log.length == 0)
    }
  }
}
