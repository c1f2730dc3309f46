extension RunRecord {
  /// What has passed each stage.
  public struct ControlTotals: Codable, Equatable, Sendable {
    /// The totals of one stage for one entity and meter.
    public struct Row: Codable, Equatable, Sendable {
      public var entity: String
      public var currency: String
      /// The item: a meter, a recurring charge, the minimum spend; left out where documents are totalled.
      public var meter: String?
      /// Usage events; documents at `issued` and `posted`; left out where only amounts are known.
      public var count: Int64?
      /// The quantity, exact.
      public var quantity: String?
      /// The amount in the entity's currency, exact.
      public var amount: String?
      /// The order-free hash over the usage events.
      public var hash: String?

      /// Makes a row.
      public init(
        entity: String, currency: String, meter: String?, count: Int64?, quantity: String?, amount: String?,
        hash: String?
      ) {
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
    public struct Stage: Codable, Equatable, Sendable {
      /// `emitted putAside metered rated invoiced ledger` by meter, `issued posted` by document. `emitted` is everything that
      /// the sources emitted and did not take back; `putAside` what the core put aside of it, with what the contracts would
      /// charge for it. Usage of customers whom nobody knows stands in both under the entity ``unknownEntity``.
      public var stage: String
      public var rows: [Row]

      /// Makes a stage.
      public init(stage: String, rows: [Row]) {
        self.stage = stage
        self.rows = rows
      }
    }

    /// The comparison of two neighbouring stages for one entity and meter.
    public struct Boundary: Codable, Equatable, Sendable {
      /// `emitted-metered`.
      public var boundary: String
      public var entity: String
      public var currency: String
      public var meter: String?
      /// Upstream less downstream; null where the two stages do not both count.
      public var countDifference: Int64?
      public var quantityDifference: String?
      public var amountDifference: String?
      /// Whether the order-free hashes are equal; null where one of the stages has none.
      public var hashesMatch: Bool?
      /// Whether nothing differs.
      public var balanced: Bool

      /// Makes a comparison.
      public init(
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
    public struct Capture: Codable, Equatable, Sendable {
      public var received: Int64
      public var accepted: Int64
      public var duplicates: Int64
      public var rejected: Int64
      public var quarantined: Int64
      /// Valid events that are never billed.
      public var operational: Int64
      /// Events that their producers took back: `emitted` is without them; absent in older records.
      public var takenBack: Int64?

      /// Makes a section.
      public init(
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
    public struct Meter: Codable, Equatable, Sendable {
      /// A stage's usage.
      public struct Usage: Codable, Equatable, Sendable {
        public var count: Int64
        public var quantity: String

        /// Makes an entry.
        public init(count: Int64, quantity: String) {
          self.count = count
          self.quantity = quantity
        }
      }
      public var meter: String
      public var emitted: Usage
      public var putAside: Usage
      public var metered: Usage
      public var rated: Usage
      public var invoiced: Usage

      /// Makes a total.
      public init(
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
    public static let unknownEntity = "(unknown)"

    /// Capture.
    public var capture: Capture
    /// Each meter over all entities.
    public var meters: [Meter]
    /// The stages, in order.
    public var stages: [Stage]
    /// The boundaries, in order.
    public var boundaries: [Boundary]

    /// Makes a section.
    public init(capture: Capture, meters: [Meter], stages: [Stage], boundaries: [Boundary]) {
      self.capture = capture
      self.meters = meters
      self.stages = stages
      self.boundaries = boundaries
    }
  }

  /// The general ledger of one entity.
  public struct TrialBalance: Codable, Equatable, Sendable {
    /// An account and its balance.
    public struct Account: Codable, Equatable, Sendable {
      public var account: String
      /// Exact; empty text where the balance is a credit.
      public var debit: String
      /// Exact; empty text where the balance is a debit.
      public var credit: String

      /// Makes an entry.
      public init(account: String, debit: String, credit: String) {
        self.account = account
        self.debit = debit
        self.credit = credit
      }
    }

    public var entity: String
    public var currency: String
    /// In the order of their names.
    public var accounts: [Account]
    /// The sums of both sides.
    public var debits: String
    public var credits: String

    /// Makes a section.
    public init(entity: String, currency: String, accounts: [Account], debits: String, credits: String) {
      self.entity = entity
      self.currency = currency
      self.accounts = accounts
      self.debits = debits
      self.credits = credits
    }
  }
}
