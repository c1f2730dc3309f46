import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import UsageToCash

/// What a live driver feeds the core with, beside usage and the passing of time.
package enum LiveInput: LoggedInput {
  /// A change of contract: its position in the scenario's feed, and what it says.
  case contract(Int, ContractEvent)
  /// An ERP answers a call.
  case answer(ERPAnswer, to: ERPCallID, of: EntityID)

  package var input: CoreInput {
    switch self {
    case .contract(_, let event): .contract(event)
    case .answer(let answer, let call, let entity): .erp(answer, to: call, of: entity)
    }
  }
}

/// Translates between inputs and the payloads of records.
struct LogCoding: Sendable {
  enum Kind: UInt8 {
    case header = 1
    case delivery = 2
    case answer = 3
    case wake = 4
    case contract = 5
  }

  /// An ERP's answer, as the log keeps it.
  private struct Answered: Codable {
    var answer: Wire.Answer
    var call: UInt64
    var entity: UInt32
  }

  /// What CRM tells in the course of the scenario.
  let contracts: [ContractEvent]

  /// What a new log holds.
  static func beginning(of header: FileLog.Header) throws(FileLogError) -> [UInt8] {
    guard let text = try? JSONEncoder().encode(header) else {
      throw FileLogError(description: "a time scale of \(header.scale) cannot be written")
    }
    var record: [UInt8] = []
    text.withUnsafeBytes { LogFormat.append(0, Kind.header.rawValue, header.start, $0, to: &record) }
    let end = UInt64(LogFormat.records + record.count)
    let marks = [0, 1].map { LogFormat.Mark(end: end, records: 1, batch: $0) }
    let whole = LogFormat.magic + marks.flatMap(\.bytes) + record
    assert(
      whole.withUnsafeBytes { LogScan($0).rest == .none && LogScan($0).records.count == 1 },
      "a new log is whole and holds its header")
    return whole
  }

  /// Whose log it is.
  func header(of scan: LogScan, _ path: String) throws(FileLogError) -> FileLog.Header {
    if let stranger = scan.stranger { throw FileLogError(description: "\(path): \(stranger)") }
    guard let record = scan.records.first, record.kind == Kind.header.rawValue,
      let header = try? JSONDecoder().decode(FileLog.Header.self, from: Data(record.payload)),
      header.scale > 0, header.scale.isFinite
    else {
      throw FileLogError(
        description: "\(path): its header is damaged, so that nothing can be read; restore it from a copy")
    }
    return header
  }

  func bytes(of input: LiveInput) -> (Kind, Data) {
    switch input {
    case .answer(let answer, let call, let entity):
      let answered = Answered(answer: Wire.Answer(answer), call: call.number, entity: entity.index)
      guard let data = try? JSONEncoder().encode(answered) else {
        preconditionFailure("an answer has no figures that JSON cannot write")
      }
      return (.answer, data)
    case .contract(let index, _):
      precondition(contracts.indices.contains(index), "a change of contract comes from the scenario's feed")
      return (.contract, withUnsafeBytes(of: UInt32(index).littleEndian) { Data($0) })
    }
  }

  /// The input of a record; `nil` where it is none that this program knows.
  func input(_ record: LogFormat.Record) -> JournaledInput? {
    let payload = record.payload
    switch Kind(rawValue: record.kind) {
    case .wake: return payload.isEmpty ? .wake : nil
    case .contract:
      guard payload.count == 4 else { return nil }
      let index = Int(UInt32(littleEndian: payload.loadUnaligned(as: UInt32.self)))
      return contracts.indices.contains(index) ? .input(.contract(contracts[index])) : nil
    case .answer:
      guard let answered = try? JSONDecoder().decode(Answered.self, from: Data(payload)),
        let answer = answered.answer.answer
      else { return nil }
      return .input(
        .erp(answer, to: ERPCallID(number: answered.call), of: EntityID(index: answered.entity)))
    case .delivery:
      let stride = MemoryLayout<UsageEvent>.stride
      guard payload.count % stride == 0 else { return nil }
      let count = payload.count / stride
      let events = ContiguousArray<UsageEvent>(unsafeUninitializedCapacity: count) { buffer, filled in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: payload)
        filled = count
      }
      return .delivery(events[...])
    case .header, nil: return nil
    }
  }
}
