import RunRecord

/// What a comparison allows to say, in words, and nothing beyond.
struct ComparisonVerdict {
  private let variants: [Comparison.Variant]
  private let differences: [Comparison.Difference]
  private let indicators: [String]
  private let confidence: Double
  private let choice: Comparison.Choice?
  private let conditions: [Comparison.Condition]
  private let units: [String: String]

  init(_ comparison: Comparison) {
    variants = comparison.variants
    differences = comparison.differences
    indicators = comparison.indicators.map(\.name)
    confidence = comparison.confidence
    choice = comparison.choice
    conditions = comparison.conditions ?? []
    units = Dictionary(
      comparison.indicators.map { ($0.name, $0.unit) }, uniquingKeysWith: { first, _ in first })
  }

  var sentences: [String] {
    guard variants.contains(where: { $0.runs > 0 }) else { return ["No run was completed."] }
    let caveat =
      variants.contains { $0.sound < $0.runs }
      ? [
        "Figures of a failing variant cover only the work it completed: one that loses documents closes early."
      ]
      : []
    return soundness + order + caveat + conditionSentences + [choice.map(sentence) ?? closing]
  }

  /// Variants of which something was compared, and nothing broke.
  private var sound: [Comparison.Variant] { variants.filter { $0.sound == $0.runs && !$0.isUnjudged } }

  private var percent: String { Self.figure(confidence * 100) + " %" }

  private var soundness: [String] {
    var sentences: [String] = []
    // Those of which the same can be said share a sentence.
    var said: Set<InvariantTally?> = []
    for first in sound where said.insert(first.invariants).inserted {
      guard let bound = first.failureBound else { continue }
      let same = sound.filter { $0.invariants == first.invariants }
      let names = same.map(\.name).joined(separator: ", ")
      let seeds = first.runs == 1 ? "on the one seed" : "on all \(first.runs) seeds"
      let what =
        first.invariants.map { "\($0.text), \(seeds)" } ?? "no invariant broke on any of \(first.runs) seeds"
      sentences.append(
        "\(names): \(what); with \(percent) confidence \(same.count > 1 ? "each breaks" : "it breaks") "
          + "one of them on fewer than \(Self.figure(bound * 100)) % of seeds.")
    }
    for variant in variants where variant.isUnjudged {
      sentences.append(
        "\(variant.name): \(variant.invariants?.text ?? ""): nothing was compared, so nothing is known about it."
      )
    }
    for variant in variants where variant.sound < variant.runs {
      let broken = variant.broken.prefix(4).map { "\($0.invariant) on \($0.seeds)" }.joined(separator: ", ")
      let more = variant.broken.count > 4 ? " and \(variant.broken.count - 4) more" : ""
      sentences.append(
        "\(variant.name): fails on \(variant.runs - variant.sound) of \(variant.runs) seeds: \(broken)\(more)."
      )
    }
    return sentences
  }

  /// Each indicator with the variants in rising order, and how sure each step is.
  private var order: [String] {
    indicators.compactMap { name in
      let measured = variants.filter { $0.estimates[name] != nil }
        .sorted { ($0.estimates[name]?.mean ?? 0) < ($1.estimates[name]?.mean ?? 0) }
      guard measured.count > 1, let first = measured.first else { return nil }
      var text = "\(name): \(first.name)"
      for (lower, higher) in zip(measured, measured.dropFirst()) {
        text += " \(sign(name, lower.name, higher.name)) \(higher.name)"
      }
      let missing = variants.filter { $0.estimates[name] == nil }.map(\.name)
      return text + (missing.isEmpty ? "" : "; not measured for \(missing.joined(separator: ", "))")
    }
  }

  private func sign(_ name: String, _ lower: String, _ higher: String) -> String {
    switch finding(name, lower, higher) {
    case .lower: "<"
    case .identical: "="
    default: "≈"
    }
  }

  /// What was found of a pair, whichever of the two was named first.
  private func finding(_ name: String, _ a: String, _ b: String) -> Comparison.Difference.Finding {
    for difference in differences where difference.indicator == name {
      if (difference.first, difference.second) == (a, b) { return difference.finding }
      if (difference.first, difference.second) == (b, a) {
        switch difference.finding {
        case .lower: return .higher
        case .higher: return .lower
        default: return difference.finding
        }
      }
    }
    return .unknown
  }

  /// What came of each condition under which the comparison fails.
  private var conditionSentences: [String] {
    conditions.map { entry in
      let excess = entry.excess.map { estimate in
        let unit = units[entry.condition.split(separator: " ").first.map(String.init) ?? ""] ?? "1"
        let side = estimate.mean > 0 ? "beyond" : "within"
        let width = estimate.halfWidth.map { " ± \(Wording.indicator($0, unit: unit))" } ?? ""
        return ": \(Wording.indicator(estimate.mean.magnitude, unit: unit))\(width) \(side) the limit"
      }
      switch entry.finding {
      case .shown: return "FAIL \(entry.variant): \(entry.condition) is shown\(excess ?? "")."
      case .excluded: return "ok   \(entry.variant): \(entry.condition) is excluded\(excess ?? "")."
      case .open:
        return
          "OPEN \(entry.variant): \(entry.condition) is \(entry.reason ?? "neither shown nor excluded")\(excess ?? "")."
      }
    }
  }

  /// What a choice came to.
  private func sentence(_ choice: Comparison.Choice) -> String {
    let unit = units[choice.indicator] ?? "1"
    let quality = "\(choice.isHighest ? "highest" : "lowest") mean \(choice.indicator)"
    let indifference = Wording.indicator(choice.indifference, unit: unit)
    let full = (variants.map(\.runs).max() ?? 0) * variants.count
    let cost =
      "\(Wording.grouped(choice.runs)) runs"
      + (choice.runs < full ? ", instead of \(Wording.grouped(full)) for all variants" : "")
    let names = choice.best.joined(separator: ", ")
    let out = choice.out.filter { $0.reason != "worse" }.map {
      "\($0.variant) was eliminated: \($0.reason). "
    }
    .joined()
    switch choice.finding {
    case .chosen
    where choice.out.count + 1 == variants.count && choice.out.allSatisfy { $0.reason != "worse" }:
      return out + "\(names) is the only one left to choose (\(cost))."
    case .chosen:
      return out
        + "\(names) has the \(quality), or is within \(indifference) of it, with a probability of at least \(percent) (\(cost))."
    case .equal: return out + "\(names): the same \(quality) on the same seeds (\(cost))."
    case .open where choice.reason != nil:
      return out
        + "Not decided: \(names) has the \(quality) of these runs, but \(choice.reason ?? "") (\(cost))."
    case .open:
      return out
        + "Not decided: \(names) may each have the \(quality); more --replications or a greater --indifference than \(indifference) decides it (\(cost))."
    case .none: return out + "None of them can be chosen."
    }
  }

  /// The one sentence that a person takes away.
  private var closing: String {
    let name = "closeCycleTime"
    guard !sound.isEmpty else { return "None of them is reliable." }
    guard variants.count > 1, sound.count > 1 else {
      return
        "Only \(sound[0].name) broke no invariant on any seed; how fast the others are matters little."
    }
    let best = sound.filter { candidate in
      sound.allSatisfy {
        $0.name == candidate.name || finding(name, candidate.name, $0.name) == .lower
      }
    }
    if let best = best.first, let mean = best.estimates[name] {
      let width = mean.halfWidth.map { " ± \(Wording.span($0))" } ?? ""
      return
        "Of the variants without a violation, \(best.name) closes soonest: \(Wording.span(mean.mean))\(width)."
    }
    let names = sound.map(\.name).joined(separator: ", ")
    let isSame = sound.dropFirst().allSatisfy { finding(name, sound[0].name, $0.name) == .identical }
    return isSame
      ? "\(names): no difference; all of them close at the same instant on every seed."
      : "\(names): none of the variants without a violation is shown to close sooner than all others."
  }

  /// With at most one digit after the point.
  private static func figure(_ value: Double) -> String {
    let text = Wording.fixed(value, decimals: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension Comparison.Variant {
  /// Whether its runs compared nothing.
  var isUnjudged: Bool { runs > 0 && invariants.map { $0.judged == 0 } ?? false }
}
