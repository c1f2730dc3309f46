import CanonicalModel
import Chronology
import UsageToCash
import World

/// A known mistake that can be planted, to prove that an invariant can fail: one of the core's own (``PlantedDefects``), a choice of a design
/// that is wrong, or an ERP or a broker that is.
package struct Defect: Sendable {
  /// The name on the command line.
  package let name: String
  /// What is done wrong.
  package let mistake: String
  /// The real failure that it is modelled on.
  package let models: String
  /// The invariant that must catch it.
  package let caughtBy: String
  /// The scenario of the repository that must show it.
  package let scenario: String
  /// Whether it is a mistake of the core: a core that is built without them has none.
  let isOfCore: Bool
  /// Plants it.
  let plant: @Sendable (inout Assembly) -> Void

  init(
    name: String, mistake: String, models: String, caughtBy: String,
    scenario: String = "azure-llm-tokens", isOfCore: Bool = false,
    plant: @escaping @Sendable (inout Assembly) -> Void
  ) {
    self.name = name
    self.mistake = mistake
    self.models = models
    self.caughtBy = caughtBy
    self.scenario = scenario
    self.isOfCore = isOfCore
    self.plant = plant
  }

  /// A mistake of the core itself.
  init(
    name: String, mistake: String, models: String, caughtBy: String,
    scenario: String = "azure-llm-tokens", core: PlantedDefects
  ) {
    self.init(
      name: name, mistake: mistake, models: models, caughtBy: caughtBy, scenario: scenario, isOfCore: true
    ) { $0.policy.planted.insert(core) }
  }

  /// All defects that this build can plant.
  package static let all: [Defect] = (known + ContractDefects.all + CashDefects.all + TaxDefects.all).filter {
    PlantedDefects.areBuiltIn || !$0.isOfCore
  }

  private static let known: [Defect] = [
    Defect(
      name: "no-dedup", mistake: "every copy of an event counts",
      models: "flexprice/flexprice 602, 2763: at-least-once delivery mistaken for exactly-once",
      caughtBy: "no-double-counting"
    ) { $0.policy.ingestion.keying = .none },
    Defect(
      name: "dedup-without-source", mistake: "an event is identified by its id alone",
      models: "getlago/lago-api 5327: deduplication by a key that lacks a part deletes legitimate events",
      caughtBy: "no-lost-usage"
    ) { $0.policy.ingestion.keying = .idOnly },
    Defect(
      name: "retry-without-key",
      mistake: "a call that was not answered is retried as a plain add, without an idempotency key",
      models:
        "intuit/QuickBooks-V3-DotNET-SDK 352: a key that is accepted and never sent; an answer that is lost",
      caughtBy: "no-double-posting"
    ) {
      $0.policy.posting.idempotency = .none
      $0.policy.posting.unknownOutcome = .retry
    },
    Defect(
      name: "late-event-dropped-silently", mistake: "usage that arrives after its window closed is discarded",
      models: "stream processors that drop late data by default", caughtBy: "no-lost-usage",
      core: .lateEventDropped),
    Defect(
      name: "round-per-event", mistake: "every event's amount is rounded to the minor unit, then summed",
      models: "unit prices below a cent that round to nothing", caughtBy: "rating-matches-oracle",
      core: .roundPerEvent),
    Defect(
      name: "window-off-by-one", mistake: "the last minute of a window counts in the next one",
      models: "getlago/lago-api 5104, 5583: microsecond against millisecond at a period boundary",
      caughtBy: "metering-balances", core: .windowOffByOne),
    Defect(
      name: "slow-consumer-clock",
      mistake: "usage is quarantined as ahead of the clock by a consumer whose clock runs an hour behind",
      models: "hosts without NTP, and quarantines that nobody questions", caughtBy: "quarantine-justified"
    ) { $0.policy.ingestion.clockTolerance = .zero - .hours(1) },
    Defect(
      name: "identity-last-wins",
      mistake: "an identifier that is claimed for a second account belongs to that account from then on",
      models: "mapping tables that are overwritten by the latest import", caughtBy: "no-lost-usage",
      scenario: "onboarding", core: .identityLastWins),
    Defect(
      name: "backfill-counted-twice", mistake: "a backfill that is run again counts again",
      models: "re-runs of export jobs beyond the deduplication horizon",
      caughtBy: "no-double-counting", scenario: "onboarding", core: .backfillCountedTwice),
    Defect(
      name: "gap-end-included", mistake: "the hour in which deliveries resume is counted as part of the gap",
      models: "closed intervals where half-open ones were meant: honest backfills are refused",
      caughtBy: "backfills-taken", scenario: "onboarding", core: .gapEndIncluded),
    Defect(
      name: "unique-per-window",
      mistake: "different values are counted in each hour, and the hours are added up",
      models: "hourly roll-ups of distinct counts and maxima", caughtBy: "order-insensitive",
      scenario: "aggregations", core: .uniquePerWindow),
    Defect(
      name: "latest-by-arrival", mistake: "the latest value is the one that arrived last",
      models: "gauges that a late event sets back", caughtBy: "order-insensitive",
      scenario: "aggregations", core: .latestByArrival),
    Defect(
      name: "correction-added", mistake: "an amended event counts beside the one that it corrects",
      models: "corrections that are sent as further usage", caughtBy: "no-double-counting",
      scenario: "aggregations", core: .correctionAdded),
    Defect(
      name: "proration-off-by-a-day", mistake: "the day of a change of contract is charged on both terms",
      models: "day counts that include the end (rating vectors of Flexprice)",
      caughtBy: "rating-matches-oracle", scenario: "plan-changes", core: .prorationOffByADay),
    Defect(
      name: "amendment-at-next-period",
      mistake: "a change of contract takes effect only at the next billing period",
      models: "CRM changes that wait for a monthly synchronisation", caughtBy: "rating-matches-oracle",
      scenario: "plan-changes", core: .amendmentAtNextPeriod),
    Defect(
      name: "amendment-when-told",
      mistake: "a change of contract that is reported late applies only from then on",
      models: "CRM synchronisations whose delay moves effective dates", caughtBy: "rating-matches-oracle",
      scenario: "late-master-data", core: .amendmentWhenTold),
    Defect(
      name: "true-up-not-revised",
      mistake: "the true-up to the minimum spend is kept, though late usage has arrived since",
      models: "commitments that are settled once at the period's end", caughtBy: "commitment-identity",
      scenario: "plan-changes", core: .trueUpNotRevised),
    Defect(
      name: "tax-rounded-before-summing", mistake: "tax is rounded on each line, where the policy is the sum",
      models: "getlago/lago-api 2643, 4313, 4411, 4449, 4553: tax rounded per item",
      caughtBy: "tax-matches-jurisdiction", scenario: "sales-tax", core: .taxRoundedBeforeSumming),
    Defect(
      name: "credits-never-expire", mistake: "prepaid credits are drawn on after they have expired",
      models: "wallets without a clock", caughtBy: "grants-conserved", scenario: "prepaid",
      core: .creditsNeverExpire),
    Defect(
      name: "revenue-recognised-at-invoice",
      mistake: "a fee that is invoiced in advance is recognised as revenue at once",
      models: "ledgers that are fed from invoices alone", caughtBy: "no-early-recognition",
      scenario: "plan-changes", core: .revenueRecognisedAtInvoice),
    Defect(
      name: "revenue-in-first-month",
      mistake: "a yearly fee is recognised in full at the end of its first month",
      models: "schedules kept by the month of the invoice", caughtBy: "recognised-in-period",
      scenario: "anniversaries", core: .revenueInFirstMonth),
    Defect(
      name: "recognition-run-twice",
      mistake: "what was recognised stays on its schedule and is recognised again",
      models: "openmeterio/openmeter 4412, 4993: allocated twice on a retry",
      caughtBy: "revenue-conserved", scenario: "plan-changes", core: .recognitionRunTwice),
    Defect(
      name: "quarantine-replayed-twice", mistake: "replayed events stay in quarantine and are replayed again",
      models: "dead-letter queues that are replayed without deduplication",
      caughtBy: "no-double-counting",
      scenario: "dirty-telemetry", core: .quarantineReplayedTwice),
    Defect(
      name: "period-checked-at-enqueue-only",
      mistake: "the accounting period is checked when a document is queued, and not when it is sent",
      models: "queues that drain after the close", caughtBy: "no-posting-into-closed-period",
      scenario: "period-close"
    ) { $0.policy.posting.periodCheck = .atEnqueue },
    Defect(
      name: "revenue-account-mapped-wrong", mistake: "all revenue is posted to the account of the first item",
      models: "getlago/lago-api 5059: two items share one item code",
      caughtBy: "posting-matches-invoice", core: .revenueAccountMappedWrong),
    Defect(
      name: "lineage-without-late-charges",
      mistake: "a period's further charges are not found from its usage",
      models: "drill-down keyed by period that keeps one row", caughtBy: "lineage-complete",
      scenario: "late-usage-accrued", core: .lineageWithoutLateCharges),
    Defect(
      name: "fx-at-latest-rate",
      mistake: "documents are translated at the latest rate that is known, and not at that of their day",
      models: "rate tables that are overwritten each evening", caughtBy: "fx-ties",
      scenario: "foreign-books", core: .fxAtLatestRate),
    Defect(
      name: "cases-unmasked", mistake: "every role sees every field of a case",
      models: "tickets that quote the whole record", caughtBy: "fields-masked", scenario: "exceptions",
      core: .casesUnmasked),
    Defect(
      name: "quarantine-without-case", mistake: "usage is quarantined and nobody is notified",
      models: "dead-letter queues without an alarm", caughtBy: "exceptions-surface",
      scenario: "exceptions", core: .quarantineWithoutCase),
    Defect(
      name: "reopened-without-approval",
      mistake: "a reopened period is posted to though only the person who opened it approved",
      models: "period locks that one person can lift", caughtBy: "no-posting-into-closed-period",
      scenario: "soft-close", core: .reopenedWithoutApproval),
    Defect(
      name: "snapshot-updated-after-reopen",
      mistake: "the snapshot of a close is overwritten when its period closes again",
      models: "close reports that are views on live tables", caughtBy: "snapshot-immutable",
      scenario: "period-close", core: .snapshotUpdatedAfterReopen),
    Defect(
      name: "second-close-not-read-back",
      mistake: "a period that was reopened is not read back when it closes again",
      models: "close packages that are made once, and adjusted by hand", caughtBy: "close-snapshotted",
      scenario: "soft-close", core: .secondCloseNotReadBack),
    Defect(
      name: "cut-over-without-look-up",
      mistake: "documents whose outcome at the old ERP is unknown go to the new one without a look-up",
      models: "migrations with a backlog", caughtBy: "no-double-posting", scenario: "erp-cut-over",
      core: .cutOverWithoutLookUp),
    Defect(
      name: "open-items-not-moved",
      mistake: "open items and balances stay in the old ERP when another takes over",
      models: "migrations of master data alone: payments meet no invoice in the new ledger",
      caughtBy: "cut-over-moves-open-items", scenario: "erp-cut-over", core: .openItemsNotMoved),
    Defect(
      name: "open-items-moved-twice",
      mistake: "open items and balances are moved once more when the import is repeated",
      models: "migrations without a key: an import is started again after an error",
      caughtBy: "cut-over-moves-open-items", scenario: "erp-cut-over", core: .openItemsMovedTwice),
    Defect(
      name: "accrual-not-reversed", mistake: "an accrual is not reversed when its usage has been invoiced",
      models: "accruals that are reversed by hand", caughtBy: "close-cut-off",
      scenario: "late-usage-accrued", core: .accrualNotReversed),
    Defect(
      name: "credit-replayed", mistake: "a repeated credit request gives another credit",
      models: "getlago/lago-api 4945, 5020, 5980: one credit applied several times",
      caughtBy: "credit-applied-once", scenario: "credits", core: .creditReplayed),
    Defect(
      name: "credit-uncapped", mistake: "credits on an invoice are not limited to what is left of it",
      models: "credits per request that nobody adds up", caughtBy: "credits-capped", scenario: "credits",
      core: .creditUncapped),
    Defect(
      name: "credit-without-approval",
      mistake: "credits over the limit are granted without a second person's approval",
      models: "approvals that only the form asks for", caughtBy: "credits-approved", scenario: "credits",
      core: .creditWithoutApproval),
    Defect(
      name: "charge-key-per-call", mistake: "a charge without an answer is retried under another key",
      models: "getlago/lago-api 5708: two keys for one invoice; keys derived from the time of the attempt",
      caughtBy: "no-double-charge",
      scenario: "payments", core: .chargeKeyPerCall),
    Defect(
      name: "overpayment-applied-to-invoice",
      mistake: "an overpayment is applied to the invoice that the customer named",
      models: "cash application without unapplied cash", caughtBy: "cash-balances", scenario: "payments",
      core: .overpaymentAppliedToInvoice),
    Defect(
      name: "chargeback-ignored", mistake: "a payment that a customer charges back is not booked",
      models: "webhooks of the gateway that nobody subscribed to", caughtBy: "cash-balances",
      scenario: "payments", core: .chargebackIgnored),
    Defect(
      name: "payout-booked-gross",
      mistake: "the fees that the gateway keeps are booked as money at the bank",
      models: "settlements reconciled by the amount of the charges, not by the gateway's report",
      caughtBy: "settlement-ties", scenario: "payments", core: .payoutBookedGross),
    Defect(
      name: "status-not-told", mistake: "CRM is never notified of the status of an invoice",
      models: "one-way integrations", caughtBy: "payment-status-ties", scenario: "payments",
      core: .statusNotTold),
    Defect(
      name: "order-lost", mistake: "each kind of document has its own queue and worker",
      models: "getlago/lago-api 2826, 2125: jobs started together; a payment posted before its invoice",
      caughtBy: "posting-order",
      scenario: "payments"
    ) { $0.policy.posting.order = .perKind },
    Defect(
      name: "acknowledge-before-sync",
      mistake: "the log is synced every five minutes, and deliveries are acknowledged at once",
      models: "write-behind caches in front of the system of record",
      caughtBy: "acknowledged-is-durable", scenario: "crashes"
    ) { $0.policy.sync = .every(.minutes(5)) },
    Defect(
      name: "effects-not-repeated",
      mistake: "effects that a process had decided on before a crash, but not performed, are never performed",
      models: "notifications sent after the commit, outside of any outbox",
      caughtBy: "payment-status-ties", scenario: "crashes", core: .effectsNotRepeated),
    Defect(
      name: "dedup-in-memory",
      mistake: "known keys are kept in the memory of the ingestion process",
      models: "openmeter.io, architecture: deduplication in process memory; a restart counts again",
      caughtBy: "no-double-counting", scenario: "crashes"
    ) { $0.policy.ingestion.store = .memory },
    Defect(
      name: "outbox-in-memory", mistake: "documents waiting for an ERP are kept in the memory of a process",
      models: "in-process job queues", caughtBy: "no-lost-posting", scenario: "crashes"
    ) { $0.policy.posting.store = .memory },
    Defect(
      name: "notice-counted-twice", mistake: "a notice that is delivered twice is booked twice",
      models: "flexprice/flexprice 8fefadc, meteroid-oss/meteroid 871: redelivered webhooks",
      caughtBy: "cash-balances", scenario: "hostile-network", core: .noticeCountedTwice),
    Defect(
      name: "accepted-taken-for-posted", mistake: "what an ERP has accepted counts as posted",
      models: "bulk import jobs that reject single rows later; getlago/lago-api 5482",
      caughtBy: "no-lost-posting", scenario: "patterns/middleware"
    ) { $0.policy.posting.trustsAcceptance = true },
    Defect(
      name: "partial-failure-ignored", mistake: "the results of a call are not read one by one",
      models: "getlago/lago-api 4772; batches that answer 200 with errors inside",
      caughtBy: "no-lost-posting", scenario: "patterns/middleware"
    ) { $0.policy.posting.partialSuccess = .ignored },
    Defect(
      name: "batch-all-or-nothing", mistake: "a call is retried as a whole if one of its documents failed",
      models: "formancehq/ledger 994a437, 1638, 1633: double dispense; file interfaces",
      caughtBy: "no-double-posting", scenario: "hostile-network"
    ) { $0.policy.posting.partialSuccess = .allOrNothing },
    Defect(
      name: "key-of-the-attempt", mistake: "the idempotency key is made from the minute of the attempt",
      models: "flexprice/flexprice 1400, 2336", caughtBy: "no-double-posting",
      scenario: "patterns/middleware"
    ) {
      $0.policy.posting.idempotency = .perAttempt
      $0.policy.posting.unknownOutcome = .retry
    },
    Defect(
      name: "looked-up-too-early",
      mistake:
        "an outcome is looked up at once, though the ERP may still be processing the call or not show it yet",
      models:
        "getlago/lago-api 5450, killbill/killbill 338, 1599: the retry races the write in flight; search indices that lag",
      caughtBy: "no-double-posting", scenario: "hostile-network"
    ) {
      for index in $0.policy.posting.systems.indices {
        $0.policy.posting.systems[index].settlesAfter = .zero
      }
    },
    Defect(
      name: "given-up-after-attempts", mistake: "a document is dropped after five attempts",
      models: "getlago/lago-api 4772; job queues with a retry limit and no dead-letter queue",
      caughtBy: "no-lost-posting", scenario: "outage-over-close"
    ) { $0.policy.posting.attempts = 5 },
    Defect(
      name: "regions-not-normalised",
      mistake: "a producer has another name in each region, and counts as another one",
      models: "active-active ingestion that deduplicates in each region for itself",
      caughtBy: "no-double-counting", scenario: "hostile-telemetry", core: .regionsNotNormalised),
    Defect(
      name: "retention-too-short",
      mistake:
        "the broker keeps usage for five minutes, and the processes that consume it are down for longer",
      models: "topics with the default retention", caughtBy: "retention-not-outrun",
      scenario: "hostile-telemetry"
    ) { $0.world.broker.retention = .minutes(5) },
    Defect(
      name: "restamped-copies-counted",
      mistake: "a retry that has another identifier counts as another event",
      models: "client libraries that generate a new identifier for each send", caughtBy: "no-double-counting",
      scenario: "hostile-telemetry"
    ) { $0.policy.ingestion.contentHorizon = nil },
    Defect(
      name: "late-usage-rated-alone", mistake: "late usage is rated on its own, from the first tier on",
      models: "supplementary runs that know nothing of what was rated", caughtBy: "tiers-additive",
      scenario: "standard", core: .lateUsageRatedAlone),
    Defect(
      name: "late-usage-never-rated",
      mistake: "usage that comes after its period was rated is metered, and never billed",
      models: "killbill/killbill 964; getlago/lago 122: late data after the first report",
      caughtBy: "quantity-conserved", scenario: "standard", core: .lateUsageNeverRated),
    Defect(
      name: "late-charges-dropped", mistake: "charges for late usage are rated, and then lost",
      models: "queues of adjustments that nobody processes", caughtBy: "late-usage-resolved",
      scenario: "standard", core: .lateChargesDropped),
    Defect(
      name: "late-usage-on-issued-invoice",
      mistake: "late usage is added to the invoice of its period, although it was issued",
      models: "invoices that are rendered from live tables", caughtBy: "invoice-immutable",
      scenario: "standard", core: .lateUsageOnIssuedInvoice),
    Defect(
      name: "maximum-ignored", mistake: "a charge is not bounded by its maximum",
      models: "caps that are applied to the first tier only", caughtBy: "spend-bounded",
      scenario: "every-model", core: .maximumIgnored),
    Defect(
      name: "filters-overlap",
      mistake: "the first bucket of a dimension takes every event, whatever its value",
      models: "getlago/lago-api 5916: an event is billed in both buckets", caughtBy: "filter-partition",
      scenario: "aggregations", core: .filtersOverlap),
    Defect(
      name: "finalised-by-late-quote",
      mistake: "a tax quote that comes after the call was retried finalises the drafts a second time",
      models: "getlago/lago-api 5305, 5523, 1868; flexprice/flexprice 174134c: two jobs finalise one invoice",
      caughtBy: "one-invoice-per-period", scenario: "standard", core: .finalisedByLateQuote),
    Defect(
      name: "credit-never-posted",
      mistake: "credits lower the amount due in billing, but never reach the ERP",
      models: "getlago/lago-api 6113: a void in billing never reaches the ERP", caughtBy: "voids-propagate",
      scenario: "credits", core: .creditNeverPosted),
    Defect(
      name: "charge-given-up", mistake: "a charge without an answer is treated as declined and forgotten",
      models: "killbill/killbill 1015, 643: outcome unknown", caughtBy: "unknown-terminates",
      scenario: "standard", core: .chargeGivenUp),
    Defect(
      name: "entities-swapped", mistake: "credits of two legal entities go to each other's ERP",
      models: "mapping tables of entities that are edited by hand", caughtBy: "entity-isolation",
      scenario: "credits", core: .entitiesSwapped),
    Defect(
      name: "retry-after-ignored", mistake: "a throttled call is retried at once, whatever the ERP said",
      models: "retry storms", caughtBy: "erp-limits-honoured", scenario: "standard"
    ) { $0.policy.posting.honoursRetryAfter = false },
    Defect(
      name: "reconciliation-of-own-counters",
      mistake:
        "documents are posted twice, and the reconciliation compares the core's counters with themselves",
      models: "reconciliations that read the middleware's tables and never the ERP",
      caughtBy: "reconciliation-detects", scenario: "standard", isOfCore: true
    ) {
      $0.policy.posting.idempotency = .none
      $0.policy.posting.unknownOutcome = .retry
      $0.policy.planted.insert(.reconciliationOfOwnCounters)
    },
    Defect(
      name: "reconciliation-without-transit", mistake: "what is in transit counts as missing",
      models: "killbill/killbill 783, 877, 2306: detectors that raise false alarms in legitimate states",
      caughtBy: "reconciliation-quiet", scenario: "standard", core: .reconciliationWithoutTransit),
    Defect(
      name: "amounts-truncated", mistake: "amounts of usage are truncated to the minor unit",
      models: "getlago/lago-api 4660: truncation where rounding was meant", caughtBy: "rating-matches-oracle",
      scenario: "standard", core: .amountsTruncated),
    Defect(
      name: "fee-charged-again",
      mistake: "a recurring charge is created again whenever its period is processed",
      models: "getlago/lago-api 4227: a unique index with a null in it", caughtBy: "one-invoice-per-period",
      scenario: "plan-changes", core: .feeChargedAgain),
    Defect(
      name: "lost-item-still-billed", mistake: "an item that a change of plan has ended is still billed",
      models: "flexprice/flexprice 50ccc35: an item that ended in mid-period enters the next advance bill",
      caughtBy: "rating-matches-oracle", scenario: "standard", core: .lostItemStillBilled),
    Defect(
      name: "fees-billed-in-arrears",
      mistake: "the first fees of a contract wait for the end of its first period",
      models: "billing runs at the month's end only", caughtBy: "billed-in-time", scenario: "plan-changes",
      core: .feesBilledInArrears),
    Defect(
      name: "dunning-cut-short", mistake: "a charge that is declined once is never retried",
      models: "retry schedules of the gateway that nobody set up", caughtBy: "dunning-kept",
      scenario: "payments", core: .dunningCutShort),
    Defect(
      name: "tax-left-off-the-total", mistake: "an invoice's total is that of its lines, without its tax",
      models: "totals that are computed before the tax engine answers", caughtBy: "invoice-foots",
      scenario: "sales-tax", core: .taxLeftOffTheTotal),
    Defect(
      name: "discount-rounded-by-line",
      mistake: "each line's part of a discount, and of a tax, is rounded by itself",
      models: "invoices whose lines are rounded one by one, and miss the agreed amount by a cent",
      caughtBy: "allocation-exact", scenario: "discounts", core: .discountRoundedByLine),
    Defect(
      name: "rest-on-last-line",
      mistake: "each line's part of a discount, and of a tax, is cut off, and the last line takes the rest",
      models: "spreadsheets that put the difference on the last line", caughtBy: "allocation-exact",
      scenario: "discounts", core: .restOnLastLine),
    Defect(
      name: "number-before-tax",
      mistake: "an invoice number is taken before the tax is known, and lost if the call fails",
      models: "sequences of a database, which leave gaps where a transaction fails",
      caughtBy: "invoice-numbers-gapless", scenario: "sales-tax", core: .numberBeforeTax),
    Defect(
      name: "credits-spent-twice", mistake: "prepaid credits are drawn on, and their balance stays the same",
      models: "formancehq/ledger 994a437: double dispense", caughtBy: "wallet-never-negative",
      scenario: "prepaid", core: .creditsSpentTwice),
    Defect(
      name: "import-cuts-lines-off",
      mistake: "an ERP's import silently keeps only three lines of a document",
      models: "getlago/lago-api 5189: what does not fit is dropped, and the line total is 0.00",
      caughtBy: "journals-balance", scenario: "sales-tax"
    ) {
      for index in $0.world.erps.indices {
        $0.world.erps[index].linesPerDocument = 3
        $0.world.erps[index].cutsLinesOff = true
      }
    },
    Defect(
      name: "split-sends-first-part",
      mistake: "a document with more lines than the ERP takes is split, and only its first part is sent",
      models: "getlago/lago-api 5189: what does not fit is dropped", caughtBy: "split-complete",
      scenario: "split-documents", core: .splitSendsFirstPart),
    Defect(
      name: "breaker-never-closes", mistake: "after five failures in a row an ERP is never called again",
      models: "circuit breakers that have to be reset by hand", caughtBy: "drains",
      scenario: "outage-over-close", core: .breakerNeverCloses),
  ]
}
