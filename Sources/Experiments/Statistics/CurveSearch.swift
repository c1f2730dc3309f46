import RunRecord
import Scenario

/// Looks for the place of a range at which objectives begin to be missed: some values spread over it first, then between the last one
/// that seems to meet them and the next one that does not, where a straight line through both meets what is asked, or in the middle.
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
  /// - Parameter score: how far it is from meeting the objectives; less is better, and below nothing where it meets them.
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
    // Figures that lie on no line are not to make the search a long one.
    return (tried.count - order.count) % 3 == 2 ? middle(met, beyond) : aim(met, beyond)
  }

  /// The value at which a straight line between two meets what is asked, three quarters of what is near enough to the safe side of it:
  /// so the answer is one that few replications show, and the value beyond it none that hundreds could not tell from it.
  private func aim(_ met: Int64, _ beyond: Int64) -> Int64? {
    guard let middle = middle(met, beyond) else { return nil }
    guard let crossing = crossing(met, beyond) else { return middle }
    let (all, near) = (Double((beyond - met).magnitude), Double(reach(met, beyond)))
    var distance = crossing - 0.75 * near
    if distance < 1 { distance = max(crossing + 0.25 * near, near) }
    // What would leave a value near enough to the one beyond is tried there.
    if all - near > distance, all - near <= crossing { distance = all - near }
    let steps = Int64(min(all - 1, max(1, distance.rounded())))
    return beyond > met ? met + steps : met - steps
  }

  /// How many steps from one value towards another one what is asked is met by a straight line; `nil` where the figures give none.
  private func crossing(_ met: Int64, _ beyond: Int64) -> Double? {
    guard let inner = scores[met], let outer = scores[beyond], inner < 0, outer > 0, outer.isFinite else {
      return nil
    }
    return Double((beyond - met).magnitude) * -inner / (outer - inner)
  }

  /// How many steps from one value towards another one nothing between matters.
  private func reach(_ from: Int64, _ to: Int64) -> Int64 {
    var (low, high) = (Int64(1), Int64((to - from).magnitude))
    while low < high {
      let steps = low + (high - low + 1) / 2
      if isClose(from, to > from ? from + steps : from - steps) { low = steps } else { high = steps - 1 }
    }
    return low
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

  /// Takes in what was found of a value on fresh seeds, which is surer.
  mutating func judged(_ step: Int64, _ point: CapacityStudy.Point, leans: Bool, score: Double) {
    points[step] = point
    scores[step] = score
    if leans { leaning.insert(step) } else { leaning.remove(step) }
  }

  /// The value to judge where another one could not be shown to meet the objectives: nearer to the easy end by what is near enough,
  /// seen from where its figures and those of an easier one put the place; an easier one that was tried, where they do not say.
  func safer(than step: Int64) -> Int64? {
    let known = tried.filter { isEasier($0, than: step) && leaning.contains($0) }
    // What lies nearer than what matters says no more than the value itself has said.
    guard let easier = known.last(where: { !isClose($0, step) }) ?? known.last else { return nil }
    guard (step - easier).magnitude > 1, let inner = scores[easier], let outer = scores[step], inner < 0,
      outer > inner
    else { return easier }
    let near = Double(reach(step, easier))
    let place = Double((step - easier).magnitude) * min(1, -inner / (outer - inner))
    let steps = Int64((place - near).rounded())
    guard steps >= 1 else { return easier }
    return step > easier ? easier + steps : easier - steps
  }

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
