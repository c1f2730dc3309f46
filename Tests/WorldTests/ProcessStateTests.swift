import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import World

@Suite("The states of a process")
struct ProcessStateTests {
  private static let due = Instant(nanoseconds: 1)
  private static let states: [ProcessState] = [
    .running, .crashed(until: due), .stopped(until: due), .resuming, .crashed(until: .distantFuture),
    .stopped(until: .distantFuture),
  ]

  /// What may follow on each, by its place among them.
  private static let next: [Set<Int>] = [[1, 4], [2], [3], [0, 1, 4], [5], []]

  @Test("each state leads where a process can go from there, and nowhere else")
  func transitions() {
    for (place, state) in Self.states.enumerated() {
      let next = Set(Self.states.indices.filter { state.leads(to: Self.states[$0]) })
      #expect(next == Self.next[place], "\(state.name)")
      for other in next {
        var state = state
        state.become(Self.states[other])
        #expect(state == Self.states[other])
      }
    }
  }

  @Test("every state is reached from the first, and none but being stopped for good is the last")
  func reach() {
    var reached: Set<Int> = [0]
    while true {
      let wider = reached.union(reached.flatMap { Self.next[$0] })
      if wider == reached { break }
      reached = wider
    }
    #expect(reached == Set(Self.states.indices))
    #expect(Self.states.indices.filter { Self.next[$0].isEmpty } == [5])
  }

  @Test("a process lives, dies, is recovered, starts again and takes up what was left; it is down in between")
  func life() {
    var machines = Machines([[.ingestion], [.billing, .posting, .payments]], point: nil, counts: false)
    let late = Instant(nanoseconds: 2)
    var seen: [ProcessState] = [machines.all[1].state]
    machines.crash(1, until: late)
    seen.append(machines.all[1].state)
    machines.crash(0, until: Self.due)
    #expect(machines.areAllDown)
    #expect(machines.recover() == [1, 0], "in the order in which they died")
    seen.append(machines.all[1].state)
    machines.keep(.release(heldCharges: 1), for: 1)
    machines.start(1)
    seen.append(machines.all[1].state)
    let left = machines.dequeueRestartWork(1)
    seen.append(machines.all[1].state)
    #expect(seen == [.running, .crashed(until: late), .stopped(until: late), .resuming, .running])
    #expect(left.effects.isEmpty && left.inputs.count == 1)
    #expect(machines.isDown(.ingestion) && !machines.isDown(.posting))
  }

  @Test("a process that dies before it has taken anything up leaves that to its next life")
  func deathAtStart() {
    var machines = Machines([Set(CoreService.allCases)], point: nil, counts: false)
    machines.crash(0, until: Self.due)
    _ = machines.recover()
    machines.keep(.release(heldCharges: 1), for: 0)
    machines.start(0)
    machines.crash(0, until: Self.due)
    _ = machines.recover()
    machines.start(0)
    #expect(machines.dequeueRestartWork(0).inputs.count == 1 && machines.life(of: .posting) == 2)
  }

  @Test(
    "a process that dies twice, starts unrecovered or for good stopped, or takes up twice ends the program")
  func traps() async {
    await #expect(processExitsWith: .failure, "it dies twice") {
      var machines = Machines([[.ingestion]], point: nil, counts: false)
      machines.crash(0, until: .distantFuture)
      machines.crash(0, until: .distantFuture)
    }
    await #expect(processExitsWith: .failure, "nobody has recovered it") {
      var machines = Machines([[.ingestion]], point: nil, counts: false)
      machines.crash(0, until: Instant(nanoseconds: 1))
      machines.start(0)
    }
    await #expect(processExitsWith: .failure, "it is down for good") {
      var machines = Machines([[.ingestion]], point: nil, counts: false)
      machines.crash(0, until: .distantFuture)
      _ = machines.recover()
      machines.start(0)
    }
    await #expect(processExitsWith: .failure, "it runs, and has nothing to take up") {
      var machines = Machines([[.ingestion]], point: nil, counts: false)
      _ = machines.dequeueRestartWork(0)
    }
    await #expect(processExitsWith: .failure, "its time is put off") {
      var state = ProcessState.crashed(until: Instant(nanoseconds: 1))
      state.become(.stopped(until: Instant(nanoseconds: 2)))
    }
  }
}
