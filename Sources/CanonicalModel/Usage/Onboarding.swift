import Chronology

/// A field of an event's schema.
public struct SchemaField: Hashable, Sendable {
  /// The name.
  public var name: String
  /// Whether every event must have it.
  public var isRequired: Bool

  /// Makes a field.
  public init(name: String, isRequired: Bool) {
    self.name = name
    self.isRequired = isRequired
  }
}

/// A schema version that the platform wants to register: events of it can be placed from then on.
public struct SchemaRegistration: Hashable, Sendable {
  /// The type of event.
  public var type: EventTypeID
  /// The version.
  public var version: UInt16
  /// The fields.
  public var fields: [SchemaField]

  /// Makes a registration.
  public init(type: EventTypeID, version: UInt16, fields: [SchemaField] = []) {
    self.type = type
    self.version = version
    self.fields = fields
  }

  /// Why consumers of an earlier version could not read this one; `nil`: they could (backward compatible: it keeps every
  /// field that was required, and requires no new one).
  public func incompatibility(with earlier: [SchemaField]) -> String? {
    for field in earlier where field.isRequired {
      guard let kept = fields.first(where: { $0.name == field.name }) else {
        return "the required field '\(field.name)' is gone"
      }
      if !kept.isRequired { return "the required field '\(field.name)' has become optional" }
    }
    for field in fields where field.isRequired && !earlier.contains(where: { $0.name == field.name }) {
      return "the new field '\(field.name)' is required"
    }
    return nil
  }
}

/// A further identifier that producers use for an account, as CRM tells it.
public struct IdentityLink: Hashable, Sendable {
  /// The identifier.
  public var subject: SubjectID
  /// The subscription that pays for its usage.
  public var subscription: SubscriptionID

  /// Makes a link.
  public init(subject: SubjectID, subscription: SubscriptionID) {
    self.subject = subject
    self.subscription = subscription
  }
}

/// Usage that a producer could not send in its time, with the boundary within which nothing of it has been sent before.
public struct Backfill: Hashable, Sendable {
  /// The producer.
  public var source: SourceID
  /// The first instant of the gap, a whole hour.
  public var from: Instant
  /// The first instant after it, a whole hour.
  public var until: Instant
  /// The events.
  public var events: [UsageEvent]

  /// Makes a backfill.
  public init(source: SourceID, from: Instant, until: Instant, events: [UsageEvent]) {
    self.source = source
    self.from = from
    self.until = until
    self.events = events
  }
}
