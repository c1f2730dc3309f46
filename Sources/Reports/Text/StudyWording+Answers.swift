import RunRecord

/// Sentences that a planner reads first, generated from the same values as the tables.
extension StudyWording {
  /// What a curve says, in the words of what was varied: `up to 5,830 customers: closeCycleTime < 3h`.
  static func sentences(_ curve: CapacityStudy.Curve, _ study: CapacityStudy) -> [String] {
    var sentences: [String] = []
    let goal = study.objectives.joined(separator: " and ")
    if study.seeks == "largest", let answer = curve.answer {
      switch study.knobs.first?.subject {
      case "outage":
        sentences.append(
          "an outage of up to \(CapacityText.readable(answer)) can be absorbed: \(goal)"
            + (curve.beyond.map { "; one of \(CapacityText.readable($0)) \(curve.beyondWords)" } ?? "")
        )
      case "customers":
        sentences.append(
          "\(goal) holds up to \(quantity(answer)) customers"
            + (curve.beyond.map { "; \(quantity($0)) \(curve.beyondWords)" }
              ?? ", the end of the range"))
      default: break
      }
    }
    if let headroom = curve.headroom { sentences.append(self.headroom(headroom, curve, study)) }
    if let plateau = curve.plateau { sentences.append(self.plateau(plateau, study)) }
    return sentences
  }

  private static func headroom(
    _ headroom: CapacityStudy.Headroom, _ curve: CapacityStudy.Curve, _ study: CapacityStudy
  ) -> String {
    let isLoad = study.knobs.first?.subject == "load"
    let what =
      isLoad
      ? "the load"
      : study.knobs.first?.subject == "customers"
        ? "today's \(quantity(headroom.today)) customers" : "today's \(headroom.today)"
    let percent = headroom.percent
    guard percent >= 0 else {
      return
        "headroom: none; \(what) would have to fall by \(figure(-percent)) % before the objectives are shown to be met"
    }
    return "headroom: \(what) may grow by \(figure(percent)) %"
      + (headroom.beyondPercent.map { "; growth by \(figure($0)) % \(curve.beyondWords)" }
        ?? ", the end of the range, and still meet the objectives")
  }

  private static func figure(_ percent: Double) -> String {
    Wording.fixed(
      percent, decimals: percent.magnitude < 100 && (percent - percent.rounded()).magnitude > 0.05 ? 1 : 0)
  }

  private static func plateau(_ plateau: CapacityStudy.Plateau, _ study: CapacityStudy) -> String {
    let what =
      switch study.knobs.first?.subject {
      case "workers": "workers"
      case "places": "places"
      default: study.knobs.first?.path ?? ""
      }
    let extent = plateau.change == 0 ? "changes nothing" : "changes next to nothing"
    let limit = plateau.change == 0 ? "" : " (less than 2 %)"
    let binding =
      plateau.binding.isEmpty ? "" : "; saturated there: \(CapacityText.listed(plateau.binding))"
    return
      "\(what): more than \(CapacityText.readable(plateau.from)) \(extent) up to \(CapacityText.readable(plateau.to))\(limit): "
      + "\(plateau.indicators.joined(separator: ", ")) stays as it is\(binding)"
  }

  /// A whole number with separators; anything else as it is.
  static func quantity(_ text: String) -> String {
    Int(text).map { Wording.grouped($0) } ?? CapacityText.readable(text)
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() ? Wording.whole(value) : Wording.short(value)
  }

  /// What each licence brings and costs, in one sentence for each.
  static func licences(_ licences: CapacityStudy.Licences, _ study: CapacityStudy) -> [String] {
    let isCustomers = study.knobs.first?.subject == "customers"
    let price = "\(Wording.grouped(licences.price)) \(licences.currency) a year"
    return zip(licences.rows, licences.rows.dropFirst()).map { before, row in
      let from = "from \(before.places) to \(row.places) places"
      let one = "one licence more" + (licences.erps > 1 ? " for each of \(licences.erps) ERPs" : "")
      guard let more = row.more else {
        return row.moreAtLeast.map {
          "\(from), \(one) carries at least \(amount($0, isCustomers, study)) more, as the range ends there, and costs \(price)"
        }
          ?? "\(from): not known, as \(before.carries == nil || row.carries == nil ? "no value is shown to meet the objectives" : "the range ended before")"
      }
      guard more > 0 else { return "\(from), \(one) carries nothing more and costs \(price)" }
      return "\(from), \(one) carries \(amount(more, isCustomers, study)) and costs \(price)"
    }
  }

  private static func amount(_ more: Double, _ isCustomers: Bool, _ study: CapacityStudy) -> String {
    if isCustomers { return "\(Wording.whole(more)) customers" }
    let knob = study.knobs.first
    let unit = knob.map { String($0.from.drop { $0.isNumber || $0 == "." }) } ?? ""
    return unit == "s"
      ? "\(Wording.span(more)) of \(knob?.path ?? "")"
      : "\(Wording.short(more))\(unit) of \(knob?.path ?? "")"
  }

  /// The table of licences: header and rows.
  static func licenceTable(
    _ licences: CapacityStudy.Licences, _ study: CapacityStudy
  ) -> (header: [String], rows: [[String]]) {
    (
      ["licences", "places", "carries", "more", "between", "\(licences.currency) a year"],
      licences.rows.map { row in
        [
          "\(row.licences)", "\(row.places)", row.carries.map(quantity) ?? "none shown",
          row.more.map(number) ?? "–",
          row.moreAtLeast.map { "\(number($0)) and \(row.moreAtMost.map(number) ?? "?")" } ?? "–",
          Wording.grouped(row.yearly),
        ]
      }
    )
  }

  /// The table of a closing curve: header and rows.
  static func closingTable(_ closing: CapacityStudy.Closing) -> (header: [String], rows: [[String]]) {
    (
      ["closed by", "probability", "between", "months", ""],
      closing.points.map { point in
        [
          point.by, share(point.share.mean),
          "\(share(point.share.lower ?? 0)) and \(share(point.share.upper ?? 1))",
          "\(Wording.grouped(point.closed)) of \(Wording.grouped(closing.months))",
          String(repeating: "█", count: Int((point.share.mean * 20).rounded())),
        ]
      }
    )
  }

  /// What a closing curve says.
  static func closing(_ closing: CapacityStudy.Closing) -> [String] {
    var sentences: [String] = []
    if let first = closing.points.first(where: { ($0.share.lower ?? 0) >= 0.95 }) {
      sentences.append("by \(first.by), 95 of 100 months are closed at least")
    } else if closing.months > 0 {
      sentences.append("by none of these spans are 95 of 100 months shown to be closed")
    }
    if closing.months == 0 {
      sentences.append("no month could be judged: the horizon contains no whole month")
    }
    if let longest = closing.longest { sentences.append("the longest close took \(Wording.span(longest))") }
    if !closing.broken.isEmpty {
      sentences.append(
        "months of runs that break an invariant count as not closed: \(closing.broken.joined(separator: ", "))"
      )
    }
    return sentences
  }

  private static func share(_ share: Double) -> String { Wording.fixed(share * 100, decimals: 1) + " %" }
}

extension CapacityStudy.Curve {
  /// Whether the next value beyond the answer was shown to miss an objective, and is not only open.
  var isMissedBeyond: Bool { points.contains { $0.values.first == beyond && $0.finding == .missed } }

  /// What is known of the next value beyond the answer, behind its name.
  var beyondWords: String { isMissedBeyond ? "misses an objective" : "could not be shown to hold" }
}
