import CanonicalModel
import Chronology
import CoreInterface
import Testing
import UsageToCash

@testable import Experiments
@testable import Live
@testable import World

@Suite("Who waits for an ERP")
struct ERPDeskTests {
  @Test("each of many callers at once hears the answer to its own call")
  func callers() async throws {
    var configuration = try LiveFixture.assembly().world
    configuration.faults = []
    // Room for all of them.
    configuration.erps[0].concurrency = nil
    configuration.erps[0].limits = []
    let desk = ERPDesk(
      configuration, seed: 1, clock: LiveClock(start: configuration.start, scale: 100_000))
    let frozen = configuration
    let heard = await withTaskGroup(of: (UInt32, Int, ERPAnswer?).self) { tasks in
      for number in 1...50 as ClosedRange<UInt32> {
        tasks.addTask {
          let request = EmulatedERPs.request(number, key: "k\(number)", frozen)
          let (call, answer) = await desk.call(.post([request]), of: 0)
          return (number, call, answer)
        }
      }
      return await tasks.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(heard.map(\.1)).count == 50, "each call has a number of its own")
    let ledger = await desk.documents(from: 0)
    #expect(ledger.count == 50)
    for (sequence, _, answer) in heard {
      let own = ledger.first { $0.document.entry.key.sequence == sequence }?.document.number
      #expect(answer == .posted([.posted(documentNumber: try #require(own))]))
    }
    #expect(await desk.statistics(of: 0).calls == 50)
  }

  @Test("a caller whose answer is lost hears nothing, and the document is there")
  func lost() async throws {
    var configuration = try LiveFixture.assembly().world
    configuration.faults = []
    let desk = ERPDesk(
      configuration, seed: 1, clock: LiveClock(start: configuration.start, scale: 100_000))
    await desk.begin(.timeoutAfterCommit(share: 1), at: 0, for: .days(3650))
    let (_, answer) = await desk.call(
      .post([EmulatedERPs.request(1, key: "k", configuration)]), of: 0)
    #expect(answer == nil)
    #expect(await desk.documents(from: 0).count == 1)
    #expect(await desk.documents(from: 1).isEmpty)
    #expect(await desk.job(1) == nil, "no job was announced")
  }

  /// A desk whose first ERP answers with a job of a length, and what its first caller hears.
  private func job(of length: Span) async throws -> (desk: ERPDesk, call: Int) {
    var configuration = try LiveFixture.assembly().world
    configuration.faults = []
    configuration.erps[0].jobTime = length
    let desk = ERPDesk(
      configuration, seed: 1, clock: LiveClock(start: configuration.start, scale: 100_000))
    let (call, answer) = await desk.call(.post([EmulatedERPs.request(1, key: "k", configuration)]), of: 0)
    #expect(answer == .accepted)
    return (desk, call)
  }

  @Test("a job that was announced and has not ended goes on")
  func running() async throws {
    let (desk, call) = try await job(of: .days(3650))
    #expect(await desk.job(call) == .some(nil), "it is known, and nothing has come of it")
    #expect(await desk.job(call + 1) == nil, "there is no other")
  }

  @Test("the outcome of a job is kept, however soon after its announcement it comes")
  func sudden() async throws {
    let (desk, call) = try await job(of: Span(nanoseconds: 1))
    let outcome = ERPAnswer.posted([.posted(documentNumber: 1)])
    #expect(await LiveFixture.comes { await desk.job(call) == .some(outcome) }, "the job has ended")
  }

  @Test("the outcome of a job is kept where the network delays its announcement beyond it")
  func overtaken() async throws {
    var configuration = try LiveFixture.assembly().world
    configuration.faults = []
    configuration.erps[0].jobTime = Span(nanoseconds: 1)
    configuration.erps[0].concurrency = nil
    configuration.erps[0].limits = []
    let desk = ERPDesk(
      configuration, seed: 1, clock: LiveClock(start: configuration.start, scale: 100_000))
    // Announcements and outcomes are delayed alike: about every second outcome comes first.
    await desk.begin(.delay(upTo: .hours(1)), at: 0, for: .days(3650))
    let frozen = configuration
    let calls = await withTaskGroup(of: Int.self) { tasks in
      for number in 1...20 as ClosedRange<UInt32> {
        tasks.addTask {
          let request = EmulatedERPs.request(number, key: "k\(number)", frozen)
          let (call, answer) = await desk.call(.post([request]), of: 0)
          #expect(answer == .accepted)
          return call
        }
      }
      return await tasks.reduce(into: []) { $0.append($1) }
    }
    let haveEnded = await LiveFixture.comes {
      for call in calls {
        guard case .posted?? = await desk.job(call) else { return false }
      }
      return true
    }
    #expect(haveEnded, "no outcome was forgotten")
  }
}
