/// The states that things of one kind go through, with every transition that there is: what a stage's collections stand for.
protocol LifecycleState: CaseIterable, RawRepresentable, Sendable where RawValue == Int {
  /// What goes through them, for a person who reads a trap: `a document`.
  static var thing: String { get }
  /// Whether a thing is with the stage: not before it has come, and not after it has left for good.
  var isHeld: Bool { get }
  /// Whether a thing can go from this state straight to another.
  func mayBecome(_ next: Self) -> Bool
}

/// How many things are in each state, beside the collections that hold them. The one transition function: what moves a thing from one
/// collection to another says so here, and a move that no thing can make, or of more things than there are, traps.
///
/// Things themselves stay where they are stored; a state costs a word. The traps are `fatalError`, as a release build keeps silent about why
/// a precondition failed, and what matters here is which state became which.
struct Census<State: LifecycleState>: Sendable {
  private var counts = [Int](repeating: 0, count: State.allCases.count)

  /// How many things are in a state.
  @inline(__always)
  subscript(state: State) -> Int { counts[state.rawValue] }

  /// How many things are with the stage.
  var held: Int { counts.reduce(0, +) }

  /// Moves things from one state to another.
  mutating func move(_ count: Int, from old: State, to next: State) {
    guard count != 0 else { return }
    precondition(
      count > 0, "\(State.thing) moves a negative number of times: \(count), from \(old) to \(next)")
    guard old.mayBecome(next) else {
      fatalError("\(State.thing) that is \(old) cannot become \(next)")
    }
    if old.isHeld {
      guard counts[old.rawValue] >= count else {
        fatalError(
          "\(State.thing) is in two places: \(count) become \(next), and \(counts[old.rawValue]) are \(old)")
      }
      counts[old.rawValue] -= count
    }
    if next.isHeld { counts[next.rawValue] += count }
  }

  /// Everything is gone, whatever state it was in: it was kept in a memory that was lost.
  mutating func forget() { for state in counts.indices { counts[state] = 0 } }
}
