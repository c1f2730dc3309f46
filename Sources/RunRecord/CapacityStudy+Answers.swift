/// What a study says besides the value that it looked for.
extension CapacityStudy {
  /// From one value on, more changes nothing.
  package struct Plateau: Codable, Equatable, Sendable {
    /// The least value tried from which on all figures are alike.
    package var from: String
    /// The greatest that was tried.
    package var to: String
    /// The greatest change of an objective's indicator between them, as a share.
    package var change: Double
    /// The indicators that were looked at.
    package var indicators: [String]
    /// What is used up there.
    package var binding: [Use]

    /// Makes an entry.
    package init(from: String, to: String, change: Double, indicators: [String], binding: [Use]) {
      self.from = from
      self.to = to
      self.change = change
      self.indicators = indicators
      self.binding = binding
    }
  }

  /// How far an answer is from what the scenario says.
  package struct Headroom: Codable, Equatable, Sendable {
    /// What the scenario says.
    package var today: String
    /// By how many per cent that may grow and still meet the objectives; negative: it is beyond the answer.
    package var percent: Double
    /// By how many it is not shown to meet them; `nil`: the range ended before.
    package var beyondPercent: Double?

    /// Makes an entry.
    package init(today: String, percent: Double, beyondPercent: Double?) {
      self.today = today
      self.percent = percent
      self.beyondPercent = beyondPercent
    }
  }

  /// With which probability a period is closed by some spans after its end.
  package struct Closing: Codable, Equatable, Sendable {
    /// A span and its probability.
    package struct Point: Codable, Equatable, Sendable {
      /// As written: `3d`.
      package var by: String
      /// The same in seconds.
      package var seconds: Double
      /// The share of months that were closed by then, with an interval of its own.
      package var share: Estimate
      /// Months that were closed by then.
      package var closed: Int

      /// Makes an entry.
      package init(by: String, seconds: Double, share: Estimate, closed: Int) {
        self.by = by
        self.seconds = seconds
        self.share = share
        self.closed = closed
      }
    }

    /// The setting; `nil` where it was asked once.
    package var setting: String?
    /// Months of all runs.
    package var months: Int
    /// Runs.
    package var runs: Int
    /// The curve, rising.
    package var points: [Point]
    /// The span by which the last month of all was closed, in seconds.
    package var longest: Double?
    /// Invariants that broke in any of the runs.
    package var broken: [String]

    /// Makes a curve.
    package init(
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
  package struct Licences: Codable, Equatable, Sendable {
    /// One number of them.
    package struct Row: Codable, Equatable, Sendable {
      /// Licences.
      package var licences: Int
      /// Calls at once with them.
      package var places: Int
      /// What they cost a year, as a decimal.
      package var yearly: String
      /// The greatest value that is carried; `nil`: none was shown to be.
      package var carries: String?
      /// What they carry more than the row before, as a number; `nil` where one of both is not known, or is the end of the range.
      package var more: Double?
      /// At least, as far apart as the answers and the values beyond them are.
      package var moreAtLeast: Double?
      /// At most.
      package var moreAtMost: Double?

      /// Makes a row.
      package init(
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
    package var plan: String
    /// What one costs a year, as a decimal; for each of ``erps``.
    package var price: String
    /// Of all prices.
    package var currency: String
    /// How many ERPs need one each.
    package var erps: Int
    /// Whether posting was given as many workers as there are places.
    package var workersFollow: Bool
    /// Rising.
    package var rows: [Row]

    /// Makes a table.
    package init(
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
