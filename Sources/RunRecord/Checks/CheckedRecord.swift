import Foundation

/// What is kept as JSON and read again: its shape and its ranges are checked before anybody relies on them.
package protocol CheckedRecord: Decodable {
  /// - Throws: the first thing that whoever reads the record may not meet.
  func check() throws(RecordProblem)
}

extension CheckedRecord {
  /// Reads a record.
  ///
  /// - Throws: ``RecordProblem`` with the path in the JSON.
  package init(checking data: Data) throws(RecordProblem) {
    let value: Self
    do {
      value = try JSONDecoder().decode(Self.self, from: data)
    } catch {
      throw RecordProblem(error)
    }
    try value.check()
    self = value
  }
}

extension Array: CheckedRecord where Element: CheckedRecord {
  package func check() throws(RecordProblem) {
    try Check.each("", self) { (element) throws(RecordProblem) in try element.check() }
  }
}

extension String: CheckedRecord {
  package func check() throws(RecordProblem) {}
}

extension Dictionary: CheckedRecord where Key == String, Value == Int {
  package func check() throws(RecordProblem) { try Check.counts(self) }
}

extension RecordProblem {
  /// Why a decoder refuses something.
  init(_ error: any Error) {
    guard let error = error as? DecodingError else {
      self.init("this is not a JSON record")
      return
    }
    func at(_ context: DecodingError.Context, _ last: [any CodingKey] = []) -> String {
      (context.codingPath + last).reduce(into: "") { path, key in
        if let index = key.intValue {
          path += "[\(index)]"
        } else {
          path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
        }
      }
    }
    switch error {
    case .keyNotFound(let key, let context): self.init("this is missing", at: at(context, [key]))
    case .valueNotFound(let type, let context):
      self.init("null should be \(Self.word(type))", at: at(context))
    case .typeMismatch(let type, let context):
      self.init("should be \(Self.word(type))", at: at(context))
    case .dataCorrupted(let context) where context.debugDescription.contains("not valid JSON"):
      self.init("this is not JSON")
    case .dataCorrupted(let context):
      // A number that does not fit is told by the decoder without its path.
      self.init("no record has this: \(context.debugDescription)", at: at(context))
    @unknown default: self.init("this cannot be read")
    }
  }

  private static func word(_ type: Any.Type) -> String {
    switch type {
    case is String.Type: "text"
    case is Bool.Type: "true or false"
    case is Double.Type: "a number"
    case is any FixedWidthInteger.Type: "a whole number"
    case is [String: Any].Type: "an object"
    case is [Any].Type: "an array"
    default: "something else"
    }
  }
}
