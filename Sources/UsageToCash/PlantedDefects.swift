/// Known mistakes that can be planted in the core, to prove that an invariant can fail: each at the line where it would be made, which asks
/// `planted`. None is ever a choice of a design: what an architect may choose is a policy, and some defects choose it wrongly.
///
/// Built with `-D WITHOUT_PLANTED_DEFECTS`, the core makes none of them.
public struct PlantedDefects: OptionSet, Hashable, Sendable {
  public let rawValue: UInt128

  public init(rawValue: UInt128) { self.rawValue = rawValue }

  /// Whether this build has them.
  public static var areBuiltIn: Bool {
    #if WITHOUT_PLANTED_DEFECTS
    false
    #else
    true
    #endif
  }

  private init(_ place: Int) { rawValue = 1 << UInt128(place) }

  /// Whether a mistake is planted.
  @inline(__always)
  public func contains(_ defect: PlantedDefects) -> Bool {
    #if WITHOUT_PLANTED_DEFECTS
    false
    #else
    rawValue & defect.rawValue != 0
    #endif
  }

  /// An identifier that is claimed for a second account is that account's from then on.
  public static let identityLastWins = PlantedDefects(0)
  /// A backfill that is run again counts again.
  public static let backfillCountedTwice = PlantedDefects(1)
  /// The hour in which deliveries go on is taken for a part of a gap.
  public static let gapEndIncluded = PlantedDefects(2)
  /// An amended event counts beside the one that it corrects.
  public static let correctionAdded = PlantedDefects(3)
  /// Replayed events stay in quarantine.
  public static let quarantineReplayedTwice = PlantedDefects(4)
  /// A producer has another name in each region, and is taken for another one.
  public static let regionsNotNormalised = PlantedDefects(5)
  /// Usage that arrives after its window closed is discarded.
  public static let lateEventDropped = PlantedDefects(6)
  /// The last minute of a window counts in the next one.
  public static let windowOffByOne = PlantedDefects(7)
  /// What is no sum is taken over each window, and the windows are added up.
  public static let uniquePerWindow = PlantedDefects(8)
  /// The latest value is the one that arrived last.
  public static let latestByArrival = PlantedDefects(9)
  /// The first bucket of a dimension takes every event, whatever its value.
  public static let filtersOverlap = PlantedDefects(10)
  /// Every event's amount is rounded, then summed.
  public static let roundPerEvent = PlantedDefects(11)
  /// What is beyond the minor unit is cut off.
  public static let amountsTruncated = PlantedDefects(12)
  /// The day of a change of contract is charged on both terms.
  public static let prorationOffByADay = PlantedDefects(13)
  /// A change of contract is taken up at the next billing period.
  public static let amendmentAtNextPeriod = PlantedDefects(14)
  /// A change of contract that is told late holds only from then on.
  public static let amendmentWhenTold = PlantedDefects(15)
  /// The true-up to the minimum spend stands, though late usage has come since.
  public static let trueUpNotRevised = PlantedDefects(16)
  /// Prepaid credits are drawn on after they have expired.
  public static let creditsNeverExpire = PlantedDefects(17)
  /// Prepaid credits are drawn on and grow no less.
  public static let creditsSpentTwice = PlantedDefects(18)
  /// Late usage is rated on its own, from the first tier on.
  public static let lateUsageRatedAlone = PlantedDefects(19)
  /// Usage that comes after its period was rated is metered, and that is all.
  public static let lateUsageNeverRated = PlantedDefects(20)
  /// A charge is not bounded by its maximum.
  public static let maximumIgnored = PlantedDefects(21)
  /// A recurring charge is made again whenever its period is looked at.
  public static let feeChargedAgain = PlantedDefects(22)
  /// An item that a change of plan ends is billed on.
  public static let lostItemStillBilled = PlantedDefects(23)
  /// The first fees of a contract wait for the end of its first period.
  public static let feesBilledInArrears = PlantedDefects(24)
  /// Tax is rounded on each line, whatever the policy is.
  public static let taxRoundedBeforeSumming = PlantedDefects(25)
  /// An accrual stands on when its usage has been invoiced.
  public static let accrualNotReversed = PlantedDefects(26)
  /// A tax quote that comes after the call was made again finalises the drafts a second time.
  public static let finalisedByLateQuote = PlantedDefects(27)
  /// A number is taken before the tax is known, and lost with the call.
  public static let numberBeforeTax = PlantedDefects(28)
  /// An invoice asks for its lines, and its tax stands beside.
  public static let taxLeftOffTheTotal = PlantedDefects(29)
  /// Late usage is added to the invoice of its period, which was issued.
  public static let lateUsageOnIssuedInvoice = PlantedDefects(30)
  /// Each line's part of a discount, and of a tax, is rounded by itself.
  public static let discountRoundedByLine = PlantedDefects(31)
  /// Each line's part of a discount, and of a tax, is cut off, and the last line takes the rest.
  public static let restOnLastLine = PlantedDefects(32)
  /// Charges for late usage are rated and put nowhere.
  public static let lateChargesDropped = PlantedDefects(33)
  /// A request for a credit that comes again is another credit.
  public static let creditReplayed = PlantedDefects(34)
  /// Credits on an invoice are not held against what is left of it.
  public static let creditUncapped = PlantedDefects(35)
  /// Credits over the limit are given without a second person.
  public static let creditWithoutApproval = PlantedDefects(36)
  /// Credits never reach the ERP.
  public static let creditNeverPosted = PlantedDefects(37)
  /// A fee that is invoiced in advance is revenue at once.
  public static let revenueRecognisedAtInvoice = PlantedDefects(38)
  /// A yearly fee is recognised in full at the end of its first month.
  public static let revenueInFirstMonth = PlantedDefects(39)
  /// What was recognised stays on its schedule.
  public static let recognitionRunTwice = PlantedDefects(40)
  /// A charge without an answer is asked for again under another key.
  public static let chargeKeyPerCall = PlantedDefects(41)
  /// What a customer pays too much is applied to the invoice that it named.
  public static let overpaymentAppliedToInvoice = PlantedDefects(42)
  /// A payment that a customer takes back is not booked.
  public static let chargebackIgnored = PlantedDefects(43)
  /// What the gateway keeps of a payout is booked as money at the bank.
  public static let payoutBookedGross = PlantedDefects(44)
  /// CRM is never told what became of an invoice.
  public static let statusNotTold = PlantedDefects(45)
  /// A notice that comes twice moves money twice.
  public static let noticeCountedTwice = PlantedDefects(46)
  /// A charge without an answer is taken for declined and forgotten.
  public static let chargeGivenUp = PlantedDefects(47)
  /// A charge that is declined once is never tried again.
  public static let dunningCutShort = PlantedDefects(48)
  /// Of a document that was split only the first part is sent.
  public static let splitSendsFirstPart = PlantedDefects(49)
  /// A period that was reopened is not read back when it closes again.
  public static let secondCloseNotReadBack = PlantedDefects(50)
  /// After five failures in a row an ERP is never called again.
  public static let breakerNeverCloses = PlantedDefects(51)
  /// Credits of two legal entities go to one another's ERP.
  public static let entitiesSwapped = PlantedDefects(52)
  /// Documents whose outcome at the old ERP is unknown go to the new one unasked.
  public static let cutOverWithoutLookUp = PlantedDefects(53)
  /// All revenue is posted to the account of the first item.
  public static let revenueAccountMappedWrong = PlantedDefects(54)
  /// A reopened period is posted to though nobody approved of that.
  public static let reopenedWithoutApproval = PlantedDefects(55)
  /// The reconciliation compares the core's counters with themselves.
  public static let reconciliationOfOwnCounters = PlantedDefects(56)
  /// What is on its way counts as missing.
  public static let reconciliationWithoutTransit = PlantedDefects(57)
  /// What a process had decided on before it died, and not done, is never done.
  public static let effectsNotRepeated = PlantedDefects(58)
  /// Documents are translated at the latest rate that is known.
  public static let fxAtLatestRate = PlantedDefects(59)
  /// A period's further charges are not found from its usage.
  public static let lineageWithoutLateCharges = PlantedDefects(60)
  /// Every role sees every field of a case.
  public static let casesUnmasked = PlantedDefects(61)
  /// Usage is put aside and nobody is told.
  public static let quarantineWithoutCase = PlantedDefects(62)
  /// The snapshot of a close is brought up to date when its period closes again.
  public static let snapshotUpdatedAfterReopen = PlantedDefects(63)
  /// A period without usage is not rated: minimums and fees that are always due are not billed.
  public static let idlePeriodNotRated = PlantedDefects(64)
  /// A part of a period without usage, before or after a change of contract, is not rated.
  public static let idlePartNotRated = PlantedDefects(65)
  /// A meter that is no sum is priced on the terms at the period's end alone.
  public static let levelAtLastTerms = PlantedDefects(66)
  /// What a change of contract adds is recognised as if it had been agreed at the beginning of its period.
  public static let changeRecognisedFromTheStart = PlantedDefects(67)
  /// The line of a change of contract says that it is served over all of its period.
  public static let changeServedFromTheStart = PlantedDefects(68)
  /// Usage that comes late is paid for in cash, whatever credits there are.
  public static let lateUsagePaidInCash = PlantedDefects(69)
  /// Usage that credits have paid for and that is taken back is paid back in cash.
  public static let voidPaidBackInCash = PlantedDefects(70)
  /// A term that is not renewed never ends.
  public static let termIgnored = PlantedDefects(73)
  /// Charging begins at sign-up, trial or not.
  public static let trialCharged = PlantedDefects(74)
  /// The part of a billing period in which a contract begins is charged for in full.
  public static let firstPartInFull = PlantedDefects(75)
  /// The unused part of a fee in advance is kept when a contract is cancelled, whatever is agreed.
  public static let unusedPartKept = PlantedDefects(76)
  /// Pauses of a contract are not heard of.
  public static let pauseIgnored = PlantedDefects(77)
  /// What was used in a trial, in a pause or after the end is billed.
  public static let lapsedUsageBilled = PlantedDefects(78)
  /// A transfer settles other invoices before the one that it names.
  public static let transferMisapplied = PlantedDefects(96)
  /// Every fifth invoice is never charged.
  public static let invoiceNeverCharged = PlantedDefects(97)
  /// An invoice is charged an hour before it is due.
  public static let chargedEarly = PlantedDefects(98)
  /// A charge asks for what is open without its tax.
  public static let chargedNetOfTax = PlantedDefects(99)
  /// A charge asks for a cent less than is open.
  public static let chargedACentShort = PlantedDefects(100)
  /// A declined charge is tried again after an hour, whatever the terms say.
  public static let dunningHourly = PlantedDefects(101)
  /// What a credit leaves paid too much is never given back.
  public static let refundNeverMade = PlantedDefects(102)
  /// What a credit leaves paid too much is given back twice.
  public static let refundMadeTwice = PlantedDefects(103)
  /// What is given back is booked on another invoice of the customer.
  public static let refundToAnotherInvoice = PlantedDefects(104)
  /// A payment is booked in the next accounting period.
  public static let paymentInAnotherPeriod = PlantedDefects(105)
  /// A payment is booked for another customer.
  public static let paymentToAnotherCustomer = PlantedDefects(106)
  /// The reconciliation of cash compares what was booked with what was booked.
  public static let reconciliationOfOwnCash = PlantedDefects(107)
  /// Unapplied cash stays unapplied, whatever the terms say.
  public static let unappliedForgotten = PlantedDefects(108)
  /// A movement of which no notice has come is not booked from the statement that shows it.
  public static let statementsUnread = PlantedDefects(109)
  /// Money that comes back after a dispute was won is not booked.
  public static let disputeWonIgnored = PlantedDefects(110)
  /// What nobody will pay is never written off.
  public static let neverWrittenOff = PlantedDefects(111)
  /// What is open is written off as soon as the last attempt has failed.
  public static let writtenOffAtOnce = PlantedDefects(112)
  /// Open items and balances stay in the old ERP at a cut-over.
  public static let openItemsNotMoved = PlantedDefects(71)
  /// Open items and balances are moved twice at a cut-over.
  public static let openItemsMovedTwice = PlantedDefects(72)
  /// A credit on what is still to be earned lowers revenue, and the schedule goes on.
  public static let creditLeavesDeferred = PlantedDefects(80)
  /// A correction gives back all that usage is worth less, whatever was credited of it.
  public static let correctionBesideCredit = PlantedDefects(81)
  /// Prepaid credits whose purchase is credited can still be drawn on.
  public static let creditedCreditsStay = PlantedDefects(82)
  /// What is earned in a month and billed later is revenue of the month in which it is billed.
  public static let unbilledNotAccrued = PlantedDefects(83)
  /// An accrual of what is billed later is never reversed: the revenue is there twice.
  public static let unbilledNotReversed = PlantedDefects(84)
  /// Usage that is billed later is accrued on the last terms, whatever it fell under.
  public static let unbilledAtLastTerms = PlantedDefects(123)
  /// A change of a fee that is billed later is revenue of the month in which it is billed.
  public static let changesNotAccrued = PlantedDefects(124)
  /// A fee in advance and its tax stand on the invoice, and in the books, of the month before.
  public static let advanceInMonthBefore = PlantedDefects(125)
  /// What is kept of a fee though its contract has ended is earned over the days that it would have served.
  public static let keptFeeGoesOn = PlantedDefects(126)
  /// Late usage is accrued at its price, whatever the customer's discount and the taxes in it.
  public static let lateUsageAccruedGross = PlantedDefects(79)
  /// Usage that prepaid credits will pay is accrued as if it were owed.
  public static let creditsBesideUnbilled = PlantedDefects(85)
  /// The minimum spend of a contract that has ended is revenue of the month in which it is billed.
  public static let lastMinimumNotAccrued = PlantedDefects(86)
  /// Prepaid credits of a contract that has ended wait for their expiry.
  public static let creditsOutliveContract = PlantedDefects(87)
  /// A total below zero takes a number of the invoices.
  public static let creditNoteAsInvoice = PlantedDefects(120)
  /// What a credit note gives settles nothing and is never paid out.
  public static let creditNoteNotApplied = PlantedDefects(121)
  /// A credit note does not say what it gives back.
  public static let creditNoteWithoutReference = PlantedDefects(122)
  /// Of several taxes on a line only the first is charged.
  public static let furtherTaxesForgotten = PlantedDefects(113)
  /// Taxes that prices include are added to them.
  public static let includedTaxAdded = PlantedDefects(114)
  /// What is supplied while a rate of tax changes bears the rate of its first day.
  public static let rateOfFirstDay = PlantedDefects(115)
  /// Usage is divided by days at a change of a rate of tax, whatever was used on each.
  public static let usageTaxedByDays = PlantedDefects(116)
  /// A credit gives back tax at the rate of its own day.
  public static let creditTaxedAtItsDay = PlantedDefects(117)
  /// Why no tax was charged is not said.
  public static let taxReasonLost = PlantedDefects(118)
  /// Where the tax engine is asked twice, its second answer is taken, whatever the first was.
  public static let taxConfirmationIgnored = PlantedDefects(119)
  /// What a contract gives back, and what prepaid credits pay, is taken off its liability at the rate of its own day.
  public static let givenBackAtDaysRate = PlantedDefects(88)
  /// What was accrued is invoiced at the rate of the invoice's day: its revenue changes with the rate.
  public static let accruedInvoicedAtDaysRate = PlantedDefects(89)
  /// What a credit leaves paid too much is forgotten where its payment was given back before, for a credit note.
  public static let paidOutBeforeForgotten = PlantedDefects(90)
}
