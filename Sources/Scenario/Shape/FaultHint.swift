import CanonicalModel
import Chronology

/// What was meant by a fault that is written in another vocabulary: first guesses of people who know chaos testing, and how
/// the same is said here.
enum FaultHint {
  /// The key that carries a kind's figure, where a plain value stands in its place: `drop: 5%` for `drop: { share: 5% }`.
  private static func figure(of kind: String) -> String? {
    FaultKind.Sort(rawValue: kind)?.declaration.figure
  }

  /// Other words for kinds of fault, with what to write.
  private static let kinds: [(words: [String], say: String)] = [
    (
      ["latency", "slow", "slowness", "lag", "jitter"],
      "delay: { upTo: 30s } on the way there, or brownOut: { slowdown: 10 } within it"
    ),
    (["down", "unavailable", "downtime", "blackout", "offline"], "outage: {}"),
    (["kill", "die", "restart", "terminate", "shutdown", "killed"], "crash: { restartAfter: 1m }"),
    (["loss", "lose", "packetloss", "dropped", "drops"], "drop: { share: 5% }"),
    (["timeout", "timeouts", "lostanswers", "lostanswer", "noanswer"], "timeoutAfterCommit: { share: 20% }"),
    (
      ["error", "errors", "errorrate", "failures", "http500", "status"],
      "brownOut: { slowdown: 1, errors: 20% }"
    ),
    (["ratelimit", "limit", "throttling", "quota"], "throttle: { to: 10% }"),
    (["skew", "clock", "clockdrift", "drift"], "clockSkew: { ahead: 5m }"),
    (["duplicates", "duplication", "doubled"], "duplicate: { share: 5% }"),
    (["reject", "rejects", "rejections", "refuse"], "refusals: { share: 5% }"),
    (["duration", "during", "length", "lasts", "lasting"], "for: 1h"),
    (["start", "begin", "begins", "from", "time", "after"], "at: 3d"),
    (["on", "where", "hits", "service", "node"], "target: erp/us"),
    (["if", "condition", "until", "trigger"], "when: { outbox: { above: 50 } }"),
  ]

  /// What would be right where a value of a fault has a wrong form; empty where nothing is known.
  static func value(_ path: String, _ node: LocatedNode) -> String {
    guard let key = key(path), let text = node.text else { return "" }
    switch key.last {
    case "random":
      if let every = gap(text) { return said("random: { every: \(every) }") }
    case "when": return said(condition(text))
    case "outbox", "inFlight", "brokerLag":
      if let limit = number(text) { return said("\(key.last): { above: \(limit) }") }
    case "at":
      if text.hasPrefix("month-start") || text.hasPrefix("month-begin") {
        let rest = text.drop { $0.isLetter || $0 == "-" }
        return "; a month begins where the one before ends: month-end\(rest)"
      }
    case "for":
      let words = ["ever", "always", "end", "never", "infinite", "inf", "permanent", "unlimited", "-1"]
      if words.contains(text.lowercased()) { return said("for: forever") }
    case let word:
      guard let sort = FaultKind.Sort(rawValue: word), key.depth == 1 || sort == .clockSkew else { return "" }
      return value(of: sort, text, isNull: node.isNull)
    }
    return ""
  }

  /// What would be right where a plain value stands for a kind of fault.
  private static func value(of sort: FaultKind.Sort, _ text: String, isNull: Bool) -> String {
    if let figure = sort.declaration.figure {
      return isNull ? "" : said("\(sort.rawValue): { \(figure): \(text) }")
    }
    guard sort == .clockSkew else {
      let span = Unit.duration(text) != nil ? ", for: \(text)" : ""
      return said("\(sort.rawValue): {}\(span)")
    }
    // It has one of two figures, by the sign.
    let isBehind = text.hasPrefix("-")
    let span = text.drop { "+-".contains($0) }
    return Unit.duration(String(span)) == nil
      ? "" : said("clockSkew: { \(isBehind ? "behind" : "ahead"): \(span) }")
  }

  /// What would be right where a fault has a key that there is not; `nil` where nothing is known.
  static func unknown(_ name: String, _ value: LocatedNode, in path: String) -> String? {
    guard let key = key(path + "." + name) else { return nil }
    let text = value.text ?? value.pairs.first { $0.value.text != nil }?.value.text
    if key.depth == 1 {
      let plain = String(name.lowercased().filter { $0 != "_" && $0 != "-" })
      guard let found = kinds.first(where: { $0.words.contains(plain) }) else { return nil }
      var say = found.say
      if plain == "latency" || plain == "slow", let text, Unit.duration(text) != nil {
        say = say.replacing("30s", with: text)
      }
      return said(say)
    }
    let parent = path.split(separator: ".").last.map(String.init) ?? ""
    if parent == "when" {
      return said("when: { situation: timeout-after-commit }")
        + "; 'meterstorm list situations' names them all"
    }
    if parent == "random" {
      return text.flatMap(gap).map { said("random: { every: \($0) }") } ?? said("random: { every: 2h }")
    }
    if parent == "clockSkew", let text, Unit.duration(text) != nil {
      return said("clockSkew: { ahead: \(text) }")
    }
    guard let figure = figure(of: parent), figure != name else { return nil }
    return said("\(parent): { \(figure): \(text ?? "…") }")
  }

  /// The last key of a path within a fault, and how deep it lies; `nil` beyond faults.
  private static func key(_ path: String) -> (last: String, depth: Int)? {
    guard path.hasPrefix("faults[") else { return nil }
    let parts = path.split(separator: ".")
    return parts.count > 1 ? (String(parts[parts.count - 1]), parts.count - 1) : nil
  }

  private static func said(_ yaml: String) -> String { "; say \(yaml)" }

  /// `10/d` or `2h24m` as the time between two; `nil` for anything else, and for more than one a minute.
  private static func gap(_ text: String) -> String? {
    if Unit.duration(text) != nil { return text }
    guard let rate = Unit.rate(text), rate > 0, rate <= 1.0 / 60, rate > 1e-8 else { return nil }
    return "\(Span.seconds(Int64((1 / rate).rounded())))".filter { $0 != " " }
  }

  private static func number(_ text: String) -> Int? {
    let digits = text.drop { !$0.isNumber }
    return Int(digits.filter { $0 != "_" && $0 != "," })
  }

  /// `outbox > 50` as a condition.
  private static func condition(_ text: String) -> String {
    let words = [
      ("outbox", "outbox"), ("inflight", "inFlight"), ("brokerlag", "brokerLag"), ("lag", "brokerLag"),
    ]
    let plain = text.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" }
    if let (_, key) = words.first(where: { plain.hasPrefix($0.0) }), let limit = number(text) {
      return "when: { \(key): { above: \(text.contains(">=") ? max(0, limit - 1) : limit) } }"
    }
    let isName = text.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || $0 == 45 }
    return "when: { situation: \(isName ? text : "timeout-after-commit") }"
  }
}
