import CanonicalModel
import Chronology

/// What surrounds the core: delivery, broker and faults.
extension ScenarioDecoder {
  func delivery() throws(InvalidInput) -> ScenarioFile.Delivery {
    var delivery = ScenarioFile.Delivery()
    guard let node = root["delivery"] else { return delivery }
    if let duplicates = node["duplicates"] {
      delivery.duplicateShare = share(duplicates) ?? share(duplicates["share"]) ?? 0
      // Copies of copies form a geometric series, which must end.
      guard delivery.duplicateShare <= 0.9 else {
        throw InvalidInput("at most 90% of the events can be sent again", at: duplicates.position)
      }
      if let delay = duplicates["delay"] { delivery.duplicateDelay = try self.delay(delay) }
    }
    if let late = node["late"] {
      delivery.lateShare = share(late["share"]) ?? 0
      if let delay = late["delay"] { delivery.lateDelay = try self.delay(delay) }
    }
    if let corrections = node["corrections"] {
      delivery.correctionShare = share(corrections["share"]) ?? 0
      delivery.voidShare = share(corrections["voids"]) ?? 0.5
      if let delay = corrections["delay"] { delivery.correctionDelay = try self.delay(delay) }
    }
    delivery.reorder = span(node["reorder"]) ?? .zero
    delivery.unknownAccountShare = share(node["unknownAccounts"]) ?? 0
    delivery.invalidShare = share(node["invalid"]) ?? 0
    delivery.restampedShare = share(node["restamped"]) ?? 0
    delivery.crossRegionShare = share(node["crossRegion"]) ?? 0
    delivery.producerBuffer = span(node["producerBuffer"]) ?? delivery.producerBuffer
    return delivery
  }

  func delay(_ node: LocatedNode) throws(InvalidInput) -> ScenarioFile.Delay {
    if let span = span(node) ?? span(node["constant"]) { return .constant(span) }
    if let uniform = node["uniform"], let low = span(uniform["min"]), let high = span(uniform["max"]) {
      guard high >= low else { throw InvalidInput("the greatest is below the least", at: uniform.position) }
      return .uniform(min: low, max: high)
    }
    if let mean = span(node["exponential"]?["mean"]) { return .exponential(mean: mean) }
    if let lognormal = node["lognormal"], let median = span(lognormal["median"]) {
      return .lognormal(median: median, sigma: try number(lognormal["sigma"], most: 20) ?? 1)
    }
    guard let pareto = node["pareto"], let low = span(pareto["min"]), low > .zero else {
      throw InvalidInput("the least delay must be more than nothing", at: node.position)
    }
    let high = span(pareto["max"]) ?? .days(30)
    guard high >= low else { throw InvalidInput("the greatest is below the least", at: pareto.position) }
    return .pareto(min: low, shape: try number(pareto["shape"], least: 0.01, most: 1000) ?? 1, max: high)
  }

  func periods(
    start: Instant, entities: [ScenarioFile.Entity]
  ) throws(InvalidInput) -> ScenarioFile.Periods? {
    guard let node = root["periods"], let closeAfter = span(node["closeAfter"]) else { return nil }
    var periods = ScenarioFile.Periods(
      softCloseAfter: span(node["softCloseAfter"]), closeAfter: closeAfter, reopenings: [])
    guard closeAfter >= .hours(1) else {
      throw InvalidInput("a period closes at least 1h after its end", at: node.position)
    }
    if let soft = periods.softCloseAfter, soft > closeAfter || soft < .hours(1) {
      throw InvalidInput(
        "a period is soft-closed at least 1h after its end, and before it closes",
        at: node["softCloseAfter"]?.position ?? node.position)
    }
    for element in node["reopen"]?.elements ?? [] {
      let name = element["entity"]?.text ?? ""
      guard let entity = entities.firstIndex(where: { $0.name == name }) else {
        throw InvalidInput(
          "there is no entity '\(name)'" + NearestKey.hint(for: name, among: entities.map(\.name)),
          at: element["entity"]?.position ?? element.position)
      }
      guard let day = element["period"]?.text.flatMap({ Instant(iso8601: $0) }),
        let from = element["at"]?.text.flatMap(PointInTime.init)?.instant(start: start),
        let length = span(element["for"])
      else { throw InvalidInput("a reopening needs a period, a moment and a length", at: element.position) }
      periods.reopenings.append(
        .init(
          entity: entity, period: Period(holding: day), from: from, until: from + length,
          requestedBy: element["requestedBy"]?.text ?? "accountant",
          approvedBy: element["approvedBy"]?.text ?? "controller"))
    }
    return periods
  }

  func credits() throws(InvalidInput) -> ScenarioFile.Credits? {
    guard let node = root["credits"] else { return nil }
    return ScenarioFile.Credits(
      share: share(node["share"]) ?? 0,
      greatestPart: try number(node["greatestPart"], least: 0.06, most: 5) ?? 1.2,
      repeats: share(node["repeats"]) ?? 0, rebills: share(node["rebills"]) ?? 0,
      delay: span(node["delay"]) ?? .days(20),
      limit: try Decode.money(node, "limit"))
  }

  func payments() throws(InvalidInput) -> ScenarioFile.Payments? {
    guard let node = root["payments"] else { return nil }
    var payments = ScenarioFile.Payments()
    payments.dueAfter = span(node["dueAfter"]) ?? payments.dueAfter
    if let retries = node["retries"] { payments.retries = retries.elements.compactMap { span($0) } }
    for span in payments.retries + [payments.dueAfter] where span > .days(366) {
      throw InvalidInput("payments do not wait longer than 366d", at: node.position)
    }
    let waits = payments.retries.reduce(Int128(0)) { $0 + Int128($1.nanoseconds) }
    guard waits <= Int128(Span.days(3650).nanoseconds), payments.retries.count <= 1000 else {
      throw InvalidInput(
        "\(payments.retries.count) retries take \(waits / Int128(Span.days(1).nanoseconds)) days in all; "
          + "at most 1000 retries within 3650d", at: node["retries"]?.position ?? node.position)
    }
    let gateway = node["gateway"]
    payments.gatewayShare = share(gateway?["share"]) ?? 1
    payments.declines = share(gateway?["declines"]) ?? 0
    payments.chargebacks = share(gateway?["chargebacks"]) ?? 0
    if let gateway {
      payments.feeShare = try Decode.price(gateway, "fee")
      payments.fixedFee = try Decode.money(gateway, "fixedFee")
      payments.chargebackFee = try Decode.money(gateway, "chargebackFee")
    }
    payments.settlement = span(gateway?["settlement"]) ?? payments.settlement
    let transfers = node["transfers"]
    if let delay = transfers?["delay"] { payments.transferDelay = try self.delay(delay) }
    payments.partial = share(transfers?["partial"]) ?? 0
    payments.overpaid = share(transfers?["overpaid"]) ?? 0
    return payments
  }

  func broker() throws(InvalidInput) -> ScenarioFile.Broker {
    var broker = ScenarioFile.Broker()
    guard let node = root["broker"] else { return broker }
    broker.partitions = integer(node["partitions"]) ?? broker.partitions
    broker.batchSize = integer(node["batchSize"]) ?? broker.batchSize
    broker.linger = span(node["linger"]) ?? broker.linger
    broker.redeliveryShare = share(node["redelivery"]?["share"]) ?? 0
    broker.redeliveryTimeout = span(node["redelivery"]?["after"]) ?? broker.redeliveryTimeout
    guard broker.redeliveryTimeout >= .seconds(1) else {
      throw InvalidInput(
        "a batch is redelivered after 1s at the earliest",
        at: node["redelivery"]?["after"]?.position ?? node.position)
    }
    broker.retention = span(node["retention"])
    broker.capacity = integer(node["capacity"])
    broker.throughput = rate(node["throughput"])
    if let throughput = broker.throughput, throughput < 1.0 / 86_400 {
      throw InvalidInput(
        "a consumer works off at least 1/d", at: node["throughput"]?.position ?? node.position)
    }
    return broker
  }
}
