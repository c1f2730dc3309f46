import Chronology

/// Where a process of the core stands in its lives.
enum ProcessState: Hashable, Sendable {
  /// It takes inputs and performs effects.
  case running
  /// It has died within the input at hand, of which nothing has been recovered; and until when it is down, the distant future: for good.
  case crashed(until: Instant)
  /// What the log holds is recovered and the core knows that its services have stopped; what is for it waits.
  case stopped(until: Instant)
  /// It has started again, and has still to do what its last life may not have done.
  case resuming

  /// The one place where a process changes its state.
  ///
  /// - Precondition: the state follows on this one: a process dies once in a life, is recovered before it starts, and starts when it is due.
  mutating func become(_ next: ProcessState) {
    precondition(leads(to: next), "a process that is \(name) does not become \(next.name)")
    self = next
  }

  /// Whether a state follows on this one.
  func leads(to next: ProcessState) -> Bool {
    switch self {
    case .running:
      switch next {
      case .crashed: true
      case .running, .stopped, .resuming: false
      }
    case .crashed(let until):
      // Nothing brings the end of its time forward, or puts it off.
      switch next {
      case .stopped(let then): then == until
      case .running, .crashed, .resuming: false
      }
    case .stopped(let until):
      switch next {
      case .resuming: until != .distantFuture
      case .running, .crashed, .stopped: false
      }
    case .resuming:
      switch next {
      case .running, .crashed: true
      case .stopped, .resuming: false
      }
    }
  }

  /// Until when it is down, the distant future: for good; `nil`: it is not.
  var downUntil: Instant? {
    switch self {
    case .running, .resuming: nil
    case .crashed(let until), .stopped(let until): until
    }
  }

  var name: String {
    switch self {
    case .running: "running"
    case .crashed: "crashed"
    case .stopped: "stopped"
    case .resuming: "resuming"
    }
  }
}
