import Foundation
import RunRecord

/// The totals of a run on their way down the stages, and what differs between one and the next.
struct FlowChart {
  private struct Stage {
    var name: String
    var count: Int64?
    var amount: Double?
    var amountText: String
    /// Events of it that no contract prices.
    var unpriced: Int64 = 0
  }

  private let title: String
  private let stages: [Stage]
  /// What the core put aside between the first stage and the second: it is missing further down, and no difference.
  private let putAside: Stage?
  /// Between each stage and the next: what differs, and whether the next one holds more.
  private let differences: [(text: String, isGain: Bool)?]
  /// How high the band of each stage is.
  private let heights: [Double]

  /// One for each entity and currency, and one for usage of customers whom nobody knows, if there is any.
  static func all(_ record: RunRecord) -> [FlowChart] {
    let unknown = RunRecord.ControlTotals.unknownEntity
    let isUnknown = record.controlTotals.stages.contains { $0.rows.contains { $0.entity == unknown } }
    return record.configuration.entities.map {
      FlowChart(record.controlTotals, entity: $0.name, currency: $0.currency)
    } + (isUnknown ? [FlowChart(record.controlTotals, entity: unknown, currency: "")] : [])
  }

  private init(_ totals: RunRecord.ControlTotals, entity: String, currency: String) {
    let isUnknown = entity == RunRecord.ControlTotals.unknownEntity
    title = isUnknown ? "\(entity): usage of unknown customers" : "\(entity), \(currency)"
    let hasDiscounts = totals.stages.contains { $0.stage == "discounts" }
    let all = [
      ("emitted", "emitted"), ("metered", "metered"), ("rated", "rated"),
      ("invoiced", hasDiscounts ? "invoiced, after discounts" : "invoiced"),
      ("ledger", "in the ledger"),
    ]
    // Usage of nobody is never rated.
    let names = isUnknown ? Array(all.prefix(2)) : all
    func stage(_ key: String, _ name: String) -> Stage {
      let rows =
        totals.stages.first { $0.stage == key }?.rows.filter {
          $0.entity == entity && $0.currency == currency
        } ?? []
      let counts = rows.compactMap(\.count)
      let amounts = rows.compactMap(\.amount)
      let sum = amounts.reduce(Decimal(0)) { $0 + (Decimal(string: $1, locale: nil) ?? 0) }
      return Stage(
        name: name, count: counts.isEmpty ? nil : Wording.sum(counts),
        amount: amounts.isEmpty ? nil : NSDecimalNumber(decimal: sum).doubleValue,
        amountText: amounts.isEmpty ? "" : Wording.grouped(Self.text(sum)),
        unpriced: Wording.sum(rows.compactMap(\.unpriced)))
    }
    let aside = stage("putAside", "excluded")
    putAside = (aside.count ?? 0) == 0 && (aside.amount ?? 0) == 0 ? nil : aside
    var found = names.map(stage)
    if isUnknown {
      // What is metered of it is what neither was put aside nor is missing.
      let missing = totals.boundaries.filter { $0.entity == entity }.compactMap(\.countDifference)
      found[1].count = (found[0].count ?? 0) - (aside.count ?? 0) - Wording.sum(missing)
    }
    stages = found
    let keys = names.map(\.0)
    let differences = zip(keys, keys.dropFirst()).map { before, after -> (text: String, isGain: Bool)? in
      let own = totals.boundaries.filter { $0.entity == entity && $0.boundary == "\(before)-\(after)" }
      guard !own.isEmpty else { return nil }
      let broken = own.filter { !$0.balanced }
      return broken.isEmpty ? ("0", false) : Self.difference(broken, currency)
    }
    self.differences = differences
    heights = Self.heights(stages, differences, putAside: putAside?.count ?? 0)
  }

  /// The heights of the bands: they change at a boundary only where it does not balance, by as much as is lost or gained there,
  /// visibly even where that is little; and behind the first stage by what was put aside.
  private static func heights(
    _ stages: [Stage], _ differences: [(text: String, isGain: Bool)?], putAside: Int64
  ) -> [Double] {
    var height = full
    var heights = [height]
    for (index, difference) in differences.enumerated() {
      let aside = index == 0 ? putAside : 0
      if aside > 0, let emitted = stages[0].count, emitted > 0 {
        height = max(step, min(height - step, height * (1 - Double(aside) / Double(emitted))))
      }
      if let difference, difference.text != "0" {
        let (before, after) = (stages[index], stages[index + 1])
        var share = difference.isGain ? 1.1 : 0.9
        if let a = before.count.map({ $0 - aside }), let b = after.count, a > 0, a != b {
          share = Double(b) / Double(a)
        } else if let a = before.amount, let b = after.amount, a > 0, a != b {
          share = b / a
        }
        height = difference.isGain ? max(height + step, height * share) : min(height - step, height * share)
        height = min(72, max(step, height))
      }
      heights.append(height)
    }
    return heights
  }

  private static let full = 54.0
  /// What can still be seen.
  private static let step = 6.0

  private static func text(_ sum: Decimal) -> String {
    var (value, rounded) = (sum, Decimal())
    NSDecimalRound(&rounded, &value, 2, .plain)
    var text = "\(rounded)"
    if let point = text.firstIndex(of: ".") {
      let digits = text.distance(from: point, to: text.endIndex) - 1
      text += String(repeating: "0", count: max(0, 2 - digits))
    } else {
      text += ".00"
    }
    return text
  }

  /// What differs at the boundaries that do not balance, upstream less downstream as in the text: the amount with its currency,
  /// else events, else a quantity.
  private static func difference(
    _ boundaries: [RunRecord.ControlTotals.Boundary], _ currency: String
  ) -> (text: String, isGain: Bool) {
    func sum(_ texts: [String]) -> Decimal {
      texts.reduce(Decimal(0)) { $0 + (Decimal(string: $1, locale: nil) ?? 0) }
    }
    let amount = sum(boundaries.compactMap(\.amountDifference))
    if amount != 0 { return ("\(Wording.grouped(text(amount))) \(currency)", amount < 0) }
    let count = boundaries.compactMap(\.countDifference).reduce(0, +)
    if count != 0 { return ("\(Wording.grouped(count)) events", count < 0) }
    let quantity = sum(boundaries.compactMap(\.quantityDifference))
    if quantity != 0 { return ("quantity \(Wording.grouped("\(quantity)"))", quantity < 0) }
    return (boundaries.contains { $0.hashesMatch == false } ? "other events" : "nets to 0", false)
  }

  /// The words under or beside a stage.
  private func lines(_ stage: Stage) -> [String] {
    [stage.count.map { "\(Wording.grouped($0)) events" }, stage.amountText.isEmpty ? nil : stage.amountText]
      .compactMap(\.self)
  }

  /// What was put aside, in words.
  private var putAsideLines: [String] {
    guard let putAside else { return [] }
    return [
      "− \(putAside.count.map { Wording.grouped($0) } ?? "") excluded",
      putAside.amountText.isEmpty || putAside.amount == 0 ? nil : "worth \(putAside.amountText)",
      putAside.unpriced == 0
        ? nil
        : putAside.unpriced == putAside.count
          ? "not priced" : "\(Wording.grouped(putAside.unpriced)) not priced",
    ].compactMap(\.self)
  }

  private func drawDifference(
    _ index: Int, _ x: Double, _ y: Double, _ anchor: String, _ drawing: inout Drawing
  ) {
    guard let difference = differences[index] else { return }
    let isGood = difference.text == "0"
    drawing.text(
      x, y, isGood ? "✓ 0" : "✗ " + String(difference.text.prefix(22)), anchor,
      "class=\"halo\" style=\"fill:var(--\(isGood ? "good" : "bad"));font-weight:600\"")
  }

  /// The picture: the stages, joined by bands of one height where nothing is put aside or lost; from left to right, or on telephones
  /// from top to bottom.
  private func picture(_ size: Drawing.Size) -> String {
    size == .wide ? wide : slim
  }

  private var label: String { "Totals by stage for \(title): \(words)" }

  private var wide: String {
    let column = 209.0
    var drawing = Drawing()
    let lowest = 60 + (heights.max() ?? Self.full) / 2 + 19
    for (index, stage) in stages.enumerated() {
      let x = Double(index) * column + 4
      let own = heights[index]
      let colour = stage.amount == nil ? "e" : "a"
      drawing.raw(
        "<rect x=\"\(HTML.number(x))\" y=\"\(HTML.number(60 - own / 2))\" width=\"84\" height=\"\(HTML.number(own))\" rx=\"3\" fill=\"var(--\(colour))\"/>"
      )
      drawing.text(x, 16, stage.name, "start", "")
      for (line, text) in lines(stage).enumerated() { drawing.text(x, lowest + Double(line) * 15, text) }
      guard index + 1 < stages.count else { continue }
      let next = heights[index + 1]
      let (from, to) = (x + 84, x + column)
      drawing.raw(
        "<path d=\"M\(HTML.number(from)) \(HTML.number(60 - own / 2))C\(HTML.number(from + 50)) \(HTML.number(60 - own / 2)) \(HTML.number(to - 50)) \(HTML.number(60 - next / 2)) \(HTML.number(to)) \(HTML.number(60 - next / 2))V\(HTML.number(60 + next / 2))C\(HTML.number(to - 50)) \(HTML.number(60 + next / 2)) \(HTML.number(from + 50)) \(HTML.number(60 + own / 2)) \(HTML.number(from)) \(HTML.number(60 + own / 2))Z\" fill=\"var(--\(colour))\" fill-opacity=\".22\"/>"
      )
      if index == 0 {
        for (line, text) in putAsideLines.enumerated() {
          drawing.text((from + to) / 2, 14 + Double(line) * 14, text, "middle")
        }
      }
      drawDifference(index, (from + to) / 2, 64, "middle", &drawing)
    }
    return drawing.markup(.wide, height: lowest + 22, label: label)
  }

  private var slim: String {
    let row = 74.0
    let (middle, words) = (60.0, 132.0)
    var drawing = Drawing()
    for (index, stage) in stages.enumerated() {
      let y = Double(index) * row + 2
      let half = heights[index] * 0.75
      let colour = stage.amount == nil ? "e" : "a"
      drawing.raw(
        "<rect x=\"\(HTML.number(middle - half))\" y=\"\(HTML.number(y))\" width=\"\(HTML.number(half * 2))\" height=\"32\" rx=\"2\" fill=\"var(--\(colour))\"/>"
      )
      drawing.text(words, y + 13, stage.name, "start", "style=\"font-weight:600\"")
      drawing.text(words, y + 29, lines(stage).joined(separator: " · "))
      guard index + 1 < stages.count else { continue }
      let next = heights[index + 1] * 0.75
      let (from, to) = (y + 32, y + row)
      drawing.raw(
        "<path d=\"M\(HTML.number(middle - half)) \(HTML.number(from))L\(HTML.number(middle - next)) \(HTML.number(to))H\(HTML.number(middle + next))L\(HTML.number(middle + half)) \(HTML.number(from))Z\" fill=\"var(--\(colour))\" fill-opacity=\".22\"/>"
      )
      drawDifference(index, middle, (from + to) / 2 + 4, "middle", &drawing)
      if index == 0, !putAsideLines.isEmpty {
        drawing.text(words, (from + to) / 2 + 4, putAsideLines.joined(separator: ", "))
      }
    }
    return drawing.markup(.slim, height: Double(stages.count) * row - row + 40, label: label)
  }

  private var words: String {
    (stages.prefix(1) + [putAside].compactMap(\.self) + stages.dropFirst()).map { stage in
      "\(stage.name) \(stage.count.map { "\($0) events " } ?? "")\(stage.amountText)"
    }.joined(separator: ", ")
  }

  /// The heading and the picture.
  var markup: String { "<h3>\(HTML.isolated(title))</h3>\n\(Drawing.both(picture))" }
}
