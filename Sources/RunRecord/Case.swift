extension RunRecord {
  /// An exception case.
  public struct Case: Codable, Equatable, Sendable {
    /// A field of the context, masked where the owner may not see it.
    public struct Field: Codable, Equatable, Sendable {
      public var name: String
      public var value: String

      /// Makes a field.
      public init(name: String, value: String) {
        self.name = name
        self.value = value
      }
    }

    /// The number.
    public var number: UInt32
    /// What kind of case it is.
    public var kind: String
    /// `finance`, `revOps` or `platform`.
    public var owner: String
    /// When it was raised.
    public var raised: String
    /// When nothing waited in it any more; null: something still does.
    public var resolved: String?
    /// From the raising to the end of the case or the run, in seconds.
    public var ageSeconds: Double
    /// How many things wait in it at the end.
    public var waiting: Int
    /// The context.
    public var fields: [Field]

    /// Makes a case.
    public init(
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
