import Chronology
import Scenario

/// Makes a failing scenario smaller, step by step, as long as the same invariant breaks: hierarchical delta debugging
/// (A. Zeller, R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28(2), 2002; G. Misherghi,
/// Z. Su, "HDD: hierarchical delta debugging", ICSE 2006) over the tree of the scenario, then simpler values.
///
/// Deterministic: the same failure shrinks to the same scenario, however long each step takes.
struct Shrinker {
  /// A scenario and the seed on which it fails.
  struct Candidate {
    var tree: LocatedNode
    var seed: UInt64
  }

  /// Whether a candidate still fails in the same way, and how large a run it is; `nil`: it does not fail so.
  typealias Check = (Candidate) -> Int?

  private(set) var best: Candidate
  /// Usage events of the best candidate.
  private(set) var events: Int
  /// Candidates that were tried, and those that failed in the same way.
  private(set) var tried = 0
  private(set) var kept = 0
  private let check: Check
  /// Called with what has just been made smaller; `false` stops.
  private let progress: (String, Shrinker) -> Bool
  private var isStopped = false
  /// Trees that were tried, so that none is tried twice.
  private var seen: Set<String> = []

  /// Begins with a failure.
  init(
    _ failure: Candidate, events: Int, progress: @escaping (String, Shrinker) -> Bool, check: @escaping Check
  ) {
    best = failure
    self.events = events
    self.progress = progress
    self.check = check
  }

  /// Goes on until nothing gets smaller any more.
  mutating func shrink() {
    // What makes runs short comes first: everything after it is faster.
    reduceSizes()
    var before = ""
    while !isStopped, best.tree.yaml != before {
      before = best.tree.yaml
      removeElements(of: ["faults"])
      removeEntities()
      removeElements(of: ["load"])
      removeElements(of: ["customers", "amendments"])
      removeBranches(of: [])
      simplifyShapes()
      reduceSizes()
    }
  }

  // MARK: Steps

  /// Tries a tree on the seed at hand and, if that does not fail, on a few others: what is drawn differs with the seed.
  @discardableResult
  private mutating func adopt(_ tree: LocatedNode, _ what: String, otherSeeds: UInt64 = 0) -> Bool {
    guard !isStopped, seen.insert(tree.yaml).inserted else { return false }
    for offset in 0...otherSeeds {
      let seed = offset == 0 ? best.seed : offset
      let candidate = Candidate(tree: tree, seed: seed)
      tried += 1
      guard let events = check(candidate) else {
        if !progress("", self) { isStopped = true }
        if isStopped { return false }
        continue
      }
      kept += 1
      best = candidate
      self.events = events
      if !progress(what, self) { isStopped = true }
      return true
    }
    return false
  }

  /// Takes elements of a list away: all, halves, quarters, … single ones.
  private mutating func removeElements(of path: [String]) {
    guard let count = best.tree.find(path)?.elements.count, count > 0 else { return }
    var size = count
    while size >= 1, !isStopped {
      var start = 0
      while let now = best.tree.find(path)?.elements.count, start < now {
        let range = start..<min(now, start + size)
        var tree = best.tree
        for index in range.reversed() { tree = tree.removing(path + ["\(index)"]) }
        let what = range.count == 1 ? "an element" : "\(range.count) elements"
        if !adopt(tree, "\(what) of \(path.joined(separator: "."))", otherSeeds: size == 1 ? 2 : 0) {
          start += size
        }
      }
      size /= 2
    }
  }

  /// Takes legal entities away, with everything that names them.
  private mutating func removeEntities() {
    for name in (best.tree["entities"]?.elements ?? []).compactMap({ $0["name"]?.text }).reversed() {
      guard let entities = best.tree["entities"]?.elements, entities.count > 1,
        let index = entities.firstIndex(where: { $0["name"]?.text == name })
      else { return }
      var tree = best.tree.removing(["entities", "\(index)"]).removing(["customers", "contracts", name])
      for index in (tree["customers"]?["amendments"]?.elements ?? []).indices {
        tree = tree.removing(["customers", "amendments", "\(index)", "contracts", name])
      }
      for (index, fault) in (tree["faults"]?.elements ?? []).enumerated().reversed() {
        if fault["target"]?.text == "erp/\(name)" { tree = tree.removing(["faults", "\(index)"]) }
        for (place, target) in (fault["target"]?.elements ?? []).enumerated().reversed()
        where target.text == "erp/\(name)" {
          tree = tree.removing(["faults", "\(index)", "target", "\(place)"])
        }
      }
      for (index, entry) in (tree["periods"]?["reopen"]?.elements ?? []).enumerated().reversed()
      where entry["entity"]?.text == name {
        tree = tree.removing(["periods", "reopen", "\(index)"])
      }
      adopt(tree, "the entity \(name)", otherSeeds: 4)
    }
  }

  /// Tries to do without each key and element, the uppermost first.
  private mutating func removeBranches(of path: [String]) {
    guard !isStopped, let node = best.tree.find(path) else { return }
    switch node.content {
    case .scalar: return
    case .mapping(let pairs):
      for pair in pairs.reversed() {
        let child = path + [pair.key.name]
        if !adopt(best.tree.removing(child), child.joined(separator: ".")) { removeBranches(of: child) }
      }
    case .sequence(let elements):
      for index in elements.indices.reversed() {
        let child = path + ["\(index)"]
        if !adopt(best.tree.removing(child), child.joined(separator: ".")) { removeBranches(of: child) }
      }
    }
  }

  // MARK: Values

  /// Processes, distributions and timings in their simplest form.
  private mutating func simplifyShapes() {
    for index in (best.tree["load"]?.elements ?? []).indices {
      set(["load", "\(index)", "quantity"], "1")
      for shape in ["poisson", "bursts.base", "bursts.peak", "seasonal.rate"] {
        let path = ["load", "\(index)", "arrivals"] + shape.split(separator: ".").map(String.init)
        if let rate = best.tree.find(path)?.text {
          set(["load", "\(index)", "arrivals"], "{ constant: \(rate) }")
        }
      }
    }
    for index in (best.tree["faults"]?.elements ?? []).indices {
      let path = ["faults", "\(index)"]
      guard let fault = best.tree.find(path) else { continue }
      for pair in fault.pairs where pair.value["share"] != nil {
        set(path + [pair.key.name, "share"], "100%")
      }
      if fault["random"] != nil {
        // At a moment of its own instead of at random.
        for moment in ["0h", "1d", "month-end"] {
          guard let tree = try? best.tree.removing(path + ["random"]).setting(path + ["at"], to: moment)
          else { continue }
          if adopt(tree, "when \(path.joined(separator: ".")) happens") { break }
        }
      }
      if let target = fault["target"]?.text, target.hasSuffix("*") {
        let names =
          target == "process/*"
          ? ["posting", "ingestion", "billing", "payments"]
          : (best.tree["entities"]?.elements ?? []).compactMap { $0["name"]?.text }
        for name in names where set(path + ["target"], target.dropLast() + name) { break }
      }
    }
    for (index, entity) in (best.tree["entities"]?.elements ?? []).enumerated() {
      if let profile = entity["erp"]?["profile"]?.text { set(["entities", "\(index)", "erp"], profile) }
      set(["entities", "\(index)", "erp"], "ideal")
    }
    set(["design"], "middleware")
  }

  /// Smaller numbers, shorter spans, lower rates.
  private mutating func reduceSizes() {
    let customers = best.tree["customers"]?["count"]?.text.flatMap(Unit.integer) ?? 1
    for count in [1, 2, 3, 5, 10] where count < customers {
      if set(["customers", "count"], "\(count)", otherSeeds: 4) { break }
    }
    for index in (best.tree["load"]?.elements ?? []).indices {
      for shape in ["", "constant", "poisson", "bursts.base", "bursts.peak", "seasonal.rate"] {
        let path = ["load", "\(index)", "arrivals"] + shape.split(separator: ".").map(String.init)
        while let rate = best.tree.find(path)?.text, let lower = Self.lowered(rate) {
          guard set(path, lower, otherSeeds: 2) else { break }
        }
      }
      set(["load", "\(index)", "producers"], "1")
    }
    halve(["horizon"], minimum: 3600)
    for index in (best.tree["faults"]?.elements ?? []).indices {
      halve(["faults", "\(index)", "for"], minimum: 60)
    }
    set(["broker", "partitions"], "1")
  }

  @discardableResult
  private mutating func set(_ path: [String], _ value: some StringProtocol, otherSeeds: UInt64 = 0) -> Bool {
    guard best.tree.find(path) != nil, best.tree.find(path)?.text != String(value),
      let tree = try? best.tree.setting(path, to: String(value))
    else { return false }
    return adopt(tree, "\(path.joined(separator: ".")) to \(value)", otherSeeds: otherSeeds)
  }

  /// Halves a span as long as that goes well, then takes a quarter of it away, down to so many seconds.
  private mutating func halve(_ path: [String], minimum: Int64) {
    for parts in [2, 3] as [Int64] {
      while let text = best.tree.find(path)?.text, let span = Unit.duration(text) {
        let seconds = Int64(span.seconds) * parts / 4
        guard seconds >= minimum, set(path, Self.span(seconds), otherSeeds: 1) else { break }
      }
    }
  }

  /// A span in the greatest unit that fits.
  private static func span(_ seconds: Int64) -> String {
    for (size, unit) in [(86_400, "d"), (3600, "h"), (60, "m")] as [(Int64, String)]
    where seconds >= size * 4 || seconds % size == 0 { return "\(seconds / size)\(unit)" }
    return "\(seconds)s"
  }

  /// A quarter of a rate, in whole events a day or in hundredths of one; `nil` at the least.
  private static func lowered(_ rate: String) -> String? {
    guard let perSecond = Unit.rate(rate) else { return nil }
    let hundredths = Int64(perSecond * 8_640_000 / 4)
    if hundredths >= 100 { return "\(hundredths / 100)/d" }
    return hundredths >= 1 ? "0.\(hundredths < 10 ? "0" : "")\(hundredths)/d" : nil
  }
}
