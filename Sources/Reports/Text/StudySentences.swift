import RunRecord

/// A study's answers as sentences, of the same values as its tables.
struct StudySentences {
  let study: CapacityStudy

  init(_ study: CapacityStudy) { self.study = study }

  // MARK: Words

  /// What people call a value, or several that are turned together; its path where a study of an earlier version has no words.
  func words(_ path: String) -> String { listed(path).joined(separator: " and ") }

  private func listed(_ path: String) -> [String] {
    let all = paths(path).map { study.words?[$0]?.text ?? $0 }
    var said: [String] = []
    for words in all where !said.contains(words) { said.append(words) }
    return said
  }

  /// What the values of a path are.
  private func kind(_ path: String) -> String {
    let kinds = Set(paths(path).map { study.words?[$0]?.kind ?? "other" })
    return kinds.count == 1 ? kinds.first ?? "other" : "other"
  }

  private func paths(_ path: String) -> [String] { path.split(separator: ",").map(\.trimmed) }

  /// What people call an indicator.
  func title(_ indicator: String) -> String { study.titles?[indicator] ?? indicator }

  /// `2,835 customers`, or `length of the outage of 3h`.
  func amount(_ value: String, of path: String) -> String {
    guard kind(path) == "count" else { return "\(words(path)) of \(Self.figure(value))" }
    guard value == "1" else { return "\(Self.figure(value)) \(words(path))" }
    return "1 " + listed(path).map(Self.singular).joined(separator: " and ")
  }

  /// A value as people read it.
  static func figure(_ value: String) -> String {
    let readable = CapacityText.readable(value)
    if readable.allSatisfy(\.isNumber) { return Wording.grouped(readable) }
    return readable.hasSuffix("%") ? readable.dropLast() + " %" : readable
  }

  /// `customers` as `customer`, `connections of entity us's ERP` as `connection of …`.
  private static func singular(_ words: String) -> String {
    let ends = [" of ", " per ", " in ", " that ", " and "].compactMap {
      words.firstRange(of: $0)?.lowerBound
    }
    let end = ends.min() ?? words.endIndex
    let (head, rest) = (words[..<end], words[end...])
    guard head.hasSuffix("s"), !head.hasSuffix("ss") else { return words }
    return head.dropLast() + String(rest)
  }

  /// What is to be met, in words: `Day-3 close in 95 % of months`.
  var objectives: String {
    let words = study.objectiveWords ?? study.objectives
    return words.joined(separator: " and ")
  }

  private var verb: String { (study.objectiveWords ?? study.objectives).count > 1 ? "hold" : "holds" }

  // MARK: Answers

  /// The setting of a curve: `5 connections of entity us's ERP`.
  func setting(_ curve: CapacityStudy.Curve) -> String? {
    curve.setting.map { setting in
      guard let (path, value) = Self.parts(setting) else { return setting }
      return amount(value, of: path)
    }
  }

  private static func parts(_ setting: String) -> (path: String, value: String)? {
    guard let equals = setting.firstIndex(of: "=") else { return nil }
    return (String(setting[..<equals]), String(setting[setting.index(after: equals)...]))
  }

  /// What was found, in one sentence: `Day-3 close holds up to 2,835 customers with 5 connections of entity us's ERP, 8,406 with 15.`
  var answer: String? {
    guard let knob = study.knobs.first, let first = study.curves.first else { return nil }
    let shown = study.curves.filter { $0.answer != nil }
    var sentence = ""
    if shown.isEmpty {
      sentence =
        study.curves.contains { $0.isInterrupted == true }
        ? "The study was interrupted before anything was shown of \(objectives)"
        : "\(capitalised(objectives)) \(verb == "hold" ? "are" : "is") not shown to hold with any \(range(knob))"
      if first.setting != nil {
        sentence += ", whatever the \(Self.parts(first.setting ?? "").map { words($0.path) } ?? "setting")"
      }
      return sentence + "."
    }
    let isCount = kind(knob.path) == "count"
    let isSmallest = study.seeks == "smallest"
    for (index, curve) in shown.enumerated() {
      let value = Self.figure(curve.answer ?? "")
      let reach = curve.beyond == nil ? "at least " : ""
      if index == 0 {
        let figure = amount(curve.answer ?? "", of: knob.path)
        switch (isCount, isSmallest) {
        case (true, false):
          sentence = "\(capitalised(objectives)) \(verb) up to \(reach)\(figure)"
        case (true, true):
          sentence =
            "\(capitalised(objectives)) \(verb == "hold" ? "take" : "takes") \(curve.beyond == nil ? "at most" : "at least") \(figure)"
        case (false, _):
          sentence =
            "\(capitalised(objectives)) \(verb) with a \(words(knob.path)) \(isSmallest ? (reach.isEmpty ? "from" : "of at most") : "up to") \(reach.isEmpty || !isSmallest ? reach : "")\(value)\(isSmallest && reach.isEmpty ? " on" : "")"
        }
        if let setting = setting(curve) { sentence += " with \(setting)" }
      } else if let setting = curve.setting.flatMap(Self.parts) {
        sentence += ", \(isSmallest ? "" : reach)\(value) with \(Self.figure(setting.value))"
      }
    }
    let none = study.curves.filter { $0.answer == nil }.compactMap { curve in
      curve.setting.flatMap(Self.parts).map { Self.figure($0.value) }
    }
    if !none.isEmpty { sentence += "; with \(none.joined(separator: ", ")) it is shown for no value" }
    return sentence + "."
  }

  /// `number of customers from 500 to 20,000`.
  func range(_ knob: CapacityStudy.Knob) -> String {
    let what = (kind(knob.path) == "count" ? "number of " : "") + words(knob.path)
    if let values = knob.values { return "\(what) at \(values.map(Self.figure).joined(separator: ", "))" }
    return "\(what) from \(Self.figure(knob.from)) to \(Self.figure(knob.to))"
      + (knob.step.map { " in steps of \(Self.figure($0))" } ?? "")
  }

  /// Whether the values of a path are spans of time.
  func isDuration(_ path: String) -> Bool { kind(path) == "duration" }

  /// A sentence begins with a capital letter, unless it begins with a name such as `closeCycleTime`.
  func capitalised(_ text: String) -> String {
    let word = text.prefix { $0 != " " }
    guard !word.contains(where: \.isUppercase), !word.contains(".") else { return text }
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  // MARK: Effects

  /// What can be said of effects and indices, indicator by indicator.
  var sensitivity: [String] {
    var names: [String] = []
    for name in study.effects.map(\.indicator) + (study.indices ?? []).map(\.indicator)
    where !names.contains(name) { names.append(name) }
    return names.flatMap { name in
      effects(study.effects.filter { $0.indicator == name }, name)
        + shares((study.indices ?? []).filter { $0.indicator == name }, name)
    }
  }

  private func effects(_ effects: [CapacityStudy.Effect], _ name: String) -> [String] {
    let known = effects.filter { $0.certainty != nil }
    guard !known.isEmpty else { return [] }
    let unit = study.units[name] ?? "1"
    var order = words(known[0].path)
    for (a, b) in zip(known, known.dropFirst()) {
      order += " \(a.certainty?.isGreaterThanNext == true ? ">" : "≈") \(words(b.path))"
    }
    var sentences = ["What matters for the \(title(name)) (>: shown to matter more; ≈: not shown): \(order)."]
    for effect in known {
      guard let certainty = effect.certainty, let knob = study.knobs.first(where: { $0.path == effect.path })
      else { continue }
      let what = "from \(Self.figure(knob.from)) to \(Self.figure(knob.to))"
      let words = capitalised(words(effect.path))
      if effect.magnitude == 0 {
        sentences.append("\(words) \(what): no effect on any trajectory.")
      } else if !certainty.isShown {
        sentences.append("\(words) \(what): no effect shown.")
      } else if certainty.mean.lower ?? -1 > 0 || certainty.mean.upper ?? 1 < 0 {
        var size = certainty.mean
        size.mean = abs(size.mean)
        let verb = certainty.mean.mean > 0 ? "raises" : "lowers"
        sentences.append(
          "\(words) \(what): \(verb) it by \(StudyWording.estimate(size, unit: unit, of: size.count)) on average."
        )
      } else {
        sentences.append(
          "\(words) \(what): changes it by \(StudyWording.estimate(certainty.magnitude, unit: unit, of: certainty.magnitude.count)) on average, in a direction that is not shown."
        )
      }
    }
    return sentences
  }

  /// A share of a variance, which is none below nothing or above all, whatever few rows give.
  private func share(_ estimate: Estimate) -> String {
    if (0...1).contains(estimate.mean) {
      return StudyWording.estimate(estimate, unit: "share", of: estimate.count, decimals: 0)
    }
    guard let lower = estimate.lower, let upper = estimate.upper else { return "an unknown share" }
    func percent(_ share: Double) -> String { Wording.fixed(min(1, max(0, share)) * 100, decimals: 0) + " %" }
    return "between \(percent(lower)) and \(percent(upper))"
  }

  private func shares(_ indices: [CapacityStudy.Index], _ name: String) -> [String] {
    guard !indices.isEmpty else { return [] }
    return indices.map { index in
      let alone = share(index.first)
      guard let path = index.path, let total = index.total else {
        return "Chance alone explains \(alone) of the variance of the \(title(name))."
      }
      let together = share(total)
      let words = capitalised(words(path))
      if total.mean == 0 { return "\(words): explains nothing of the variance of the \(title(name))." }
      return
        "\(words): explains \(alone) of the variance of the \(title(name)) alone, and \(together) together with the others."
    }
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var part = self
    while part.first == " " { part.removeFirst() }
    while part.last == " " { part.removeLast() }
    return String(part)
  }
}
