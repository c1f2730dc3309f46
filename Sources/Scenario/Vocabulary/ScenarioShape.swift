import CanonicalModel

extension Shape {
  private static let duration = Shape.unit(.duration)
  private static let share = Shape.unit(.share)
  private static let rate = Shape.unit(.rate)
  private static let number = Shape.unit(.decimal(digits: 6))

  fileprivate static let arrivals = Shape.either([
    rate,
    .variant(
      [
        Field("constant", rate, "evenly spaced"), Field("poisson", rate, "a Poisson process"),
        Field(
          "bursts",
          .record([
            .required("base", rate, "the rate between bursts"),
            .required("peak", rate, "the rate in a burst"),
            .required("on", duration, "the mean length of a burst"),
            .required("off", duration, "the mean time between bursts"),
          ]), "a Markov-modulated Poisson process of two states"),
        Field(
          "modulated",
          .list(
            .record([
              .required("rate", rate, "the rate in this state"),
              .required("stay", duration, "the mean time in it"),
            ]), minimum: 2), "a Markov-modulated Poisson process: its states, one after another"),
        Field(
          "seasonal",
          .record([
            .required("rate", rate, "the rate at the daily peak of a weekday, before any growth"),
            Field(
              "daily",
              .record([
                .required("peakHour", .unit(.integer(0...23)), "the hour of the peak, in UTC"),
                .required("drop", share, "how much of the rate is missing twelve hours later"),
              ]), "a daily cycle, linear between peak and low"),
            Field("weekend", number, "the factor on Saturdays and Sundays"),
            Field(
              "growth",
              .record([
                .required("to", number, "the factor at the end"),
                .required("over", duration, "from the start until then"),
              ]), "a ramp"),
            Field(
              "monthEnd",
              .record([
                .required("factor", number, "the factor"),
                .required("days", .unit(.integer(1...31)), "on how many last days of a month"),
              ]), "more usage at the end of months"),
            Field(
              "spikes",
              .list(
                .record([
                  .required("at", .unit(.moment), "when it begins"),
                  .required("for", duration, "how long it lasts"),
                  .required("factor", number, "the factor"),
                ]), minimum: 0), "spikes"),
          ]), "a Poisson process whose rate follows days, weeks and months"),
      ],
      common: [
        Field(
          "perCustomer", .choice(["true", "false"]),
          "whether the rates are those of one customer on average, so that usage grows with customers.count; otherwise they are totals, "
            + "shared by all customers (default)")
      ]),
  ])

  fileprivate static let quantity = Shape.either([
    number,
    .variant(
      [
        Field("constant", number, "always the same"),
        Field(
          "uniform", .record([.required("min", number, "least"), .required("max", number, "greatest")]),
          "uniform between two bounds"),
        Field("exponential", .record([.required("mean", number, "the mean")]), "exponential"),
        Field(
          "lognormal",
          .record([
            .required("median", number, "the median"),
            .required("sigma", number, "the standard deviation of the logarithm"),
          ]), "log-normal"),
        Field(
          "pareto",
          .record([.required("min", number, "the least"), .required("shape", number, "the tail exponent")]),
          "Pareto"),
        Field(
          "gamma",
          .record([.required("shape", number, "the shape"), .required("scale", number, "the scale")]), "gamma"
        ),
      ],
      common: [Field("decimals", .unit(.integer(0...6)), "fraction digits of the quantities; 0 if left out")]),
  ])

  fileprivate static let delay = Shape.either([
    duration,
    .variant(
      [
        Field("constant", duration, "always the same"),
        Field(
          "uniform", .record([.required("min", duration, "least"), .required("max", duration, "greatest")]),
          "uniform between two bounds"),
        Field("exponential", .record([.required("mean", duration, "the mean")]), "exponential"),
        Field(
          "lognormal",
          .record([
            .required("median", duration, "the median"),
            .required("sigma", number, "the standard deviation of the logarithm"),
          ]), "log-normal"),
        Field(
          "pareto",
          .record([
            .required("min", duration, "the least"), .required("shape", number, "the tail exponent"),
            Field("max", duration, "where the tail is cut off; 30d if left out"),
          ]), "Pareto"),
      ], common: []),
  ])

  private static let trace = Shape.record([
    .required("file", .text, "the file, relative to this one"),
    Field(
      "format", .choice(["csv", "cloudevents"]),
      "csv (default), or cloudevents: a JSON object in structured mode on each line"),
    Field("type", .text, "of CloudEvents: only events of this type are read"),
    Field(
      "timestamp", .text,
      "the column of the time: ISO-8601 or seconds since 1970, in UTC; of CloudEvents: 'time' if left out"),
    Field("quantity", .text, "the column of the quantity; of CloudEvents: its path, such as data.tokens"),
    Field(
      "quantities", .map(.text),
      "for an event that feeds several meters: the column or path of each meter"),
    Field("speed", .unit(.speed), "how much faster than recorded; 1x if left out"),
    Field("at", .unit(.moment), "when the first row happens; its own time if left out"),
  ])

  private static let aggregation = Shape.choice([
    "sum", "count", "max", "latest", "unique", "approximateUnique", "timeWeightedSum",
  ])

  private static let load = Shape.variant(
    [
      Field("arrivals", arrivals, "when usage arrives"), Field("trace", trace, "usage as recorded in a file"),
    ],
    common: [
      Field("meter", .name, "the meter that the usage feeds"),
      Field("event", .name, "the type of event, where one feeds several meters; else the meter's name"),
      Field("quantity", quantity, "how much one event measures; 1 if left out"),
      Field("quantities", .map(quantity), "for an event that feeds several meters: the quantity of each"),
      Field(
        "aggregation", aggregation,
        "how the meter aggregates: sum (default), count, or over the billing period max, latest, unique, approximateUnique or timeWeightedSum"
      ),
      Field(
        "dimension",
        .record([
          .required("name", .name, "what the meter is grouped by, such as region"),
          .required("values", .list(.name, minimum: 1), "the values; each is used alike often"),
        ]), "groups the meter: each value is a line of its own, and may have a charge of its own"),
      Field(
        "use", .choice(["billable", "operational"]),
        "billable (default), or operational: telemetry that feeds no meter and is never billed"),
      Field(
        "gap",
        .record([
          .required("at", .unit(.moment), "when the producers lose their connection; a whole hour"),
          .required("for", duration, "for how long; whole hours"),
          .required("backfilledAfter", duration, "from its end until they send it as a declared backfill"),
          Field(
            "misdeclaredBy", duration,
            "by how much too early the first declaration begins; refused where something was delivered then; whole hours"
          ),
        ]), "a time whose usage is backfilled"),
      Field(
        "schemaChange",
        .record([
          .required("at", .unit(.moment), "from when on producers emit the new version"),
          .required("registered", .unit(.moment), "when it is registered with billing"),
          Field("adds", .list(.name, minimum: 0), "optional fields that it adds"),
          Field("drops", .list(.name, minimum: 0), "fields that it drops: a required one is refused"),
        ]), "a new version of the event's schema"),
      Field(
        "producers", .unit(.integer(1...10_000)), "producers, each with its own numbering; 4 if left out"),
    ])

  private static let jurisdiction = Shape.record([
    .required("name", .name, "the jurisdiction, such as US-CA"),
    .required("rate", .unit(.percentage), "the rate at the start"),
    Field(
      "changes",
      .list(
        .record([
          .required("at", .unit(.moment), "from when on it holds"),
          .required("rate", .unit(.percentage), "the rate from then on"),
        ]), minimum: 0), "changes of the rate, in order"),
  ])

  private static let amendment = Shape.record([
    .required("at", .unit(.moment), "from when on it holds"),
    Field("share", share, "the share of the customers, evenly spread; all if left out"),
    Field(
      "contracts", .either([.text, .map(.either([.text, .priceBook]))]),
      "the price book from then on, or one for each entity"),
    Field("seats", .unit(.integer(0...1_000_000)), "the seats from then on"),
  ])

  /// A scenario file.
  public static let scenario = Shape.record([
    Field("extends", .text, "another scenario file over which this one is laid"),
    .required("name", .name, "the scenario's name"),
    Field("description", .text, "what it shows"),
    Field("seed", .unit(.integer(0...Int.max)), "the root seed; 42 if left out"),
    Field("start", .unit(.instant), "the first instant; 2026-01-01 if left out"),
    .required("horizon", duration, "for how long usage is emitted; the run then goes on to quiescence"),
    Field("drainWithin", duration, "by when after the last usage, fault and period all queues are empty; 3d"),
    Field(
      "mayLeaveWork", .choice(["true", "false"]),
      "whether work may be left when that time is up; otherwise it fails the run"),
    Field(
      "require", .list(.text, minimum: 0),
      "invariants that have to be exercised and situations that have to be reached, by name; all: every invariant"
    ),
    Field(
      "design", .either([.text, design]), "a built-in design, a design file, or the settings themselves"),
    .required(
      "entities",
      .list(
        .record([
          .required("name", .name, "a short name"),
          .required("currency", .unit(.currency), "the currency in which it bills, and of its books"),
          .required("erp", erp, "its ERP: a profile, or one with figures of its own"),
          Field(
            "books",
            .record([
              .required("currency", .unit(.currency), "the currency of its books, where it bills in another"),
              .required(
                "rate", .unit(.decimal(digits: 6)),
                "what a unit of the billing currency is worth on the first day"),
              Field("volatility", share, "the standard deviation of a day's change; 0.5% if left out"),
            ]), "books in another currency than the bills: translated at the rate of each day"),
          Field(
            "cutOver",
            .record([
              .required("at", .unit(.moment), "when another ERP takes over"),
              .required("erp", erp, "its profile, or one with figures of its own"),
            ]), "a change of ERP in the middle of the run"),
          Field("tax", .list(jurisdiction, minimum: 0), "where its customers are taxed; they take turns"),
        ]), minimum: 1), "the legal entities"),
    .required(
      "customers",
      .record([
        .required(
          "count", .unit(.integer(1...1_000_000)), "the number of customers, spread over the entities"),
        Field("skew", .record([.required("zipf", number, "the exponent")]), "how unequal their usage is"),
        .required(
          "contracts", .either([.text, .map(.either([.text, .priceBook]))]),
          "the price book file of all customers, or one for each entity"),
        Field(
          "identities",
          .record([
            .required("perCustomer", .unit(.integer(1...16)), "how many identifiers producers use for each"),
            Field("linkedWithin", duration, "from the start until CRM has told billing of all"),
            Field("conflicts", share, "the share that is later claimed for another customer"),
          ]), "further identifiers of the customers"),
        Field("seats", .unit(.integer(0...1_000_000)), "the seats of each customer; 0 if left out"),
        Field(
          "discounts",
          .record([
            Field("share", share, "the share of the customers that have it; all if left out"),
            .required(
              "rate", .unit(.percentage), "what is taken off the sum of an invoice's lines, before tax"),
          ]), "a discount on whole invoices, spread over their lines to the last unit"),
        Field(
          "cycle", .choice(["calendar", "anniversary"]),
          "billing periods: calendar months (default), or from the day of the month of each sign-up"),
        Field("signUps", duration, "customers sign up evenly over this time; all at the start if left out"),
        Field("amendments", .list(amendment, minimum: 0), "changes of contract"),
      ]), "the customers"),
    .required("load", .list(load, minimum: 1), "the usage"),
    Field(
      "delivery",
      .record([
        Field(
          "duplicates",
          .either([
            share,
            .record([
              .required("share", share, "the share of events that are sent again"),
              Field("delay", delay, "how long after the copy before"),
            ]),
          ]), "events that are sent more than once"),
        Field(
          "late",
          .record([
            .required("share", share, "the share of events that are late"),
            .required("delay", delay, "how late they are"),
          ]), "events that arrive late"),
        Field(
          "corrections",
          .record([
            .required("share", share, "the share of events that their producer takes back"),
            Field("voids", share, "the share of those that nothing takes the place of; half if left out"),
            Field("delay", delay, "how long after the event; 1d on average if left out"),
          ]), "events that are amended or voided"),
        Field("reorder", duration, "every copy is delayed by up to this much"),
        Field("unknownAccounts", share, "events with a customer reference that billing does not know"),
        Field("invalid", share, "events with a negative quantity"),
        Field("restamped", share, "events that their producer sends again under another identifier"),
        Field(
          "crossRegion", share,
          "events of which a copy comes by way of another region, under another name of their producer"),
        Field(
          "producerBuffer", duration,
          "for how long producers collect events before they send them; 10s if left out"),
      ]), "what happens between the producers and the broker"),
    Field(
      "broker",
      .record([
        Field("partitions", .unit(.integer(1...1024)), "partitions; 4 if left out"),
        Field("batchSize", .unit(.integer(1...100_000)), "events handed over at once; 500 if left out"),
        Field("linger", duration, "how long a batch waits to fill; 1s if left out"),
        Field(
          "redelivery",
          .record([
            .required("share", share, "the share of batches that are delivered twice"),
            Field("after", duration, "how long after; 30s if left out"),
          ]), "batches whose acknowledgement is lost"),
        Field("retention", duration, "how long events are kept that nobody takes; for ever if left out"),
        Field(
          "capacity", .unit(.integer(1...1_000_000_000)),
          "events that a partition holds; producers wait while it is full. Any number if left out"),
        Field(
          "throughput", rate,
          "what the consumer of a partition works off; as fast as it comes if left out"),
      ]), "the message broker"),
    Field("faults", .list(fault, minimum: 0), "what goes wrong"),
    Field("expectations", .list(.unit(.expectation), minimum: 0), "thresholds; a missed one fails the run"),
    Field(
      "credits",
      .record([
        .required("share", share, "the share of invoices on which finance asks for credits"),
        .required("limit", .unit(.decimal(digits: 6)), "the greatest credit that one person may give"),
        Field("greatestPart", number, "the greatest part of an invoice that is asked for; 1.2 if left out"),
        Field("repeats", share, "the share of requests that come again"),
        Field("rebills", share, "the share of credited invoices that are credited in full and issued anew"),
        Field("delay", duration, "from an invoice until a credit is asked for, at most; 20d if left out"),
      ]), "credits; no part of the run if left out"),
    Field(
      "periods",
      .record([
        .required("closeAfter", duration, "from the end of an accounting period until it closes"),
        Field(
          "softCloseAfter", duration,
          "from the end until only entries of the close are taken; never if left out"),
        Field(
          "reopen",
          .list(
            .record([
              .required("entity", .name, "the legal entity"),
              .required("period", .unit(.instant), "any day of the period"),
              .required("at", .unit(.moment), "when it is opened again"),
              .required("for", duration, "for how long"),
              Field("requestedBy", .name, "the person who opens it; accountant if left out"),
              Field(
                "approvedBy", .name,
                "the person who approves; controller if left out. Without a second person nothing is posted to it"
              ),
            ]), minimum: 0), "periods that finance opens again"),
      ]), "accounting periods; never closed if left out"),
    Field(
      "payments",
      .record([
        Field("dueAfter", duration, "from an invoice's issue until it is due; 14d if left out"),
        Field("retries", .list(duration, minimum: 0), "the pauses after declined charges; 3d, 5d, 7d"),
        Field(
          "gateway",
          .record([
            Field("share", share, "the share of customers that are charged through it; all if left out"),
            Field("declines", share, "the share of charges that are declined"),
            Field("chargebacks", share, "the share of charges that are taken back later"),
            Field("fee", .unit(.percentage), "the gateway's fee, a share of the amount"),
            Field("fixedFee", .unit(.decimal(digits: 6)), "the gateway's fee, a fixed part"),
            Field("chargebackFee", .unit(.decimal(digits: 6)), "what a chargeback costs"),
            Field("settlement", duration, "from a charge until it is paid out; 2d if left out"),
          ]), "charges by card or direct debit"),
        Field(
          "transfers",
          .record([
            Field("delay", delay, "from the due date until the money arrives"),
            Field("partial", share, "the share that pay a part first"),
            Field("overpaid", share, "the share that pay too much"),
          ]), "what the other customers send to the bank account"),
      ]), "payments; no part of the run if left out"),
    Field(
      "taxRounding", .choice(TaxRounding.allCases.map(\.rawValue)),
      "where taxes are rounded: perInvoice (default) or perLine"),
    Field("sampleEvery", duration, "the step of the time series; 1h if left out"),
    Field("capacity", capacity, "what 'meterstorm capacity' looks for; a single run takes no notice"),
    Field("explore", exploration, "what a campaign varies from seed to seed; a single run takes no notice"),
  ])
}

extension ScenarioFile {
  /// The distributions and processes of the vocabulary: what each is used for, its name and its help.
  public static var distributions: [(use: String, name: String, help: String)] {
    [("arrivals", Shape.arrivals), ("quantity", Shape.quantity), ("delay", Shape.delay)].flatMap {
      use, shape in
      guard case .either(let alternatives) = shape else {
        return [(use: String, name: String, help: String)]()
      }
      return alternatives.flatMap { alternative -> [(use: String, name: String, help: String)] in
        guard case .variant(let fields, _) = alternative else { return [] }
        return fields.map { (use, $0.key, $0.help) }
      }
    }
  }
}
