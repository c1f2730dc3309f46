import RunRecord
import Scenario

/// Looks for the place of a range at which objectives begin to be missed: some values spread over it first, then the middle between
/// the last one that seems to meet them and the next one that does not.
///
/// For the largest value, what counts is the first stretch of values, from the easy end on, that all seem to meet them; for the
/// smallest, the value that is the hardest of all. Where none seems to, it looks around the one that comes closest: more may be
/// worse again, as where workers beyond an ERP's places are refused.
struct CurveSearch {
  /// What was found of each value: steps above the least.
  var points: [Int64: CapacityStudy.Point] = [:]
  private var leaning: Set<Int64> = []
  private var scores: [Int64: Double] = [:]
  /// The first values, from the easy end to the hard one.
  private let order: [Int64]
  private let goal: CapacityQuestion.Goal
  private let isClose: (Int64, Int64) -> Bool

  /// Values that are tried at most around the best one, where none meets the objectives.
  private static let attempts = 12

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - order: the values to begin with, rising.
  ///   - isClose: whether two values are so close that nothing between them matters.
  init(order: [Int64], seeks goal: CapacityQuestion.Goal, isClose: @escaping (Int64, Int64) -> Bool) {
    self.order = goal == .smallest ? order.reversed() : order
    self.goal = goal
    self.isClose = isClose
  }

  /// Takes in what was found of a value.
  ///
  /// - Parameter score: how far it is from meeting the objectives; less is better.
  mutating func found(_ step: Int64, _ point: CapacityStudy.Point, leans: Bool, score: Double) {
    points[step] = point
    scores[step] = score
    if leans { leaning.insert(step) }
  }

  /// Whether a value is nearer to the easy end than another one.
  func isEasier(_ a: Int64, than b: Int64) -> Bool { goal == .smallest ? a > b : a < b }

  /// All values that were tried, from the easy end to the hard one.
  private var tried: [Int64] { scores.keys.sorted { isEasier($0, than: $1) } }

  /// The last value that seems to meet the objectives, and the next one, which does not.
  private var bracket: (met: Int64?, beyond: Int64?) {
    let tried = tried
    var last: Int?
    if goal == .smallest {
      last = tried.lastIndex(where: leaning.contains)
    } else if let first = tried.firstIndex(where: leaning.contains) {
      last = first + tried[first...].prefix(while: leaning.contains).count - 1
    }
    guard let last else { return (nil, tried.first) }
    return (tried[last], last + 1 < tried.count ? tried[last + 1] : nil)
  }

  /// The value that comes closest to meeting the objectives.
  private var best: Int64? {
    tried.min { (scores[$0] ?? .infinity) < (scores[$1] ?? .infinity) }
  }

  /// The value to try next; `nil` where the place is found.
  var next: Int64? {
    if let step = order.first(where: { scores[$0] == nil }) { return step }
    let (met, beyond) = bracket
    guard let met else { return aroundBest }
    guard let beyond else { return nil }
    return middle(met, beyond)
  }

  private func middle(_ a: Int64, _ b: Int64) -> Int64? {
    (b - a).magnitude > 1 && !isClose(a, b) ? a + (b - a) / 2 : nil
  }

  private var aroundBest: Int64? {
    let tried = tried
    guard tried.count < order.count + Self.attempts, let best, best != tried.first,
      let place = tried.firstIndex(of: best)
    else { return nil }
    let neighbours = [place - 1, place + 1].filter(tried.indices.contains).map { tried[$0] }
    return neighbours.sorted { ($0 - best).magnitude > ($1 - best).magnitude }
      .lazy.compactMap { middle(best, $0) }.first
  }

  // MARK: What came of it

  /// The value next to the answer that is not to meet the objectives; where none does, the easy end.
  var beyond: Int64? { bracket.beyond }

  /// Values that may be the answer, the first one first: then easier ones, which are safer.
  var candidates: [Int64] {
    guard let met = bracket.met else { return best.map { [$0] } ?? [] }
    let easier = tried.filter { isEasier($0, than: met) && leaning.contains($0) }
    return [met] + easier.reversed().prefix(4)
  }

  /// The next value that was tried beyond another one.
  func beyond(_ step: Int64) -> Int64? { tried.first { isEasier(step, than: $0) } }

  /// The values that do not fit: easier than the answer and missed, or beyond what misses and met.
  func exceptions(answer: Int64, beyond: Int64?) -> [Int64] {
    tried.filter { step in
      if isEasier(step, than: answer) { return !leaning.contains(step) }
      guard let beyond else { return false }
      return isEasier(beyond, than: step) && leaning.contains(step)
    }
  }

  /// The one of them that is nearest to the answer: it is judged before anything is called not monotone.
  func suspect(answer: Int64, beyond: Int64?) -> Int64? {
    exceptions(answer: answer, beyond: beyond).min { ($0 - answer).magnitude < ($1 - answer).magnitude }
  }
}
