/// Why the run of a world ended.
public enum RunEnd: String, Sendable {
  /// All queues drained, and nothing more is to come.
  case quiescent
  /// Time was up, and work was left.
  case overdue
  /// Somebody asked the run to stop.
  case interrupted
  /// It stands at the instant until which it was to run.
  case paused
}
