import CanonicalModel
import Chronology

/// What the parts of a scenario that have been read tell those that come later in its schema.
struct Scene: Sendable {
  /// A legal entity, as far as others refer to it.
  struct Entity: Sendable {
    var name: String
    /// Its ERP's profile.
    var profile = ""
    /// The account that its ERP shares.
    var account: String?
    /// Whether another ERP takes over.
    var changesERP = false
  }

  /// Read price books, shared by the variants of a campaign.
  var files = FileCache()
  /// The tree of the scenario.
  var root: LocatedNode?
  /// The first instant; the default where it is wrong.
  var start = ScenarioFile.defaultStart
  /// For how long usage is emitted; nothing where it is wrong.
  var horizon = Span.zero
  /// Whether these two are what the file says.
  var knowsSpan = true
  /// The number of customers.
  var customers = 1
  /// The entities so far.
  var entities: [Entity] = []
  /// The accounts of ERPs in the order in which they are first named.
  var accounts: [String] = []
  /// The scenario's expectations; `nil` where one is wrong.
  var expectations: [Expectation]? = []
  /// The licences; `nil` where they are wrong.
  var plans: [LicencePlan]? = []
  /// Whether the entities are all.
  var knowsEntities = true

  /// The account that stands for an entity's ERP; `nil`: none does, or it changes its ERP.
  func account(of entity: Int) -> Int? {
    guard !entities[entity].changesERP else { return nil }
    return entities[entity].account.flatMap { accounts.firstIndex(of: $0) }
  }

  /// Records the name of an entity.
  mutating func record(name: String?) {
    entities.append(Entity(name: name ?? ""))
    if name == nil { knowsEntities = false }
  }

  /// Records the ERP of the last entity.
  mutating func record(erp: ERPFile?) {
    guard let erp, let last = entities.indices.last else {
      knowsEntities = false
      return
    }
    entities[last].profile = erp.profile
    entities[last].account = erp.account
    record(account: erp.account)
  }

  /// Records a change of the last entity's ERP.
  mutating func record(cutOver: CutOverFile??) {
    guard let cutOver, let last = entities.indices.last else {
      knowsEntities = false
      return
    }
    guard let cutOver else { return }
    entities[last].changesERP = true
    record(account: cutOver.erp.account)
  }

  private mutating func record(account: String?) {
    if let account, !accounts.contains(account) { accounts.append(account) }
  }

  /// The entities that a name is for: the one of that name, or all whose ERP has a profile of that name.
  func entities(named name: String) -> [Int] {
    let own = entities.indices.filter { entities[$0].name == name }
    return own.isEmpty ? entities.indices.filter { entities[$0].profile == name } : own
  }

  /// What is said of a name for which there is none.
  func unknown(_ name: String) -> String {
    "no entity is called '\(name)' or has an ERP of that profile; there is "
      + entities.map { $0.profile.isEmpty ? $0.name : "\($0.name) (\($0.profile))" }.joined(separator: ", ")
  }
}

extension ScenarioFile {
  /// When a run starts that does not say so.
  static let defaultStart = CivilDate(year: 2026, month: 1, day: 1).start
}

/// What is wrong with parts that do not depend on each other.
struct Problems {
  private(set) var diagnostics: [Diagnostic] = []

  /// Takes a problem down.
  mutating func add(_ message: String, at position: Position) {
    diagnostics.append(Diagnostic(message, at: position))
  }

  /// What a reading gives, or `nil` and what is wrong with it taken down.
  @discardableResult
  mutating func attempt<Value>(_ make: () throws(InvalidInput) -> Value) -> Value? {
    do throws(InvalidInput) {
      return try make()
    } catch {
      diagnostics += error.diagnostics
      return nil
    }
  }

  /// Throws what is wrong.
  func check() throws(InvalidInput) {
    if !diagnostics.isEmpty { throw InvalidInput(diagnostics) }
  }
}
