/// A table of fixed-width columns for a terminal.
struct TextTable {
  /// How a column is set.
  enum Alignment {
    case left
    case right
  }

  private let alignments: [Alignment]
  private var rows: [[String]] = []
  private var indent: String

  init(_ alignments: [Alignment], indent: String = "  ") {
    self.alignments = alignments
    self.indent = indent
  }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  var lines: [String] {
    let widths = alignments.indices.map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = indent
      for (column, cell) in row.enumerated() {
        guard alignments.indices.contains(column) else { continue }
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        if column > 0 { line += "  " }
        line += alignments[column] == .left ? cell + padding : padding + cell
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
