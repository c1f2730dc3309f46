/// What a study says besides the value that it looked for.
extension CapacityStudy {
  /// From one value on, more changes nothing.
  public struct Plateau: Codable, Equatable, Sendable {
    /// The least value tried from which on all figures are alike.
    public var from: String
    /// The greatest that was tried.
    public var to: String
    /// The greatest change of an objective's indicator between them, as a share.
    public var change: Double
    /// The indicators that were looked at.
    public var indicators: [String]
    /// What is used up there.
    public var binding: [Use]

    /// Makes an entry.
    public init(from: String, to: String, change: Double, indicators: [String], binding: [Use]) {
      self.from = from
      self.to = to
      self.change = change
      self.indicators = indicators
      self.binding = binding
    }
  }

  /// How far an answer is from what the scenario says.
  public struct Headroom: Codable, Equatable, Sendable {
    /// What the scenario says.
    public var today: String
    /// By how many per cent that may grow and still meet the objectives; negative: it is beyond the answer.
    public var percent: Double
    /// By how many it is not shown to meet them; `nil`: the range ended before.
    public var beyondPercent: Double?

    /// Makes an entry.
    public init(today: String, percent: Double, beyondPercent: Double?) {
      self.today = today
      self.percent = percent
      self.beyondPercent = beyondPercent
    }
  }

  /// With which probability a period is closed by some spans after its end.
  public struct Closing: Codable, Equatable, Sendable {
    /// A span and its probability.
    public struct Point: Codable, Equatable, Sendable {
      /// As written: `3d`.
      public var by: String
      /// The same in seconds.
      public var seconds: Double
      /// The share of months that were closed by then, with an interval of its own.
      public var share: Estimate
      /// Months that were closed by then.
      public var closed: Int

      /// Makes an entry.
      public init(by: String, seconds: Double, share: Estimate, closed: Int) {
        self.by = by
        self.seconds = seconds
        self.share = share
        self.closed = closed
      }
    }

    /// The setting; `nil` where it was asked once.
    public var setting: String?
    /// Months of all runs.
    public var months: Int
    /// Runs.
    public var runs: Int
    /// The curve, rising.
    public var points: [Point]
    /// The span by which the last month of all was closed, in seconds.
    public var longest: Double?
    /// Invariants that broke in any of the runs.
    public var broken: [String]

    /// Makes a curve.
    public init(
      setting: String?, months: Int, runs: Int, points: [Point], longest: Double?, broken: [String]
    ) {
      self.setting = setting
      self.months = months
      self.runs = runs
      self.points = points
      self.longest = longest
      self.broken = broken
    }
  }

  /// What licences of an ERP bring and cost.
  public struct Licences: Codable, Equatable, Sendable {
    /// One number of them.
    public struct Row: Codable, Equatable, Sendable {
      /// Licences.
      public var licences: Int
      /// Calls at once with them.
      public var places: Int
      /// What they cost a year, as a decimal.
      public var yearly: String
      /// The greatest value that is carried; `nil`: none was shown to be.
      public var carries: String?
      /// What they carry more than the row before, as a number; `nil` where one of both is not known, or is the end of the range.
      public var more: Double?
      /// At least, as far apart as the answers and the values beyond them are.
      public var moreAtLeast: Double?
      /// At most.
      public var moreAtMost: Double?

      /// Makes a row.
      public init(
        licences: Int, places: Int, yearly: String, carries: String?, more: Double?, moreAtLeast: Double?,
        moreAtMost: Double?
      ) {
        self.licences = licences
        self.places = places
        self.yearly = yearly
        self.carries = carries
        self.more = more
        self.moreAtLeast = moreAtLeast
        self.moreAtMost = moreAtMost
      }
    }

    /// The plan's entry.
    public var plan: String
    /// What one costs a year, as a decimal; for each of ``erps``.
    public var price: String
    /// Of all prices.
    public var currency: String
    /// How many ERPs need one each.
    public var erps: Int
    /// Whether posting was given as many workers as there are places.
    public var workersFollow: Bool
    /// Rising.
    public var rows: [Row]

    /// Makes a table.
    public init(
      plan: String, price: String, currency: String, erps: Int, workersFollow: Bool, rows: [Row]
    ) {
      self.plan = plan
      self.price = price
      self.currency = currency
      self.erps = erps
      self.workersFollow = workersFollow
      self.rows = rows
    }
  }

  /// Checks what is added here.
  func checkAnswers() throws(RecordProblem) {
    for curve in curves {
      try Check.figure(curve.plateau?.change, "change")
      try Check.figure(curve.headroom?.percent, "percent")
      try Check.figure(curve.headroom?.beyondPercent, "beyondPercent")
      try Check.each("binding", curve.plateau?.binding ?? []) { (use) throws(RecordProblem) in
        try Check.figure(use.utilization, "utilization")
      }
    }
    try Check.each("closing", closing ?? []) { (curve) throws(RecordProblem) in
      try Check.counts([("months", curve.months), ("runs", curve.runs)])
      try Check.seconds(curve.longest, "longest")
      try Check.each("points", curve.points) { (point) throws(RecordProblem) in
        try Check.seconds(point.seconds, "seconds")
        try Check.count(point.closed, "closed")
        try Check.within("share", point.share.check)
      }
    }
    guard let licences else { return }
    try Check.decimal(licences.price, "price")
    try Check.count(licences.erps, "erps")
    try Check.each("rows", licences.rows) { (row) throws(RecordProblem) in
      try Check.counts([("licences", row.licences), ("places", row.places)])
      try Check.decimal(row.yearly, "yearly")
      for (key, value) in [
        ("more", row.more), ("moreAtLeast", row.moreAtLeast), ("moreAtMost", row.moreAtMost),
      ] { try Check.figure(value, key) }
    }
  }
}
