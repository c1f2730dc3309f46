/// How usage comes: arrivals, quantities and delays.
extension Shape {
  private static let duration = Shape.unit(.duration)
  private static let share = Shape.unit(.share)
  private static let rate = Shape.unit(.rate)
  private static let number = Shape.unit(.decimal(digits: 6))

  static let arrivals = Shape.either([
    rate,
    .variant(
      [
        Field("constant", rate, "evenly spaced", title: "{}"),
        Field("poisson", rate, "a Poisson process", title: "{}"),
        Field(
          "bursts",
          .record([
            .required("base", rate, "the rate between bursts", title: "{} between bursts"),
            .required("peak", rate, "the rate in a burst", title: "{} in a burst"),
            .required("on", duration, "the mean length of a burst", title: "mean length of a burst of {}"),
            .required(
              "off", duration, "the mean time between bursts", title: "mean time between bursts of {}"),
          ]), "a Markov-modulated Poisson process of two states", title: "{}"),
        Field(
          "modulated",
          .list(
            .record([
              .required("rate", rate, "the rate in this state"),
              .required("stay", duration, "the mean time in it", title: "mean time in {}"),
            ]), minimum: 2), "a Markov-modulated Poisson process: its states, one after another", title: "{}",
          element: "state {#} of {}"),
        Field(
          "seasonal",
          .record([
            .required(
              "rate", rate, "the rate at the daily peak of a weekday, before any growth",
              title: "{} at the daily peak"),
            Field(
              "daily",
              .record([
                .required(
                  "peakHour", .unit(.integer(0...23)), "the hour of the peak, in UTC",
                  title: "hour of the daily peak of {}"),
                .required(
                  "drop", share, "how much of the rate is missing twelve hours later",
                  title: "fall of {} from the daily peak to the low"),
              ]), "a daily cycle, linear between peak and low", title: "{}"),
            Field("weekend", number, "the factor on Saturdays and Sundays", title: "weekend factor of {}"),
            Field(
              "growth",
              .record([
                .required("to", number, "the factor at the end", title: "{}"),
                .required("over", duration, "from the start until then", title: "time taken by the {}"),
              ]), "a ramp", title: "growth of {}"),
            Field(
              "monthEnd",
              .record([
                .required("factor", number, "the factor", title: "month-end factor of {}"),
                .required(
                  "days", .unit(.integer(1...31)), "on how many last days of a month",
                  title: "days of the month-end peak of {}"),
              ]), "more usage at the end of months", title: "{}"),
            Field(
              "spikes",
              .list(
                .record([
                  .required("at", .unit(.moment), "when it begins", title: "start of {}"),
                  .required("for", duration, "how long it lasts", title: "length of {}"),
                  .required("factor", number, "the factor", title: "factor of {}"),
                ]), minimum: 0), "spikes", title: "{}", element: "spike {#} of {}"),
          ]), "a Poisson process whose rate follows days, weeks and months", title: "{}"),
      ],
      common: [
        Field(
          "perCustomer", .choice(["true", "false"]),
          "whether the rates are those of one customer on average, so that usage grows with customers.count; otherwise they are totals, "
            + "shared by all customers (default)")
      ]),
  ])

  static let quantity = Shape.either([
    number,
    .variant(
      [
        Field("constant", number, "always the same", title: "{}"),
        Field(
          "uniform", .record([.required("min", number, "least"), .required("max", number, "greatest")]),
          "uniform between two bounds", title: "{}"),
        Field(
          "exponential", .record([.required("mean", number, "the mean", title: "mean {}")]), "exponential",
          title: "{}"),
        Field(
          "lognormal",
          .record([
            .required("median", number, "the median", title: "median {}"),
            .required("sigma", number, "the standard deviation of the logarithm", title: "spread of {}"),
          ]), "log-normal", title: "{}"),
        Field(
          "pareto",
          .record([
            .required("min", number, "the least"),
            .required("shape", number, "the tail exponent", title: "tail exponent of {}"),
          ]),
          "Pareto", title: "{}"),
        Field(
          "gamma",
          .record([
            .required("shape", number, "the shape", title: "shape of {}"),
            .required("scale", number, "the scale"),
          ]), "gamma", title: "{}"
        ),
      ],
      common: [
        Field(
          "decimals", .unit(.integer(0...6)), "fraction digits of the quantities; 0 if left out",
          title: "decimals of {}")
      ]),
  ])

  static let delay = Shape.either([
    duration,
    .variant(
      [
        Field("constant", duration, "always the same", title: "{}"),
        Field(
          "uniform", .record([.required("min", duration, "least"), .required("max", duration, "greatest")]),
          "uniform between two bounds", title: "{}"),
        Field(
          "exponential", .record([.required("mean", duration, "the mean", title: "mean {}")]), "exponential",
          title: "{}"),
        Field(
          "lognormal",
          .record([
            .required("median", duration, "the median", title: "median {}"),
            .required("sigma", number, "the standard deviation of the logarithm", title: "spread of {}"),
          ]), "log-normal", title: "{}"),
        Field(
          "pareto",
          .record([
            .required("min", duration, "the least"),
            .required("shape", number, "the tail exponent", title: "tail exponent of {}"),
            Field("max", duration, "where the tail is cut off; 30d if left out", title: "longest {}"),
          ]), "Pareto", title: "{}"),
      ], common: []),
  ])
}
