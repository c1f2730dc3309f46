extension RunRecord {
  /// An exception case.
  package struct Case: Codable, Equatable, Sendable {
    /// A field of the context, masked where the owner may not see it.
    package struct Field: Codable, Equatable, Sendable {
      package var name: String
      package var value: String

      /// Makes a field.
      package init(name: String, value: String) {
        self.name = name
        self.value = value
      }
    }

    /// The number.
    package var number: UInt32
    /// What kind of case it is.
    package var kind: String
    /// `finance`, `revOps` or `platform`.
    package var owner: String
    /// When it was raised.
    package var raised: String
    /// When nothing waited in it any more; null: something still does.
    package var resolved: String?
    /// From the raising to the end of the case or the run, in seconds.
    package var ageSeconds: Double
    /// How many things wait in it at the end.
    package var waiting: Int
    /// The context.
    package var fields: [Field]

    /// Makes a case.
    package init(
      number: UInt32, kind: String, owner: String, raised: String, resolved: String?, ageSeconds: Double,
      waiting: Int, fields: [Field]
    ) {
      self.number = number
      self.kind = kind
      self.owner = owner
      self.raised = raised
      self.resolved = resolved
      self.ageSeconds = ageSeconds
      self.waiting = waiting
      self.fields = fields
    }
  }
}
