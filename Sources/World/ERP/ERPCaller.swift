import CanonicalModel
import CoreInterface

/// What the network of ERPs asks of whoever calls them.
///
/// All of it is mutating so that a large caller is asked in place and not in a copy; none of it changes anything.
protocol ERPCaller {
  /// What an entity's outbox holds and has under way.
  mutating func use(of entity: EntityID) -> OutboxUse
  /// The life of the process that makes the calls: an answer to an earlier one reaches nobody.
  var life: UInt32 { mutating get }
  /// Whether the answer to a call is still waited for.
  mutating func waits(for call: ERPCallID) -> Bool
}

extension CoreHost: ERPCaller {
  mutating func use(of entity: EntityID) -> OutboxUse { core.use(of: entity) }
  var life: UInt32 { mutating get { machines.life(of: .posting) } }
}
