/// States that a good campaign must have reached: each run counts them where they happen.
public enum Situation: String, CaseIterable, Sendable {
  /// A copy of an event was delivered.
  case duplicateDelivered = "duplicate-delivered"
  /// A whole batch was delivered again because its acknowledgement was lost.
  case batchRedelivered = "batch-redelivered"
  /// Usage arrived after its window closed.
  case lateAfterWindow = "late-after-window"
  /// Usage arrived after its period was invoiced, and went on a later invoice.
  case lateAfterInvoice = "late-after-invoice"
  /// An event was put aside for a person.
  case quarantined = "quarantined"
  /// An event was refused as invalid.
  case rejected = "rejected"
  /// An ERP refused a call for its limits.
  case throttled = "throttled"
  /// An ERP was called while it was down.
  case calledDuringOutage = "called-during-outage"
  /// An ERP went down while it worked on a call.
  case diedDuringCall = "died-during-call"
  /// An ERP committed a call and the answer was lost.
  case timeoutAfterCommit = "timeout-after-commit"
  /// A look-up found the document that a lost answer was about.
  case unknownResolvedPosted = "unknown-resolved-posted"
  /// A look-up showed that a call without an answer had had no effect.
  case unknownResolvedNotPosted = "unknown-resolved-not-posted"
  /// An idempotency key kept a retry from posting twice.
  case idempotencyKeyHit = "idempotency-key-hit"
  /// Invoices were issued while their ERP was down.
  case invoicedDuringOutage = "invoiced-during-outage"
  /// A contract was changed while it ran.
  case contractChanged = "contract-changed"
  /// A recurring charge was made again, for a change within its period.
  case prorated = "prorated"
  /// A period's usage lacked to the minimum spend, or no longer did.
  case trueUp = "true-up"
  /// Drafts were due while the tax engine was down.
  case draftedWithoutTax = "drafted-without-tax"
  /// A tax quote was lost on its way back.
  case taxAnswerLost = "tax-answer-lost"
  /// Deferred revenue was recognised.
  case revenueRecognised = "revenue-recognised"
  /// A charge was declined.
  case chargeDeclined = "charge-declined"
  /// A charge's outcome was lost on its way back.
  case chargeAnswerLost = "charge-answer-lost"
  /// A charge was asked for again under the same key.
  case chargeRepeated = "charge-repeated"
  /// The gateway paid out.
  case paidOut = "paid-out"
  /// A customer took a payment back.
  case chargedBack = "charged-back"
  /// A customer's transfer reached the bank.
  case transferReceived = "transfer-received"
  /// A customer paid a part first.
  case partialPayment = "partial-payment"
  /// A customer paid too much.
  case overpaid = "overpaid"
  /// A quarantined event could be placed after all.
  case quarantineReplayed = "quarantine-replayed"
  /// An invoice was posted to a later period, as its own was closed.
  case datedToNextPeriod = "dated-to-next-period"
  /// A document was posted to a period that was open again.
  case postedWhileReopened = "posted-while-reopened"
  /// Finance asked for a credit, again included.
  case creditRequested = "credit-requested"
  /// A credit over the limit waited for a second person.
  case creditWaited = "credit-waited"
  /// A credit was given.
  case credited = "credited"
  /// Money was given back.
  case refunded = "refunded"
  /// A document was sent to the ERP that had taken over.
  case postedToSuccessor = "posted-to-successor"
  /// A producer put another event in the place of an earlier one.
  case usageAmended = "usage-amended"
  /// A producer took an event back.
  case usageVoided = "usage-voided"
  /// A correction came too late to be taken up.
  case correctionRefused = "correction-refused"
  /// Prepaid credits paid for usage.
  case creditsDrawn = "credits-drawn"
  /// Prepaid credits expired unused.
  case creditsExpired = "credits-expired"
  /// An incompatible schema version was refused.
  case schemaRefused = "schema-refused"
  /// An identifier was claimed for two accounts.
  case identityConflict = "identity-conflict"
  /// CRM told billing of a further identifier of an account.
  case identityLinked = "identity-linked"
  /// A backfill was refused.
  case backfillRefused = "backfill-refused"
  /// Usage came in a declared backfill, long after its time.
  case backfilled = "backfilled"
  /// Usage was put aside that its contract does not include.
  case notEntitled = "not-entitled"
  /// Usage after its invoice was accrued in the month in which it was earned.
  case lateUsageAccrued = "late-usage-accrued"
  /// An accrual ended, as it had been invoiced.
  case accrualReversed = "accrual-reversed"
  /// Usage after its invoice was put before a person.
  case lateUsageHeld = "late-usage-held"
  /// An invoice was credited in full and issued anew.
  case rebilled = "rebilled"
  /// An accounting period closed, and a snapshot was taken.
  case periodClosed = "period-closed"
  /// A reopened period closed again: a further version of its snapshot.
  case periodClosedAgain = "period-closed-again"
  /// An exception case reached finance, RevOps or platform.
  case caseRouted = "case-routed"
  /// A document that an ERP had refused was sent again.
  case postingReplayed = "posting-replayed"
  /// An ERP refused a document.
  case postingRefused = "posting-refused"
  /// An exchange rate was fixed for a day.
  case rateFixed = "rate-fixed"
  /// CRM was told of an invoice's payment status.
  case statusTold = "status-told"
  /// A process of the core died.
  case processCrashed = "process-crashed"
  /// A half-written record was found by its checksum.
  case tornWriteDetected = "torn-write-detected"
  /// A process died before an effect that it had decided on.
  case effectLost = "effect-lost"
  /// A process that started again performed an effect again.
  case effectRepeated = "effect-repeated"
  /// What a dead process had not acknowledged was sent to it again.
  case inputSentAgain = "input-sent-again"
  /// Ingestion died over a batch, which was delivered again.
  case batchUnacknowledged = "batch-unacknowledged"
  /// An answer came for a process that had died.
  case answeredDeadProcess = "answered-dead-process"
  /// A process died between an ERP's commit and its acknowledgement.
  case crashBetweenPostAndAcknowledge = "crash-between-post-and-acknowledge"
  /// A request was lost on its way.
  case requestLost = "request-lost"
  /// An answer was lost on its way back.
  case answerLost = "answer-lost"
  /// The network delivered a request twice.
  case requestDuplicated = "request-duplicated"
  /// The network held a message up.
  case messageDelayed = "message-delayed"
  /// A notice of a movement of money came twice.
  case noticeDuplicated = "notice-duplicated"
  /// A call waited for a place at an ERP.
  case queuedAtERP = "queued-at-erp"
  /// An ERP accepted documents for a job.
  case acceptedByJob = "accepted-by-job"
  /// A job rejected a document that had been accepted.
  case rejectedAfterAccepted = "rejected-after-accepted"
  /// An idempotency key came again after the ERP had forgotten it.
  case keyExpiredBeforeRetry = "key-expired-before-retry"
  /// An idempotency key came again with another document.
  case keyReusedWithOtherBody = "key-reused-with-other-body"
  /// A look-up missed a document that the index did not show yet.
  case hiddenByIndexLag = "hidden-by-index-lag"
  /// A part of a call's documents was posted, and a part failed.
  case batchHalfSucceeded = "batch-half-succeeded"
  /// A document had more lines than its ERP takes, and was posted in parts.
  case documentSplit = "document-split"
  /// An ERP moved a document out of a closed period by itself.
  case movedToOpenPeriod = "moved-to-open-period"
  /// A producer gave up a call with usage, as nobody took it.
  case usageGivenUp = "usage-given-up"
  /// A producer kept its usage, as the broker was down.
  case brokerUnavailable = "broker-unavailable"
  /// A producer had to wait, as its partition was full.
  case backpressure = "backpressure"
  /// Usage expired in the broker before it was taken.
  case expiredInBroker = "expired-in-broker"
  /// Consumers were assigned anew, and the last batches came again.
  case rebalanced = "rebalanced"
  /// A producer died with usage that it had not sent.
  case lostInProducer = "lost-in-producer"
  /// A producer with a wrong clock stamped an event.
  case clockSkewed = "clock-skewed"
  /// A copy of an event came by way of another region.
  case crossRegionCopy = "cross-region-copy"
  /// A producer sent an event again under another identifier.
  case restampedCopy = "restamped-copy"
  /// The tax engine turned a call away.
  case taxRefused = "tax-refused"
  /// The gateway turned a charge away.
  case chargeRefused = "charge-refused"
  /// CRM was told of a payment status that a newer one had overtaken, and ignored it.
  case statusStale = "status-stale"
  /// Documents waited for the exchange rate of their day.
  case rateAwaited = "rate-awaited"
  /// CRM told billing that a contract pauses.
  case contractPaused = "contract-paused"
  /// CRM told billing that a contract was cancelled.
  case contractCancelled = "contract-cancelled"
  /// Billing heard of a change of contract after it was in force.
  case contractToldLate = "contract-told-late"
  /// CRM or the feed of exchange rates told the same thing twice.
  case feedRepeated = "feed-repeated"
  /// The gateway collected a part of a charge.
  case partialCapture = "partial-capture"
  /// Unapplied cash settled an invoice.
  case unappliedApplied = "unapplied-applied"
  /// Unapplied cash was given back.
  case unappliedReturned = "unapplied-returned"
  /// The gateway refused a refund, as its charge had been taken back.
  case refundRefused = "refund-refused"
  /// A chargeback took what refunds had left of its charge.
  case chargebackBounded = "chargeback-bounded"
  /// A dispute about a chargeback was won.
  case disputeWon = "dispute-won"
  /// A dispute about a chargeback was lost.
  case disputeLost = "dispute-lost"
  /// A receivable was written off.
  case writtenOff = "written-off"
  /// A notice of a movement of money was lost.
  case noticeLost = "notice-lost"
  /// A statement showed a movement of money of which no notice had come.
  case foundOnStatement = "found-on-statement"
  /// A statement of a bank or gateway was lost, and sent again.
  case statementLost = "statement-lost"

  /// Whether only a naive design or a planted defect leads there: usage that expires untaken, for one, is lost, which the
  /// core has to prevent.
  public var needsDefect: Bool {
    switch self {
    case .expiredInBroker, .usageGivenUp, .keyExpiredBeforeRetry, .keyReusedWithOtherBody, .movedToOpenPeriod:
      true
    default: false
    }
  }

  /// What the situation is, in a clause.
  public var meaning: String {
    switch self {
    case .duplicateDelivered: "a copy of an event was delivered"
    case .batchRedelivered: "a whole batch was delivered again because its acknowledgement was lost"
    case .lateAfterWindow: "usage arrived after its window closed"
    case .lateAfterInvoice: "usage arrived after its period was invoiced, and went on a later invoice"
    case .quarantined: "an event was quarantined"
    case .rejected: "an event was refused as invalid"
    case .throttled: "an ERP refused a call for its limits"
    case .calledDuringOutage: "an ERP was called while it was down"
    case .diedDuringCall: "an ERP went down while it processed a call"
    case .timeoutAfterCommit: "an ERP committed a call and the answer was lost"
    case .unknownResolvedPosted: "a look-up found the document that a lost answer was about"
    case .unknownResolvedNotPosted: "a look-up showed that a call without an answer had had no effect"
    case .idempotencyKeyHit: "an idempotency key kept a retry from posting twice"
    case .contractChanged: "a contract was changed while it ran"
    case .prorated: "a recurring charge was recalculated for a change within its period"
    case .trueUp: "a period's usage fell short of the minimum spend, or no longer did"
    case .draftedWithoutTax: "drafts were due while the tax engine was down"
    case .taxAnswerLost: "a tax quote was lost on its way back"
    case .revenueRecognised: "deferred revenue was recognised"
    case .chargeDeclined: "a charge was declined"
    case .chargeAnswerLost: "a charge's outcome was lost on its way back"
    case .chargeRepeated: "a charge was requested again under the same key"
    case .paidOut: "the gateway paid out"
    case .chargedBack: "a customer charged a payment back"
    case .transferReceived: "a customer's transfer reached the bank"
    case .partialPayment: "a customer paid a part first"
    case .overpaid: "a customer overpaid"
    case .quarantineReplayed: "a quarantined event was released after all"
    case .datedToNextPeriod: "an invoice was posted to a later period because its own was closed"
    case .postedWhileReopened: "a document was posted to a period that was open again"
    case .creditRequested: "finance requested a credit, repeats included"
    case .creditWaited: "a credit over the limit waited for a second person"
    case .credited: "a credit was granted"
    case .refunded: "money was refunded"
    case .postedToSuccessor: "a document was sent to the ERP that had taken over"
    case .invoicedDuringOutage: "invoices were issued while their ERP was down"
    case .usageAmended: "a producer replaced an earlier event"
    case .usageVoided: "a producer voided an event"
    case .correctionRefused: "a correction came too late to be applied"
    case .creditsDrawn: "prepaid credits paid for usage"
    case .creditsExpired: "prepaid credits expired unused"
    case .schemaRefused: "an incompatible schema version was refused"
    case .identityConflict: "an identifier was claimed for two accounts"
    case .identityLinked: "CRM notified billing of a further identifier of an account"
    case .backfillRefused: "a backfill was refused"
    case .backfilled: "usage came in a declared backfill, long after its time"
    case .notEntitled: "usage that its contract does not include was quarantined"
    case .lateUsageAccrued: "usage after its invoice was accrued in the month in which it was earned"
    case .accrualReversed: "an accrual was reversed because it had been invoiced"
    case .lateUsageHeld: "usage after its invoice was held for a decision by finance"
    case .rebilled: "an invoice was credited in full and issued anew"
    case .periodClosed: "an accounting period closed, and a snapshot was taken"
    case .periodClosedAgain: "a reopened period closed again: a further version of its snapshot"
    case .caseRouted: "an exception case reached finance, RevOps or platform"
    case .postingReplayed: "a document that an ERP had refused was resent"
    case .postingRefused: "an ERP refused a document"
    case .rateFixed: "an exchange rate was fixed for a day"
    case .statusTold: "CRM was notified of an invoice's payment status"
    case .processCrashed: "a process of the core crashed"
    case .tornWriteDetected: "a half-written record was found by its checksum"
    case .effectLost: "a process crashed before an effect that it had decided on"
    case .effectRepeated: "a restarted process performed an effect again"
    case .inputSentAgain: "what a crashed process had not acknowledged was redelivered"
    case .batchUnacknowledged: "ingestion crashed on a batch, which was redelivered"
    case .answeredDeadProcess: "an answer arrived for a process that had crashed"
    case .crashBetweenPostAndAcknowledge: "a process crashed between an ERP's commit and its acknowledgement"
    case .requestLost: "a request was lost on its way"
    case .answerLost: "an answer was lost on its way back"
    case .requestDuplicated: "the network delivered a request twice"
    case .messageDelayed: "the network delayed a message"
    case .noticeDuplicated: "a notice of a movement of money was delivered twice"
    case .queuedAtERP: "a call waited for a connection at an ERP"
    case .acceptedByJob: "an ERP accepted documents for a job"
    case .rejectedAfterAccepted: "a job rejected a document that had been accepted"
    case .keyExpiredBeforeRetry: "an idempotency key was sent again after the ERP had forgotten it"
    case .keyReusedWithOtherBody: "an idempotency key was reused with another document"
    case .hiddenByIndexLag: "a look-up missed a document that the index did not show yet"
    case .batchHalfSucceeded: "some documents of a call were posted, and others failed"
    case .documentSplit: "a document had more lines than its ERP takes, and was posted in parts"
    case .movedToOpenPeriod: "an ERP moved a document out of a closed period by itself"
    case .usageGivenUp: "a producer gave up on a call with usage that nobody accepted"
    case .brokerUnavailable: "a producer buffered its usage because the broker was down"
    case .backpressure: "a producer had to wait because its partition was full"
    case .expiredInBroker: "usage expired in the broker before it was consumed"
    case .rebalanced: "consumers were rebalanced, and the last batches were redelivered"
    case .lostInProducer: "a producer crashed with unsent usage"
    case .clockSkewed: "a producer with a wrong clock stamped an event"
    case .crossRegionCopy: "a copy of an event arrived through another region"
    case .restampedCopy: "a producer resent an event under another identifier"
    case .taxRefused: "the tax engine rejected a call"
    case .chargeRefused: "the gateway rejected a charge"
    case .statusStale: "CRM received a payment status that a newer one had superseded, and ignored it"
    case .rateAwaited: "documents waited for the exchange rate of their day"
    case .contractPaused: "billing was notified of a pause of a contract"
    case .contractCancelled: "billing was notified of a cancellation"
    case .contractToldLate: "billing was notified of a change of contract after it had come into force"
    case .feedRepeated: "CRM or the feed of exchange rates sent the same message twice"
    case .partialCapture: "the gateway collected a part of a charge"
    case .unappliedApplied: "unapplied cash settled an invoice"
    case .unappliedReturned: "unapplied cash was refunded"
    case .refundRefused: "the gateway refused a refund because its charge had been charged back"
    case .chargebackBounded: "a chargeback took what refunds had left of its charge"
    case .disputeWon: "a dispute about a chargeback was won"
    case .disputeLost: "a dispute about a chargeback was lost"
    case .writtenOff: "a receivable was written off"
    case .noticeLost: "a notice of a movement of money was lost"
    case .foundOnStatement: "a statement showed a movement of money of which no notice had come"
    case .statementLost: "a statement of a bank or gateway was lost, and sent again"
    }
  }
}
