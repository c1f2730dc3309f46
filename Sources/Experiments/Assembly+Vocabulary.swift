import CanonicalModel
import Chronology
import CoreInterface
import Scenario
import SimulationKernel
import UsageToCash
import World

// MARK: From the files' words to the world's

extension DeliveryConfiguration {
  init(_ delivery: ScenarioFile.Delivery) {
    self.init(
      duplicateShare: delivery.duplicateShare, duplicateDelay: delivery.duplicateDelay,
      lateShare: delivery.lateShare, lateDelay: delivery.lateDelay,
      reorder: delivery.reorder, unknownAccountShare: delivery.unknownAccountShare,
      invalidShare: delivery.invalidShare, correctionShare: delivery.correctionShare,
      voidShare: delivery.voidShare, correctionDelay: delivery.correctionDelay)
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

extension ERPProfile {
  init(_ file: ERPFile) throws(InvalidInput) {
    guard var profile = Self.builtIn.first(where: { $0.name == file.profile }) else {
      throw InvalidInput(
        "there is no ERP profile '\(file.profile)'"
          + NearestKey.hint(for: file.profile, among: Self.builtIn.map(\.name)), at: file.position)
    }
    func apply<Value>(_ value: Value?, _ path: WritableKeyPath<ERPProfile, Value>) {
      if let value { profile[keyPath: path] = value }
    }
    func apply<Value>(_ value: Value?, _ path: WritableKeyPath<ERPProfile, Value?>) {
      if let value { profile[keyPath: path] = value }
    }
    apply(file.limits, \.limits)
    apply(file.concurrency, \.concurrency)
    apply(file.reserved, \.reserved)
    apply(file.queueDepth, \.queueDepth)
    apply(file.queueWait, \.queueWait)
    apply(file.latency, \.latency)
    apply(file.latencyLaw, \.latencyLaw)
    apply(file.latencySigma, \.latencySigma)
    apply(file.latencyPerDocument, \.latencyPerDocument)
    apply(file.serverTimeout, \.serverTimeout)
    apply(file.documentsPerCall, \.documentsPerCall)
    apply(file.linesPerDocument, \.linesPerDocument)
    apply(file.jobTime, \.jobTime)
    apply(file.laterRejections, \.laterRejections)
    apply(file.retryAfter, \.retryAfter)
    apply(file.periods, \.periods)
    apply(file.payloadShape, \.payloadShape)
    apply(file.indexLag, \.indexLag)
    apply(file.lostAnswers, \.lostAnswers)
    apply(file.idempotency, \.idempotency)
    apply(file.answerAfter, \.answerAfter)
    apply(file.refusalAfter, \.refusalAfter)
    apply(file.unavailableAfter, \.unavailableAfter)
    apply(file.refusalsHoldFor, \.refusalsHoldFor)
    apply(file.copyWithin, \.copyWithin)
    apply(file.faultJobTime, \.faultJobTime)
    apply(file.underWay, \.underWay)
    apply(file.ledgerTurnover, \.ledgerTurnover)
    apply(file.amountDigits, \.payload.amountDigits)
    let years = profile.payload.years
    profile.payload.years = (file.firstYear ?? years.lowerBound)...(file.lastYear ?? years.upperBound)
    self = profile
  }

  /// What an integration knows of it.
  ///
  /// - Parameter patience: for how long it waits for jobs.
  func traits(_ patience: JobPatience) -> ERPTraits {
    var traits = ERPTraits(
      documentsPerCall: documentsPerCall, settlesAfter: settlesAfter,
      jobTimeout: patience.timeout(usually: jobTime))
    traits.shape = payloadShape
    return traits
  }
}

extension CashConfiguration {
  init(_ payments: ScenarioFile.Payments) {
    self.init(
      declineShare: payments.declines, chargebackShare: payments.chargebacks, feeShare: payments.feeShare,
      fixedFee: payments.fixedFee, chargebackFee: payments.chargebackFee, settlement: payments.settlement,
      transferDelay: payments.transferDelay, partialShare: payments.partial,
      overpaidShare: payments.overpaid)
    latency = payments.answers.latency
    latencySigma = payments.answers.latencySigma
    refusalAfter = payments.answers.refusalAfter
    chargebackDelay = DelayRange(payments.chargebackDelay)
    refundAfter = payments.refundAfter
    noticeCopyDelay = DelayRange(payments.noticeCopies)
    collectWithin = payments.collectWithin
    firstPart = payments.firstPart
    restAfter = payments.restAfter
    overpaidBy = Int64(payments.overpaidBy)
    statementAfter = payments.statementAfter
    statementResentAfter = payments.statementResentAfter
    partialCaptureShare = payments.partialCaptures
    capturedPart = payments.capturedPart
    if let disputes = payments.disputes {
      disputesWonShare = disputes.won
      disputeDelay = DelayRange(disputes.decidedAfter)
    }
  }
}

extension PaymentTerms {
  init(_ payments: ScenarioFile.Payments) {
    self.init(dueAfter: payments.dueAfter, retries: payments.retries)
    unapplied = payments.unapplied
    writeOffAfter = payments.writeOffAfter
    disputesChargebacks = payments.disputes != nil
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

extension LoadConfiguration.Gap {
  init(_ gap: LoadFile.Gap) {
    self.init(
      from: gap.from, until: gap.until, backfilledAt: gap.backfilledAt, misdeclaredBy: gap.misdeclaredBy)
    misdeclaredAgainAfter = gap.misdeclaredAgainAfter
    correctedAfter = gap.correctedAfter
    repeatedAfter = gap.repeatedAfter
  }
}

extension IdentityConfiguration {
  init(_ identities: IdentitiesFile) {
    self.init(linkedWithin: identities.linkedWithin, conflictShare: identities.conflictShare)
    conflictDelay = DelayRange(identities.conflictDelay)
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

extension TaxJurisdiction {
  init(_ jurisdiction: JurisdictionFile, isIncluded: Bool, of entity: EntityFile) {
    self.init(
      name: jurisdiction.name,
      rates: [Rate(from: .distantPast, rate: jurisdiction.rate)]
        + jurisdiction.changes.map { Rate(from: $0.at, rate: $0.rate) })
    rounding = jurisdiction.rounding ?? entity.taxRounding
    self.isIncluded = isIncluded
    isReverseCharge = jurisdiction.reverseCharge
    items = jurisdiction.items.map { ItemRule(item: $0.item, rate: $0.rate, reason: $0.exempt) }
  }
}

extension TaxEngineConfiguration {
  init(_ engine: TaxEngineFile) {
    self.init()
    latency = engine.answers.latency
    latencySigma = engine.answers.latencySigma
    refusalAfter = engine.answers.refusalAfter
  }
}

extension MachineConfiguration {
  init(_ machines: MachinesFile) {
    self.init()
    tornShare = machines.tornWrites
    crashWithin = machines.crashWithin
  }
}

extension DelayRange {
  init(_ range: SpanRangeFile) { self.init(from: range.min, below: range.max) }
}
