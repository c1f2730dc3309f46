import RunRecord
import Scenario

/// What people read in the place of paths and thresholds.
extension CapacityPlan {
  /// Adds the words for everything that was turned, and for the objectives.
  func addWords(to study: inout CapacityStudy, _ template: ScenarioTemplate) {
    let paths = question.knobs.flatMap(\.paths) + (question.across?.paths ?? [])
    study.words = Dictionary(
      paths.map { path in
        let words = template.words(for: path)
        return (
          path.joined(separator: "."), CapacityStudy.Words(text: words.text, kind: words.kind.rawValue)
        )
      }, uniquingKeysWith: { first, _ in first })
    study.titles = Dictionary(
      study.units.keys.map { ($0, Expectation.indicator($0)?.title ?? $0) }
        + question.objectives.filter { $0.portion != nil }.map {
          ($0.text, "share of \($0.portion?.unit.rawValue ?? "runs") with a \($0.indicator.title) as wanted")
        }, uniquingKeysWith: { first, _ in first })
    study.objectiveWords = question.objectives.map(\.words)
  }
}

extension Expectation.Indicator {
  /// What people call it: `time to close the books`, `99th percentile of the posting latency of entity us`.
  package var title: String {
    let parts = name.split(separator: "(", maxSplits: 1)
    let base = String(parts[0])
    let entity = parts.count > 1 && !base.hasPrefix("drainAfter") ? parts[1].dropLast() : ""
    let of = entity.hasPrefix("erp/") ? " of entity \(entity.dropFirst(4))" : ""
    if base == "closeCycleTime" { return "time to close the books" + of }
    if isLatency {
      return (meaning.split(separator: " of ", maxSplits: 1).first.map(String.init) ?? base)
        + " of the posting latency" + of
    }
    if base == "drainAfter" {
      let words = parts[1].dropLast().split(separator: " ")
      return
        "drain time after \(words.count > 1 ? Self.article(Self.spelt(String(words[1]))) : "a fault") of entity \(words[0].dropFirst(4))'s ERP"
    }
    return Self.spelt(base) + of
  }

  private static func article(_ noun: String) -> String {
    (noun.first.map("aeiou".contains) ?? false ? "an " : "a ") + noun
  }

  /// `peakOutbox` as `peak outbox`, `erpCalls.lookUp` as `ERP calls look up`.
  private static func spelt(_ key: String) -> String {
    var words = ""
    for character in key {
      if character == "." {
        words += ", "
      } else if character.isUppercase {
        words += " " + character.lowercased()
      } else {
        words.append(character)
      }
    }
    return words.hasPrefix("erp ") ? "ERP" + words.dropFirst(3) : words
  }
}

extension Expectation {
  /// The expectation as people say it: `closing the books in under 3h on average`, `day-3 close in 95 % of months`.
  package var words: String {
    let part =
      portion.map { " in \(Self.percentage($0.share)) of \($0.unit.rawValue)" } ?? " on average"
    let isUpper = comparison == .less || comparison == .lessOrEqual
    if indicator.name == "closeCycleTime", isUpper {
      let days = threshold / 86_400
      if days == days.rounded(), days >= 1 { return "day-\(Int(days)) close" + part }
      return "closing the books in under \(thresholdText)" + part
    }
    let word =
      switch comparison {
      case .less, .lessOrEqual: "below"
      case .greater, .greaterOrEqual: "above"
      case .equal: "of"
      }
    return "a \(indicator.title) \(word) \(thresholdText)" + part
  }

  private static func percentage(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return (tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)") + " %"
  }
}
