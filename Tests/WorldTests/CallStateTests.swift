import Chronology
import CoreInterface
import Testing

@testable import World

@Suite("The states of a call to an ERP")
struct CallStateTests {
  private static let states: [CallState] = [
    .arriving, .waiting(until: .distantFuture), .working, .abandoned, .inJob,
    .answered(.unavailable, isOfJob: false),
    .answered(.posted([]), isOfJob: true), .gone,
  ]

  /// What may follow on each, by its place among them.
  private static let next: [Set<Int>] = [
    [1, 2, 3, 5, 7], [2, 3, 5, 7], [4, 5, 7], [7], [6, 7], [7], [7], [],
  ]

  @Test("each state leads where a call can go from there, and nowhere else")
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

  @Test("every state is reached from the first, and every one ends")
  func reach() {
    var reached: Set<Int> = [0]
    while true {
      let wider = reached.union(reached.flatMap { Self.next[$0] })
      if wider == reached { break }
      reached = wider
    }
    #expect(reached == Set(Self.states.indices))
    for next in Self.next.dropLast() { #expect(next.contains(Self.states.count - 1)) }
  }

  @Test("a call that is answered twice, processed without a place, or comes back to life ends the process")
  func traps() async {
    await #expect(processExitsWith: .failure, "it is answered twice") {
      var state = CallState.answered(.unavailable, isOfJob: false)
      state.become(.answered(.unavailable, isOfJob: false))
    }
    await #expect(processExitsWith: .failure, "a call in the queue is given to a job") {
      var state = CallState.waiting(until: .distantFuture)
      state.become(.inJob)
    }
    await #expect(processExitsWith: .failure, "what is gone arrives") {
      var state = CallState.gone
      state.become(.arriving)
    }
    await #expect(processExitsWith: .failure, "the result of a job comes without a job") {
      var state = CallState.working
      state.become(.answered(.posted([]), isOfJob: true))
    }
  }
}
