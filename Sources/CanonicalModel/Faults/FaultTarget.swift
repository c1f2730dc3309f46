/// What a fault hits.
public enum FaultTarget: Hashable, Sendable {
  /// The ERP of a legal entity, and the network on the way to it.
  case erp(EntityID)
  /// An account of an ERP that several entities share, by its place in the catalog, and the network on the way to it.
  case account(Int)
  /// The tax engine.
  case tax
  /// The payment gateway.
  case gateway
  /// The notices of the gateway, the bank and CRM.
  case webhooks
  /// CRM and CPQ, which tell of contracts and identifiers.
  case crm
  /// The feed of exchange rates.
  case exchange
  /// The broker.
  case broker
  /// Every other producer.
  case producers
  /// The process that runs a service of the core.
  case process(CoreService)

  /// Targets of one sort, by the first part of their names in scenario files.
  public enum Family: String, CaseIterable, Sendable {
    case erp, tax, gateway, webhooks, crm, fx, broker, producers, process
  }

  /// The sort of target.
  public var family: Family {
    switch self {
    case .erp, .account: .erp
    case .tax: .tax
    case .gateway: .gateway
    case .webhooks: .webhooks
    case .crm: .crm
    case .exchange: .fx
    case .broker: .broker
    case .producers: .producers
    case .process: .process
    }
  }

  /// The name in scenario files, such as `erp/us`.
  ///
  /// - Parameters:
  ///   - entity: the name of an entity.
  ///   - account: the name of an account of ERPs, by its place in the catalog.
  public func name(entity: (EntityID) -> String, account: (Int) -> String) -> String {
    switch self {
    case .erp(let id): "\(family.rawValue)/\(entity(id))"
    case .account(let number): "\(family.rawValue)/\(account(number))"
    case .process(let service): "\(family.rawValue)/\(service.name)"
    case .tax, .gateway, .webhooks, .crm, .exchange, .broker, .producers: family.rawValue
    }
  }
}

extension Catalog {
  /// The name of a fault's target, as in scenarios.
  public func name(of target: FaultTarget) -> String {
    target.name(entity: { self[$0].name }, account: { erpAccounts[$0] })
  }
}

/// Something that a fault waits for.
public enum FaultCondition: Hashable, Sendable {
  /// A situation has been reached so often since the fault was last over.
  case situation(Situation, times: Int)
  /// More documents than that wait for one ERP.
  case outbox(above: Int)
  /// More calls than that are under way to one ERP.
  case inFlight(above: Int)
  /// More usage events than that wait in the broker.
  case brokerLag(above: Int)
}
