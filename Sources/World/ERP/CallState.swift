import Chronology
import CoreInterface

/// Where a call to an ERP stands in its life.
enum CallState: Hashable, Sendable {
  /// On its way to the ERP.
  case arriving
  /// At the ERP, queued for a place, and for how long at most.
  case waiting(until: Instant)
  /// The ERP processes it.
  case working
  /// The ERP processes it, and will give up at its own timeout.
  case abandoned
  /// A job of the ERP has taken it over.
  case inJob
  /// Its answer is on the way back; `isOfJob`: the result of a job, which an earlier answer has announced.
  case answered(ERPAnswer, isOfJob: Bool)
  /// Nothing comes of it any more.
  case gone

  /// The one place where a call changes its state.
  ///
  /// - Precondition: the state follows on this one: a call that is gone stays gone, a place is taken once, an answer is given once.
  mutating func become(_ next: CallState) {
    precondition(leads(to: next), "a call that is \(name) does not become \(next.name)")
    self = next
  }

  /// Whether a state follows on this one.
  func leads(to next: CallState) -> Bool {
    switch self {
    case .arriving:
      switch next {
      case .waiting, .working, .abandoned, .answered(_, isOfJob: false), .gone: true
      case .arriving, .inJob, .answered: false
      }
    case .waiting:
      switch next {
      case .working, .abandoned, .answered(_, isOfJob: false), .gone: true
      case .arriving, .waiting, .inJob, .answered: false
      }
    case .working:
      switch next {
      case .inJob, .answered(_, isOfJob: false), .gone: true
      case .arriving, .waiting, .working, .abandoned, .answered: false
      }
    case .inJob:
      switch next {
      case .answered(_, isOfJob: true), .gone: true
      case .arriving, .waiting, .working, .abandoned, .inJob, .answered: false
      }
    case .abandoned, .answered: if case .gone = next { true } else { false }
    case .gone: false
    }
  }

  var name: String {
    switch self {
    case .arriving: "arriving"
    case .waiting: "waiting"
    case .working: "working"
    case .abandoned: "abandoned"
    case .inJob: "in a job"
    case .answered: "answered"
    case .gone: "gone"
    }
  }
}

/// A call on its way to an ERP, there, or on its way back.
struct PendingCall: Sendable {
  let call: ERPCall
  /// The life of the process that waits for the answer.
  let life: UInt32
  /// Whether the network made it: nobody waits for its answer.
  var isCopy = false
  var state = CallState.arriving

  init(_ call: ERPCall, life: UInt32) {
    self.call = call
    self.life = life
  }
}

/// What comes next of a call, and when.
struct CallStep: Hashable, Sendable {
  /// What is due.
  enum Kind: UInt8, Hashable, Sendable {
    /// It reaches its ERP.
    case arrive
    /// It has waited for a place for as long as the ERP lets it.
    case expire
    /// The ERP has processed it, or gives up on it.
    case commit
    /// The ERP's job comes to its end.
    case completeJob
    /// The answer reaches the caller.
    case answer
  }

  var kind: Kind
  /// Where the call is kept.
  var slot: Int
  var call: ERPCallID
  var at: Instant
}
