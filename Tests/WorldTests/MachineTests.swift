import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import World

@Suite("Processes")
struct MachineTests {
  @Test("a crash comes within as many boundaries as is set, and tears as many of the writes")
  func settings() throws {
    func torn(_ share: Double) throws -> Int {
      let configuration = try Alone.configuration {
        $0.machines.crashWithin = 1
        $0.machines.tornShare = share
      }
      var host = CoreHost(configuration, core: builtIn(configuration.catalog), seed: 1)
      var surroundings = Surroundings(configuration)
      host.arm(.billing, by: 0, restartAfter: .seconds(1))
      #expect(host.pass(.billing, &surroundings) != nil, "at the next boundary")
      _ = host.recover(during: .wake, &surroundings)
      return host.core.logUse.torn
    }
    #expect(try [torn(0), torn(1)] == [0, 1])
  }

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
    machines.crash(machines.host(of: .posting), until: Instant(nanoseconds: 1))
    #expect(machines.isDown(.billing) && machines.isDown(.payments) && !machines.isDown(.ingestion))
    #expect(!machines.areAllDown && machines.life(of: .billing) == 1 && machines.life(of: .ingestion) == 0)
    #expect(machines.recover() == [machines.host(of: .posting)] && machines.dying.isEmpty)
    machines.start(machines.host(of: .billing))
    #expect(!machines.isAnyDown)
  }
}
