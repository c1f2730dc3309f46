import UsageToCash

/// Known mistakes with contracts that change, periods without usage, and prepaid credits.
enum ContractDefects {
  static let all: [Defect] = changes + lives

  private static let changes: [Defect] = [
    Defect(
      name: "idle-period-not-rated",
      mistake: "a period without usage is not rated: minimums and fees that are always due are not billed",
      models: "billing runs that begin with the usage, and see no customer who has none",
      caughtBy: "rating-matches-oracle", scenario: "contracts", core: .idlePeriodNotRated),
    Defect(
      name: "idle-part-not-rated",
      mistake: "only the part with usage is rated of a period with a change of contract",
      models: "minimums that are looked up by the terms of the usage that came",
      caughtBy: "rating-matches-oracle", scenario: "contracts", core: .idlePartNotRated),
    Defect(
      name: "level-at-last-terms",
      mistake: "a meter that is no sum is priced on the terms at the period's end, for all of the period",
      models: "getsentry/sentry 46598, polarsource/polar 9090: a change of seats priced for the whole month",
      caughtBy: "rating-matches-oracle", scenario: "contracts", core: .levelAtLastTerms),
    Defect(
      name: "change-recognised-from-the-start",
      mistake:
        "what a change of contract adds is recognised as if it had been agreed at the beginning of its period",
      models: "ASC 606-10-25-13(a): schedules that are recomputed as a whole after an upgrade",
      caughtBy: "recognised-in-period", scenario: "contracts", core: .changeRecognisedFromTheStart),
    Defect(
      name: "change-served-from-the-start",
      mistake: "the line of a change of contract is dated as if it were served over all of its period",
      models: "invoice lines without dates of service, whose revenue is spread over the billing period",
      caughtBy: "served-as-agreed", scenario: "contracts", core: .changeServedFromTheStart),
    Defect(
      name: "late-usage-paid-in-cash",
      mistake: "late usage is charged, though there are prepaid credits",
      models: "drawdowns that run once a period, with the first bill", caughtBy: "grants-conserved",
      scenario: "prepaid", core: .lateUsagePaidInCash),
    Defect(
      name: "void-paid-back-in-cash",
      mistake: "voided usage that prepaid credits had paid for is refunded in cash",
      models: "credit notes that know the line's price, and not who has paid it",
      caughtBy: "grants-conserved", scenario: "prepaid", core: .voidPaidBackInCash),
    Defect(
      name: "unbilled-not-accrued",
      mistake:
        "usage that is earned in a month and billed later is revenue of the month in which it is billed",
      models: "revenue that follows the invoices, under billing by anniversary", caughtBy: "unbilled-accrued",
      scenario: "anniversaries", core: .unbilledNotAccrued),
    Defect(
      name: "unbilled-at-last-terms",
      mistake: "usage that is billed later is accrued on the last terms of its month, whatever it fell under",
      models: "accruals that multiply what was used with today's price", caughtBy: "unbilled-accrued",
      scenario: "contract-life", core: .unbilledAtLastTerms),
    Defect(
      name: "advance-in-month-before",
      mistake: "a fee in advance, its tax and what is owed for it stand in the books of the month before",
      models: "one invoice a month for usage and the next month's fees, posted into the month that it closes",
      caughtBy: "close-cut-off", scenario: "standard", core: .advanceInMonthBefore),
    Defect(
      name: "changes-not-accrued",
      mistake: "a change of a fee that is billed later is revenue of the month in which it is billed",
      models: "revenue schedules that begin with the invoice of an upgrade, under billing by anniversary",
      caughtBy: "unbilled-accrued", scenario: "anniversaries", core: .changesNotAccrued),
    Defect(
      name: "late-usage-accrued-gross",
      mistake: "late usage is accrued at its price, discount and included tax and all",
      models: "accruals that are taken from the price list, and invoices that are not",
      caughtBy: "close-cut-off", scenario: "late-usage-accrued", core: .lateUsageAccruedGross),
    Defect(
      name: "credits-beside-unbilled",
      mistake:
        "usage that prepaid credits will pay is accrued as if it were owed: an asset beside a liability",
      models: "accruals of usage that are made apart from the wallet", caughtBy: "grants-conserved",
      scenario: "prepaid", core: .creditsBesideUnbilled),
    Defect(
      name: "last-minimum-not-accrued",
      mistake: "the minimum spend of a contract that has ended is revenue of the month in which it is billed",
      models: "true-ups that are known to the billing run alone", caughtBy: "unbilled-accrued",
      scenario: "contract-life", core: .lastMinimumNotAccrued),
    Defect(
      name: "credits-outlive-contract",
      mistake: "prepaid credits of a contract that has ended stay a liability until they would have expired",
      models: "breakage jobs that look at the dates of grants, and not at contracts",
      caughtBy: "grants-conserved", scenario: "prepaid", core: .creditsOutliveContract),
    Defect(
      name: "unbilled-not-reversed",
      mistake:
        "what was accrued at the end of a month stays accrued when it is billed: its revenue counts twice",
      models: "manual closing entries without a reversal", caughtBy: "unbilled-accrued",
      scenario: "anniversaries", core: .unbilledNotReversed),
    Defect(
      name: "credit-leaves-deferred",
      mistake:
        "a credit on a fee that is still to be earned lowers revenue, and the fee is recognised in full",
      models: "credit memos on one contra-revenue account, beside schedules that do not know of them",
      caughtBy: "credits-by-line", scenario: "credit-memos", core: .creditLeavesDeferred),
    Defect(
      name: "correction-beside-credit",
      mistake: "usage that was credited and is then voided is given back twice",
      models: "corrections of usage that are priced without a look at what finance has given back",
      caughtBy: "corrections-bounded", scenario: "credit-memos", core: .correctionBesideCredit),
    Defect(
      name: "credited-credits-stay",
      mistake: "prepaid credits whose purchase is credited can still be drawn on",
      models: "credit memos that the wallet is not notified of", caughtBy: "wallet-never-negative",
      scenario: "credit-memos", core: .creditedCreditsStay),
    Defect(
      name: "given-back-at-days-rate",
      mistake:
        "what a contract in a foreign currency gives back, or prepaid credits pay, is taken off its liability at the rate of its own day",
      models: "contract liabilities that are revalued like receivables (IAS 21.16: they are no money)",
      caughtBy: "fx-ties", scenario: "foreign-books", core: .givenBackAtDaysRate),
    Defect(
      name: "accrued-invoiced-at-days-rate",
      mistake:
        "what was accrued in a foreign currency is invoiced at the rate of the invoice's day: revenue of a month without usage",
      models:
        "reversals at the rate of the accrual beside invoices at the day's (IAS 21.28: the rest is an exchange difference)",
      caughtBy: "fx-ties", scenario: "foreign-books", core: .accruedInvoicedAtDaysRate),
    Defect(
      name: "paid-out-before-forgotten",
      mistake:
        "what a credit leaves paid too much is forgotten where the payment was given back before, for a credit note on another invoice",
      models: "refunds that look for the invoice's own payment, and give up where nothing is left of it",
      caughtBy: "given-back-as-owed", scenario: "credit-memos", core: .paidOutBeforeForgotten),
  ]

  /// Mistakes with trials, terms, billing days, pauses and cancellations.
  private static let lives: [Defect] = [
    Defect(
      name: "term-never-ends", mistake: "a term that is not renewed is treated as if it were",
      models: "renewal jobs that ask whether a contract is active, and not whether it was to be renewed",
      caughtBy: "charged-in-force", scenario: "contract-life", core: .termIgnored),
    Defect(
      name: "trial-charged", mistake: "charging begins at sign-up, even if there is a trial",
      models: "subscriptions that are activated at once, whose trial is a flag that billing does not read",
      caughtBy: "charged-in-force", scenario: "contract-life", core: .trialCharged),
    Defect(
      name: "first-part-in-full",
      mistake: "the first, partial billing period of a contract is charged in full",
      models: "fixed billing days without proration of the first, short period",
      caughtBy: "rating-matches-oracle", scenario: "contract-life", core: .firstPartInFull),
    Defect(
      name: "unused-part-kept",
      mistake:
        "the unused part of a fee in advance is not given back on cancellation, although that was agreed",
      models: "cancellations that stop the next charge, and leave the last one as it was",
      caughtBy: "charged-in-force", scenario: "contract-life", core: .unusedPartKept),
    Defect(
      name: "kept-fee-goes-on",
      mistake:
        "a fee that is kept after its contract has ended is still recognised over time, as if it were served",
      models: "revenue schedules that are not notified of cancellations without a refund",
      caughtBy: "recognised-in-period", scenario: "kept-fees", core: .keptFeeGoesOn),
    Defect(
      name: "pause-ignored", mistake: "fees and usage are still charged during a pause",
      models: "pauses that stop collecting, and not charging", caughtBy: "charged-in-force",
      scenario: "contract-life", core: .pauseIgnored),
    Defect(
      name: "trial-usage-billed",
      mistake: "usage in a trial, in a pause or after the end of a contract is billed",
      models: "meters that know no contract, and periods that are billed as a whole",
      caughtBy: "rating-matches-oracle", scenario: "contract-life", core: .lapsedUsageBilled),
  ]
}
