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

@Suite("Processes")
struct MachineTests {
  @Test("a fuse counts the boundaries of all services of its process")
  func fuse() {
    var machines = Machines([[.ingestion], [.billing, .posting], [.payments]], point: nil, counts: true)
    machines.arm(.posting, boundaries: 3, restartAfter: .seconds(5))
    let passes = [CoreService.billing, .ingestion, .posting, .billing].map { machines.pass($0)?.restartAfter }
    #expect(passes == [nil, nil, nil, .seconds(5)])
    #expect(machines.boundaries == [1, 2, 1, 0])
  }

  @Test("a point names one boundary of one service")
  func point() {
    let point = CrashPoint(service: .payments, boundary: 1, restartAfter: .seconds(9))
    var machines = Machines(CoreService.allCases.map { [$0] }, point: point, counts: false)
    let passes = [CoreService.payments, .posting, .payments, .payments].map {
      machines.pass($0)?.restartAfter
    }
    #expect(passes == [nil, nil, .seconds(9), nil])
  }

  @Test("a process that shares no service with another leaves it running")
  func topology() {
    var machines = Machines([[.ingestion], [.billing, .posting, .payments]], point: nil, counts: false)
    machines.stop(machines.host(of: .posting), until: .distantFuture)
    #expect(machines.isDown(.billing) && machines.isDown(.payments) && !machines.isDown(.ingestion))
    #expect(!machines.areAllDown && machines.life(of: .billing) == 1 && machines.life(of: .ingestion) == 0)
    machines.start(machines.host(of: .billing))
    #expect(!machines.isAnyDown)
  }
}
