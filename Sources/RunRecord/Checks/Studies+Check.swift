extension CampaignRun: CheckedRecord {
  /// What campaigns and their reports rely on.
  package func check() throws(RecordProblem) {
    try Check.count(usageEvents, "usageEvents")
    try Check.count(kernelEvents, "kernelEvents")
    try Check.seconds(simulatedSeconds, "simulatedSeconds")
    try Check.each("broken", broken) { (broken) throws(RecordProblem) in try broken.check() }
    try Check.within("situations") { () throws(RecordProblem) in try Check.counts(situations) }
    try Check.within("indicators") { () throws(RecordProblem) in try Check.figures(indicators) }
  }
}

extension CampaignRun.Broken: CheckedRecord {
  package func check() throws(RecordProblem) {
    try Check.instant(at, "at")
    try Check.count(violations, "violations")
  }
}

extension Replication: CheckedRecord {
  /// What statistics rely on.
  package func check() throws(RecordProblem) {
    for (key, values) in [("indicators", indicators), ("resources", resources), ("peaks", peaks)] {
      try Check.within(key) { () throws(RecordProblem) in try Check.figures(values) }
    }
  }
}

extension Estimate: CheckedRecord {
  package func check() throws(RecordProblem) {
    try Check.figure(mean, "mean")
    try Check.figure(halfWidth, "halfWidth")
    if let halfWidth, halfWidth < 0 {
      throw RecordProblem("\(halfWidth) should not be negative", at: "halfWidth")
    }
    try Check.figure(lower, "lower")
    try Check.figure(upper, "upper")
    if let lower, lower > mean { throw RecordProblem("\(lower) should not be above the mean", at: "lower") }
    if let upper, upper < mean { throw RecordProblem("\(upper) should not be below the mean", at: "upper") }
    try Check.share(confidence, "confidence")
    try Check.count(count, "count")
  }

  static func check(_ estimates: [String: Estimate]) throws(RecordProblem) {
    for (name, estimate) in estimates.sorted(by: { $0.key < $1.key }) {
      try Check.within("estimates.\(name)", estimate.check)
    }
  }
}

extension Comparison: CheckedRecord {
  /// What the reports of comparisons rely on.
  package func check() throws(RecordProblem) {
    guard schema == Self.currentSchema else {
      throw RecordProblem("'\(schema)' should be \(Self.currentSchema)", at: "schema")
    }
    try Check.share(confidence, "confidence")
    guard !variants.isEmpty else { throw RecordProblem("there should be a variant", at: "variants") }
    let names = variants.map(\.name)
    guard Set(names).count == names.count else {
      throw RecordProblem("two variants have the same name", at: "variants")
    }
    try Check.each("variants", variants) { (variant) throws(RecordProblem) in
      try Check.counts([("runs", variant.runs), ("sound", variant.sound)])
      guard variant.sound <= variant.runs else {
        throw RecordProblem("\(variant.sound) should be at most the \(variant.runs) runs", at: "sound")
      }
      try Check.each("broken", variant.broken) { (broken) throws(RecordProblem) in
        try Check.count(broken.seeds, "seeds")
      }
      if let tally = variant.invariants {
        try Check.counts([
          ("held", tally.held), ("broken", tally.broken), ("notExercised", tally.notExercised),
          ("notJudged", tally.notJudged),
        ])
      }
      try Check.figure(variant.failureBound, "failureBound")
      try Estimate.check(variant.estimates)
    }
    try Check.each("differences", differences) { (difference) throws(RecordProblem) in
      for (key, name) in [("first", difference.first), ("second", difference.second)]
      where !names.contains(name) {
        throw RecordProblem("there is no variant '\(name)'", at: key)
      }
      try Check.within("difference", difference.difference.check)
    }
    if let choice { try Check.within("choice") { () throws(RecordProblem) in try choice.check(names) } }
    try Check.each("conditions", conditions ?? []) { (condition) throws(RecordProblem) in
      guard names.contains(condition.variant) else {
        throw RecordProblem("there is no variant '\(condition.variant)'", at: "variant")
      }
      if let excess = condition.excess { try Check.within("excess", excess.check) }
    }
  }
}

extension Comparison.Choice {
  func check(_ names: [String]) throws(RecordProblem) {
    try Check.figure(indifference, "indifference")
    try Check.share(confidence, "confidence")
    try Check.count(runs, "runs")
    try Check.each("best", best) { (name) throws(RecordProblem) in
      guard names.contains(name) else { throw RecordProblem("there is no variant '\(name)'", at: "") }
    }
    try Check.each("out", out) { (exit) throws(RecordProblem) in
      try Check.count(exit.after, "after")
      guard names.contains(exit.variant) else {
        throw RecordProblem("there is no variant '\(exit.variant)'", at: "variant")
      }
    }
  }
}

extension CapacityStudy: CheckedRecord {
  /// What the reports of capacity studies rely on.
  package func check() throws(RecordProblem) {
    guard schema == Self.currentSchema else {
      throw RecordProblem("'\(schema)' should be \(Self.currentSchema)", at: "schema")
    }
    try Check.share(confidence, "confidence")
    try Check.count(runs, "runs")
    try Check.within("thresholds") { () throws(RecordProblem) in try Check.figures(thresholds) }
    try checkAnswers()
    guard !knobs.isEmpty || closing != nil else {
      throw RecordProblem("there should be a value that was varied", at: "knobs")
    }
    try Check.each("curves", curves) { (curve) throws(RecordProblem) in
      try Check.each("points", curve.points) { (point) throws(RecordProblem) in try point.check(knobs: 1) }
      try Check.each("binding", curve.binding) { (use) throws(RecordProblem) in
        try Check.figure(use.utilization, "utilization")
      }
      if let law = curve.law { try Check.within("law", law.check) }
    }
    if !map.isEmpty, knobs.count < 2 {
      throw RecordProblem("a map should have two values that were varied", at: "knobs")
    }
    try Check.each("map", map) { (point) throws(RecordProblem) in try point.check(knobs: 2) }
    try Check.each("effects", effects) { (effect) throws(RecordProblem) in
      for (key, value) in [
        ("magnitude", effect.magnitude), ("mean", effect.mean), ("spread", effect.spread),
      ] { try Check.figure(value, key) }
      try Check.each("alone", effect.alone) { (value) throws(RecordProblem) in try Check.figure(value, "") }
      if let certainty = effect.certainty {
        try Check.within("certainty.magnitude", certainty.magnitude.check)
        try Check.within("certainty.mean", certainty.mean.check)
      }
    }
    try Check.each("indices", indices ?? []) { (index) throws(RecordProblem) in
      try Check.within("first", index.first.check)
      if let total = index.total { try Check.within("total", total.check) }
    }
  }
}

extension CapacityStudy.Point {
  func check(knobs: Int) throws(RecordProblem) {
    try Check.count(runs, "runs")
    guard values.count >= knobs else {
      throw RecordProblem("\(values.count) entries should be at least \(knobs)", at: "values")
    }
    try Check.each("numbers", numbers) { (number) throws(RecordProblem) in try Check.figure(number, "") }
    try Estimate.check(estimates)
    for (key, values) in [("resources", resources), ("peaks", peaks)] {
      try Check.within(key) { () throws(RecordProblem) in try Check.figures(values) }
    }
  }
}

extension CapacityStudy.Law {
  func check() throws(RecordProblem) {
    for (key, value) in [
      ("single", single), ("contention", contention), ("coherency", coherency),
      ("greatestResidual", greatestResidual),
    ] { try Check.figure(value, key) }
  }
}
