import RunRecord

/// A quote for a terminal.
package struct QuoteText {
  private let quote: QuoteRecord
  private let style: TextStyle

  /// Makes a text.
  package init(_ quote: QuoteRecord, style: TextStyle = TextStyle(isColoured: false)) {
    self.quote = Printable.record(quote)
    self.style = style
  }

  /// The text, with a newline at the end.
  package func text() -> String {
    var table = TextTable([.left, .left, .right, .right, .right, .right], indent: "")
    table.add(["meter", "priced", "quantity", "× unit price", "+ flat fee", "= \(quote.currency)"])
    for line in quote.lines {
      table.add([
        line.meter, line.label, Wording.grouped(line.quantity), line.unitPrice ?? "",
        line.flatFee == "0" ? "" : line.flatFee, Wording.grouped(line.amount),
      ])
    }
    let total = "\(quote.currency) \(Wording.grouped(quote.amount)) exactly"
    return
      (table.lines + [style.bold("\(total), \(Wording.grouped(quote.rounded)) rounded")])
      .joined(separator: "\n") + "\n"
  }
}
