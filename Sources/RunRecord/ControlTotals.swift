extension RunRecord {
  /// What has passed each stage.
  package struct ControlTotals: Codable, Equatable, Sendable {
    /// The totals of one stage for one entity and meter.
    package struct Row: Codable, Equatable, Sendable {
      package var entity: String
      package var currency: String
      /// The item: a meter, a recurring charge, the minimum spend; left out where documents are totalled.
      package var meter: String?
      /// Usage events; documents at `issued` and `posted`; left out where only amounts are known.
      package var count: Int64?
      /// The quantity, exact.
      package var quantity: String?
      /// The amount in the entity's currency, exact.
      package var amount: String?
      /// The order-free hash over the usage events.
      package var hash: String?
      /// Of what was put aside, the events that no contract prices: `amount` is without them; left out where there are none.
      package var unpriced: Int64?

      /// Makes a row.
      package init(
        entity: String, currency: String, meter: String?, count: Int64?, quantity: String?, amount: String?,
        hash: String?, unpriced: Int64? = nil
      ) {
        self.unpriced = unpriced
        self.entity = entity
        self.currency = currency
        self.meter = meter
        self.count = count
        self.quantity = quantity
        self.amount = amount
        self.hash = hash
      }
    }

    /// One stage.
    package struct Stage: Codable, Equatable, Sendable {
      /// `emitted putAside metered rated invoiced ledger` by meter, `issued posted` by document. `emitted` is everything that
      /// the sources emitted and did not take back; `putAside` what the core put aside of it, with what the contracts would
      /// charge for it. Usage of customers whom nobody knows stands in both under the entity ``unknownEntity``.
      package var stage: String
      package var rows: [Row]

      /// Makes a stage.
      package init(stage: String, rows: [Row]) {
        self.stage = stage
        self.rows = rows
      }
    }

    /// The comparison of two neighbouring stages for one entity and meter.
    package struct Boundary: Codable, Equatable, Sendable {
      /// `emitted-metered`.
      package var boundary: String
      package var entity: String
      package var currency: String
      package var meter: String?
      /// Upstream less downstream; null where the two stages do not both count.
      package var countDifference: Int64?
      package var quantityDifference: String?
      package var amountDifference: String?
      /// Whether the order-free hashes are equal; null where one of the stages has none.
      package var hashesMatch: Bool?
      /// Whether nothing differs.
      package var balanced: Bool

      /// Makes a comparison.
      package init(
        boundary: String, entity: String, currency: String, meter: String?, countDifference: Int64?,
        quantityDifference: String?, amountDifference: String?, hashesMatch: Bool?, balanced: Bool
      ) {
        self.boundary = boundary
        self.entity = entity
        self.currency = currency
        self.meter = meter
        self.countDifference = countDifference
        self.quantityDifference = quantityDifference
        self.amountDifference = amountDifference
        self.hashesMatch = hashesMatch
        self.balanced = balanced
      }
    }

    /// What ingestion made of the deliveries: `received = accepted + duplicates + rejected + quarantined + operational`.
    package struct Capture: Codable, Equatable, Sendable {
      package var received: Int64
      package var accepted: Int64
      package var duplicates: Int64
      package var rejected: Int64
      package var quarantined: Int64
      /// Valid events that are never billed.
      package var operational: Int64
      /// Events that their producers took back: `emitted` is without them; absent in older records.
      package var takenBack: Int64?

      /// Makes a section.
      package init(
        received: Int64, accepted: Int64, duplicates: Int64, rejected: Int64, quarantined: Int64,
        operational: Int64, takenBack: Int64? = nil
      ) {
        self.received = received
        self.accepted = accepted
        self.duplicates = duplicates
        self.rejected = rejected
        self.quarantined = quarantined
        self.operational = operational
        self.takenBack = takenBack
      }
    }

    /// The total of one meter over all entities, stage by stage.
    package struct Meter: Codable, Equatable, Sendable {
      /// A stage's usage.
      package struct Usage: Codable, Equatable, Sendable {
        package var count: Int64
        package var quantity: String

        /// Makes an entry.
        package init(count: Int64, quantity: String) {
          self.count = count
          self.quantity = quantity
        }
      }
      package var meter: String
      package var emitted: Usage
      package var putAside: Usage
      package var metered: Usage
      package var rated: Usage
      package var invoiced: Usage

      /// Makes a total.
      package init(
        meter: String, emitted: Usage, putAside: Usage, metered: Usage, rated: Usage, invoiced: Usage
      ) {
        self.putAside = putAside
        self.meter = meter
        self.emitted = emitted
        self.metered = metered
        self.rated = rated
        self.invoiced = invoiced
      }
    }

    /// What stands in the place of the entity for usage of customers whom nobody knows.
    package static let unknownEntity = "(unknown)"

    /// Capture.
    package var capture: Capture
    /// Each meter over all entities.
    package var meters: [Meter]
    /// The stages, in order.
    package var stages: [Stage]
    /// The boundaries, in order.
    package var boundaries: [Boundary]

    /// Makes a section.
    package init(capture: Capture, meters: [Meter], stages: [Stage], boundaries: [Boundary]) {
      self.capture = capture
      self.meters = meters
      self.stages = stages
      self.boundaries = boundaries
    }
  }

  /// The general ledger of one entity.
  package struct TrialBalance: Codable, Equatable, Sendable {
    /// An account and its balance.
    package struct Account: Codable, Equatable, Sendable {
      package var account: String
      /// Exact; empty text where the balance is a credit.
      package var debit: String
      /// Exact; empty text where the balance is a debit.
      package var credit: String

      /// Makes an entry.
      package init(account: String, debit: String, credit: String) {
        self.account = account
        self.debit = debit
        self.credit = credit
      }
    }

    package var entity: String
    package var currency: String
    /// In the order of their names.
    package var accounts: [Account]
    /// The sums of both sides.
    package var debits: String
    package var credits: String

    /// Makes a section.
    package init(entity: String, currency: String, accounts: [Account], debits: String, credits: String) {
      self.entity = entity
      self.currency = currency
      self.accounts = accounts
      self.debits = debits
      self.credits = credits
    }
  }
}
