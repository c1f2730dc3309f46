import CanonicalModel
import Chronology
import CoreInterface
import Scenario
import SimulationKernel
import UsageToCash
import World

// MARK: From the files' words to the world's

extension ArrivalProcess {
  init(_ arrivals: ScenarioFile.Arrivals) {
    switch arrivals {
    case .constant(let rate): self = .constant(rate: rate)
    case .poisson(let rate): self = .poisson(rate: rate)
    case .bursts(let base, let peak, let on, let off):
      self = .bursts(base: base, peak: peak, on: on, off: off)
    case .modulated(let states): self = .modulated(states.map { ($0.rate, $0.stay) })
    case .seasonal(let shape):
      var season = Season(rate: shape.rate)
      season.peakHour = shape.peakHour
      season.nightlyDrop = shape.nightlyDrop
      season.weekend = shape.weekend
      season.growth = shape.growth
      season.growthOver = shape.growthOver
      season.monthEnd = shape.monthEnd
      season.monthEndDays = Int64(shape.monthEndDays)
      season.spikes = shape.spikes.map {
        Season.Spike(from: $0.at, until: $0.at + $0.length, factor: $0.factor)
      }
      self = .seasonal(season)
    }
  }
}

extension QuantityDistribution {
  init(_ quantity: ScenarioFile.QuantityShape) {
    let shape: Shape =
      switch quantity.distribution {
      case .constant(let value): .constant(value)
      case .uniform(let min, let max): .uniform(min: min, max: max)
      case .exponential(let mean): .exponential(mean: mean)
      case .lognormal(let median, let sigma): .lognormal(median: median, sigma: sigma)
      case .pareto(let min, let shape): .pareto(min: min, shape: shape)
      case .gamma(let shape, let scale): .gamma(shape: shape, scale: scale)
      }
    self.init(shape, decimals: quantity.decimals)
  }
}

extension DelayDistribution {
  init(_ delay: ScenarioFile.Delay) {
    switch delay {
    case .constant(let span): self = .constant(span)
    case .uniform(let min, let max): self = .uniform(min: min, max: max)
    case .exponential(let mean): self = .exponential(mean: mean)
    case .lognormal(let median, let sigma): self = .lognormal(median: median, sigma: sigma)
    case .pareto(let min, let shape, let max): self = .pareto(min: min, shape: shape, max: max)
    }
  }
}

extension DeliveryConfiguration {
  init(_ delivery: ScenarioFile.Delivery) {
    self.init(
      duplicateShare: delivery.duplicateShare, duplicateDelay: DelayDistribution(delivery.duplicateDelay),
      lateShare: delivery.lateShare, lateDelay: DelayDistribution(delivery.lateDelay),
      reorder: delivery.reorder, unknownAccountShare: delivery.unknownAccountShare,
      invalidShare: delivery.invalidShare, correctionShare: delivery.correctionShare,
      voidShare: delivery.voidShare, correctionDelay: DelayDistribution(delivery.correctionDelay))
    crossRegionShare = delivery.crossRegionShare
    restampedShare = delivery.restampedShare
    producerBuffer = delivery.producerBuffer
    restampedDelay = DelayRange(delivery.restampedDelay)
    minimumCorrection = delivery.minimumCorrection
    maximumCorrection = delivery.maximumCorrection
    correctionRepeatedAfter = delivery.correctionRepeatedAfter
    faultyEvery = delivery.faultyEvery
  }
}

extension BrokerConfiguration {
  init(_ broker: ScenarioFile.Broker) {
    self.init(
      partitions: broker.partitions, batchSize: broker.batchSize, linger: broker.linger,
      redeliveryShare: broker.redeliveryShare, redeliveryTimeout: broker.redeliveryTimeout)
    retention = broker.retention
    capacity = broker.capacity
    throughput = broker.throughput
    backpressureDelay = DelayRange(broker.backpressure)
    comebackDelay = DelayRange(broker.comeback)
  }
}

extension FaultCondition {
  init(_ condition: ScenarioFile.FaultCondition) throws(InvalidInput) {
    switch condition {
    case .situation(let name, let times, let position):
      guard let situation = Situation(rawValue: name) else {
        throw InvalidInput(
          "there is no situation '\(name)'"
            + NearestKey.hint(for: name, among: Situation.allCases.map(\.rawValue)), at: position)
      }
      self = .situation(situation, times: times)
    case .outbox(let above): self = .outbox(above: above)
    case .inFlight(let above): self = .inFlight(above: above)
    case .brokerLag(let above): self = .brokerLag(above: above)
    }
  }
}

extension ERPProfile {
  init(_ file: ERPFile) throws(InvalidInput) {
    guard var profile = Self.builtIn.first(where: { $0.name == file.profile }) else {
      throw InvalidInput(
        "there is no ERP profile '\(file.profile)'"
          + NearestKey.hint(for: file.profile, among: Self.builtIn.map(\.name)), at: file.position)
    }
    func take<Value>(_ value: Value?, _ path: WritableKeyPath<ERPProfile, Value>) {
      if let value { profile[keyPath: path] = value }
    }
    func take<Value>(_ value: Value?, _ path: WritableKeyPath<ERPProfile, Value?>) {
      if let value { profile[keyPath: path] = value }
    }
    take(file.limits, \.limits)
    take(file.concurrency, \.concurrency)
    take(file.reserved, \.reserved)
    take(file.queueDepth, \.queueDepth)
    take(file.queueWait, \.queueWait)
    take(file.latency, \.latency)
    take(file.latencyLaw, \.latencyLaw)
    take(file.latencySigma, \.latencySigma)
    take(file.latencyPerDocument, \.latencyPerDocument)
    take(file.serverTimeout, \.serverTimeout)
    take(file.documentsPerCall, \.documentsPerCall)
    take(file.linesPerDocument, \.linesPerDocument)
    take(file.jobTime, \.jobTime)
    take(file.laterRejections, \.laterRejections)
    take(file.retryAfter, \.retryAfter)
    take(file.periods, \.periods)
    take(file.indexLag, \.indexLag)
    take(file.lostAnswers, \.lostAnswers)
    take(file.idempotency, \.idempotency)
    self = profile
  }

  /// What an integration knows of it.
  var traits: ERPTraits {
    ERPTraits(
      documentsPerCall: documentsPerCall, settlesAfter: settlesAfter,
      jobTimeout: ERPTraits.jobTimeout(usually: jobTime))
  }
}

extension CashConfiguration {
  init(_ payments: ScenarioFile.Payments) {
    self.init(
      declineShare: payments.declines, chargebackShare: payments.chargebacks, feeShare: payments.feeShare,
      fixedFee: payments.fixedFee, chargebackFee: payments.chargebackFee, settlement: payments.settlement,
      transferDelay: DelayDistribution(payments.transferDelay), partialShare: payments.partial,
      overpaidShare: payments.overpaid)
    latency = payments.latency
    latencySigma = payments.latencySigma
    refusalAfter = payments.refusalAfter
    chargebackDelay = DelayRange(payments.chargebackDelay)
    refundAfter = payments.refundAfter
    noticeCopyDelay = DelayRange(payments.noticeCopies)
    collectWithin = payments.collectWithin
    firstPart = payments.firstPart
    restAfter = payments.restAfter
    overpaidBy = Int64(payments.overpaidBy)
  }
}

extension FinanceConfiguration {
  init(_ credits: ScenarioFile.Credits) {
    self.init(
      creditShare: credits.share, greatestPart: credits.greatestPart, repeatShare: credits.repeats,
      delay: credits.delay, rebillShare: credits.rebills)
    smallestPart = credits.smallestPart
    requestsPerInvoice = credits.requestsPerInvoice
    repeatAfter = credits.repeatAfter
    requesters = credits.requesters
    ownApprovalShare = credits.ownApprovals
    ownApprovalAfter = credits.ownApprovalAfter
    approvalAfter = credits.approvalAfter
  }
}

extension ExceptionHandling {
  init(_ exceptions: ExceptionsFile) {
    self.init()
    mendAfter = exceptions.mendAfter
    releaseAfter = exceptions.releaseAfter
  }
}

extension FeedConfiguration {
  init(_ feeds: FeedsFile) {
    self.init()
    resendAfter = feeds.resendAfter
    copyDelay = DelayRange(feeds.copies)
    claimPause = feeds.claimPause
    fixingAt = feeds.fixingAt
  }
}

extension TaxEngineConfiguration {
  init(_ engine: TaxEngineFile) {
    self.init()
    latency = engine.latency
    latencySigma = engine.latencySigma
    refusalAfter = engine.refusalAfter
  }
}

extension DelayRange {
  init(_ range: SpanRangeFile) { self.init(from: range.min, below: range.max) }
}

extension FaultTarget {
  init(_ target: ScenarioFile.FaultTarget) {
    switch target {
    case .erp(let entity): self = .erp(EntityID(index: UInt32(entity)))
    case .account(let number): self = .account(number)
    case .tax: self = .tax
    case .gateway: self = .gateway
    case .webhooks: self = .webhooks
    case .crm: self = .crm
    case .exchange: self = .exchange
    case .broker: self = .broker
    case .producers: self = .producers
    case .process(let name):
      guard let service = CoreService(name: name) else {
        preconditionFailure("'\(name)' is a service of the vocabulary, and none of the core")
      }
      self = .process(service)
    }
  }
}
