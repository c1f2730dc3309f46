import CanonicalModel
import Testing

@testable import UsageToCash

@Suite("The states that things go through")
struct CensusTests {
  /// The pairs of states of which one follows the other.
  private static func transitions<State: LifecycleState>(of _: State.Type) -> [(State, State)] {
    State.allCases.flatMap { old in State.allCases.filter { old.mayBecome($0) }.map { (old, $0) } }
  }

  /// Where the transitions lead from a state, in any number of steps.
  private static func reached<State: LifecycleState & Hashable>(from first: State) -> Set<State> {
    var reached: Set<State> = [first]
    var left = [first]
    while let old = left.popLast() {
      for next in State.allCases where old.mayBecome(next) && reached.insert(next).inserted {
        left.append(next)
      }
    }
    return reached
  }

  private func holds<State: LifecycleState & Hashable>(_ first: State) {
    #expect(Self.reached(from: first) == Set(State.allCases), "every state is reached")
    for (old, next) in Self.transitions(of: State.self) {
      #expect(next != first, "\(old): nothing is new again")
      #expect(old.isHeld || old == first, "\(old): nothing comes back that has left")
    }
    for state in State.allCases where state.isHeld {
      #expect(
        Self.reached(from: state).contains { !$0.isHeld }, "\(state): whatever is held can leave in the end")
    }
  }

  @Test("every state is reached from the first, nothing comes back, and whatever is held can leave")
  func graphs() {
    holds(DocumentState.new)
    holds(DraftState.new)
    holds(LateChargeState.new)
    holds(ChargeState.new)
    holds(QuarantineState.new)
  }

  @Test("a census counts what is held, and forgets what has left")
  func counts() {
    var census = Census<DocumentState>()
    census.move(3, from: .new, to: .waiting)
    census.move(2, from: .waiting, to: .posting)
    census.move(1, from: .posting, to: .settled)
    #expect(census[.waiting] == 1 && census[.posting] == 1 && census[.settled] == 0 && census.held == 2)
    census.move(0, from: .settled, to: .waiting)
    #expect(census.held == 2, "nothing moved, whatever it was called")
    census.forget()
    #expect(census.held == 0)
  }

  @Test("a document that is settled twice, or posted without waiting, ends the process")
  func traps() async {
    await #expect(processExitsWith: .failure, "it is in two places") {
      var census = Census<DocumentState>()
      census.move(1, from: .new, to: .waiting)
      census.move(1, from: .waiting, to: .posting)
      census.move(1, from: .posting, to: .settled)
      census.move(1, from: .posting, to: .settled)
    }
    await #expect(processExitsWith: .failure, "there is no such transition") {
      var census = Census<DocumentState>()
      census.move(1, from: .new, to: .waiting)
      census.move(1, from: .waiting, to: .unknown)
    }
    await #expect(processExitsWith: .failure, "an attempt is collected that was never asked for") {
      var charges = ChargeStates()
      let key = ChargeKey(
        invoice: InvoiceNumber(entity: EntityID(index: 0), sequence: 1), attempt: 1)
      charges.move(key, to: .collected)
    }
    await #expect(processExitsWith: .failure, "an attempt is refused that was not asked for yet") {
      var charges = ChargeStates()
      let key = ChargeKey(
        invoice: InvoiceNumber(entity: EntityID(index: 0), sequence: 1), attempt: 1)
      charges.move(key, to: .due)
      charges.move(key, to: .declined)
    }
  }
}
