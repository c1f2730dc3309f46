import RunRecord

/// Licences, probabilities of closing, headroom, and values beyond which nothing changes.
extension StudySection {
  /// Sentences and tables of what was asked besides the value that was looked for.
  var planner: String {
    var parts: [String] = []
    if let licences = study.licences {
      let table = StudyWording.licenceTable(licences, study)
      parts += StudyWording.licences(licences, study).map(Self.sentence)
      parts.append(
        HTML.table(
          "What licences bring and cost", header: table.header, numbers: Set(table.header.indices),
          rows: table.rows.map { $0.map(HTML.Cell.number) }))
    }
    for closing in study.closing ?? [] {
      let table = StudyWording.closingTable(closing)
      parts += StudyWording.closing(closing).map(Self.sentence)
      parts.append(
        HTML.table(
          closing.setting ?? "When the books are closed", header: Array(table.header.dropLast()),
          numbers: [0, 1, 2, 3], rows: table.rows.map { $0.dropLast().map(HTML.Cell.number) }))
    }
    parts += study.curves.flatMap { StudyWording.sentences($0, study) }.map(Self.sentence)
    return parts.joined(separator: "\n")
  }

  private static func sentence(_ text: String) -> String {
    HTML.paragraph(text.prefix(1).uppercased() + text.dropFirst() + ".")
  }
}
