import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import Synchronization
import Testing
import UsageToCash

@testable import Experiments
@testable import Live
@testable import World

/// A disk that fails while it is told to, and tells when something is made durable.
private final class FailingDisk: Sendable {
  private let code = Atomic<Int32>(0)

  /// What every write fails with; zero: it works.
  func fail(with error: Int32) { code.store(error, ordering: .sequentiallyConsistent) }

  func disk(synced: @escaping @Sendable () -> Void = {}) -> LogDisk {
    LogDisk(
      write: { [self] in
        let error = code.load(ordering: .sequentiallyConsistent)
        guard error == 0 else {
          errno = error
          return -1
        }
        return pwrite($0, $1, $2, $3)
      },
      sync: {
        synced()
        return fdatasync($0)
      }, truncate: { ftruncate($0, $1) })
  }
}

/// ERPs that never answer, and note what they are asked.
private struct SilentERPs: Live.ERPCaller {
  let calls = Journal<ERPCall>()
  func call(_ call: ERPCall, answered: @escaping @Sendable (ERPAnswer) -> Void) async { calls.append(call) }
}

@Suite("The core on the real clock")
struct PipelineEngineTests {
  /// The scenario's usage that is there after so long.
  private static func usage(_ assembly: Assembly) throws -> [UsageEvent] {
    try #require(LoadPlan(assembly.world, seed: 42, maximum: 100_000)).emitted
  }

  private func log(_ path: String, _ assembly: Assembly, disk: LogDisk = .system) throws -> FileLog {
    try FileLog(
      path: path,
      header: .init(
        scenario: "engine", identity: LogIdentity([]), clock: LiveClock(start: assembly.world.start, scale: 1)
      ),
      contracts: MasterDataFeeds.contracts(assembly.world).map(\.event), disk: disk)
  }

  /// The log of an engine that has ended, to be read: its thread may hold it for a moment longer.
  private func content(_ path: String, _ assembly: Assembly) throws -> [JournaledInput] {
    let log = try FileLog(
      path: path,
      header: .init(
        scenario: "engine", identity: LogIdentity([]), clock: LiveClock(start: assembly.world.start, scale: 1)
      ),
      contracts: MasterDataFeeds.contracts(assembly.world).map(\.event), isReadOnly: true)
    var inputs: [JournaledInput] = []
    try log.read { input, _ in inputs.append(input) }
    return inputs
  }

  private func engine(
    _ assembly: Assembly, _ log: FileLog, after span: Span = .zero, caller: any Live.ERPCaller = SilentERPs(),
    maximum: Int = 200_000, report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> PipelineEngine {
    try PipelineEngine(
      catalog: assembly.world.catalog, policy: assembly.policy, log: log,
      contracts: MasterDataFeeds.contracts(assembly.world).map { ($0.at, $0.event) },
      clock: LiveClock(start: assembly.world.start + span, scale: 1), caller: caller, maximum: maximum,
      report: report)
  }

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "meterstorm-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder + "/pipeline.log")
  }

  @Test("acknowledges events when they are durable, never before, and each delivery once")
  func durableFirst() async throws {
    try await withFolder { path in
      let assembly = try LiveFixture.assembly()
      let journal = Journal<String>()
      let disk = FailingDisk().disk { journal.append("synced") }
      let engine = try engine(assembly, try log(path, assembly, disk: disk))
      let before = journal.entries.count
      let events = Array(try Self.usage(assembly).prefix(30))
      // All three wait when the thread starts: they become durable together.
      for number in 0..<3 {
        engine.submit(Array(events[(number * 10)..<(number * 10 + 10)])) {
          journal.append("\($0) \(number)")
        }
      }
      engine.start()
      engine.stop()
      let entries = journal.entries.dropFirst(before)
      #expect(Array(entries.prefix(4)) == ["synced", "taken 0", "taken 1", "taken 2"], "\(entries)")
      #expect(entries.count { $0.hasPrefix("taken") } == 3)
      #expect(engine.current.batches == 1 && engine.current.totals.received == 30)
    }
    // What was acknowledged is there for the next process.
    try await withFolder { path in
      let assembly = try LiveFixture.assembly()
      let events = Array(try Self.usage(assembly).prefix(30))
      do {
        let engine = try engine(assembly, try log(path, assembly))
        engine.start()
        engine.submit(events) { _ in }
        engine.stop()
      }
      var kept: [UsageEvent] = []
      for case .delivery(let events) in try content(path, assembly) { kept += events }
      #expect(kept == events)
    }
  }

  @Test("accepts no more than fits, nothing after its end, and keeps nothing of what it refuses")
  func bounds() async throws {
    try await withFolder { path in
      let assembly = try LiveFixture.assembly()
      let events = try Self.usage(assembly)
      let engine = try engine(assembly, try log(path, assembly), maximum: 10)
      let answers = Journal<String>()
      engine.submit(Array(events[0..<11])) { answers.append("eleven: \($0)") }
      engine.submit(Array(events[0..<10])) { answers.append("ten: \($0)") }
      #expect(engine.current.queuedEvents == 10)
      engine.submit(Array(events[10..<11])) { answers.append("one more: \($0)") }
      engine.start()
      engine.stop()
      engine.submit(Array(events[11..<12])) { answers.append("after the end: \($0)") }
      #expect(
        answers.entries == ["eleven: full", "one more: full", "ten: taken", "after the end: full"])
      #expect(engine.current.queuedEvents == 0 && engine.current.totals.received == 10)
      // Whoever stops it again waits for nothing.
      engine.stop()
    }
  }

  @Test(
    "says why nothing can be made durable, acknowledges nothing meanwhile, and goes on when the disk does")
  func fullDisk() async throws {
    try await withFolder { path in
      let assembly = try LiveFixture.assembly()
      let events = try Self.usage(assembly)
      let (disk, reports) = (FailingDisk(), Journal<String>())
      let engine = try engine(assembly, try log(path, assembly, disk: disk.disk())) { reports.append($0) }
      engine.start()
      func submit(_ range: Range<Int>) async -> Submission {
        await withCheckedContinuation { continuation in
          engine.submit(Array(events[range])) { continuation.resume(returning: $0) }
        }
      }
      disk.fail(with: ENOSPC)
      guard case .noRoom(let reason) = await submit(0..<5) else {
        Issue.record("a full disk is told")
        return engine.stop()
      }
      #expect(reason.contains("No space left"))
      #expect(engine.current.failure?.isForLackOfRoom == true && engine.current.failures == 1)
      disk.fail(with: EIO)
      guard case .failed = await submit(0..<5) else {
        Issue.record("a broken disk is told")
        return engine.stop()
      }
      #expect(engine.current.failures == 1, "it has not worked in between")
      #expect(engine.current.totals.received == 0)
      disk.fail(with: 0)
      guard case .taken = await submit(0..<5) else {
        Issue.record("the disk works again")
        return engine.stop()
      }
      #expect(engine.current.failure == nil)
      engine.stop()
      #expect(engine.current.totals.received == 5 && reports.entries.count == 2, "\(reports.entries)")
    }
  }

  @Test("what an ERP answers while the disk is full is kept, and written in its order")
  func answersWait() async throws {
    try await withFolder { path in
      let assembly = try LiveFixture.assembly()
      let events = try Self.usage(assembly)
      let disk = FailingDisk()
      do {
        let engine = try engine(assembly, try log(path, assembly, disk: disk.disk()))
        disk.fail(with: ENOSPC)
        for number in 1...3 {
          engine.deliver(
            .answer(.unavailable, to: ERPCallID(number: UInt64(number)), of: EntityID(index: 0)))
        }
        engine.start()
        #expect(await LiveFixture.comes { engine.current.failures == 1 }, "the first one fails")
        disk.fail(with: 0)
        #expect(await LiveFixture.comes { engine.current.failure == nil }, "it is tried again by itself")
        engine.submit(Array(events[0..<1])) { _ in }
        engine.stop()
      }
      var answers: [UInt64] = []
      for case .input(.erp(_, let call, _)) in try content(path, assembly) { answers.append(call.number) }
      #expect(answers == [1, 2, 3])
    }
  }

  @Test("what became due while no process was there happens in the next: ERPs are called, once each")
  func nextLife() async throws {
    try await withFolder { path in
      let assembly = try LiveFixture.assembly()
      let events = try Self.usage(assembly)
      do {
        let engine = try engine(assembly, try log(path, assembly), after: .hours(2))
        engine.start()
        engine.submit(events) { _ in }
        engine.stop()
        #expect(engine.current.depths.allSatisfy { $0 == 0 }, "nothing is posted before the month's end")
      }
      let erps = SilentERPs()
      var free: FileLog?
      #expect(
        await LiveFixture.comes {
          free = try? log(path, assembly)
          return free != nil
        }, "the first life lets its log go")
      let engine = try engine(assembly, try #require(free), after: .hours(12), caller: erps)
      free = nil
      #expect(engine.current.totals.received == Int64(events.count), "the log was replayed")
      engine.start()
      #expect(
        await LiveFixture.comes {
          erps.calls.entries.contains { if case .post = $0.request { true } else { false } }
        }, "the month's invoices are posted")
      engine.stop()
      let calls = erps.calls.entries.map(\.id.number)
      #expect(Set(calls).count == calls.count)
    }
  }
}
