import Foundation
import RunRecord

/// The totals of a run on their way down the stages, and what differs between one and the next.
struct FlowChart {
  private struct Stage {
    var name: String
    var count: Int64?
    var amount: Double?
    var amountText: String
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
    title = isUnknown ? "\(entity): usage of customers whom nobody knows" : "\(entity), \(currency)"
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
        amountText: amounts.isEmpty ? "" : Wording.grouped(Self.text(sum)))
    }
    let aside = stage("putAside", "put aside")
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

  /// The picture: the stages, joined by bands of one height where nothing is put aside or lost.
  var svg: String {
    let column = 200.0
    var parts: [String] = []
    for (index, stage) in stages.enumerated() {
      let x = Double(index) * column + 8
      let own = heights[index]
      let colour = stage.amount == nil ? "e" : "a"
      parts.append(
        "<rect x=\"\(HTML.number(x))\" y=\"\(HTML.number(60 - own / 2))\" width=\"84\" height=\"\(HTML.number(own))\" rx=\"3\" fill=\"var(--\(colour))\"/>"
      )
      parts.append("<text x=\"\(HTML.number(x))\" y=\"16\">\(HTML.escaped(stage.name))</text>")
      let lines = [
        stage.count.map { "\(Wording.grouped($0)) events" },
        stage.amountText.isEmpty ? nil : stage.amountText,
      ]
      for (line, text) in lines.compactMap(\.self).enumerated() {
        parts.append(
          "<text class=\"label\" x=\"\(HTML.number(x))\" y=\"\(HTML.number(106 + Double(line) * 15))\">\(HTML.escaped(text))</text>"
        )
      }
      guard index + 1 < stages.count else { continue }
      let next = heights[index + 1]
      let (from, to) = (x + 84, x + column)
      parts.append(
        "<path d=\"M\(HTML.number(from)) \(HTML.number(60 - own / 2))C\(HTML.number(from + 50)) \(HTML.number(60 - own / 2)) \(HTML.number(to - 50)) \(HTML.number(60 - next / 2)) \(HTML.number(to)) \(HTML.number(60 - next / 2))V\(HTML.number(60 + next / 2))C\(HTML.number(to - 50)) \(HTML.number(60 + next / 2)) \(HTML.number(from + 50)) \(HTML.number(60 + own / 2)) \(HTML.number(from)) \(HTML.number(60 + own / 2))Z\" fill=\"var(--\(colour))\" fill-opacity=\".22\"/>"
      )
      if index == 0, let putAside {
        let texts = [
          "− \(putAside.count.map { Wording.grouped($0) } ?? "") put aside",
          putAside.amountText.isEmpty || putAside.amount == 0 ? nil : "worth \(putAside.amountText)",
        ]
        for (line, text) in texts.compactMap(\.self).enumerated() {
          parts.append(
            "<text class=\"label\" x=\"\(HTML.number((from + to) / 2))\" y=\"\(HTML.number(14 + Double(line) * 14))\" text-anchor=\"middle\">\(HTML.escaped(text))</text>"
          )
        }
      }
      if let difference = differences[index] {
        let isGood = difference.text == "0"
        parts.append(
          "<text x=\"\(HTML.number((from + to) / 2))\" y=\"64\" text-anchor=\"middle\" style=\"fill:var(--\(isGood ? "good" : "bad"));font-weight:600\">\(isGood ? "✓ 0" : "✗ " + HTML.escaped(String(difference.text.prefix(22))))</text>"
        )
      }
    }
    return
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(HTML.escaped(title))\"><svg viewBox=\"0 0 920 126\" style=\"min-width:40rem\" role=\"img\" aria-label=\"Totals by stage for \(HTML.escaped(title)): \(HTML.escaped(words))\">\(parts.joined())</svg></div>"
  }

  private var words: String {
    (stages.prefix(1) + [putAside].compactMap(\.self) + stages.dropFirst()).map { stage in
      "\(stage.name) \(stage.count.map { "\($0) events " } ?? "")\(stage.amountText)"
    }.joined(separator: ", ")
  }

  /// The heading and the picture.
  var markup: String { "<h3>\(HTML.isolated(title))</h3>\n\(svg)" }
}
