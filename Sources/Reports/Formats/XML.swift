/// Pieces of XML.
enum XML {
  /// A text within XML 1.0: markup is escaped, and what XML cannot hold is shown as a replacement character.
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "\n", "\t", "\r": out += "&#\(scalar.value);"
      default:
        let isValid = scalar.value >= 0x20 && scalar.value != 0xfffe && scalar.value != 0xffff
        out.unicodeScalars.append(isValid ? scalar : "\u{FFFD}")
      }
    }
    return out
  }
}
