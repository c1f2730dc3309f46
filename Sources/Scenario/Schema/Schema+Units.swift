import CanonicalModel
import Chronology

// MARK: Scalars: each with the unit that it is written in and the function that reads it

extension Schema {
  /// A scalar in a unit.
  ///
  /// - Parameter parse: `nil` for what is not written so.
  static func unit(_ unit: Unit, _ parse: @escaping @Sendable (String) -> Value?) -> Schema {
    Schema(.unit(unit)) { node, path, reader in
      guard case .scalar(let text, let isQuoted) = node.content, !(unit == .designName && node.isNull) else {
        reader.refuse(node, unit.wanted, path)
        return nil
      }
      if case .integer = unit, isQuoted {
        reader.refuse(node, unit.wanted + " without quotes", path)
        return nil
      }
      if let value = parse(text) { return value }
      if unit == .expectation {
        reader.refuse(Expectation.problem(with: text), node.position)
      } else {
        reader.refuse(node, unit.wanted, path)
      }
      return nil
    }
  }

  /// The same values within bounds; what lies beyond has the right form, and is refused all the same.
  ///
  /// - Parameter problem: what is said of a value and its node; `nil`: nothing is wrong.
  func refusing(_ problem: @escaping @Sendable (Value, LocatedNode) -> String?) -> Schema {
    let checked = map { place, value throws(InvalidInput) in
      if let message = problem(value, place.node) { throw InvalidInput(message, at: place.node.position) }
      return value
    }
    return Schema(shape, write: write, settings: settings, read: checked.read)
  }
}

extension Schema where Value == String {
  /// Any text that is not empty.
  static var text: Schema {
    Schema(.text) { node, path, reader in
      guard let text = node.text, !text.isEmpty, !node.isNull else {
        reader.refuse(node, "text", path)
        return nil
      }
      return text
    }
  }

  /// A short name.
  static var name: Schema {
    Schema(.name) { node, path, reader in
      guard let text = node.text, Reader.isName(text), !node.isNull else {
        reader.refuse(node, "a name of letters, digits, '_', '-' and '.'", path)
        return nil
      }
      return text
    }
  }

  /// The name of a design, with an asterisk where values of it were changed.
  static var designName: Schema {
    unit(.designName) { text in
      Reader.isName(text.hasSuffix("*") ? String(text.dropLast()) : text) ? text : nil
    }
  }
}

extension Schema where Value == LocatedNode {
  /// Anything: what it has to be depends on where it is used.
  static var any: Schema { Schema(.any) { node, _, _ in node } }
}

extension Schema where Value == Bool {
  /// `true` or `false`.
  static var flag: Schema { choice([("true", true), ("false", false)]) }
}

extension Schema where Value == Int {
  /// A whole number within bounds.
  static func integer(_ range: ClosedRange<Int>) -> Schema {
    unit(.integer(range)) { text in Unit.integer(text).flatMap { range.contains($0) ? $0 : nil } }
      .writing { "\($0)" }
  }
}

extension Schema where Value == Span {
  /// A duration.
  static var duration: Schema { unit(.duration, Unit.duration).writing(\.written) }
}

extension Schema where Value == Span? {
  /// A duration, or a word for one that has no end: `nil`.
  static func durationOr(_ word: String) -> Schema {
    unit(.durationOr(word)) { text in text == word ? .some(nil) : Unit.duration(text).map { .some($0) } }
  }
}

extension Schema where Value == Double {
  /// A share as a fraction of one.
  static var share: Schema { unit(.share, Unit.share) }
  /// A rate as events per second.
  static var rate: Schema { unit(.rate, Unit.rate) }
  /// A speed.
  static var speed: Schema { unit(.speed, Unit.speed) }

  /// A decimal within bounds.
  static func number(_ range: ClosedRange<Double> = 0...1e12, digits: Int = 6) -> Schema {
    unit(.decimal(digits: digits)) { text in
      // To the millionth, which is what a number is good for here.
      Unit.decimal(text, digits: digits) == nil ? nil : Unit.decimal(text, digits: 6).map { Double($0) / 1e6 }
    }.refusing { value, node in
      range.contains(value)
        ? nil : "'\(node.text ?? "")' should be between \(range.lowerBound) and \(range.upperBound)"
    }
  }
}

extension Schema where Value == Instant {
  /// An instant.
  static var instant: Schema { unit(.instant) { Instant(iso8601: $0) } }
  /// A moment of a run.
  static var moment: Schema {
    Schema<PointInTime>.unit(.moment) { PointInTime($0) }.map { place, point in
      point.instant(start: place.scene.start)
    }
  }
}

extension Schema where Value == Expectation {
  /// A threshold on an indicator.
  static var expectation: Schema { unit(.expectation) { Expectation($0) } }
}

extension Schema where Value == AmountText {
  /// An amount with its currency.
  static var amount: Schema { unit(.amount) { AmountText($0) } }
}

extension Schema where Value == RecurringPrice {
  /// A price for each year, month or day.
  static var recurringPrice: Schema { unit(.recurringPrice) { RecurringPrice($0) } }
}

// MARK: Money

/// The largest amount in major units, and the largest quantity, that a file may name: 10¹². A million customers' charges of
/// ten years add up within the range of ``Money``.
private let largest: Int128 = 1_000_000_000_000

/// The largest price of one unit, in major units.
private let largestPrice: Int128 = 1_000_000_000

private func tooLarge(_ node: LocatedNode, _ what: String, _ maximum: Int128) -> String {
  "\(node.kind) is too large: \(what) must not exceed \(maximum)"
}

extension Schema where Value == Currency {
  /// An ISO 4217 code.
  static var currency: Schema { unit(.currency) { Currency(code: $0) } }
}

extension Schema where Value == Quantity {
  /// A quantity.
  static var quantity: Schema {
    unit(.decimal(digits: Quantity.scale)) { text in
      Unit.decimal(text, digits: Quantity.scale) == nil ? nil : Quantity(text)
    }.refusing { quantity, node in
      quantity.units.magnitude <= UInt128(largest * Quantity.one)
        ? nil : tooLarge(node, "a quantity", largest)
    }
  }
}

extension Schema where Value == Price {
  /// The price of a unit.
  static var price: Schema { bounded(.decimal(digits: Price.scale)) }
  /// A percentage as a pure number.
  static var percentage: Schema { bounded(.percentage) }
  /// A decimal with fewer digits, as exchange rates are quoted.
  static var exchangeRate: Schema { bounded(.decimal(digits: 6)) }

  private static func bounded(_ unit: Unit) -> Schema {
    Schema.unit(unit) { text in
      switch unit {
      case .percentage: Unit.percentage(text)
      case .decimal(let digits): Unit.decimal(text, digits: digits) == nil ? nil : Price(text)
      case .duration, .durationOr, .rate, .share, .instant, .moment, .speed, .integer, .currency,
        .expectation, .designName, .recurringPrice, .amount:
        nil
      }
    }.refusing { price, node in
      price.units.magnitude <= UInt128(largestPrice * 1_000_000_000_000)
        ? nil : tooLarge(node, "a price", largestPrice)
    }
  }
}

extension Schema where Value == Money {
  /// An amount.
  static var money: Schema { money(digits: Money.scale - 6) }

  /// An amount with at most so many fraction digits.
  static func money(digits: Int) -> Schema {
    Schema.unit(.decimal(digits: digits)) { text in
      Unit.decimal(text, digits: digits) == nil ? nil : Money(text)
    }.map(bounded)
  }

  @Sendable
  private static func bounded(_ place: Place, _ money: Money) throws(InvalidInput) -> Money {
    guard money.units.magnitude <= UInt128(largest * Money.one) else {
      throw InvalidInput(tooLarge(place.node, "an amount", largest), at: place.node.position)
    }
    return money
  }
}
