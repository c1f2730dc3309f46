import Chronology

/// A file of recorded usage, and how it is replayed.
struct TraceSource: Sendable {
  /// The formats of the files.
  enum Format: String, CaseIterable, Sendable {
    case csv
    case cloudevents
  }

  private var file: Located<String>
  private var position: Position
  private var format: Format
  private var type: String?
  private var timestamp: Located<String>?
  /// The column of the quantity.
  var quantity: Located<String>?
  /// The columns of each meter.
  var quantities: [(name: Located<String>, value: Located<String>)]?
  private var speed: Double
  private var at: Instant?

  private static let column = Schema<String>.text.located

  /// The `trace` of an entry.
  static let schema = Schema<TraceSource>.record(
    .required("file", Schema<String>.text.located, "the file, relative to this one"),
    .defaulting(
      "format", .choice(), to: .csv,
      "csv (default), or cloudevents: a JSON object in structured mode on each line"),
    .optional("type", .text, "of CloudEvents: only events of this type are read"),
    .optional(
      "timestamp", column,
      "the column of the time: ISO-8601, in UTC or with an offset, or seconds since 1970; of CloudEvents: 'time' if left out"
    ),
    .optional(
      "quantity", column,
      "the column of the quantity; of CloudEvents: its path, such as data.tokens"),
    .optional(
      "quantities", .map(column),
      "for an event that feeds several meters: the column or path of each meter"),
    .defaulting("speed", .speed, to: 1, "how much faster than recorded; 1x if left out"),
    .optional(
      "at", .moment, "when the first row happens; its own time if left out", title: "start of the {}"),
    make: source)

  @Sendable
  private static func source(
    _ place: Place, file: Located<String>, format: Format, type: String?, timestamp: Located<String>?,
    quantity: Located<String>?, quantities: [(name: Located<String>, value: Located<String>)]?,
    speed: Double, at: Instant?
  ) -> TraceSource {
    TraceSource(
      file: file, position: place.node.position, format: format, type: type, timestamp: timestamp,
      quantity: quantity, quantities: quantities, speed: speed, at: at)
  }

  private func rows(_ columns: [Located<String>]) throws(InvalidInput) -> [TraceFile.Row] {
    let quantities = columns.map { (name: $0.value, position: $0.position) }
    switch format {
    case .cloudevents:
      return try CloudEventsFile.read(
        file: file.value, type: type, timestamp: timestamp?.value ?? "time", quantities: quantities)
    case .csv:
      guard let timestamp else {
        throw InvalidInput("'timestamp' is missing: the column of the time", at: position)
      }
      return try TraceFile.read(
        file: file.value, timestamp: (timestamp.value, timestamp.position), quantities: quantities)
    }
  }

  /// The rows of the file in the order of time, as they happen in the run.
  func records(columns: [Located<String>], in scene: Scene) throws(InvalidInput) -> [TraceRecord] {
    scene.files.record(file.value)
    var rows: [TraceFile.Row]
    do throws(InvalidInput) {
      rows = try self.rows(columns)
    } catch {
      if error.diagnostics.first?.position.line == 0 {
        throw InvalidInput("trace \(error.diagnostics[0])", at: file.position)
      }
      throw error
    }
    guard scene.knowsSpan else { throw .reported }
    let (start, horizon) = (scene.start, scene.start + scene.horizon)
    rows.sort { $0.time < $1.time }
    let first = rows[0].time
    let begin = at ?? first
    var records: [TraceRecord] = []
    records.reserveCapacity(rows.count)
    for row in rows {
      let (since, overflow) = row.time.nanoseconds.subtractingReportingOverflow(first.nanoseconds)
      // Rows may lie further apart than an instant can say, and a slow-motion replay leads there, too: outside of the run.
      let scaled = speed == 1 || overflow ? since : Int64(min((Double(since) / speed).rounded(), 9.2e18))
      let time = overflow ? .distantFuture : begin + Span(nanoseconds: scaled)
      guard time >= start, time < horizon else {
        throw InvalidInput(
          "this row happens at \(time), outside of the run from \(start) to \(horizon); "
            + "move it with 'at', or change 'start' or 'horizon'",
          at: Position(file: file.value, line: row.line, column: 1))
      }
      records.append(TraceRecord(time: time, quantity0: row.quantities.0, quantity1: row.quantities.1))
    }
    return records
  }
}
