import CanonicalModel

extension Shape {
  private static let duration = Shape.unit(.duration)
  private static let share = Shape.unit(.share)
  private static let rate = Shape.unit(.rate)
  private static let number = Shape.unit(.decimal(digits: 6))

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
    Field(
      "at", .unit(.moment), "when the first row happens; its own time if left out", title: "start of the {}"),
  ])

  private static let aggregation = Shape.choice([
    "sum", "count", "max", "latest", "unique", "approximateUnique", "timeWeightedSum",
  ])

  private static let load = Shape.variant(
    [
      Field("arrivals", arrivals, "when usage arrives", title: "arrivals of {}"),
      Field("trace", trace, "usage as recorded in a file", title: "trace of {}"),
    ],
    common: [
      Field("meter", .name, "the meter that the usage feeds"),
      Field("event", .name, "the type of event, where one feeds several meters; else the meter's name"),
      Field(
        "quantity", quantity, "how much one event measures; 1 if left out", title: "quantity per event of {}"),
      Field(
        "quantities", .map(quantity), "for an event that feeds several meters: the quantity of each",
        title: "quantities per event of {}"),
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
          .required(
            "at", .unit(.moment), "when the producers lose their connection; a whole hour",
            title: "start of the {}"),
          .required("for", duration, "for how long; whole hours", title: "length of the {}"),
          .required(
            "backfilledAfter", duration, "from its end until they send it as a declared backfill",
            title: "time until the backfill of the {}"),
          Field(
            "misdeclaredBy", duration,
            "by how much too early the first declaration begins; refused where something was delivered then; whole hours",
            title: "misdeclaration of the {}"
          ),
        ]), "a time whose usage is backfilled", title: "gap in {}"),
      Field(
        "schemaChange",
        .record([
          .required(
            "at", .unit(.moment), "from when on producers emit the new version", title: "time of the {}"),
          .required(
            "registered", .unit(.moment), "when it is registered with billing",
            title: "time of registering the {}"),
          Field("adds", .list(.name, minimum: 0), "optional fields that it adds"),
          Field("drops", .list(.name, minimum: 0), "fields that it drops: a required one is refused"),
        ]), "a new version of the event's schema", title: "schema change of {}"),
      Field(
        "producers", .unit(.integer(1...10_000)), "producers, each with its own numbering; 4 if left out",
        title: "producers of {}"),
    ])

  private static let jurisdiction = Shape.record([
    .required("name", .name, "the jurisdiction, such as US-CA"),
    .required("rate", .unit(.percentage), "the rate at the start", title: "tax rate of {}"),
    Field(
      "changes",
      .list(
        .record([
          .required("at", .unit(.moment), "from when on it holds", title: "time of {}"),
          .required("rate", .unit(.percentage), "the rate from then on", title: "tax rate from {}"),
        ]), minimum: 0), "changes of the rate, in order", title: "{}", element: "change {#} in {}"),
  ])

  private static let amendment = Shape.record([
    .required("at", .unit(.moment), "from when on it holds", title: "time of {}"),
    Field(
      "share", share, "the share of the customers, evenly spread; all if left out",
      title: "share of customers with {}"),
    Field(
      "contracts", .either([.text, .map(.either([.text, .priceBook]))]),
      "the price book from then on, or one for each entity", title: "price book from {}"),
    Field(
      "seats", .unit(.integer(0...1_000_000)), "the seats from then on", title: "seats per customer from {}"),
  ])

  /// A scenario file.
  public static let scenario = Shape.record([
    Field("extends", .text, "another scenario file over which this one is laid"),
    .required("name", .name, "the scenario's name"),
    Field("description", .text, "what it shows"),
    Field("seed", .unit(.integer(0...Int.max)), "the root seed; 42 if left out"),
    Field("start", .unit(.instant), "the first instant; 2026-01-01 if left out"),
    .required(
      "horizon", duration, "for how long usage is emitted; the run then goes on to quiescence",
      title: "simulated time"),
    Field(
      "drainWithin", duration, "by when after the last usage, fault and period all queues are empty; 3d",
      title: "time allowed for draining"),
    Field(
      "mayLeaveWork", .choice(["true", "false"]),
      "whether work may be left when that time is up; otherwise it fails the run"),
    Field(
      "require", .list(.text, minimum: 0),
      "invariants that have to be exercised and situations that have to be reached, by name; all: every invariant"
    ),
    Field(
      "design", .either([.text, design]), "a built-in design, a design file, or the settings themselves",
      title: ""),
    .required(
      "entities",
      .list(
        .record([
          .required("name", .name, "a short name"),
          .required("currency", .unit(.currency), "the currency in which it bills, and of its books"),
          .required("erp", erp, "its ERP: a profile, or one with figures of its own", title: "{}'s ERP"),
          Field(
            "books",
            .record([
              .required("currency", .unit(.currency), "the currency of its books, where it bills in another"),
              .required(
                "rate", .unit(.decimal(digits: 6)),
                "what a unit of the billing currency is worth on the first day", title: "exchange rate of {}"),
              Field("volatility", share, "the standard deviation of a day's change; 0.5% if left out"),
            ]), "books in another currency than the bills: translated at the rate of each day",
            title: "{}'s books"),
          Field(
            "cutOver",
            .record([
              .required("at", .unit(.moment), "when another ERP takes over", title: "start of {}"),
              .required("erp", erp, "its profile, or one with figures of its own", title: "{}"),
            ]), "a change of ERP in the middle of the run", title: "{}'s next ERP"),
          Field(
            "tax", .list(jurisdiction, minimum: 0), "where its customers are taxed; they take turns",
            title: "{}", element: "{name} for {}"),
        ]), minimum: 1), "the legal entities", title: "", element: "entity {name}"),
    .required(
      "customers",
      .record([
        .required(
          "count", .unit(.integer(1...1_000_000)), "the number of customers, spread over the entities",
          title: "customers"),
        Field(
          "skew",
          .record([.required("zipf", number, "the exponent", title: "skew of usage among customers")]),
          "how unequal their usage is", title: ""),
        .required(
          "contracts", .either([.text, .map(.either([.text, .priceBook]))]),
          "the price book file of all customers, or one for each entity", title: "price book"),
        Field(
          "identities",
          .record([
            .required(
              "perCustomer", .unit(.integer(1...16)), "how many identifiers producers use for each",
              title: "identifiers per customer"),
            Field(
              "linkedWithin", duration, "from the start until CRM has told billing of all",
              title: "time until identifiers are linked"),
            Field(
              "conflicts", share, "the share that is later claimed for another customer",
              title: "share of conflicting identifiers"),
          ]), "further identifiers of the customers", title: "identifiers"),
        Field(
          "seats", .unit(.integer(0...1_000_000)), "the seats of each customer; 0 if left out",
          title: "seats per customer"),
        Field(
          "discounts",
          .record([
            Field(
              "share", share, "the share of the customers that have it; all if left out",
              title: "share of customers with a discount"),
            .required(
              "rate", .unit(.percentage), "what is taken off the sum of an invoice's lines, before tax",
              title: "discount"),
          ]), "a discount on whole invoices, spread over their lines to the last unit", title: ""),
        Field(
          "cycle", .choice(["calendar", "anniversary"]),
          "billing periods: calendar months (default), or from the day of the month of each sign-up"),
        Field(
          "signUps", duration, "customers sign up evenly over this time; all at the start if left out",
          title: "time over which customers sign up"),
        Field(
          "amendments", .list(amendment, minimum: 0), "changes of contract", title: "",
          element: "change of contract {#}"),
      ]), "the customers", title: ""),
    .required("load", .list(load, minimum: 1), "the usage", title: "", element: "{meter|event} usage"),
    Field(
      "delivery",
      .record([
        Field(
          "duplicates",
          .either([
            share,
            .record([
              .required(
                "share", share, "the share of events that are sent again", title: "share of duplicated events"
              ),
              Field("delay", delay, "how long after the copy before", title: "delay of duplicated events"),
            ]),
          ]), "events that are sent more than once", title: "share of duplicated events"),
        Field(
          "late",
          .record([
            .required("share", share, "the share of events that are late", title: "share of late events"),
            .required("delay", delay, "how late they are", title: "delay of late events"),
          ]), "events that arrive late", title: ""),
        Field(
          "corrections",
          .record([
            .required(
              "share", share, "the share of events that their producer takes back",
              title: "share of corrected events"),
            Field(
              "voids", share, "the share of those that nothing takes the place of; half if left out",
              title: "share of corrections that only void"),
            Field(
              "delay", delay, "how long after the event; 1d on average if left out",
              title: "delay of corrections"),
          ]), "events that are amended or voided", title: ""),
        Field(
          "reorder", duration, "every copy is delayed by up to this much",
          title: "longest delay by reordering"),
        Field(
          "unknownAccounts", share, "events with a customer reference that billing does not know",
          title: "share of events of unknown customers"),
        Field("invalid", share, "events with a negative quantity", title: "share of invalid events"),
        Field(
          "restamped", share, "events that their producer sends again under another identifier",
          title: "share of events sent again under another identifier"),
        Field(
          "crossRegion", share,
          "events of which a copy comes by way of another region, under another name of their producer",
          title: "share of events copied from another region"),
        Field(
          "producerBuffer", duration,
          "for how long producers collect events before they send them; 10s if left out",
          title: "time for which producers collect events"),
      ]), "what happens between the producers and the broker", title: ""),
    Field(
      "broker",
      .record([
        Field("partitions", .unit(.integer(1...1024)), "partitions; 4 if left out"),
        Field(
          "batchSize", .unit(.integer(1...100_000)), "events handed over at once; 500 if left out",
          title: "events per batch of {}"),
        Field(
          "linger", duration, "how long a batch waits to fill; 1s if left out",
          title: "longest wait for a full batch of {}"),
        Field(
          "redelivery",
          .record([
            .required(
              "share", share, "the share of batches that are delivered twice",
              title: "share of batches delivered twice"),
            Field(
              "after", duration, "how long after; 30s if left out", title: "delay of batches delivered twice"),
          ]), "batches whose acknowledgement is lost", title: ""),
        Field("retention", duration, "how long events are kept that nobody takes; forever if left out"),
        Field(
          "capacity", .unit(.integer(1...1_000_000_000)),
          "events that a partition holds; producers wait while it is full. Any number if left out",
          title: "capacity of a partition of {}"),
        Field(
          "throughput", rate,
          "what the consumer of a partition works off; as fast as it comes if left out",
          title: "consumer throughput per partition"),
      ]), "the message broker", title: "the broker"),
    Field("faults", .list(fault, minimum: 0), "what goes wrong", title: "", element: "{kind} of {target}"),
    Field("expectations", .list(.unit(.expectation), minimum: 0), "thresholds; a missed one fails the run"),
    Field(
      "credits",
      .record([
        .required(
          "share", share, "the share of invoices on which finance asks for credits",
          title: "share of invoices with credits"),
        .required(
          "limit", .unit(.decimal(digits: 6)), "the greatest credit that one person may give",
          title: "credit limit of one person"),
        Field(
          "greatestPart", number, "the greatest part of an invoice that is asked for; 1.2 if left out",
          title: "greatest credited part of an invoice"),
        Field(
          "repeats", share, "the share of requests that come again",
          title: "share of repeated credit requests"),
        Field(
          "rebills", share, "the share of credited invoices that are credited in full and issued anew",
          title: "share of credited invoices issued anew"),
        Field(
          "delay", duration, "from an invoice until a credit is asked for, at most; 20d if left out",
          title: "longest time until a credit is asked for"),
      ]), "credits; no part of the run if left out", title: "credits"),
    Field(
      "periods",
      .record([
        .required(
          "closeAfter", duration, "from the end of an accounting period until it closes",
          title: "time until periods close"),
        Field(
          "softCloseAfter", duration,
          "from the end until only entries of the close are taken; never if left out",
          title: "time until periods close softly"),
        Field(
          "reopen",
          .list(
            .record([
              .required("entity", .name, "the legal entity"),
              .required("period", .unit(.instant), "any day of the period"),
              .required("at", .unit(.moment), "when it is opened again", title: "time of {}"),
              .required("for", duration, "for how long", title: "length of {}"),
              Field("requestedBy", .name, "the person who opens it; accountant if left out"),
              Field(
                "approvedBy", .name,
                "the person who approves; controller if left out. Without a second person nothing is posted to it"
              ),
            ]), minimum: 0), "periods that finance opens again", title: "", element: "reopening {#}"),
      ]), "accounting periods; never closed if left out", title: ""),
    Field(
      "payments",
      .record([
        Field(
          "dueAfter", duration, "from an invoice's issue until it is due; 14d if left out",
          title: "payment term"),
        Field(
          "retries", .list(duration, minimum: 0), "the pauses after declined charges; 3d, 5d, 7d", title: "",
          element: "pause {#} after a declined charge"),
        Field(
          "gateway",
          .record([
            Field(
              "share", share, "the share of customers that are charged through it; all if left out",
              title: "share of customers charged through the gateway"),
            Field(
              "declines", share, "the share of charges that are declined", title: "share of declined charges"),
            Field(
              "chargebacks", share, "the share of charges that are taken back later",
              title: "share of charges taken back"),
            Field(
              "fee", .unit(.percentage), "the gateway's fee, a share of the amount", title: "gateway fee"),
            Field(
              "fixedFee", .unit(.decimal(digits: 6)), "the gateway's fee, a fixed part",
              title: "fixed gateway fee"),
            Field(
              "chargebackFee", .unit(.decimal(digits: 6)), "what a chargeback costs",
              title: "cost of a chargeback"),
            Field(
              "settlement", duration, "from a charge until it is paid out; 2d if left out",
              title: "time until {} pays out"),
          ]), "charges by card or direct debit", title: "the gateway"),
        Field(
          "transfers",
          .record([
            Field("delay", delay, "from the due date until the money arrives", title: "delay of transfers"),
            Field("partial", share, "the share that pay a part first", title: "share of partial transfers"),
            Field("overpaid", share, "the share that pay too much", title: "share of overpaid transfers"),
          ]), "what the other customers send to the bank account", title: "transfers"),
      ]), "payments; no part of the run if left out", title: ""),
    Field(
      "taxRounding", .choice(TaxRounding.allCases.map(\.rawValue)),
      "where taxes are rounded: perInvoice (default) or perLine"),
    Field(
      "sampleEvery", duration, "the step of the time series; 1h if left out", title: "step of the time series"
    ),
    Field(
      "plan", plan,
      "what licences of an ERP bring and cost, by entity or profile: netsuite: { base: 15, step: 10, price: 12000 USD/year }",
      title: "licences"
    ),
    Field(
      "costs", costs, "what ERP calls, storage and workers cost: indicators such as costPerMillionEvents"),
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
