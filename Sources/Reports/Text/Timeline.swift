import RunRecord

/// The timeline of a run for the eye: one line a noteworthy moment, one column for each process and ERP.
package struct Timeline {
  private let record: RunRecord

  /// Makes a timeline.
  package init(_ record: RunRecord) { self.record = Printable.record(record) }

  /// The text, with a legend first.
  package func text() -> String {
    let entities = record.configuration.entities.map(\.name)
    let processes = record.configuration.processes
    var table = TextTable(
      [.left] + processes.map { _ in .left } + entities.map { _ in .left }
        + entities.flatMap { _ in [.right, .right, .right] }
        + [.right, .left], indent: "")
    table.add(
      ["virtual time"] + processes + entities.map { "erp/\($0)" }
        + entities.flatMap { ["outbox/\($0)", "invoiced", "posted"] } + ["accepted", "moment"])
    for moment in record.timeline {
      table.add(
        [Self.short(moment.at)] + moment.processes.map { $0 == "up" ? "|" : "x" }
          + moment.erps.map(Self.symbol)
          + moment.erps.flatMap {
            [Wording.grouped($0.outbox), Wording.grouped($0.invoiced), Wording.grouped($0.posted)]
          } + [Wording.grouped(moment.accepted), "\(moment.subject): \(moment.text)"])
    }
    let legend =
      "| up   t throttled   s slow   ? losing answers   x down   + backlog growing   - draining"
    return ([legend] + table.lines).joined(separator: "\n") + "\n"
  }

  /// The condition of an ERP, and whether its backlog grows or drains.
  private static func symbol(_ state: RunRecord.Moment.State) -> String {
    let condition =
      switch state.condition {
      case "down": "x"
      case "throttled": "t"
      case "slow": "s"
      case "losingAnswers": "?"
      default: "|"
      }
    return condition + (state.trend > 0 ? "+" : (state.trend < 0 ? "-" : " "))
  }

  /// `2026-01-31 23:00:00` of an ISO-8601 instant.
  private static func short(_ instant: String) -> String {
    String(instant.prefix(19)).replacing("T", with: " ")
  }
}
